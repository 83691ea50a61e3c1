"""Reporting back: iCIMS is told how every board stands, in few calls, and never holds up a board."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.calls.icims import BoardStatus, IcimsReport
from models.lifecycle import BoardRecord, BoardState, IndeedRecord, Intent, Lifecycle, Live, Outcome
from models.temporal import Queue
from workflows.boards.track import Job
from workflows.problems import problem_of
from workflows.waits import holds_within

with workflow.unsafe.imports_passed_through():
    from activities.icims import IcimsActivities

LISTED_FOR = timedelta(days=180)
"""The end date of a live posting: LinkedIn lists a job for 180 days unless told otherwise."""


def status_of(track: BoardRecord, intent: Intent) -> str | None:
    """Return a board's status in iCIMS's words (Job Distributor API); None where nothing is known to be told."""
    if intent is Intent.POSTED:
        # Without the agency's changes the posting itself goes on.
        live = {Outcome.LIVE, Outcome.UPDATED, Outcome.CLEARED}
        return "Live" if track.outcome in live else "Posting in Progress"
    if track.state is not BoardState.SETTLED:
        return "Deletion in Progress"
    if track.outcome == Outcome.NOT_FOUND:
        return None
    ended = isinstance(track, IndeedRecord) and track.posting is Live.NOT_LIVE
    return "Expired" if ended else "Unposted"


class Reporting:
    """Report changes of the boards' status, those that come close together in one call."""

    def __init__(self, job: Job, state: Lifecycle, look: Callable[[], Lifecycle]) -> None:
        """Take up where the state stands; `look` gives the lifecycle as it is."""
        self.reported = state.reported
        self.failed = state.report_failed
        self._job = job
        self._look = look
        self._sent_at: datetime | None = None

    @property
    def done(self) -> bool:
        """Return whether the ATS knows how the boards stand, or will not be told."""
        statuses = self._statuses()
        return not self._look().received or not statuses or statuses == self.reported

    def knows(self) -> None:
        """Take the present state as reported."""
        self.reported = self._statuses()

    async def run(self) -> None:
        """Report whenever there is something new, at most once in `report_every` unless the job is done."""
        while True:
            await workflow.wait_condition(lambda: not self.done)
            await self._let_changes_gather()
            statuses = self._statuses()
            try:
                await self._send(statuses)
                self.failed = None
            except ActivityError as error:
                self.failed = problem_of(error).reason
            # Also after a failure: the next change is reported with all boards again.
            self.reported = statuses
            self._sent_at = workflow.now()
            self._job.changed()

    async def _let_changes_gather(self) -> None:
        if self._sent_at is None:
            return
        wait = self._sent_at + self._job.timing.report_every - workflow.now()
        if wait > timedelta(0):
            await holds_within(self._is_final, wait, "Wait for more changes to report to iCIMS")

    async def _send(self, statuses: dict[str, str]) -> None:
        lifecycle = self._look()
        start = lifecycle.posted_at or workflow.info().start_time
        posts = tuple(
            BoardStatus(
                board=board,
                status=statuses[board.value],
                start=start,
                end=track.since if statuses[board.value] in {"Unposted", "Expired"} else start + LISTED_FOR,
            )
            for board, track in lifecycle.boards.used
            if board.value in statuses
        )
        await workflow.execute_activity_method(
            IcimsActivities.report,
            IcimsReport(customer_id=self._job.customer_id, job_id=self._job.job_id, boards=posts),
            task_queue=Queue.ICIMS.value,
            summary="Tell iCIMS how the boards stand",
            start_to_close_timeout=self._job.timing.call_timeout,
            schedule_to_close_timeout=self._job.timing.attention_after,
            retry_policy=self._job.retry_policy,
        )

    def _statuses(self) -> dict[str, str]:
        lifecycle = self._look()
        found = ((board, status_of(track, lifecycle.intent)) for board, track in lifecycle.boards.used)
        return {board.value: status for board, status in found if status is not None}

    def _is_final(self) -> bool:
        done = {"Unposted", "Expired"} if self._look().intent is Intent.UNPOSTED else {"Live"}
        return set(self._statuses().values()) <= done
