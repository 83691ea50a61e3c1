"""Signal many lifecycles, page by page."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

from models.base import Model
from models.operations import PAGE_SIZE, LifecyclePage, ListLifecycles, Signalled, SignalLifecycles
from models.temporal import Queue

with workflow.unsafe.imports_passed_through():
    from activities.lifecycles import LifecycleActivities

CALL_TIMEOUT = timedelta(minutes=1)
UNHURRIED_TIMEOUT = timedelta(minutes=30)
"""For a page that is told at a pace, which heartbeats."""
RETRIES = RetryPolicy(maximum_interval=timedelta(minutes=1))


async def lifecycles(query: str, page_token: str | None, *, page_size: int = PAGE_SIZE) -> LifecyclePage:
    """Return one page of the lifecycles that a visibility query finds."""
    page: LifecyclePage = await workflow.execute_activity_method(
        LifecycleActivities.list,
        ListLifecycles(query=query, page_token=page_token, page_size=page_size),
        task_queue=Queue.OPERATIONS.value,
        summary="Find lifecycles",
        start_to_close_timeout=CALL_TIMEOUT,
        retry_policy=RETRIES,
    )
    return page


async def signal_each(
    workflow_ids: tuple[str, ...], signal: str, message: Model, *, a_second: int | None = None
) -> Signalled:
    """Send the same signal to each of these lifecycles, where they run; with `a_second` in no hurry."""
    call: dict[str, Any] = message.model_dump(mode="json")
    signalled: Signalled = await workflow.execute_activity_method(
        LifecycleActivities.signal,
        SignalLifecycles(workflow_ids=workflow_ids, signal=signal, message=call, a_second=a_second),
        task_queue=Queue.OPERATIONS.value,
        summary=f"Signal {signal} to {len(workflow_ids)} lifecycles",
        start_to_close_timeout=CALL_TIMEOUT if a_second is None else UNHURRIED_TIMEOUT,
        heartbeat_timeout=None if a_second is None else CALL_TIMEOUT,
        retry_policy=RETRIES,
    )
    return signalled
