"""What of a lifecycle is told to others: started here, carried out by the workflow `Notification`."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

from models.base import workflow_id
from models.boards import Attention, IndeedRecord
from models.lifecycle import Lifecycle
from models.notice_types import JobNoticeType, NoticeType
from models.notices import BoardStands, JobNotice
from models.states import ENDED, BoardName, Intent, Phase
from models.temporal import NOTIFICATION, Queue

LISTED_AGAIN = "A board listed the job again after it had been closed; it is being closed once more."
POSTED_AGAIN = "The ATS wants the job posted again after it had wanted it taken down."


class Notifying:
    """See what is to be told, once each; the lifecycle waits for the start of the telling alone."""

    def __init__(
        self, state: Lifecycle, changed: Callable[[], None], wanted: Callable[[JobNoticeType], bool] = lambda _: True
    ) -> None:
        """Take up what an earlier run has told.

        `changed` is called when the telling of something has been started; `wanted` says whether anybody is to be told.
        """
        self.told = state.notified
        self._changed, self._wanted = changed, wanted
        self._waiting: deque[JobNotice] = deque()

    @property
    def done(self) -> bool:
        """Return whether the telling of everything seen has been started."""
        return not self._waiting

    def closed_before(self) -> None:
        """Note that an earlier lifecycle of this job has ended as closed."""
        self.told = (*self.told, Intent.UNPOSTED.value)

    def knows(self, lifecycle: Lifecycle) -> None:
        """Take the present state as told."""
        self.look(lifecycle)
        self._waiting.clear()

    def look(self, lifecycle: Lifecycle) -> None:
        """See what is new in the state: a job closed, an attention that was not there, a job reopened."""
        now: list[str] = []
        if lifecycle.intent is Intent.UNPOSTED:
            now.append(Intent.UNPOSTED.value)
        elif Intent.UNPOSTED.value in self.told:
            self._add(lifecycle, NoticeType.REOPENED, reason=POSTED_AGAIN)
        if lifecycle.reopened:
            key = f"reopened:{lifecycle.reopened}"
            now.append(key)
            if key not in self.told:
                self._add(lifecycle, NoticeType.REOPENED, reason=LISTED_AGAIN)
        for board, asked in attentions(lifecycle):
            if asked.cause is not None:
                continue  # told once for all the jobs that wait for it
            key = f"{board or 'job'}:{asked.category}:{asked.since.isoformat()}"
            now.append(key)
            if key not in self.told:
                self._add(lifecycle, NoticeType.ATTENTION, board=board, attention=asked)
        if lifecycle.phase in ENDED:
            now.append(Phase.CLOSED.value)
            if Phase.CLOSED.value not in self.told:
                self._add(lifecycle, NoticeType.CLOSED)
        self.told = tuple(now)

    async def run(self) -> None:
        """Start the telling of whatever waits."""
        while True:
            await workflow.wait_condition(lambda: bool(self._waiting))
            notice = self._waiting[0]
            kind = notice.type.value.removeprefix("job.")
            with suppress(WorkflowAlreadyStartedError):
                await workflow.start_child_workflow(
                    NOTIFICATION,
                    notice,
                    id=f"notification-{workflow_id(notice.customer_id, notice.job_id)}-{kind}-{notice.id[-12:]}",
                    task_queue=Queue.NOTIFICATIONS.value,
                    # It goes on, for three days if need be, when the lifecycle has ended.
                    parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                    static_summary=f"Tell {notice.type} of job {notice.job_id}",
                )
            self._waiting.popleft()
            self._changed()

    def _add(self, lifecycle: Lifecycle, kind: JobNoticeType, **fields: Any) -> None:
        if self._wanted(kind):
            self._waiting.append(notice_of(lifecycle, kind, **fields))


def notice_of(lifecycle: Lifecycle, kind: JobNoticeType, **fields: Any) -> JobNotice:
    """Write what is told of a lifecycle as it stands."""
    return JobNotice(
        id=f"msg_{workflow.uuid4().hex}",
        type=kind,
        at=workflow.now(),
        customer_id=lifecycle.customer_id,
        job_id=lifecycle.job_id,
        intent=lifecycle.intent,
        phase=lifecycle.phase,
        boards=_boards(lifecycle),
        **fields,
    )


def attentions(lifecycle: Lifecycle) -> list[tuple[BoardName | None, Attention]]:
    """Return what a lifecycle asks of a person: the job as a whole, then each board."""
    asked: list[tuple[BoardName | None, Attention | None]] = [(None, lifecycle.attention)]
    asked += [(board, track.attention) for board, track in lifecycle.boards.used]
    return [(board, attention) for board, attention in asked if attention is not None]


def _boards(lifecycle: Lifecycle) -> dict[str, BoardStands]:
    return {
        board.value: BoardStands(
            state=track.state,
            outcome=track.outcome,
            posting=track.posting if isinstance(track, IndeedRecord) else None,
            since=track.since,
        )
        for board, track in lifecycle.boards.used
    }
