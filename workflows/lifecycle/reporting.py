"""Reporting back: iCIMS is told how every board stands, once for each state that lasts, and never holds up a board."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from models.boards import BoardRecord
from models.calls.icims import BoardStatus, IcimsReport
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import ENDED, BoardName, BoardState, Intent, Live, Outcome
from models.temporal import Queue
from workflows.boards.job import Job
from workflows.patience import wait_after
from workflows.problems import problem_of
from workflows.waits import holds_within

with workflow.unsafe.imports_passed_through():
    from activities.icims import IcimsActivities

ONCE = RetryPolicy(maximum_attempts=1)
"""The lifecycle waits itself: people see why, and what is told next is how the boards stand then."""
LISTED_FOR = timedelta(days=180)
"""The planned end of a posting: LinkedIn lists a job for 180 days unless told otherwise."""
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=30)
FINAL = frozenset({Category.NOT_FOUND, Category.CONFIGURATION})
"""Refusals that no waiting mends: iCIMS has no such job, or reporting was switched off."""
UNPROVEN = {Intent.POSTED: "Posting in Progress", Intent.UNPOSTED: "Deletion in Progress"}
"""What is said of a board of which nothing is proven."""
SPREAD = 0.1
LONGEST_SPREAD = timedelta(minutes=15)
"""What waits until iCIMS's midnight must not all come at midnight: a tenth of the wait, at most this."""
UNDER_WAY = frozenset({BoardState.WORKING, BoardState.CONFIRMING})
UNDATED = "iCIMS wants to know since when a job is posted, and neither the ATS's events nor the board have said so."


def status_of(track: BoardRecord, intent: Intent) -> str | None:
    """Return a board's status in iCIMS's words (Job Distributor API); None where there is nothing to tell.

    *Unposted* is said only of a board that was read as no longer showing the posting.
    """
    if intent is Intent.POSTED:
        if track.state is BoardState.IDLE and track.outcome is None:
            return None  # only watched, and never seen
        if track.outcome not in {Outcome.LIVE, Outcome.UPDATED, Outcome.CLEARED}:
            return UNPROVEN[intent]
        return "Expired" if track.live == Live.NOT_LIVE else "Live"
    if track.outcome == Outcome.NOT_FOUND:
        return None
    return "Unposted" if track.state is BoardState.SETTLED and track.live == Live.NOT_LIVE else UNPROVEN[intent]


