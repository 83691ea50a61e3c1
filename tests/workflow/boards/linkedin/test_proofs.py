"""What proves that a job is off LinkedIn: the listing, read once nothing of ours is under way, and nothing else."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.lifecycle import Receipt
from models.problems import Category
from models.states import BoardName, Intent, Outcome, Phase
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, asks, attention_of, eventually, linkedin_of, send, state
from tests.support.linkedin import created, creating, hint, linkedin_workers, resync, submits, watching


@pytest.fixture
def settings(sandbox_urls: dict[str, str]) -> Settings:
    return watching(sandbox_urls, confirm_within="1500ms")


@pytest.fixture
async def watchers(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    async with linkedin_workers(client, settings, boards):
        yield


async def listing_reads(boards: Boards, job: str) -> int:
    return (await boards.counts(job)).get("linkedin.status", 0)


async def accepts_what_it_does_not_know(boards: Boards, job: str) -> None:
    """Have LinkedIn's task of a close succeed, although there is nothing to close."""
    await boards.set(linkedin__conflict_surface="task")
    await boards.fault("linkedin", "submit", "task_outcome", outcome="SUCCEEDED", job_id=job)
    await boards.fault("linkedin", "submit", "lie", job_id=job)


def outcome(receipt: Receipt) -> Outcome | None:
    assert receipt.boards.linkedin is not None
    return receipt.boards.linkedin.outcome


@pytest.mark.usefixtures("watchers")
@pytest.mark.parametrize("surface", ["http", "element", "task"])
async def test_a_refused_close_of_an_id_that_linkedin_never_showed_proves_nothing(
    client: Client, settings: Settings, boards: Boards, job: str, surface: str
) -> None:
    await boards.set(linkedin__conflict_surface=surface)
    await boards.add_job(job, linkedin=False)
    receipt = await (await send(client, settings, job)).result()
    assert (outcome(receipt), receipt.phase) == (Outcome.NOT_FOUND, Phase.NOT_FOUND)
    assert receipt.proven == {BoardName.LINKEDIN: False}


@pytest.mark.usefixtures("watchers")
async def test_a_close_that_succeeded_for_an_id_that_linkedin_never_showed_proves_nothing(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, linkedin=False)
    await accepts_what_it_does_not_know(boards, job)
    receipt = await (await send(client, settings, job)).result()
    assert await submits(boards, job) == ["CLOSE"]
    assert receipt.boards.linkedin is not None
    assert receipt.boards.linkedin.task_id is not None
    assert (outcome(receipt), receipt.phase) == (Outcome.NOT_FOUND, Phase.NOT_FOUND)


@pytest.mark.usefixtures("watchers")
@pytest.mark.parametrize("when", ["watched", "read before the close", "read after the close"])
async def test_a_job_that_linkedin_showed_once_and_knows_no_more_is_gone(
    client: Client, settings: Settings, boards: Boards, job: str, when: str
) -> None:
    if when == "watched":
        handle = await send(client, settings, job, Intent.POSTED)
        await eventually(lambda: state(handle), lambda seen: linkedin_of(seen).outcome is Outcome.LIVE)
        await boards.add_job(job, linkedin=False)
        await send(client, settings, job)
    elif when == "read before the close":
        await boards.fault("linkedin", "tasks", "http", status=503, times=2)
        handle = await send(client, settings, job)
        await eventually(lambda: submits(boards, job), lambda seen: seen == ["CLOSE"])
        await boards.add_job(job, linkedin=False)
    else:
        await boards.add_job(job, linkedin=False)
        await accepts_what_it_does_not_know(boards, job)
        handle = await send(client, settings, job)
        await eventually(lambda: submits(boards, job), lambda seen: seen == ["CLOSE"])
        await boards.add_job(job)
        await eventually(lambda: listing_reads(boards, job), lambda count: count >= 3)
        await boards.add_job(job, linkedin=False)
    receipt = await handle.result()
    assert (outcome(receipt), receipt.phase) == (Outcome.GONE, Phase.CLOSED)
    assert receipt.proven == {BoardName.LINKEDIN: True}


