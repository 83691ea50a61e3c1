"""LinkedIn's notifications: hints that make the board be read at once, and prove nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.base import workflow_id
from models.events import StatusDetail
from models.lifecycle import JobInput, Lifecycle, Receipt
from models.problems import Category
from models.states import BoardName, BoardState, Intent, Outcome, Phase
from models.temporal import ATS_EVENT, JOB_POSTING, LINKEDIN_STATUS, Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, asks, attention_of, event, eventually, linkedin_of, send, state
from tests.support.linkedin import (
    MEMBER_REPORTED,
    hint,
    linkedin_workers,
    resync,
    settles,
    status,
    submits,
    watching,
)


@pytest.fixture
def settings(sandbox_urls: dict[str, str]) -> Settings:
    return watching(sandbox_urls)


@pytest.fixture(autouse=True)
async def workers(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    async with linkedin_workers(client, settings, boards):
        yield


async def watched(client: Client, settings: Settings, job: str) -> Handle:
    handle = await send(client, settings, job, Intent.POSTED)
    await settles(handle, Outcome.LIVE)
    return handle


async def reads(boards: Boards, job: str) -> int:
    return (await boards.counts(job)).get("linkedin.status", 0)


async def test_a_hint_cuts_the_wait_for_the_task_short_and_a_lost_one_costs_only_time(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = watching(sandbox_urls, linkedin_task_after="1h")
    handle = await send(client, settings, job)
    await eventually(lambda: boards.job(job), lambda seen: seen["linkedin"]["listing_status"] == "NOT_LISTED")
    await hint(handle, "NOT_LISTED")
    receipt = await handle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    said = [each.answered for each in linkedin_of(receipt).evidence]
    assert "LinkedIn says: the job is NOT_LISTED. Members do not see the job." in said
    assert said[-1] == "NOT_LISTED"


async def test_a_hint_that_comes_while_the_close_is_submitted_is_not_waited_on(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = watching(sandbox_urls, linkedin_task_after="1h")
    await boards.fault("linkedin", "submit", "slow", seconds=1.0)
    handle = await send(client, settings, job)
    await eventually(lambda: reads(boards, job), lambda seen: seen == 1)
    await hint(handle, "NOT_LISTED")
    await handle.result()
    assert await submits(boards, job) == ["CLOSE"]


async def test_a_hint_is_no_proof(client: Client, settings: Settings, boards: Boards, job: str) -> None:
    await boards.fault("linkedin", "submit", "lie", job_id=job)
    handle = await send(client, settings, job)
    await eventually(lambda: submits(boards, job), lambda seen: seen == ["CLOSE"])
    before = await reads(boards, job)
    await hint(handle, "NOT_LISTED", MEMBER_REPORTED)
    await eventually(lambda: reads(boards, job), lambda seen: seen > before)
    seen = await state(handle)
    assert linkedin_of(seen).outcome is None
    assert seen.phase is Phase.CLOSING
    await handle.terminate()


async def test_a_posted_job_that_linkedin_closes_asks_for_a_person_until_it_is_listed_again(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await watched(client, settings, job)
    await boards.change_job(job, linkedin={"listed": False, "message": MEMBER_REPORTED})
    await hint(handle, "NOT_LISTED", MEMBER_REPORTED)
    seen = await asks(handle, linkedin_of, Category.CLOSED_BY_BOARD)
    found = attention_of(linkedin_of(seen))
    assert "several members reported" in found.reason
    assert "MEMBER_REPORTED" in found.reason
    assert found.retrying
    assert linkedin_of(seen).outcome is None
    # No hint tells of the end: it is found all the same.
    await boards.change_job(job, linkedin={"listed": True, "message": ""})
    assert (await settles(handle, Outcome.LIVE)).attention is None
    assert await submits(boards, job) == []
    await handle.terminate()


REASONS = [
    ("INVALID_LOCATION: The job location cannot be standardized.", Category.INVALID_POSTING, "postal code"),
    ("BLOCKED_COUNTRY: The job's location is a country …", Category.INVALID_POSTING, "sanctions"),
    ("CUSTOMER_EXCLUDED: …", Category.CLOSED_BY_BOARD, "rule"),
    ("PENDING_CUSTOMER_MIGRATION:This job …", Category.FED_FROM_ELSEWHERE, "API"),
    ("SOMETHING_NEW: LinkedIn thought of another reason", Category.CLOSED_BY_BOARD, "another reason"),
    ("", Category.CLOSED_BY_BOARD, "gives no reason"),
]


async def test_the_reason_that_linkedin_gives_becomes_a_category_and_a_remedy(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    jobs = dict(zip(job_ids, REASONS, strict=False))
    for job in jobs:
        await boards.add_job(job)
    handles = await asyncio.gather(*(watched(client, settings, job) for job in jobs))
    for handle, (job, (message, _, _)) in zip(handles, jobs.items(), strict=True):
        await boards.change_job(job, linkedin={"listed": False, "message": message})
        await hint(handle, "NOT_LISTED")
    for handle, (_, category, words) in zip(handles, jobs.values(), strict=True):
        found = attention_of(linkedin_of(await asks(handle, linkedin_of, category)))
        assert words in found.reason
        assert found.remedy
        await handle.terminate()


async def test_a_job_that_was_never_on_linkedin_alarms_nobody(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, linkedin=False)
    handle = await send(client, settings, job, Intent.POSTED)
    await settles(handle, None)
    before = await reads(boards, job)
    await hint(handle, "NOT_LISTED")
    await eventually(lambda: reads(boards, job), lambda seen: seen > before)
    mine = await settles(handle, None)
    assert mine.attention is None
    await boards.add_job(job)
    await hint(handle, "LISTED")
    await settles(handle, Outcome.LIVE)
    await resync(handle)
    await eventually(lambda: state(handle), lambda seen: "own feed posts" in str(linkedin_of(seen).evidence))
    await settles(handle, Outcome.LIVE)
    assert await submits(boards, job) == []
    await handle.terminate()


async def test_apply_and_promotion_are_noted_and_block_nothing(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await watched(client, settings, job)
    blocked = {"status": "NOT_ENABLED", "code": 1154, "type": "PARTNER_ERROR", "message": "BLOCKED_WEBHOOK: …"}
    promoted = {"status": "PROMOTED", "message": "LI_CUSTOMER_PROMOTED: Visit Recruiter to manage."}
    await boards.change_job(job, linkedin={"apply": blocked, "promotion": promoted})
    told = status().model_copy(update={"apply": StatusDetail.model_validate(blocked)})
    await handle.signal(LINKEDIN_STATUS, told)

    def noted(seen: Lifecycle) -> bool:
        promotion = linkedin_of(seen).promotion
        return promotion is not None and promotion.status == "PROMOTED"

    seen = await eventually(lambda: state(handle), noted)
    mine = linkedin_of(seen)
    assert mine.state is BoardState.SETTLED
    assert mine.apply is not None
    assert "not reachable" in mine.apply.meaning
    assert "Mend the webhook" in mine.apply.remedy
    assert mine.promotion is not None
    assert "Recruiter" in mine.promotion.meaning
    assert seen.phase is Phase.OPEN
    await handle.terminate()


async def test_a_storm_of_hints_makes_no_storm_of_reads_and_pushes_nothing_out(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await watched(client, settings, job)
    before = await reads(boards, job)
    await boards.fault("linkedin", "status", "slow", seconds=1.0, job_id=job, times=None)
    messages = [("LISTED", None), ("NOT_LISTED", MEMBER_REPORTED), ("WHAT_NOW", "?"), ("NOT_LISTED", None)]
    await asyncio.gather(*(hint(handle, *messages[n % 4]) for n in range(100)))
    await eventually(lambda: state(handle), lambda seen: sum(each.count for each in seen.received) == 101)
    await boards.clear_faults()
    mine = await settles(handle, Outcome.LIVE)
    assert await reads(boards, job) - before < 20
    seen = await state(handle)
    assert seen.received[0].what == "JobPostToWebEvent"
    assert len(seen.received) == 5
    assert any(each.answered == "LISTED" for each in mine.evidence)
    assert await submits(boards, job) == []
    await handle.terminate()


async def test_a_closed_job_that_is_listed_again_is_closed_again_while_the_lifecycle_runs(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = watching(sandbox_urls, boards=("linkedin", "indeed"))
    await boards.fault("indeed", "find", "http", status=503, times=None)
    handle = await send(client, settings, job)
    await settles(handle, Outcome.CLOSED)
    await hint(handle, "NOT_LISTED")
    before = await reads(boards, job)
    await boards.change_job(job, linkedin={"listed": True})
    await hint(handle, "LISTED")
    await eventually(lambda: submits(boards, job), lambda seen: seen == ["CLOSE", "CLOSE"])
    assert await reads(boards, job) > before
    await settles(handle, Outcome.CLOSED)
    await boards.clear_faults()
    receipt = await handle.result()
    assert receipt.reopened == 1
    assert any("again after it was closed" in each.answered for each in linkedin_of(receipt).evidence)


async def reopened(client: Client, settings: Settings, job: str) -> Handle:
    """Start a lifecycle as the gateway does when LinkedIn lists a job whose lifecycle has completed."""
    handle: Handle = await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=CUSTOMER, job_id=job, boards=(BoardName.LINKEDIN,), timing=settings.timing.frozen()),
        id=workflow_id(CUSTOMER, job),
        task_queue=Queue.JOB_POSTINGS.value,
        start_signal=LINKEDIN_STATUS,
        start_signal_args=[status("LISTED", after_close=True)],
        result_type=Receipt,
    )
    return handle


async def test_a_job_listed_again_after_its_lifecycle_completed_is_closed_again_and_the_receipt_says_so(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await (await send(client, settings, job)).result()
    await boards.change_job(job, linkedin={"listed": True})
    receipt = await (await reopened(client, settings, job)).result()
    assert receipt.intent is Intent.UNPOSTED
    assert receipt.reopened == 1
    assert receipt.received[0].what == "LinkedIn lists the job again after it was closed"
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert await submits(boards, job) == ["CLOSE", "CLOSE"]


async def test_a_false_alarm_after_the_close_ends_as_closed_without_a_write(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await (await send(client, settings, job)).result()
    receipt = await (await reopened(client, settings, job)).result()
    assert receipt.reopened == 0
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert await submits(boards, job) == ["CLOSE"]


@pytest.mark.parametrize("first", ["hint", "post"])
async def test_a_post_in_the_same_inbox_wins_over_the_alarm(
    client: Client, settings: Settings, boards: Boards, job: str, first: str
) -> None:
    await (await send(client, settings, job)).result()
    await boards.change_job(job, linkedin={"listed": True})
    if first == "hint":
        handle = await reopened(client, settings, job)
        await handle.signal(ATS_EVENT, event(Intent.POSTED))
    else:
        handle = await send(client, settings, job, Intent.POSTED)
        await hint(handle, "LISTED", after_close=True)
    seen = await eventually(
        lambda: state(handle),
        lambda seen: len(seen.received) == 2 and linkedin_of(seen).state in {BoardState.SETTLED, BoardState.ATTENTION},
    )
    assert seen.intent is Intent.POSTED
    if first == "post":
        assert linkedin_of(seen).outcome is Outcome.LIVE
        assert await submits(boards, job) == ["CLOSE"]
    await handle.terminate()
