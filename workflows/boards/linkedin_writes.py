"""What LinkedIn's track remembers of its writes: a newer wish supersedes one, and LinkedIn may carry it out later."""

from abc import ABC
from collections.abc import Awaitable, Callable
from typing import Any, cast

from temporalio import workflow

from models.calls.linkedin import LinkedInClose, LinkedInPost, LinkedInSubmitted
from models.lifecycle import BoardState, EarlierWrite, LinkedInRecord, Operation
from models.temporal import Queue
from workflows.boards.track import Interrupted, Track

# Operations are compared by value: in the SDK's sandbox an activity's answer has classes of its own.
EARLIER_KEPT = 10


class LinkedInWrites(Track[LinkedInRecord], ABC):
    """Submit to LinkedIn, give it time, and keep what was submitted for an older wish in mind."""

    def _start_over(self) -> dict[str, Any]:
        view = self.view
        earlier = view.earlier
        if self._unsettled and view.task_id is not None and view.operation is not None:
            earlier = _appended(earlier, view.operation, view.task_id)
        return {
            "submitted": False,
            "submitted_at": None,
            "task_id": None,
            "operation": None,
            "moved_from": None,
            "conflict": False,
            "look": False,
            "proven_closed": False,
            "earlier": earlier,
        }

    @property
    def _listing_writes(self) -> tuple[EarlierWrite, ...]:
        """Return the earlier writes that may yet list the job."""
        return tuple(write for write in self.view.earlier if write.operation != Operation.CLOSE)

    async def _write(
        self,
        operation: Operation,
        activity: Callable[[Any, Any], Awaitable[LinkedInSubmitted]],
        call: LinkedInClose | LinkedInPost,
        summary: str,
    ) -> LinkedInSubmitted:
        """Submit, and remember a write that is superseded while it is under way."""
        try:
            return await self._call(activity, call, queue=Queue.LINKEDIN, summary=summary)
        except Interrupted as interrupted:
            answer = cast("LinkedInSubmitted | None", interrupted.answer)
            if answer is not None:
                taken = self._taken(answer)
                if answer.task_id is not None:
                    taken["earlier"] = _appended(self.view.earlier, operation, answer.task_id)
                self._update(**taken | {"task_id": None, "operation": None})
            elif interrupted.begun:
                self._update(earlier=_appended(self.view.earlier, operation, None))
            raise

    def _taken(self, answer: LinkedInSubmitted) -> dict[str, Any]:
        """Return what an answered submission says of the job, as fields of the track."""
        closed = answer.operation == Operation.CLOSE and answer.task_id is not None
        return {
            "task_id": answer.task_id,
            "operation": answer.operation,
            "sent_location": answer.location or self.view.sent_location,
            "created": self.view.created or answer.operation == Operation.CREATE,
            "taken_down": self.view.taken_down or closed,
        }

    async def _let_linkedin_work(self) -> None:
        """Return LinkedIn's task its time, unless LinkedIn has said meanwhile that something changed."""
        if self.view.task_id is None or self.view.look:
            return
        what = (
            "LinkedIn carries out the close" if self.view.operation == Operation.CLOSE else "LinkedIn takes the job up"
        )
        self._enter(BoardState.CONFIRMING, awaiting=what)
        await self._pause(self._job.timing.linkedin_task_after, what)


def _appended(earlier: tuple[EarlierWrite, ...], operation: Operation, task_id: str | None) -> tuple[EarlierWrite, ...]:
    write = EarlierWrite(operation=operation, task_id=task_id, at=workflow.now())
    return (*earlier, write)[-EARLIER_KEPT:]
