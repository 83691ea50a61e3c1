"""Submissions to LinkedIn: sent once for each wish, and remembered where a newer wish supersedes them."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from temporalio import workflow

from models.calls.linkedin import (
    LinkedInClose,
    LinkedInPost,
    LinkedInSubmitted,
)
from models.states import BoardState, Operation
from workflows.boards.job import Interrupted
from workflows.boards.linkedin.relisting import Relisting
from workflows.boards.linkedin.submissions import begun_anew, superseded

with workflow.unsafe.imports_passed_through():
    pass


class Writing(Relisting):
    """Send LinkedIn what is wanted."""

    def _start_over(self) -> dict[str, Any]:
        return begun_anew(self.view, unsettled=self._unsettled, now=workflow.now())

    async def _write(
        self,
        operation: Operation,
        activity: Callable[[Any, Any], Awaitable[LinkedInSubmitted]],
        call: LinkedInClose | LinkedInPost,
        summary: str,
    ) -> LinkedInSubmitted:
        """Submit, and remember a submission that is superseded while it is under way."""
        try:
            answer = await self._call(activity, call, summary=summary)
        except Interrupted as interrupted:
            seen = cast("LinkedInSubmitted | None", interrupted.answer)
            self._update(**superseded(self.view, operation, seen, begun=interrupted.begun, now=workflow.now()))
            raise
        self._job.titled(answer.title)
        return answer

    async def _let_linkedin_work(self) -> None:
        """Give LinkedIn's task its time, unless LinkedIn has said meanwhile that something changed."""
        if self.view.task_id is None or self.view.look:
            return
        closing = self.view.operation == Operation.CLOSE
        what = "LinkedIn carries out the close" if closing else "LinkedIn takes the job up"
        self._enter(BoardState.CONFIRMING, awaiting=what)
        await self._pause(self._job.timing.linkedin_task_after, what)
