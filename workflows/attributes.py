"""Which search attributes there are: an upsert of another one would fail the workflow task again and again."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from models.temporal import Queue

with workflow.unsafe.imports_passed_through():
    from activities.lifecycles import LifecycleActivities

CALL_TIMEOUT = timedelta(minutes=1)
RETRIES = RetryPolicy(maximum_interval=timedelta(minutes=1))


async def known_attributes() -> tuple[str, ...] | None:
    """Ask which search attributes the namespace has; None for all."""
    known = await workflow.execute_activity_method(
        LifecycleActivities.attributes,
        task_queue=Queue.OPERATIONS.value,
        summary="Which search attributes does the namespace have?",
        start_to_close_timeout=CALL_TIMEOUT,
        retry_policy=RETRIES,
    )
    return known.names
