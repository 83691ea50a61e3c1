"""Drive and watch lifecycles."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from config.customers import Customer
from config.settings import Settings
from models.base import workflow_id
from models.boards import Attention, BoardRecord, IndeedRecord, LinkedInRecord
from models.bulk import BulkProgress
from models.events import AtsEvent
from models.lifecycle import Lifecycle, Receipt
from models.problems import Category
from models.states import Intent, Phase
from models.temporal import LIFECYCLE
from tests.support.boards import CUSTOMER, Boards
from webhook_gateway.dispatch import Dispatcher

Handle = WorkflowHandle[Any, Receipt]
T = TypeVar("T")
QUERY_TRIES = 4
WITHIN = 60.0
"""Seconds: no test depends on it, but one that fails says what it saw last before pytest's own timeout ends it."""
FIRST_PAUSE, SLOWER, LONGEST_PAUSE = 0.05, 1.2, 0.4
"""Each probe asks a server and a worker, which have other tests' work to do."""


def event(intent: Intent = Intent.UNPOSTED) -> AtsEvent:
    """Make an event as the gateway does."""
    kind = "JobUnpostToWebEvent" if intent is Intent.UNPOSTED else "JobPostToWebEvent"
    return AtsEvent(event_type=kind, intent=intent, user_id="121", received_at=datetime.now(UTC))


async def send(client: Client, settings: Settings, job_id: str, intent: Intent = Intent.UNPOSTED) -> Handle:
    """Hand an event to Temporal by the gateway's own dispatcher."""
    await Dispatcher(client, settings).ats_event(customer_of(settings), job_id, event(intent))
    return handle(client, job_id)


def linkedin_of(seen: Lifecycle | Receipt) -> LinkedInRecord:
    """Return LinkedIn's side of a lifecycle."""
    assert seen.boards.linkedin is not None
    return seen.boards.linkedin


def indeed_of(seen: Lifecycle | Receipt) -> IndeedRecord:
    """Return Indeed's side of a lifecycle."""
    assert seen.boards.indeed is not None
    return seen.boards.indeed


def attention_of(asking: Lifecycle | BoardRecord | BulkProgress) -> Attention:
    """Return what a lifecycle as a whole, one of its boards, or a run over many jobs asks of a person."""
    assert asking.attention is not None
    return asking.attention


def customer_of(settings: Settings) -> Customer:
    """Return the customer of the tests' jobs."""
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    return customer


def handle(client: Client, job_id: str) -> Handle:
    """Return a handle of a lifecycle."""
    return client.get_workflow_handle(workflow_id(CUSTOMER, job_id), result_type=Receipt)


async def state(lifecycle: Handle) -> Lifecycle:
    """Query a lifecycle; a worker with much else to do may answer late."""
    for _ in range(QUERY_TRIES - 1):
        try:
            return await _state(lifecycle)
        except RPCError as error:
            if error.status not in {RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED}:
                raise
    return await _state(lifecycle)


async def shown_phases(lifecycle: Handle) -> list[str]:
    """Return the phases that the newest run of a lifecycle showed, in order."""
    shown = []
    for each in (await lifecycle.fetch_history()).events:
        upserted = each.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
        if "Phase" in upserted:
            shown.append(json.loads(upserted["Phase"].data))
    return shown


async def in_phase(lifecycle: Handle, phase: Phase) -> Lifecycle:
    """Wait for a phase."""
    return await eventually(lambda: state(lifecycle), lambda seen: seen.phase is phase)


async def asks(lifecycle: Handle, board_of: Callable[[Lifecycle], BoardRecord], category: Category) -> Lifecycle:
    """Wait until a board asks for a person for that reason.

    Another reason may come first where a machine under load takes up no step in time; it mends itself.
    """

    def has_asked(seen: Lifecycle) -> bool:
        attention = board_of(seen).attention
        return seen.phase is Phase.ATTENTION and attention is not None and attention.category is category

    return await eventually(lambda: state(lifecycle), has_asked)


async def without_slots(client: Client, settings: Settings, boards: Boards, job_id: str) -> Handle:
    """Unpost a job for which LinkedIn has no slots, and wait until a person is asked."""
    refusal = {"status": 402, "body": {"message": "no slots"}, "times": None}
    await boards.fault("linkedin", "submit", "http", job_id=job_id, **refusal)
    lifecycle = await send(client, settings, job_id)
    await asks(lifecycle, linkedin_of, Category.OUT_OF_SLOTS)
    return lifecycle


async def _state(lifecycle: Handle) -> Lifecycle:
    found: Lifecycle = await lifecycle.query(LIFECYCLE, result_type=Lifecycle)
    return found


async def eventually(
    probe: Callable[[], Awaitable[T]],
    accept: Callable[[T], bool],
    *,
    within: float = WITHIN,
    every: float | None = None,
) -> T:
    """Probe until the value is accepted, `every` so many seconds or else ever more seldom; fail with the last value."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within
    pause = FIRST_PAUSE
    while True:
        value = await probe()
        if accept(value):
            return value
        assert loop.time() < give_up, f"not within {within} s; last: {str(value)[:2000]}"
        await asyncio.sleep(every or pause)
        pause = min(pause * SLOWER, LONGEST_PAUSE)


async def forget(client: Client, lifecycle: str) -> None:
    """Have Temporal forget every run of a workflow, as when its retention is over; its visibility may still show it."""

    async def shown() -> list[str]:
        return [run.run_id or "" async for run in client.list_workflows(f"WorkflowId = '{lifecycle}'")]

    runs = await eventually(shown, bool)
    for run_id in runs:
        execution = WorkflowExecution(workflow_id=lifecycle, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
        await client.workflow_service.delete_workflow_execution(request)

    async def left(run_id: str) -> bool:
        try:
            await client.get_workflow_handle(lifecycle, run_id=run_id).describe()
        except RPCError as error:
            return error.status is not RPCStatusCode.NOT_FOUND
        return True

    for run_id in runs:
        await eventually(partial(left, run_id), lambda left: not left)
