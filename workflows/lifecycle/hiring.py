"""Hires that fill a job: counted once per recruiting workflow, taken back when a candidate leaves."""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.boards import Attention
from models.calls.icims import IcimsPositions, Positions
from models.events import Hire
from models.lifecycle import Lifecycle
from models.problems import Category, Problem
from models.states import Intent
from models.temporal import Queue
from workflows.boards.job import Job
from workflows.patience import wait_after
from workflows.problems import problem_of
from workflows.waits import holds_within

with workflow.unsafe.imports_passed_through():
    from activities.icims import IcimsActivities

HIRES_KEPT = 1000
"""Keys, by which a repeat is known; of a job with more hires the oldest are only a number."""

NOT_WANTED = "a-number-that-is-not-wanted-any-more-asks-nobody"
"""The change after which nobody is asked for a number of positions that failed once somebody else had decided."""

TAKEN_BACK_AFTER_CLOSE = Problem(
    category=Category.HIRE_TAKEN_BACK,
    reason="A hire was taken back after the job had been closed on the boards.",
    remedy="If the position is open again, post the job again in iCIMS. If it stays closed, send the signal `close`.",
)


class Hiring:
    """Count hires and say when they fill the job.

    The verdict is given by calling `decide` with the intent that follows, which tells whether that is news;
    attention is the job's, not a board's.
    """

    def __init__(self, job: Job, state: Lifecycle, decide: Callable[[Intent], bool]) -> None:
        """Take up the count where the state stands."""
        self.hires, self.earlier = state.hires, state.earlier_hires
        self.needed = state.hires_needed
        self.wanted = state.positions_wanted
        self.closed = state.closed_by_hires
        self.attention = state.attention
        self._job = job
        self._decide = decide
        self._epoch = 0
        self._hurry = False

    def hear(self, hire: Hire, *, late: bool = False) -> None:
        """Take an event; a repeat changes nothing, and one that is late is counted and decides nothing."""
        # Counted under the secret of its time; kept under the present one, which may soon be the previous.
        spellings = (hire.key, *hire.other_keys)
        counted = any(key in self.hires for key in spellings)
        self.hires = tuple(dict.fromkeys(hire.key if key in spellings else key for key in self.hires))
        # One taken back whose key is not kept is one of the earlier.
        one_of_the_earlier = not hire.filled and not counted and self.earlier > 0
        if hire.filled == counted and not hire.after_close and not one_of_the_earlier:
            return
        if hire.filled and not counted:
            kept = (*self.hires, hire.key)
            self.hires, self.earlier = kept[-HIRES_KEPT:], self.earlier + len(kept[:-HIRES_KEPT])
        elif one_of_the_earlier:
            self.earlier -= 1
        elif not hire.filled:
            self.hires = tuple(key for key in self.hires if key != hire.key)
        if hire.close_when == "first_hire":
            self.needed = 1
        if late:
            self._job.changed()
            return
        if not hire.filled:
            if hire.after_close:
                self.closed = False
                self._ask(TAKEN_BACK_AFTER_CLOSE)
            self._reopen_unless_filled()
        elif hire.close_when == "first_hire":
            self._close_if_filled()
        else:
            # Read each time: recruiters change the number while they hire.
            self.wanted = True
        self._job.changed()

    def forget_verdict(self) -> None:
        """Note that somebody else decided the intent: later hires may decide again, earlier ones no more."""
        self.closed = self.wanted = False
        self.attention = None
        self._epoch += 1

    def retry(self) -> None:
        """Try again what asked for attention, at once."""
        self._hurry, self._job.anew_since = True, workflow.now()
        if self._stuck:
            self.attention = None

    def go_on(self, cause: str) -> None:
        """Try again what a cause has stopped; what asks for a person stays until it gets through."""
        asked = self.attention
        if asked is not None and asked.cause == cause and not asked.retrying:
            self.attention = asked.model_copy(update={"retrying": True})
            self._hurry, self._job.anew_since = True, workflow.now()

    async def run(self) -> None:
        """Read the number of positions whenever it is wanted."""
        while True:
            await workflow.wait_condition(lambda: self.wanted and not self._stuck)
            counted, epoch = (self.hires, self.earlier), self._epoch
            try:
                answer = await self._job.unless_ending(self._positions())
            except ActivityError as error:
                if epoch != self._epoch and workflow.patched(NOT_WANTED):
                    continue
                problem = problem_of(error)
                self._ask(problem)
                wait = self._job.timing.confirm_max if problem.paused else wait_after(error, self._job.retry_policy)
                await self._pause(wait)
                continue
            if self.attention is not None and self.attention.retrying:
                self.attention = None
            self.needed = None if answer.never else answer.count
            if epoch == self._epoch:
                # A hire that came meanwhile wants the number read anew.
                self.wanted = counted != (self.hires, self.earlier)
                self._close_if_filled()
                self._reopen_unless_filled()
            self._job.changed()

    def _positions(self) -> workflow.ActivityHandle[Positions]:
        return workflow.start_activity_method(
            IcimsActivities.positions,
            IcimsPositions(customer_id=self._job.customer_id, job_id=self._job.job_id, anew_since=self._job.anew_since),
            task_queue=Queue.JOB_POSTINGS.value,
            summary="Ask iCIMS how many positions the job has",
            start_to_close_timeout=self._job.timing.call_timeout,
            schedule_to_close_timeout=self._job.timing.attention_after,
            retry_policy=self._job.retry_policy,
        )

    async def _pause(self, wait: timedelta) -> None:
        """Wait, unless a person asks for it at once, or alone can help, or somebody else decides meanwhile."""
        self._hurry = False
        await holds_within(lambda: self._hurry or self._stuck or not self.wanted, wait, "Wait, then ask iCIMS again")

    @property
    def _stuck(self) -> bool:
        """Only a person can get the number of positions; a hire taken back is another matter."""
        asked = self.attention
        return asked is not None and not asked.retrying and asked.category is not Category.HIRE_TAKEN_BACK

    @property
    def count(self) -> int:
        """Return how many hires there are."""
        return len(self.hires) + self.earlier

    @property
    def _filled(self) -> bool:
        return self.needed is not None and self.count >= self.needed

    def _close_if_filled(self) -> None:
        if self._filled and not self.closed:
            # A job that a recruiter has unposted stays so when a hire is taken back.
            self.closed = self._decide(Intent.UNPOSTED)
            self.attention = None

    def _reopen_unless_filled(self) -> None:
        if self.closed and not self._filled:
            self.closed = False
            self._decide(Intent.POSTED)

    def _ask(self, problem: Problem) -> None:
        self.attention = Attention.of(
            problem, now=workflow.now(), before=self.attention, retrying=True if problem.paused else None
        )
        self._job.changed()
