"""Taking the agency's overlay off a job at Indeed, and reading back that nothing of it is left."""

from datetime import timedelta

from temporalio import workflow

from models.calls.indeed import (
    IndeedClear,
    IndeedClearedBack,
    IndeedShown,
)
from models.problems import Problem
from models.states import BoardState, Outcome
from workflows.boards.indeed.said import Said
from workflows.patience import FIRST_RETRY

with workflow.unsafe.imports_passed_through():
    from activities.indeed.jobs import IndeedActivities

FIND_TIMEOUT = timedelta(minutes=30)
"""A listing of 2,000 pages at 2.5 requests a second takes 14 minutes, behind another one twice that."""


class Clearing(Said):
    """Clear every posting of the job."""

    async def _clear_all(self) -> Outcome | None:
        """Clear every posting and read all back; return None where they turn out to be others."""
        while True:
            shown = await self._send_clears()
            if self._absent is not None:
                return self._absent
            if shown is None:
                shown = await self._confirm_cleared()
            if shown.lost or shown.again:
                self._update(submitted=False)
            if shown.lost:
                return None
            if not shown.again:
                break
        self._update(written={}, clearing=None, taken_back=None, touched=False, cleared=())
        return shown.outcome

    async def _send_clears(self) -> IndeedShown | None:
        """Clear what is to be cleared; return what Indeed showed right after, where that settles it."""
        while not self.view.submitted and self._absent is None:
            finds = not self.view.located
            self._enter(BoardState.WORKING, awaiting="Indeed is asked to clear the agency's changes")
            cleared = await self._call(
                IndeedActivities.clear,
                IndeedClear(**self._set_by_us(), unseen=self.view.touched, find=finds),
                summary=f"{'Find the job on Indeed and clear' if finds else 'Clear'} the agency's changes",
                heartbeats_for=FIND_TIMEOUT if finds else None,
                note=self._note_clear,
            )
            if cleared.found is not None:
                self._found(cleared.found)
            if cleared.failed is not None:
                await self._before_next_clear(cleared.failed, some=bool(cleared.sent))
            elif self._absent is None:
                attention = self.view.attention
                self._submitted()
                if self.view.sent_again:
                    self._update(attention=attention)
                if cleared.shown is not None:
                    self._keep(*cleared.shown.evidence)
                    self._learn(cleared.shown)
                return cleared.shown
        return None

    async def _before_next_clear(self, problem: Problem, *, some: bool) -> None:
        """Wait before what could not be cleared is tried alone, and fails for itself."""
        wait = self._job.timing.confirm_first if some else FIRST_RETRY
        if some or problem.retried:
            await self._pause(problem.retry_after or wait, "Wait, then clear the other postings")

    async def _confirm_cleared(self) -> IndeedShown:
        self._enter(BoardState.CONFIRMING, awaiting="Indeed is read until none of our changes are left")
        shown = await self._call(
            IndeedActivities.confirm_cleared,
            IndeedClearedBack(**self._set_by_us(), backoff=self._job.backoff),
            summary="Read Indeed back: is it clear?",
            deadline=self._job.timing.confirm_within,
            heartbeats_for=FIND_TIMEOUT,
        )
        self._learn(shown)
        return shown
