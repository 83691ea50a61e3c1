"""People's signals, the newest intent, and continue-as-new."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import RawValue

from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import JobInput, Receipt
from models.problems import Category
from models.states import BoardName, BoardState, Intent, Outcome, Phase
from models.temporal import JOB_POSTING, Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import (
    Handle,
    asks,
    attention_of,
    event,
    eventually,
    in_phase,
    indeed_of,
    linkedin_of,
    send,
    state,
)
from tests.support.settings import sandbox_settings
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers


async def start_by_hand(client: Client, job_id: str) -> Handle:
    handle: Handle = await client.start_workflow(
        JOB_POSTING,
        {"customer_id": CUSTOMER, "job_id": job_id},
        id=workflow_id(CUSTOMER, job_id),
        task_queue=Queue.JOB_POSTINGS.value,
        result_type=Receipt,
    )
    return handle


@pytest.mark.usefixtures("workers")
async def test_a_lifecycle_started_by_hand_with_two_ids_waits_open_until_it_is_closed_by_hand(
    client: Client, boards: Boards, job: str
) -> None:
    # The default timing waits five minutes for LinkedIn's task; `confirm` reads at once.
    handle = await start_by_hand(client, job)
    await in_phase(handle, Phase.OPEN)
    await handle.signal("close", {"by": "Ana", "reason": "filled by phone"})
    await eventually(lambda: state(handle), lambda seen: linkedin_of(seen).state is BoardState.CONFIRMING)
    await eventually(lambda: boards.job(job), lambda seen: seen["linkedin"]["listing_status"] == "NOT_LISTED")
    await handle.signal("confirm")
    receipt = await handle.result()

    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    closing = receipt.received[0]
    assert (closing.what, closing.by, closing.reason) == ("signal close", "Ana", "filled by phone")


@pytest.mark.usefixtures("workers")
async def test_retry_begins_again_after_the_cause_is_mended(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=403, body={"message": "for contract", "status": 403})
    handle = await send(client, settings, job)
    await asks(handle, linkedin_of, Category.PERMISSION)
    await handle.signal("retry", {"by": "Ana"})
    receipt = await handle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED


@pytest.mark.usefixtures("workers")
async def test_confirm_settles_a_job_that_a_person_closed_on_the_board(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"}, times=None)
    handle = await send(client, settings, job)
    await asks(handle, linkedin_of, Category.OUT_OF_SLOTS)
    await boards.change_job(job, linkedin={"listed": False})
    await handle.signal("confirm", {"by": "Ana", "reason": "closed it in Recruiter"})
    receipt = await handle.result()
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert await boards.writes(job) == ["indeed.clear"]


@pytest.mark.usefixtures("workers")
async def test_confirm_never_writes_and_attention_stays_until_the_board_agrees(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"}, times=None)
    handle = await send(client, settings, job)
    await asks(handle, linkedin_of, Category.OUT_OF_SLOTS)
    before = await boards.counts(job)
    await handle.signal("confirm")
    after = await eventually(
        lambda: boards.counts(job), lambda counts: counts["linkedin.status"] >= before["linkedin.status"] + 2
    )
    assert attention_of(linkedin_of(await state(handle))).retrying
    assert after["linkedin.submit.CLOSE"] == before["linkedin.submit.CLOSE"]


@pytest.mark.usefixtures("workers")
async def test_a_confirm_while_the_close_is_being_submitted_keeps_the_task_and_submits_once(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "slow", seconds=1.0)
    await boards.set(linkedin__task_seconds=2.0)
    handle = await send(client, settings, job)
    await eventually(boards.counts, lambda counts: counts.get("linkedin.status", 0) >= 1)
    await handle.signal("confirm")
    receipt = await handle.result()
    assert linkedin_of(receipt).task_id is not None
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1


@pytest.mark.usefixtures("workers")
async def test_a_confirm_before_the_write_does_not_lose_the_write(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "find", "slow", seconds=1.0)
    await boards.fault("linkedin", "status", "slow", seconds=1.0)
    handle = await send(client, settings, job)
    await handle.signal("confirm")
    await handle.result()
    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]


async def waits(handle: Handle) -> bool:
    """Return whether a call has failed and is to be tried again later."""
    pending = (await handle.describe()).raw_description.pending_activities
    return any(
        each.attempt > 1 and each.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED for each in pending
    )


@pytest.mark.usefixtures("workers")
async def test_retry_cuts_a_long_wait_short(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=429, headers={"Retry-After": "600"})
    handle = await send(client, sandbox_settings(sandbox_urls, attention_after="1h", confirm_within="1h"), job)
    await eventually(boards.counts, lambda counts: counts.get("429", 0) == 1)
    await eventually(lambda: waits(handle), bool)
    await handle.signal("retry")
    await asyncio.wait_for(handle.result(), 60)


@pytest.mark.usefixtures("workers")
async def test_payloads_that_no_converter_reads_leave_a_trace_and_wedge_nothing(
    client: Client, settings: Settings, job: str
) -> None:
    handle = await send(client, settings, job, Intent.POSTED)
    for encoding in (b"binary/encrypted", b"json/protobuf", b""):
        foreign = RawValue(Payload(metadata={"encoding": encoding}, data=b"\x00\xff"))
        for name in ("close", "ats_event", "linkedin_status", "update"):
            await handle.signal(name, foreign)
    half = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"by": "Ana", "reason": "\\ud83d"}'))
    await handle.signal("close", half)
    receipt = await handle.result()
    assert receipt.phase is Phase.CLOSED
    _, *foreign_ones, last = receipt.received
    assert {each.what for each in foreign_ones} == {
        f"unreadable signal {name}: nothing was changed" for name in ("close", "ats_event", "linkedin_status", "update")
    }
    assert "binary/encrypted" in str(foreign_ones[0].reason)
    assert (last.what, last.reason) == ("signal close", "\ufffd")


@pytest.mark.usefixtures("workers")
async def test_wrong_payloads_are_recorded_with_what_is_wrong_and_change_nothing(
    client: Client, boards: Boards, job: str
) -> None:
    handle = await start_by_hand(client, job)
    for payload in (["a"], {"by": 7}, {"by": "x" * 500}, 0.5, '{"by": "hunter2"'):
        await handle.signal("close", payload)
    await handle.signal("close", args=["Ana", "hunter2"])
    await handle.signal("ats_event", {"event_type": "JobUnpostToWebEvent", "received_at": "hunter2"})
    seen = await eventually(lambda: state(handle), lambda seen: len(seen.received) == 7)
    assert {entry.what for entry in seen.received[:6]} == {"unreadable signal close: nothing was changed"}
    reasons = [entry.reason or "" for entry in seen.received]
    assert reasons[1] == "by: Input should be a valid string"
    assert reasons[2] == "by: String should have at most 200 characters"
    assert "not valid JSON" in reasons[4]
    assert reasons[5] == "2 inputs, where one is expected"
    assert reasons[6].startswith("received_at: ")
    assert "hunter2" not in seen.model_dump_json()
    assert seen.intent is Intent.POSTED
    assert await boards.writes(job) == []
    await handle.terminate()


@pytest.mark.usefixtures("workers")
async def test_who_asked_and_why_is_kept_as_evidence_of_each_board_that_it_concerned(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"})
    handle = await send(client, settings, job)
    await asks(handle, linkedin_of, Category.OUT_OF_SLOTS)
    await eventually(lambda: state(handle), lambda seen: indeed_of(seen).state is BoardState.SETTLED)
    await handle.signal("retry", {"by": "Ana", "reason": "slots bought", "unknown": None})
    receipt = await handle.result()
    notes = [each for each in linkedin_of(receipt).evidence if each.by_hand]
    assert [(each.asked, each.answered) for each in notes] == [("Signal retry", "by Ana: slots bought")]
    assert notes[0].at > linkedin_of(receipt).evidence[0].at
    assert not any(each.by_hand for each in indeed_of(receipt).evidence)


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize(
    ("inputs", "who"), [([], "by hand"), ([None], "by hand"), ([""], "by hand"), (["Ana"], "by Ana")]
)
async def test_the_input_of_a_close_may_be_as_short_as_people_write_it(
    client: Client, job: str, inputs: list[object], who: str
) -> None:
    handle = await start_by_hand(client, job)
    await handle.signal("close", args=inputs)
    seen = await eventually(lambda: state(handle), lambda seen: seen.intent is Intent.UNPOSTED)
    for track in (linkedin_of(seen), indeed_of(seen)):
        assert (track.evidence[0].asked, track.evidence[0].answered) == ("Signal close", who)
    await handle.terminate()


@pytest.mark.usefixtures("workers")
async def test_a_failure_in_the_history_is_words_without_a_stack_trace(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"})
    handle = await send(client, settings, job)
    await asks(handle, linkedin_of, Category.OUT_OF_SLOTS)
    history = await handle.fetch_history()
    (failure,) = [
        each.activity_task_failed_event_attributes.failure
        for each in history.events
        if each.HasField("activity_task_failed_event_attributes")
    ]
    assert "no slots" in failure.message
    assert failure.application_failure_info.type == "out_of_slots"
    assert failure.stack_trace == ""
    await handle.terminate()


@pytest.mark.usefixtures("workers")
async def test_a_post_during_a_close_supersedes_it_and_no_further_call_is_made(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "slow", seconds=1.0)
    await boards.set(linkedin__visibility_seconds=0, indeed__visibility_seconds=60)
    settings = sandbox_settings(sandbox_urls, linkedin_task_after="300ms")
    handle = await send(client, settings, job)
    # LinkedIn has been read for the close, which is submitted next whatever comes.
    await eventually(
        boards.counts, lambda counts: min(counts.get(each, 0) for each in ("linkedin.status", "indeed.clear")) > 0
    )
    await send(client, settings, job, Intent.POSTED)
    # The submission in flight finished and took the job off LinkedIn, where only the ATS's feed can list it again.
    seen = await asks(handle, linkedin_of, Category.CLOSED_BY_BOARD)
    assert seen.intent is Intent.POSTED
    await boards.change_job(job, linkedin={"listed": True})
    await in_phase(handle, Phase.OPEN)
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1
    await handle.terminate()


@pytest.mark.usefixtures("workers")
async def test_unpost_post_unpost_in_quick_succession_ends_closed(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    for intent in (Intent.UNPOSTED, Intent.POSTED, Intent.UNPOSTED):
        handle = await send(client, settings, job, intent)
    receipt = await handle.result()
    assert receipt.intent is Intent.UNPOSTED
    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]


@pytest.mark.usefixtures("workers")
async def test_a_customer_with_one_board_has_one_track(client: Client, boards: Boards, job: str) -> None:
    handle: Handle = await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=CUSTOMER, job_id=job, boards=(BoardName.INDEED,)),
        id=workflow_id(CUSTOMER, job),
        task_queue=Queue.JOB_POSTINGS.value,
        start_signal="ats_event",
        start_signal_args=[event()],
        result_type=Receipt,
    )
    receipt = await handle.result()
    assert receipt.boards.linkedin is None
    assert await boards.writes(job) == ["indeed.clear"]


@pytest.mark.usefixtures("workers")
async def test_search_attributes_follow_the_lifecycle(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await send(client, settings, job)
    await handle.result()
    query = f"JobId = '{job}' AND Phase = 'closed' AND LinkedInState = 'settled' AND IndeedState = 'settled'"
    await eventually(lambda: client.count_workflows(query), lambda found: found.count == 1)


@pytest.fixture
async def small_history_client(settings: Settings, boards: Boards) -> AsyncIterator[Client]:
    """Connect to a server that suggests continue-as-new after a few events."""
    suggestion = "limit.historyCount.suggestContinueAsNew=12"
    async with running_temporal(dynamic_config=[suggestion]) as address:
        client = await client_of(address)
        async with running_workers(client, settings):
            yield client


async def test_a_close_survives_continue_as_new_in_every_step(
    small_history_client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.set(linkedin__task_seconds=1.0, indeed__visibility_seconds=1.0)
    handle = await send(small_history_client, settings, job)
    receipt = await handle.result()
    runs = [run async for run in small_history_client.list_workflows(f"WorkflowId = '{handle.id}'")]

    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1
    assert any(run.status is WorkflowExecutionStatus.CONTINUED_AS_NEW for run in runs)


async def test_signals_sent_while_it_continues_as_new_are_not_lost(
    small_history_client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"}, times=None)
    handle = await send(small_history_client, settings, job)
    for number in range(40):
        await handle.signal("confirm", {"reason": str(number)})
    seen = await eventually(
        lambda: state(handle), lambda seen: bool(seen.received) and seen.received[-1].reason == "39"
    )
    assert [entry.reason for entry in seen.received] == [str(number) for number in range(10, 40)]
    await handle.terminate()
