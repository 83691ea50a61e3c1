"""A workflow whose input cannot be read ends as failed, so that what comes next can start a sound one."""

import uuid
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Receipt
from models.states import Phase
from models.temporal import (
    BULK_CLOSE,
    CLIENT_OFFBOARDING,
    COMMON_CAUSE,
    ENDPOINT_HEALTH,
    JOB_POSTING,
    LEDGER_UPKEEP,
    NOTIFICATION,
    PACE,
    PACE_QUEUE,
    RECHECK,
    RECONCILE,
    RESYNC_JOBS,
    STILL_LIVE,
    Queue,
)
from tests.support.boards import CUSTOMER
from tests.support.lifecycles import Handle, eventually, handle, send, state
from worker import WORKFLOWS

pytestmark = pytest.mark.usefixtures("workers")

KINDS = {
    JOB_POSTING: Queue.JOB_POSTINGS,
    RESYNC_JOBS: Queue.JOB_POSTINGS,
    CLIENT_OFFBOARDING: Queue.JOB_POSTINGS,
    BULK_CLOSE: Queue.JOB_POSTINGS,
    COMMON_CAUSE: Queue.OPERATIONS,
    NOTIFICATION: Queue.NOTIFICATIONS,
}
"""By type, where none of the inputs below is a sound one."""
EVERY = {**KINDS, PACE: PACE_QUEUE, **dict.fromkeys((ENDPOINT_HEALTH, RECONCILE, STILL_LIVE), Queue.JOB_POSTINGS)}
ALL = {**EVERY, **dict.fromkeys((RECHECK, LEDGER_UPKEEP), Queue.JOB_POSTINGS)}
UNREADABLE: list[list[Any]] = [
    [],
    [{}],
    [None],
    ["job 500001"],
    [500001],
    [[{"customer_id": "1234", "job_id": "500001"}]],
    [{"job_id": "500001"}],
    [{"customer_id": True, "job_id": 1.5}],
    [{"customer_id": "1234", "job_id": "5\u0665"}],
]
FOREIGN = [
    RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00\xff")),
    RawValue(Payload(metadata={"encoding": b"json/protobuf", "messageType": b"no.such.Type"}, data=b"{}")),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"customer_id": ')),
    RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"[" * 100_000)),
    RawValue(Payload(data=b"no encoding")),
]
"""Payloads that a client with other converters, or none, has written."""
NEVER: list[list[Any]] = [["text"], [7], [[]], [{}, {}], [{"state": "no state", "leases": 7}]]


async def failure_of(client: Client, kind: str, queue: Queue, given: list[Any]) -> ApplicationError:
    started = await client.start_workflow(kind, args=given, id=f"input-{uuid.uuid4()}", task_queue=queue.value)
    with pytest.raises(WorkflowFailureError) as failed:
        await started.result()
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause


@pytest.mark.parametrize("kind", KINDS)
async def test_an_input_that_cannot_be_read_fails_the_workflow_and_says_what_is_wrong(
    client: Client, kind: str
) -> None:
    for given in UNREADABLE:
        error = await failure_of(client, kind, KINDS[kind], given)
        assert error.type == "invalid_input", given
        assert error.message.startswith("Nothing was done: "), given


@pytest.mark.parametrize("kind", EVERY)
async def test_no_workflow_goes_on_failing_at_an_input_of_another_kind(client: Client, kind: str) -> None:
    for given in NEVER:
        assert (await failure_of(client, kind, EVERY[kind], given)).type == "invalid_input", given


@pytest.mark.parametrize("kind", ALL)
async def test_no_workflow_goes_on_failing_at_a_payload_that_no_converter_reads(client: Client, kind: str) -> None:
    for given in FOREIGN:
        error = await failure_of(client, kind, ALL[kind], [given])
        assert error.type == "invalid_input", given
        assert "expected" in error.message


def test_every_workflow_is_tried() -> None:
    assert {each for kinds in WORKFLOWS.values() for each in (kind.__name__ for kind in kinds)} == set(ALL)


async def test_ids_that_are_numbers_are_taken_by_hand(client: Client, settings: Settings, job: str) -> None:
    started: Handle = await client.start_workflow(
        JOB_POSTING,
        {"customer_id": int(CUSTOMER), "job_id": int(job), "timing": settings.timing.frozen()},
        id=workflow_id(CUSTOMER, job),
        task_queue=Queue.JOB_POSTINGS.value,
        result_type=Receipt,
    )
    await eventually(lambda: state(started), lambda seen: seen.phase is Phase.OPEN)
    await send(client, settings, job)
    receipt = await started.result()
    assert (receipt.customer_id, receipt.job_id, receipt.phase) == (CUSTOMER, job, Phase.CLOSED)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (RESYNC_JOBS, {"job_ids": ["1", "2"], "received_at": "2026-11-22T10:30:00Z", "page_size": 0}),
        (RESYNC_JOBS, {"job_ids": ["1", "2"], "received_at": "2026-11-22T10:30:00Z", "page_size": -1}),
        (ENDPOINT_HEALTH, {"every": "PT0S"}),
        (STILL_LIVE, {"every": "-PT1S"}),
        (COMMON_CAUSE, {"cause": "linkedin.credentials", "every": "PT0S"}),
    ],
)
async def test_no_workflow_goes_round_and_round_at_sizes_and_waits_of_nothing(
    client: Client, kind: str, given: dict[str, Any]
) -> None:
    error = await failure_of(client, kind, EVERY[kind], [{"customer_id": CUSTOMER, **given}])
    assert error.type == "invalid_input"


NAIVE, LAST = "2026-11-01T00:00:00", "9999-12-31T23:59:59Z"
ODD_STATES: list[dict[str, Any]] = [
    {"timing": {"confirm_within": "P999999999D"}},
    {"timing": {"linkedin_task_after": "PT0S"}},
    *(
        {"state": {"customer_id": CUSTOMER, "job_id": "1", "intent": "unposted", **said}}
        for moment in (NAIVE, LAST)
        for said in (
            {"decided": {"at": moment, "by_event": True}},
            {"boards": {"linkedin": {"since": moment, "state": "confirming", "submitted_at": moment}}},
            {"boards": {"linkedin": {"since": "2026-11-01T00:00:00Z", "relisted": [moment]}}},
        )
    ),
]
"""By hand: with a moment without a zone, or at the end of the calendar, nothing can be calculated."""


@pytest.mark.parametrize("said", ODD_STATES, ids=range(len(ODD_STATES)))
async def test_no_lifecycle_goes_on_failing_at_moments_and_waits_with_which_nothing_can_be_calculated(
    client: Client, settings: Settings, job: str, said: dict[str, Any]
) -> None:
    given = {"customer_id": CUSTOMER, "job_id": job, **said}
    broken = await client.start_workflow(
        JOB_POSTING, given, id=workflow_id(CUSTOMER, job), task_queue=Queue.JOB_POSTINGS.value
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await broken.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "invalid_input"
    assert (await (await send(client, settings, job)).result()).phase is Phase.CLOSED


async def test_the_next_event_after_an_unreadable_input_starts_a_sound_lifecycle(
    client: Client, settings: Settings, job: str
) -> None:
    broken = await client.start_workflow(
        JOB_POSTING, "a job", id=workflow_id(CUSTOMER, job), task_queue=Queue.JOB_POSTINGS.value
    )
    with pytest.raises(WorkflowFailureError):
        await broken.result()
    receipt = await (await send(client, settings, job)).result()
    assert receipt.phase is Phase.CLOSED
    assert (await handle(client, job).describe()).status is WorkflowExecutionStatus.COMPLETED
