"""One step on one board: an activity that runs until the board has answered, and asks for a person where that lasts."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, RetryState

from models.boards import Evidence
from models.calls.common import asked_anew
from models.configured import Configured
from models.problems import Category, Problem
from models.states import BoardState, Intent, Outcome
from models.temporal import Queue, Urgency
from models.texts import clipped
from workflows.boards.job import Interrupted, Job, Stuck
from workflows.boards.view import View, Viewed
from workflows.patience import OVER, Patience, wait_after
from workflows.problems import problem_of, was_cancelled
from workflows.spread import until_read_again
from workflows.waits import holds_within


class HasEvidence(Protocol):
    """What every activity returns."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the board answered."""


MENDED_BY_OTHERS = frozenset({Category.CLAIMED})
"""Refusals of which nobody tells us when they are over: a person is asked, and the step is tried again meanwhile."""
LAST_LOOK = "Read the board once more, as somebody stops the lifecycle"
TWICE = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=2)
SUMMARY_LIMIT = 200
"""Bytes: Temporal refuses a summary of more than 400 with the whole step of the workflow, and encryption adds some."""
RELEASED_WITHIN = 4
"""Times the longest wait between two tries."""

Call = TypeVar("Call")
Answer = TypeVar("Answer", bound=HasEvidence)


