"""Jobs that Boardsync creates on LinkedIn: created once, updated, renewed, and read back each time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from config.settings import Settings
from models.boards import LinkedInRecord
from models.problems import Category
from models.states import BoardState, Intent, Outcome, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, asks, attention_of, eventually, linkedin_of, send, state
from tests.support.linkedin import (
    created,
    creating,
    edit,
    hint,
    linkedin_workers,
    resync,
    settles,
    submits,
)
from tests.support.temporal import client_of, running_temporal

NewJob = Callable[[], Awaitable[str]]


@pytest.fixture
def settings(sandbox_urls: dict[str, str]) -> Settings:
    return creating(sandbox_urls)


@pytest.fixture(autouse=True)
async def workers(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    async with linkedin_workers(client, settings, boards):
        yield


@pytest.fixture
def new_job(boards: Boards, job_ids: Iterator[str]) -> NewJob:
    """Make jobs that LinkedIn does not have yet."""

    async def make() -> str:
        job = next(job_ids)
        await boards.add_job(job, linkedin=False, indeed=False)
        return job

    return make


@pytest.fixture
async def job(new_job: NewJob) -> str:
    return await new_job()


async def post(client: Client, settings: Settings, job: str) -> Handle:
    return await send(client, settings, job, Intent.POSTED)


async def test_25_identical_posts_create_the_job_once_and_an_unpost_closes_it(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    for _ in range(25):
        handle = await post(client, settings, job)
    mine = await settles(handle, Outcome.LIVE)
    assert (await state(handle)).phase is Phase.OPEN
    assert mine.created
    read = [each.answered for each in mine.evidence if each.asked == "Listing status"]
    assert (read[0], read[-1]) == ("no such job", "LISTED")
    assert (await boards.job(job))["linkedin"]["listed"] is True
    assert await submits(boards, job) == ["CREATE"]
    await send(client, settings, job)
    receipt = await handle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert await submits(boards, job) == ["CREATE", "CLOSE"]


async def test_a_job_that_linkedin_lists_already_is_not_created_but_updated(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job)
    handle = await post(client, settings, job)
    assert not (await settles(handle, Outcome.LIVE)).created
    assert await submits(boards, job) == []
    await resync(handle)
    await edit(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["UPDATE"]
    await handle.terminate()


async def test_a_lost_answer_never_creates_twice(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, new_job: NewJob
) -> None:
    # LinkedIn shows the job long after the try that it did not answer would have been repeated.
    settings = creating(sandbox_urls, linkedin_task_after="3s")
    await boards.set(linkedin__task_seconds=0.8, linkedin__visibility_seconds=0.8)
    lost, late, dropped = jobs = [await new_job() for _ in range(3)]
    await boards.fault("linkedin", "submit", "lost_answer", job_id=lost)
    await boards.fault("linkedin", "submit", "http_after", status=504, job_id=late)
    await boards.fault("linkedin", "submit", "drop", job_id=dropped)

    async def creates(job_id: str) -> int:
        return (await boards.counts(job_id)).get("linkedin.submit.CREATE", 0)

    handles = []
    for each in jobs:
        handles.append(await post(client, settings, each))
        await eventually(partial(creates, each), bool)  # in one request they would share a fault
    for handle in handles:
        assert (await settles(handle, Outcome.LIVE)).created
        await handle.terminate()
    assert [await creates(each) for each in jobs] == [1, 1, 2]
    assert await boards.writes(dropped) == ["linkedin.submit"]


async def test_a_job_is_created_once_although_the_lifecycle_continues_as_new_in_every_step(
    settings: Settings, boards: Boards, job: str
) -> None:
    suggestion = "limit.historyCount.suggestContinueAsNew=14"
    async with running_temporal(dynamic_config=[suggestion]) as address:
        client = await client_of(address)
        async with linkedin_workers(client, settings, boards):
            await boards.set(linkedin__task_seconds=1.0)
            handle = await post(client, settings, job)
            await hint(handle, "IN_PROGRESS")
            mine = await settles(handle, Outcome.LIVE)
            assert mine.created
            assert (await boards.counts(job))["linkedin.submit.CREATE"] == 1
            runs = [run async for run in client.list_workflows(f"WorkflowId = '{handle.id}'")]
            assert any(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs)
            await handle.terminate()


async def test_an_edit_is_sent_as_an_update_and_says_what_was_proven(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, boards, job)
    await boards.change_job(job, location="Austin, TX 78701")
    await edit(handle)
    mine = await settles(handle, Outcome.UPDATED)
    (proof,) = [each for each in mine.evidence if each.asked == "What is proven" and "task succeeded" in each.answered]
    assert "the location is the one sent" in proof.answered
    assert "no title and description to compare" in proof.answered
    assert (await boards.job(job))["linkedin"]["location"].startswith("Austin")
    assert await submits(boards, job) == ["UPDATE"]
    await handle.terminate()


async def test_what_linkedin_claims_but_does_not_show_is_never_called_live_or_updated(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, new_job: NewJob
) -> None:
    settings = creating(sandbox_urls, confirm_within="1500ms", attention_after="3s")
    new, known = await new_job(), await new_job()
    updating = await created(client, settings, boards, known)
    await boards.change_job(known, location="Austin, TX 78701")
    for each in (new, known):
        await boards.fault("linkedin", "submit", "lie", job_id=each)
    await edit(updating)
    creation = await post(client, settings, new)
    for handle, words in ((creation, "does not list"), (updating, "Austin")):
        linkedin = linkedin_of(await asks(handle, linkedin_of, Category.NOT_TAKEN))
        assert attention_of(linkedin).retrying
        assert words in attention_of(linkedin).reason
        assert linkedin.outcome is None
        await handle.signal("retry")
    await settles(creation, Outcome.LIVE)
    await settles(updating, Outcome.UPDATED)
    await creation.terminate()
    await updating.terminate()


async def test_a_slow_linkedin_is_read_until_it_lists_the_job(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(
        linkedin__task_seconds=0.8, linkedin__visibility_seconds=0.8, linkedin__new_job_status="IN_PROGRESS"
    )
    handle = await post(client, settings, job)
    seen = await eventually(lambda: state(handle), lambda seen: linkedin_of(seen).state is BoardState.CONFIRMING)
    assert seen.phase is Phase.UPDATING
    assert linkedin_of(seen).outcome is None
    await settles(handle, Outcome.LIVE)
    assert await submits(boards, job) == ["CREATE"]
    await handle.terminate()


TASKS = [
    ("FAILED", "The job posting could not be processed.", Category.REFUSED),
    ("FAILED", "ErrorCode:2009 duplicate job", Category.FED_FROM_ELSEWHERE),
    ("FAILED", "Insufficient job slots for contract = urn:li:contract:1", Category.OUT_OF_SLOTS),
    ("PROCESSED", "", Category.FED_FROM_ELSEWHERE),
    ("PROCESSED_WITH_ERROR", "ERROR :: /title :: length", Category.FED_FROM_ELSEWHERE),
]


async def test_a_task_that_did_not_post_the_job_needs_a_person_and_retry_posts_it(
    client: Client, settings: Settings, boards: Boards, new_job: NewJob
) -> None:
    jobs = [await new_job() for _ in TASKS]
    for job, (outcome, message, _) in zip(jobs, TASKS, strict=True):
        words = {"outcome": outcome, "message": message}
        await boards.fault("linkedin", "submit", "task_outcome", job_id=job, **words)
    handles = [await post(client, settings, job) for job in jobs]
    for handle, (_, message, category) in zip(handles, TASKS, strict=True):
        found = attention_of(linkedin_of(await asks(handle, linkedin_of, category)))
        assert message in found.reason
        assert not found.retrying
        await handle.signal("retry")
    for handle in handles:
        await settles(handle, Outcome.LIVE)
        await handle.terminate()


async def test_without_slots_or_a_description_nothing_is_posted_until_retry(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(icims__hidden_fields=["overview", "responsibilities", "qualifications"], linkedin__job_slots=0)
    handle = await post(client, settings, job)
    seen = await asks(handle, linkedin_of, Category.INVALID_POSTING)
    assert "overview, responsibilities, qualifications" in attention_of(linkedin_of(seen)).remedy
    assert await submits(boards, job) == []
    await boards.change_job(job, overview="<p>" + "A real description. " * 10 + "</p>")
    await boards.set(icims__hidden_fields=["responsibilities", "qualifications"])
    await handle.signal("retry")
    await asks(handle, linkedin_of, Category.OUT_OF_SLOTS)
    await boards.set(linkedin__job_slots=1)
    await handle.signal("retry")
    await settles(handle, Outcome.LIVE)
    await handle.terminate()


async def test_a_withheld_job_names_the_reason_and_an_edit_mends_it(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    message = "INVALID_LOCATION: The job location cannot be standardized."
    await boards.fault("linkedin", "submit", "withhold", job_id=job, message=message)
    handle = await post(client, settings, job)
    found = attention_of(linkedin_of(await asks(handle, linkedin_of, Category.INVALID_POSTING)))
    assert "country or the postal code" in found.reason
    assert found.retrying
    await boards.change_job(job, location="Austin, TX 78701")
    await edit(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["CREATE", "UPDATE"]
    await handle.terminate()


async def test_a_job_whose_time_has_run_out_is_renewed_without_a_person(
    client: Client, settings: Settings, boards: Boards, new_job: NewJob
) -> None:
    jobs = [await new_job() for _ in range(2)]
    hinted, confirmed = handles = await asyncio.gather(*(created(client, settings, boards, each) for each in jobs))
    for job in jobs:
        await boards.change_job(job, linkedin={"expired": True})
    await hint(hinted, "NOT_LISTED")
    await confirmed.signal("confirm")
    for job, handle in zip(jobs, handles, strict=True):
        await eventually(lambda job=job: submits(boards, job), lambda seen: seen == ["RENEW"])  # type: ignore[misc]
        assert (await settles(handle, Outcome.LIVE)).attention is None
        assert (await boards.job(job))["linkedin"]["listed"] is True
        await handle.terminate()


async def test_a_resync_sends_a_created_job_again_even_unchanged(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, boards, job)
    for _ in range(5):
        await resync(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["UPDATE"]
    (heard,) = [each for each in (await state(handle)).received if "sent again" in each.what]
    assert heard.count == 5
    await handle.terminate()


async def test_a_resync_sends_a_listed_job_that_another_system_created(
    client: Client, settings: Settings, boards: Boards, new_job: NewJob
) -> None:
    job = await new_job()
    await boards.add_job(job, indeed=False)
    handle = await post(client, settings, job)
    mine = await settles(handle, Outcome.LIVE)
    assert not mine.created
    assert mine.url is not None
    assert mine.url.startswith("https://www.linkedin.com/jobs/view/")
    assert mine.listing is not None
    assert mine.listing.status == "LISTED"
    assert mine.apply is not None
    await resync(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["UPDATE"]
    await handle.terminate()


async def test_what_others_set_up_for_applications_is_kept(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, boards, job)
    await boards.change_job(job, linkedin={"apply": {"status": "ENABLED", "message": ""}})
    await resync(handle)
    await eventually(lambda: state(handle), lambda seen: "LinkedIn Apply" in skipped(linkedin_of(seen)))
    await settles(handle, Outcome.LIVE)
    await edit(handle)
    seen = await asks(handle, linkedin_of, Category.NOT_TAKEN)
    assert "which an update by Boardsync would switch off" in attention_of(linkedin_of(seen)).reason
    assert await submits(boards, job) == []
    await boards.change_job(job, linkedin={"apply": {"status": "NOT_ENABLED", "message": ""}})
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["UPDATE"]
    await handle.terminate()


def skipped(mine: LinkedInRecord) -> str:
    return next((each.answered for each in mine.evidence if each.asked == "LinkedIn asks for the job again"), "")


async def test_a_resync_opens_no_job_that_linkedin_has_closed(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, boards, job)
    await boards.change_job(job, linkedin={"listed": False})
    await resync(handle)
    await asks(handle, linkedin_of, Category.CLOSED_BY_BOARD)
    assert await submits(boards, job) == []
    await handle.terminate()


async def test_a_job_that_is_closed_by_hand_on_linkedin_is_listed_again_by_retry(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, boards, job)
    await boards.change_job(job, linkedin={"listed": False})
    await hint(handle, "NOT_LISTED")
    seen = await asks(handle, linkedin_of, Category.CLOSED_BY_BOARD)
    assert attention_of(linkedin_of(seen)).retrying
    await handle.signal("retry", {"by": "Ana"})
    await settles(handle, Outcome.LIVE)
    assert await submits(boards, job) == ["CREATE"]
    await handle.terminate()
