"""A job that is posted and that nobody finds at Indeed: a state to search for, and a question where that is wanted."""

from temporalio.client import Client

from boardsync.jobs.lifecycles import collected
from boardsync.jobs.visibility import HIDDEN_AT_INDEED, job_query, list_jobs
from config.settings import Settings
from models.problems import Category
from models.states import BoardState, Intent, JobStatus, Outcome
from runtime.metrics.census import HIDDEN_JOBS, take_census
from tests.support.boards import CUSTOMER, Boards
from tests.support.indeed import hint, indeed_settings, post, posted, settles
from tests.support.lifecycles import asks, attention_of, eventually, indeed_of, state
from tests.support.workers import running_workers


async def hidden(client: Client) -> dict[str, str | None]:
    rows = await collected(list_jobs(client, job_query(customer=CUSTOMER, raw=(HIDDEN_AT_INDEED,))))
    return {row.job_id: row.hidden for row in rows}


async def test_a_hidden_job_is_settled_and_found_by_search_until_it_shows(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"search_status": "nowhere"})
    handle = await posted(client, settings, job)
    track = indeed_of(await state(handle))
    assert (track.state, track.outcome, track.attention) == (BoardState.SETTLED, Outcome.UPDATED, None)
    assert track.hidden is JobStatus.NOWHERE
    await eventually(lambda: hidden(client), lambda found: found.get(job) == "nowhere")
    await take_census(client)
    assert HIDDEN_JOBS.labels("nowhere")._value.get() >= 1

    await boards.change_job(job, indeed={"search_status": "organic"})
    await handle.signal("indeed_changed", hint())
    await eventually(lambda: state(handle), lambda seen: indeed_of(seen).hidden is None)
    await eventually(lambda: hidden(client), lambda found: job not in found)
    await handle.terminate()


async def test_whoever_wants_to_be_asked_is_asked_until_the_job_is_found(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = indeed_settings(sandbox_urls, ask_when_hidden=True)
    await boards.change_job(job, indeed={"search_status": "sponsored_without_spend"})
    async with running_workers(client, settings):
        handle = await post(client, settings, job)
        seen = await asks(handle, indeed_of, Category.NOT_VISIBLE)
        asked = attention_of(indeed_of(seen))
        assert "nobody finds it" in asked.reason
        assert "campaign_categories" in asked.remedy
        # Looked at again, it asks the same since the same time: nobody is told twice.
        await handle.signal("confirm")
        await eventually(
            lambda: state(handle), lambda now: len(indeed_of(now).evidence) > len(indeed_of(seen).evidence)
        )
        again = attention_of(indeed_of(await asks(handle, indeed_of, Category.NOT_VISIBLE)))
        assert again.since == asked.since

        await boards.change_job(job, indeed={"search_status": "sponsored_with_spend"})
        await handle.signal("confirm")
        assert (await settles(handle)).attention is None
        await handle.terminate()


async def test_a_hidden_job_that_is_unposted_closes_and_is_hidden_no_more(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = indeed_settings(sandbox_urls, ask_when_hidden=True)
    await boards.change_job(job, indeed={"search_status": "nowhere"})
    async with running_workers(client, settings):
        handle = await post(client, settings, job)
        await asks(handle, indeed_of, Category.NOT_VISIBLE)
        await post(client, settings, job, Intent.UNPOSTED)
        receipt = await handle.result()
    assert receipt.boards.indeed is not None
    assert (receipt.boards.indeed.outcome, receipt.boards.indeed.hidden) == (Outcome.CLEARED, None)
    assert job not in await hidden(client)