class Steps(Viewed[View], ABC):
    """Run the steps of one board, one at a time, and keep in its view what people should see of them."""

    def __init__(self, job: Job, view: View, intent: Intent) -> None:
        """Take up the work where the view stands."""
        super().__init__(job, view)
        self._intent = intent
        self._interrupted = False
        self._begun_anew = False
        self._paused = False
        self.why: str | None = None
        """What the next step is for, in words: people read it at the step in the timeline."""

    async def _call(
        self,
        activity: Callable[[Any, Call], Awaitable[Answer]],
        call: Call,
        *,
        summary: str,
        deadline: timedelta | None = None,
        heartbeats_for: timedelta | None = None,
        note: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """Run an activity until it succeeds, asking for attention when it lasts.

        `deadline` is how long, from the submission on, a board may go on showing what should be gone;
        `heartbeats_for` is how long a step that tells that it is alive may take; `note` takes an answer also
        where it is no longer wanted.
        Raises Interrupted and Stuck.
        """
        while True:
            if self._interrupted:
                raise Interrupted
            patience = self._patience(deadline)
            handle = self._start(activity, call, summary, patience, heartbeats_for)
            try:
                answer = await self._unless_interrupted(handle)
            except ActivityError as error:
                await self._after_failure(error, patience, deadline, summary)
                continue
            self._go_on_with(answer)
            self._keep(*answer.evidence)
            if note is not None:
                note(answer)
            if self._begun_anew:
                # What was just answered belongs to what is no longer wanted: kept as evidence, not acted upon.
                raise Interrupted(answer)
            return answer

    def _start(
        self,
        activity: Callable[[Any, Call], Awaitable[Answer]],
        call: Call,
        summary: str,
        patience: Patience,
        heartbeats_for: timedelta | None,
    ) -> workflow.ActivityHandle[Answer]:
        timing = self._job.timing
        return workflow.start_activity_method(
            activity,
            asked_anew(call, self._job.anew_since, self._job.digest, paused=self._paused),
            task_queue=Queue.JOB_POSTINGS.value,
            summary=self._with_its_cause(summary),
            start_to_close_timeout=heartbeats_for or timing.call_timeout,
            heartbeat_timeout=timing.call_timeout if heartbeats_for is not None else None,
            schedule_to_close_timeout=patience.lasts,
            retry_policy=patience.retry_policy(self._job.retry_policy),
            # The call in flight finishes and is recorded; TRY_CANCEL would lose sight of it.
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            priority=Priority(priority_key=self._urgency, fairness_key=self._job.customer_id),
        )

    def _go_on_with(self, answer: HasEvidence) -> None:
        """Take up what the configuration says by now; the customer is there, perhaps again."""
        configured = getattr(answer, "configured", None)
        if isinstance(configured, Configured):
            self._job.configured(configured)
        if self._paused:
            self._paused = False
            self._update(attention=None)
            state = BoardState.CONFIRMING if self.view.submitted else BoardState.WORKING
            self._enter(state, awaiting=self.view.awaiting)

    def _with_its_cause(self, summary: str) -> str:
        why, self.why = self.why, None
        return summary if why is None else clipped(f"{why}: {summary}", SUMMARY_LIMIT)

    @property
    def _urgency(self) -> Urgency:
        if self._intent is Intent.UNPOSTED:
            return Urgency.CLOSE
        return Urgency.UPDATE if self._unsettled else Urgency.CHECK

    # --- the last look ------------------------------------------------------------------------------------

    @abstractmethod
    async def _read_once(self) -> Outcome | None:
        """Read the board and write nothing; return what it was read to show, None where that is not certain.

        Raises ActivityError.
        """

    async def last_look(self) -> None:
        """Read the board once more before the lifecycle is stopped; to be called once the track has stopped."""
        outcome: Outcome | None = None
        try:
            outcome = await self._read_once()
        except ActivityError as error:
            self._keep(Evidence(at=workflow.now(), asked=LAST_LOOK, answered=problem_of(error).reason))
        done = self._intent is Intent.UNPOSTED and outcome is not None and outcome.proven
        reached = self.view.asked_at if done else None
        self._update(outcome=outcome, awaiting=None, since=workflow.now(), reached_asked_at=reached)
        if done:
            self._update(state=BoardState.SETTLED, attention=None, asked_at=None)

    async def _once(
        self, activity: Callable[[Any, Call], Awaitable[Answer]], call: Call, *, heartbeats_for: timedelta | None = None
    ) -> Answer:
        """Run an activity that reads; one try more where it fails, and no longer.

        Raises ActivityError.
        """
        answer: Answer = await workflow.execute_activity_method(
            activity,
            asked_anew(call, self._job.anew_since),
            task_queue=Queue.JOB_POSTINGS.value,
            summary=LAST_LOOK,
            start_to_close_timeout=heartbeats_for or self._job.timing.call_timeout,
            heartbeat_timeout=self._job.timing.call_timeout if heartbeats_for is not None else None,
            schedule_to_close_timeout=2 * (heartbeats_for or self._job.timing.call_timeout),
            retry_policy=TWICE,
        )
        self._keep(*answer.evidence)
        return answer

    async def _unless_interrupted(self, handle: workflow.ActivityHandle[Answer]) -> Answer:
        await workflow.wait_condition(lambda: handle.done() or self._interrupted)
        if not handle.done():
            handle.cancel()
        return await handle

    async def _after_failure(
        self, error: ActivityError, patience: Patience, deadline: timedelta | None, summary: str
    ) -> None:
        """Tell people, unless it is too early for that, and wait until the step may be begun anew.

        Raises Interrupted and Stuck.
        """
        if self._interrupted or was_cancelled(error):
            raise Interrupted(begun=True) from error
        problem = problem_of(error)
        if problem.configured is not None or problem.paused:
            await self._follow(problem, error)
            return
        if error.retry_state is RetryState.NON_RETRYABLE_FAILURE:
            refused = Evidence(
                at=workflow.now(), asked=summary, answered=f"refused: {problem.provider_text or problem.reason}"
            )
            if problem.category not in MENDED_BY_OTHERS:
                self._keep_refusal(refused)
                raise Stuck(problem) from error
            if self.view.attention is None:
                self._keep(refused)
            self._ask(problem, retrying=True)
            await self._pause(RELEASED_WITHIN * self._job.timing.confirm_max, "Wait, then try again")
            return
        left = self._time_left(deadline)
        silently = patience.may_fail_silently(problem.category, left)
        if not silently:
            self._ask(problem, retrying=True)
            if left is not None and left <= OVER and self._sends_again(problem):
                raise Interrupted(begun=True) from error
        wait = wait_after(error, self._job.retry_policy, left if silently else None)
        if wait > timedelta(0):
            await self._pause(wait, "Wait, then try again")

    def _sends_again(self, problem: Problem) -> bool:
        """Take back that the board was asked, once, where it still shows what it has said to take off.

        To ask again does no harm: it may have lost what it had accepted. People have been told all the same.
        """
        still_there = problem.category is Category.STILL_SHOWN and problem.shown
        once = self.view.submitted and not self.view.sent_again
        if not (self._intent is Intent.UNPOSTED and still_there and once and self._may_send_again):
            return False
        self._keep(Evidence(at=workflow.now(), asked="Is it gone in time?", answered="no: it is asked once more"))
        self._update(**self._start_over(), sent_again=True)
        return True

    @property
    def _may_send_again(self) -> bool:
        """Return whether the board itself has said that it did what was asked."""
        return True

    @abstractmethod
    def _start_over(self) -> dict[str, Any]:
        """Return the fields of the view that forget what was submitted so far."""

    async def _follow(self, problem: Problem, error: ActivityError) -> None:
        """Leave a board that is used no more, or wait until the customer is configured again.

        Raises Interrupted.
        """
        if problem.configured is not None:
            # The board is set aside, which ends this track.
            self._job.configured(problem.configured)
            await workflow.wait_condition(lambda: self._interrupted)
            raise Interrupted(begun=True) from error
        waited, self._paused = self._paused, True
        self._ask(problem, retrying=True)
        if waited:
            await self._pause(wait_after(error, self._job.retry_policy), "Wait until the customer is configured")

    async def _pause(self, wait: timedelta, summary: str) -> None:
        """Wait, unless interrupted.

        Raises Interrupted.
        """
        if await holds_within(lambda: self._interrupted, wait, summary):
            raise Interrupted

    def _until_read_again(self, every: timedelta) -> timedelta:
        chance = workflow.random().random()
        return until_read_again(workflow.now(), every, self._job.customer_id, chance)

    def _patience(self, deadline: timedelta | None) -> Patience:
        told = self.view.attention is not None
        return Patience(longest=self._job.timing.attention_after, left=self._time_left(deadline), told=told)

    def _time_left(self, deadline: timedelta | None) -> timedelta | None:
        """Return the time until a deadline, which counts from the submission."""
        if deadline is None or self.view.submitted_at is None:
            return deadline
        return self.view.submitted_at + deadline - workflow.now()
