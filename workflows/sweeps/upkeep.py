"""Once a day: tell others how far the ledger has come, and remove what was kept for long enough."""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, VersioningBehavior

from models.notices import CheckpointNotice
from models.temporal import LEDGER_UPKEEP, NOTIFICATION, PROGRESS, Queue
from models.upkeep import HeadRead, Removed, RemoveOld, SignedHead, UpkeepInput, Upkept
from workflows.inputs import read

with workflow.unsafe.imports_passed_through():
    from activities.sweeps.upkeep import UpkeepActivities

CALL_TIMEOUT = timedelta(minutes=5)
PATIENCE = timedelta(hours=12)
"""The store may be away for hours; the next day's run comes anyway."""
TRIES = RetryPolicy(maximum_interval=timedelta(minutes=1))


@workflow.defn(name=LEDGER_UPKEEP, versioning_behavior=VersioningBehavior.PINNED)
class LedgerUpkeep:
    """Sign and tell the checkpoint, then remove old bodies in batches."""

    @workflow.init
    def __init__(self, *given: Any) -> None:
        """Have done nothing yet."""
        self._asked, self._unreadable = read(UpkeepInput, given, example='{"batch": 5000}', instead=UpkeepInput())
        self._done = Upkept()

    @workflow.query(name=PROGRESS, description="What was done so far")
    def progress(self) -> Upkept:
        """Return what was done so far."""
        return self._done

    @workflow.run
    async def run(self, *_: Any) -> Upkept:
        """Work until both are done. The checkpoint goes first: it is the proof that removing changes no hash."""
        if self._unreadable is not None:
            raise self._unreadable
        read: HeadRead = await workflow.execute_activity_method(
            UpkeepActivities.checkpoint,
            task_queue=Queue.OPERATIONS.value,
            summary="How far has the ledger come?",
            start_to_close_timeout=CALL_TIMEOUT,
            schedule_to_close_timeout=PATIENCE,
            retry_policy=TRIES,
        )
        self._note(Upkept(head=read.head, reason=read.reason))
        if read.head is not None and read.wanted:
            self._note(self._done.model_copy(update={"told_by": await _tell(read.head)}))
        for _number in range(self._asked.batches):
            removed = await self._remove(self._asked.batch)
            self._note(self._done.model_copy(update={"removed": self._done.removed + removed}))
            if removed < self._asked.batch:
                break
        return self._done

    async def _remove(self, limit: int) -> int:
        removed: Removed = await workflow.execute_activity_method(
            UpkeepActivities.remove_old,
            RemoveOld(limit=limit),
            task_queue=Queue.OPERATIONS.value,
            summary="Remove bodies that were kept for long enough",
            start_to_close_timeout=CALL_TIMEOUT,
            schedule_to_close_timeout=PATIENCE,
            retry_policy=TRIES,
        )
        return removed.count

    def _note(self, done: Upkept) -> None:
        self._done = done
        workflow.set_current_details(details(done))


async def _tell(head: SignedHead) -> str:
    """Start the telling of a checkpoint, which goes on for days if need be; return its workflow's id."""
    id_ = f"notification-checkpoint-{workflow.info().run_id}"
    await workflow.start_child_workflow(
        NOTIFICATION,
        CheckpointNotice(
            id=f"msg_{workflow.uuid4().hex}",
            at=workflow.now(),
            log=head.log,
            size=head.size,
            root=head.root,
            note=head.note,
        ),
        id=id_,
        task_queue=Queue.NOTIFICATIONS.value,
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        static_summary=f"Tell the ledger's checkpoint at {head.size} receipts",
    )
    return id_


def details(done: Upkept) -> str:
    """Render what people read of it: Markdown."""
    head = done.head
    lines = [f"The ledger {head.log} holds {head.size} receipts." if head is not None else str(done.reason)]
    if done.told_by is not None:
        lines.append(f"Others are told by `{done.told_by}`.")
    lines.append(f"Bodies removed after their time: {done.removed}. Their hashes stay.")
    return "\n\n".join(lines)