class Reporting:
    """Report how the boards stand, all of them in one call, until iCIMS has taken it."""

    def __init__(self, job: Job, state: Lifecycle, look: Callable[[], Lifecycle]) -> None:
        """Take up where the state stands; `look` gives the lifecycle as it is."""
        self.reported = state.reported
        self.failed = state.report_failed
        self.given_up = state.report_given_up
        self.after = state.report_after
        self.failing_since = state.report_failing_since
        self.all_boards = state.report_all
        self._job = job
        self._look = look
        self._sent_at: datetime | None = None
        self._failing_from: datetime | None = None

    @property
    def done(self) -> bool:
        """Return whether the ATS knows how the boards stand, or will not be told."""
        return not self._look().report_due

    def due(self, lifecycle: Lifecycle) -> bool:
        """Return whether the ATS is still to be told how these boards stand."""
        statuses = self._statuses(lifecycle)
        return bool(lifecycle.received and statuses) and statuses not in (self.reported, self.given_up)

    def knows(self, reported: dict[str, str] | None) -> None:
        """Take up what an earlier lifecycle has reported: of how the boards stand now nothing is told again."""
        self.reported = reported
        self.given_up = self._statuses(self._look())

    def trouble(self, lifecycle: Lifecycle) -> str | None:
        """Return why the ATS was not told of every board; None where it was, or is going to be."""
        return self.failed or (self._undated(lifecycle) if lifecycle.phase in ENDED else None)

    async def run(self) -> None:
        """Report whatever lasts, until it is taken."""
        while True:
            await workflow.wait_condition(lambda: not self.done)
            await self._as_long_as_asked()
            if not await self._lasts():
                continue
            lifecycle = self._look()
            statuses = self._statuses(lifecycle)
            try:
                await self._send(lifecycle, statuses)
            except ActivityError as error:
                self._note_failure(error, statuses)
            else:
                self.reported, self.failed, self.failing_since = statuses, None, None
                self.given_up = self._failing_from = None
            self._sent_at = workflow.now()
            self._job.changed()

    async def _as_long_as_asked(self) -> None:
        """Wait as long as iCIMS has asked to, also where an earlier run was asked."""
        if self.after is not None:
            await holds_within(lambda: self.done, self.after - workflow.now(), "Wait, then tell iCIMS again")
            self.after = None

    async def _lasts(self) -> bool:
        """Wait until the state has lasted; return False where there is nothing to report any more."""
        if not self._at_rest():
            await holds_within(
                lambda: self._at_rest() or self.done, self._job.timing.report_every, "Does it last? Then tell iCIMS"
            )
        if self._sent_at is not None and not self._ended():
            wait = self._sent_at + self._job.timing.report_every - workflow.now()
            if wait > timedelta(0):
                await holds_within(lambda: self._ended() or self.done, wait, "Wait for more changes to tell iCIMS")
        return not self.done

    async def _send(self, lifecycle: Lifecycle, statuses: dict[str, str]) -> None:
        starts = self._starts(lifecycle)
        posts = tuple(
            _post(board, track, statuses[board.value], starts[board])
            for board, track in lifecycle.boards.used
            if board.value in statuses
        )
        report = workflow.start_activity_method(
            IcimsActivities.report,
            IcimsReport(customer_id=self._job.customer_id, job_id=self._job.job_id, boards=posts),
            task_queue=Queue.JOB_POSTINGS.value,
            summary="Tell iCIMS how the boards stand",
            start_to_close_timeout=self._job.timing.call_timeout,
            schedule_to_close_timeout=self._job.timing.attention_after,
            retry_policy=ONCE,
        )
        await self._job.unless_ending(report)

    def _note_failure(self, error: ActivityError, statuses: dict[str, str]) -> None:
        problem, now = problem_of(error), workflow.now()
        self.failed = problem.reason
        # A board may be missing that an earlier lifecycle reported: iCIMS does not say how it words that.
        self.all_boards = self.all_boards or problem.category is Category.INVALID_POSTING
        self.failing_since = self.failing_since or now
        if (problem.category in FINAL and not problem.paused) or now - self.failing_since > GIVEN_UP_AFTER:
            # The next change is reported all the same, with all boards.
            self.given_up, self.failing_since = statuses, None
            return
        wait = self._job.timing.confirm_max if problem.paused else wait_after(error, self._job.retry_policy)
        if problem.paused:
            self._failing_from = None
        elif problem.retry_after is None:
            self._failing_from = self._failing_from or now
            wait = max(wait, min(now - self._failing_from, LONGEST_WAIT))
        else:
            # To wait until midnight is no failure, after which one that passes would be waited for as long again.
            self._failing_from = None
        self.after = now + wait + min(wait * SPREAD, LONGEST_SPREAD) * workflow.random().random()

    def _statuses(self, lifecycle: Lifecycle) -> dict[str, str]:
        """Return what is to be told of each board that can be dated."""
        starts = self._starts(lifecycle)
        return {board.value: status for board, status in self._words(lifecycle).items() if board in starts}

    def _words(self, lifecycle: Lifecycle) -> dict[BoardName, str]:
        """Return how each board stands in iCIMS's words; of one with nothing new, what was told before.

        iCIMS wants every board each time that it was once told of. Where this lifecycle does not know of which it was,
        and iCIMS refuses, every board is told of, with a status that claims nothing.
        """
        told = self.reported or {}
        found = {
            board: status_of(track, lifecycle.intent) or told.get(board.value) for board, track in lifecycle.boards.used
        }
        if self.all_boards:
            return {board: status or UNPROVEN[lifecycle.intent] for board, status in found.items()}
        return {board: status for board, status in found.items() if status is not None}

    def _at_rest(self) -> bool:
        return not any(track.state in UNDER_WAY for _, track in self._look().boards.used)

    def _ended(self) -> bool:
        return self._look().phase in ENDED

    def _undated(self, lifecycle: Lifecycle) -> str | None:
        starts = self._starts(lifecycle)
        left_out = [board.label for board in self._words(lifecycle) if board not in starts]
        return f"It was not told of {' and '.join(left_out)}: {UNDATED}" if left_out else None

    def _starts(self, lifecycle: Lifecycle) -> dict[BoardName, datetime]:
        """Return since when each board has the posting, as far as anybody said so: iCIMS takes no report without it.

        Of a board that iCIMS may insist on: the earliest moment that is known of the job.
        """
        starts = {board: track.there_since or lifecycle.posted_at for board, track in lifecycle.boards.used}
        known = {board: start for board, start in starts.items() if start is not None}
        if not self.all_boards:
            return known
        earliest = min([*known.values(), *(each.at for each in lifecycle.received)], default=None)
        return known if earliest is None else dict.fromkeys(starts, earliest) | known


def _post(board: BoardName, track: BoardRecord, status: str, start: datetime) -> BoardStatus:
    end = track.since if status in {"Unposted", "Expired"} else max(start + LISTED_FOR, workflow.now())
    return BoardStatus(board=board, status=status, start=min(start, end), end=end)
