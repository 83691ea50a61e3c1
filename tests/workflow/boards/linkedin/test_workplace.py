"""Where people work is not changed unknowingly: LinkedIn takes a posting that does not say so for one on site."""

from collections.abc import Iterator

from temporalio.client import Client

from config.settings import Settings
from models.problems import Category
from models.states import Intent, Outcome
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, asks, attention_of, eventually, linkedin_of, send, state
from tests.support.linkedin import creating, edit, linkedin_workers, resync, settles, submits


async def workplace(boards: Boards, job: str) -> str:
    return str((await boards.job(job))["linkedin"]["workplace"])


async def test_an_edit_of_a_job_of_another_system_waits_until_somebody_says_where_people_work(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job_ids: Iterator[str]
) -> None:
    job, sent_again = next(job_ids), next(job_ids)
    unsaid = creating(sandbox_urls, workplace=None, probe_every="1s")
    for each in (job, sent_again):
        await boards.add_job(each, indeed=False)
        await boards.change_job(each, linkedin={"workplace": "remote"})
    async with linkedin_workers(client, unsaid, boards):
        handle, other = [await listed(client, unsaid, each) for each in (job, sent_again)]
        await edit(handle)
        asked = attention_of(linkedin_of(await asks(handle, linkedin_of, Category.CONFIGURATION)))
        assert "workplace_type" in asked.remedy
        assert asked.cause == "linkedin.workplace_type"
        await resync(other)
        seen = await eventually(lambda: state(other), lambda seen: "skipped" in str(linkedin_of(seen).evidence))
        await settles(other, Outcome.LIVE)
        assert "workplace_type" in str(linkedin_of(seen).evidence)
    assert [await submits(boards, each) for each in (job, sent_again)] == [[], []]
    async with linkedin_workers(client, creating(sandbox_urls, workplace="remote", probe_every="1s"), boards):
        await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["UPDATE"]
    assert [await workplace(boards, each) for each in (job, sent_again)] == ["remote", "remote"]
    await handle.terminate()
    await other.terminate()


async def test_a_job_that_boardsync_created_is_updated_as_it_was_created(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job_ids: Iterator[str]
) -> None:
    job, unsaid = next(job_ids), creating(sandbox_urls, workplace=None)
    await boards.add_job(job, linkedin=False, indeed=False)
    async with linkedin_workers(client, unsaid, boards):
        handle = await listed(client, unsaid, job)
        await edit(handle)
        await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["CREATE", "UPDATE"]
    assert await workplace(boards, job) == "on-site"
    await handle.terminate()


async def listed(client: Client, settings: Settings, job: str) -> Handle:
    handle = await send(client, settings, job, Intent.POSTED)
    await settles(handle, Outcome.LIVE)
    return handle
