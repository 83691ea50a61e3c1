"""Cancellation: Temporal's word for "stop". The boards are read once more, and the receipt says who wanted that."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.lifecycle import Stop
from models.operations import FindStop, StopFound
from models.temporal import Queue
from models.texts import clipped
from workflows.boards.job import Job
from workflows.boards.steps import TWICE

with workflow.unsafe.imports_passed_through():
    from activities.lifecycles import LifecycleActivities


def is_cancelled() -> bool:
    """Return whether somebody has asked Temporal to cancel this lifecycle."""
    return workflow.cancellation_reason() is not None


async def who_stopped(job: Job) -> Stop:
    """Return who had the lifecycle cancelled, and why, as far as Temporal tells."""
    now, info = workflow.now(), workflow.info()
    try:
        found: StopFound = await workflow.execute_activity_method(
            LifecycleActivities.stopped_by,
            FindStop(workflow_id=info.workflow_id, run_id=info.run_id),
            task_queue=Queue.JOB_POSTINGS.value,
            summary="Who had the lifecycle stopped?",
            start_to_close_timeout=job.timing.call_timeout,
            retry_policy=TWICE,
        )
    except ActivityError:
        found = StopFound()
    return Stop(at=now, by=found.by, reason=clipped(workflow.cancellation_reason() or "") or None)
