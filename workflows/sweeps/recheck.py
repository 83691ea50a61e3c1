"""Look again at boards after a close: started by a schedule, ended by itself once nothing is due."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy, VersioningBehavior

from models.sweeps import RecheckBatch, Rechecked, RecheckInput
from models.temporal import PROGRESS, RECHECK, Queue, Urgency
from workflows.inputs import read

with workflow.unsafe.imports_passed_through():
    from activities.sweeps.recheck import RecheckActivities

CALL_TIMEOUT = timedelta(minutes=30)
"""A batch may wait for a reading of Indeed's whole listing."""
HEARTBEAT = timedelta(seconds=30)
TRIES = RetryPolicy(maximum_attempts=3, maximum_interval=timedelta(minutes=1))
"""The schedule starts the next run anyway, and what was taken up is free again after a while."""


@workflow.defn(name=RECHECK, versioning_behavior=VersioningBehavior.PINNED)
class Recheck:
    """Take up the checks that are due, batch by batch."""

    @workflow.init
    def __init__(self, *given: Any) -> None:
        """Nothing was looked at yet."""
        self._asked, self._unreadable = read(RecheckInput, given, example='{"batch": 500}', instead=RecheckInput())
        self._done = Rechecked()

    @workflow.query(name=PROGRESS, description="What was looked at so far")
    def progress(self) -> Rechecked:
        """Return what was looked at so far."""
        return self._done

    @workflow.run
    async def run(self, *_: Any) -> Rechecked:
        """Work until nothing is due."""
        if self._unreadable is not None:
            raise self._unreadable
        for _number in range(self._asked.batches):
            seen = await self._batch(self._asked.batch)
            self._done = self._done.plus(seen)
            workflow.set_current_details(details(self._done))
            if seen.looked + seen.put_off == 0:
                break
        return self._done

    async def _batch(self, limit: int) -> Rechecked:
        seen: Rechecked = await workflow.execute_activity_method(
            RecheckActivities.batch,
            RecheckBatch(owner=workflow.info().run_id, limit=limit),
            task_queue=Queue.OPERATIONS.value,
            summary="Look again where that is due",
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=TRIES,
            priority=Priority(priority_key=Urgency.CHECK),
        )
        return seen


def details(done: Rechecked) -> str:
    """Render what people read of it: Markdown."""
    lines = [f"Looked {done.looked} time(s) at a board after a close.", ""]
    lines += [f"- {kind.value}: {count}" for kind, count in done.found.items()]
    if done.put_off:
        lines.append(f"- put off: {done.put_off} ({done.reason})")
    return "\n".join(lines)