@pytest.mark.usefixtures("watchers")
async def test_a_job_that_an_earlier_lifecycle_saw_is_gone_and_not_unknown(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    assert outcome(await (await send(client, settings, job)).result()) is Outcome.CLOSED
    await boards.add_job(job, linkedin=False)
    for _ in range(2):
        receipt = await (await send(client, settings, job)).result()
        assert (outcome(receipt), receipt.phase) == (Outcome.GONE, Phase.CLOSED)


@pytest.mark.usefixtures("watchers")
async def test_one_answer_that_knows_no_such_job_is_no_absence(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "lie", job_id=job, times=None)
    handle = await send(client, settings, job)
    await eventually(lambda: submits(boards, job), lambda seen: seen == ["CLOSE"])
    nobody = json.dumps({"results": {}, "statuses": {f"{CUSTOMER}-{job}": 404}, "errors": {}})
    await boards.fault("linkedin", "status", "http", status=200, body=nobody, job_id=job)

    async def reads() -> list[bool]:
        """Tell of each read whether it was the one that knew no such job."""
        found = await boards.records(provider="linkedin", operation="status", job_id=job)
        return [each["fault"] is not None for each in found]

    await eventually(reads, lambda seen: True in seen and not seen[-1])
    assert linkedin_of(await state(handle)).outcome is None
    await boards.change_job(job, linkedin={"listed": False})
    assert outcome(await handle.result()) is Outcome.CLOSED


@pytest.mark.usefixtures("watchers")
@pytest.mark.parametrize("result", ["PROCESSED", "PROCESSED_WITH_ERROR"])
async def test_a_processed_close_is_closed_without_a_person_where_the_listing_says_so(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], result: str
) -> None:
    await boards.set(linkedin__task_outcome=result, linkedin__task_error_message="ErrorCode:2009 duplicate job")
    before, after = jobs = [next(job_ids), next(job_ids)]
    for job in jobs:
        await boards.add_job(job)
    handles = [await send(client, settings, job) for job in jobs]
    for job in jobs:
        await eventually(lambda job=job: submits(boards, job), lambda seen: seen == ["CLOSE"])  # type: ignore[misc]
    await boards.change_job(before, linkedin={"listed": False})
    assert outcome(await handles[0].result()) is Outcome.CLOSED
    found = attention_of(linkedin_of(await asks(handles[1], linkedin_of, Category.FED_FROM_ELSEWHERE)))
    assert found.category is Category.FED_FROM_ELSEWHERE
    assert found.retrying
    await boards.change_job(after, linkedin={"listed": False})
    await hint(handles[1], "NOT_LISTED")
    receipt = await handles[1].result()
    assert outcome(receipt) is Outcome.CLOSED
    assert receipt.boards.linkedin is not None
    assert receipt.boards.linkedin.attention is None
    assert await submits(boards, after) == ["CLOSE"]


@pytest.mark.usefixtures("watchers")
@pytest.mark.parametrize("told", ["hint", "confirm", "nobody"])
async def test_a_processed_close_that_asked_for_a_person_ends_by_what_the_listing_says(
    client: Client, settings: Settings, boards: Boards, job: str, told: str
) -> None:
    await boards.set(linkedin__task_outcome="PROCESSED")
    handle = await send(client, settings, job)
    seen = await asks(handle, linkedin_of, Category.FED_FROM_ELSEWHERE)
    assert "still feeds this customer's jobs" in attention_of(linkedin_of(seen)).reason
    await boards.change_job(job, linkedin={"listed": False})
    if told == "hint":
        await hint(handle, "NOT_LISTED")
    elif told == "confirm":
        await handle.signal("confirm")
    assert outcome(await handle.result()) is Outcome.CLOSED


@pytest.mark.usefixtures("watchers")
async def test_a_close_at_which_linkedin_failed_is_sent_again_without_a_person(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault(
        "linkedin", "submit", "task_outcome", outcome="FAILED", message="Internal Server Error", job_id=job
    )
    receipt = await (await send(client, settings, job)).result()
    assert outcome(receipt) is Outcome.CLOSED
    assert await submits(boards, job) == ["CLOSE", "CLOSE"]


async def closes_for_good(handle: Handle, boards: Boards, job: str) -> None:
    assert outcome(await handle.result()) is Outcome.CLOSED
    truth = (await boards.job(job))["linkedin"]
    assert (truth["listed"], truth["will_be_listed"]) == (False, False)


@pytest.mark.parametrize("slow", [0.0, 0.15, 0.3, 0.6])
@pytest.mark.parametrize("late", [0.0, 0.4, 1.2])
async def test_an_update_that_shows_long_after_its_task_has_ended_never_lists_a_job_that_is_called_closed(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, slow: float, late: float
) -> None:
    settings = creating(sandbox_urls)
    async with linkedin_workers(client, settings, boards):
        handle = await created(client, settings, boards, job)
        if slow:
            await boards.fault("linkedin", "submit", "slow_task", seconds=slow, job_id=job)
        await boards.fault("linkedin", "submit", "delay_visibility", seconds=late, job_id=job)
        await resync(handle)
        await eventually(lambda: submits(boards, job), lambda seen: seen == ["UPDATE"])
        await send(client, settings, job)
        await closes_for_good(handle, boards, job)


async def test_a_close_waits_for_an_update_no_longer_than_linkedin_usually_takes(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = creating(sandbox_urls)
    async with linkedin_workers(client, settings, boards):
        handle = await created(client, settings, boards, job)
        await boards.fault("linkedin", "submit", "slow_task", seconds=3.0, job_id=job)
        await resync(handle)
        await eventually(lambda: submits(boards, job), lambda seen: seen == ["UPDATE"])
        await send(client, settings, job)
        await eventually(lambda: submits(boards, job), lambda seen: seen == ["UPDATE", "CLOSE"])
        assert (await boards.job(job))["linkedin"]["will_be_listed"] is True
        await closes_for_good(handle, boards, job)
        assert await submits(boards, job) == ["UPDATE", "CLOSE", "CLOSE"]


async def test_a_post_that_overtakes_a_close_is_not_called_live_before_the_close_shows(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = creating(sandbox_urls, linkedin_task_after="800ms")
    async with linkedin_workers(client, settings, boards):
        handle = await created(client, settings, boards, job)
        await boards.fault("linkedin", "submit", "delay_visibility", seconds=0.5, job_id=job)
        await send(client, settings, job)
        await eventually(lambda: submits(boards, job), lambda seen: seen == ["CLOSE"])
        await send(client, settings, job, Intent.POSTED)
        await eventually(lambda: state(handle), lambda seen: linkedin_of(seen).outcome is Outcome.LIVE)
        truth = (await boards.job(job))["linkedin"]
        assert (truth["listed"], truth["will_be_listed"]) == (True, True)
        await handle.terminate()
