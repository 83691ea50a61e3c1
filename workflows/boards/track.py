"""One board's side of a lifecycle: what all boards share."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, RetryState

from models.base import Model
from models.boards import EVIDENCE_KEPT, Attention, BoardRecord, Evidence
from models.calls.common import Backoff, asked_anew
from models.events import ManualAction
from models.problems import Category, Problem
from models.states import BoardName, BoardState, Intent, Outcome
from models.temporal import CLOSE, CONFIRM, RETRY, Queue, Urgency
from models.timing import Timing
from workflows.boards import metrics
from workflows.patience import Patience, retries, wait_after
from workflows.problems import problem_of, was_cancelled
from workflows.waits import holds_within


class HasEvidence(Protocol):
    """What every activity returns."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the board answered."""


MENDED_BY_OTHERS = frozenset({Category.CLAIMED})
"""Refusals of which nobody tells us when they are over: a person is asked, and the step is tried again meanwhile."""
RELEASED_WITHIN = 4
"""Times the longest wait between two tries."""

View = TypeVar("View", bound=BoardRecord)
Call = TypeVar("Call")
Answer = TypeVar("Answer", bound=HasEvidence)


class Interrupted(Exception):  # noqa: N818 -- not an error: the intent changed, or somebody asked for a fresh look
    """The step under way is no longer wanted as it is."""

    def __init__(self, answer: object = None, *, begun: bool = False) -> None:
        """Keep what the board answered all the same; `begun` where it may have been asked without an answer seen."""
        super().__init__()
        self.answer = answer
        self.begun = begun


class Stuck(Exception):  # noqa: N818 -- not an error of ours: a state that needs a person
    """Only a person can get this board further."""

    def __init__(self, problem: Problem) -> None:
        """Keep why."""
        super().__init__(problem.reason)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Job:
    """What a track knows of its lifecycle."""

    customer_id: str
    job_id: str
    timing: Timing
    changed: Callable[[], None]
    """To be called after every change that a person should see."""
    wanted_posted: Callable[[], None] = lambda: None
    """To be called where the ATS, asked, wants the job posted after all."""
    unposted_by_event: Callable[[], bool] = lambda: False
    """Tells whether it was the ATS itself that last wanted the job off its boards."""

    @property
    def backoff(self) -> Backoff:
        """Return the waits between read-backs."""
        return Backoff(first=self.timing.confirm_first, longest=self.timing.confirm_max)

    @property
    def retry_policy(self) -> RetryPolicy:
        """Return the waits between tries that failed."""
        return retries(self.timing.confirm_max)


class Track(ABC, Generic[View]):
    """Bring one board to the intent and prove it by reading it back.

    Signals reach a track between two calls: they change the view at once and interrupt the step under way.
    """

    board: ClassVar[BoardName]
    record: ClassVar[type[BoardRecord]]
    """What a lifecycle keeps of this board."""
    own_signals: ClassVar[frozenset[str]]
    """Signals that concern this board alone."""
    signals_by_hand: ClassVar[frozenset[str]] = frozenset({CLOSE, RETRY, CONFIRM})
    """What a person can ask of this board."""

    def __init__(self, job: Job, view: View, intent: Intent) -> None:
        """Take up the work where the view stands."""
        self.view = view
        self._job = job
        self._intent = intent
        self._interrupted = False
        self._begun_anew = False
        self._stopping = False
        self._anew_since: datetime | None = None

    @abstractmethod
    async def _take_down(self) -> Outcome | None:
        """Take the job off this board; return what the board said when it was read back."""

    @abstractmethod
    async def _bring_up(self) -> Outcome | None:
        """Bring the board to what the ATS wants of a posted job; None where it shows nothing of it."""

    @abstractmethod
    def _start_over(self) -> dict[str, Any]:
        """Return the fields of the view that forget what was submitted so far."""

    @abstractmethod
    def take(self, name: str, message: Model) -> str | None:
        """Take one of the board's own signals; return why it is not followed, None where it is."""

    # --- what the lifecycle tells a track -----------------------------------------------------------------

    def keep_action(self, signal: str, said: ManualAction) -> None:
        """Keep as evidence what a person asks of this board, unless it does not concern it.

        To be called before the signal is acted upon: `retry` and `confirm` concern a board that is not done.
        """
        if signal not in self.signals_by_hand or (signal in {RETRY, CONFIRM} and not self._unsettled):
            return
        note = Evidence(at=workflow.now(), asked=f"Signal {signal}", answered=said.words, by_hand=True)
        last = self.view.evidence[-1] if self.view.evidence else None
        if last is not None and last.model_copy(update={"at": note.at}) == note:
            self._anew_since = note.at
            return  # the same once more is counted among what was received, and must not push out answers
        self._anew_since = note.at
        self._keep(note)

    def edited(self) -> None:
        """Note that the posting was edited in the ATS."""

    @abstractmethod
    def look_again(self) -> None:
        """Compare the posted job anew, with the ATS's fields as they are now; a hint that proves nothing."""

    @property
    def held_off(self) -> bool:
        """Return whether a person keeps what is posted off this board until the ATS asks for the job anew."""
        return False

    def intend(self, intent: Intent, asked_at: datetime) -> None:
        """Take up a new intent; the call under way may finish, no further one is made for the old intent."""
        self._intent = intent
        self._update(**self._start_over(), outcome=None, attention=None, asked_at=asked_at)
        self._enter(BoardState.WORKING, awaiting=None)
        self._interrupted = self._begun_anew = True

    def retry(self) -> None:
        """Begin the present intent again: read, write if needed, read back."""
        if self._unsettled:
            self._update(**self._start_over(), attention=None)
            self._enter(BoardState.WORKING, awaiting=None)
            self._interrupted = self._begun_anew = True

    def confirm(self) -> None:
        """Read the board now, without writing; what asked for attention stays until the board agrees.

        A board that is still being asked goes on: its read-back follows anyway, and the write must not be lost.
        """
        if not self._unsettled:
            return
        attention = self.view.attention
        if attention is not None:
            attention = attention.model_copy(update={"retrying": True})
            since = self.view.submitted_at or workflow.now()
            self._update(submitted=True, submitted_at=since, attention=attention)
        # An interruption that is already due must stay.
        self._interrupted |= self.view.submitted

    @property
    def busy(self) -> bool:
        """Return whether there is something to do that needs no person."""
        return self._has_work

    def stop(self) -> None:
        """Call off what is under way, so that the lifecycle can continue as new."""
        self._stopping = self._interrupted = True

    @property
    def _unsettled(self) -> bool:
        return self.view.state not in {BoardState.IDLE, BoardState.SETTLED}

    @property
    def _has_work(self) -> bool:
        attention = self.view.attention
        return self._unsettled and (attention is None or attention.retrying)

    # --- the loop -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Work whenever there is work, until stopped."""
        while not self._stopping:
            self._interrupted = self._begun_anew = False
            if self._has_work:
                try:
                    outcome = await (self._take_down() if self._intent is Intent.UNPOSTED else self._bring_up())
                    self._settle(outcome)
                except Interrupted:
                    continue
                except Stuck as stuck:
                    self._ask(stuck.problem, retrying=False)
            await self._rest()

    async def _rest(self) -> None:
        """Wait until there is something to do."""
        await workflow.wait_condition(lambda: self._interrupted)

    def _settle(self, outcome: Outcome | None) -> None:
        proven = outcome is not None and outcome.proven
        if self._intent is Intent.UNPOSTED and self.view.asked_at is not None and proven:
            metrics.closed(self.board, self.view.asked_at)
        reached = self.view.asked_at or self.view.reached_asked_at
        self._update(outcome=outcome, attention=None, asked_at=None, reached_asked_at=reached)
        self._enter(BoardState.IDLE if outcome is None else BoardState.SETTLED, awaiting=None)

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
            handle = workflow.start_activity_method(
                activity,
                asked_anew(call, self._anew_since),
                task_queue=Queue.JOB_POSTINGS.value,
                summary=summary,
                start_to_close_timeout=heartbeats_for or self._job.timing.call_timeout,
                heartbeat_timeout=self._job.timing.call_timeout if heartbeats_for is not None else None,
                schedule_to_close_timeout=patience.lasts,
                retry_policy=patience.retry_policy(self._job.retry_policy),
                # The call in flight finishes and is recorded; TRY_CANCEL would lose sight of it.
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                priority=Priority(priority_key=self._urgency, fairness_key=self._job.customer_id),
            )
            try:
                answer = await self._unless_interrupted(handle)
            except ActivityError as error:
                await self._after_failure(error, patience, deadline, summary)
                continue
            self._keep(*answer.evidence)
            if note is not None:
                note(answer)
            if self._begun_anew:
                # What was just answered belongs to what is no longer wanted: kept as evidence, not acted upon.
                raise Interrupted(answer)
            return answer

    @property
    def _urgency(self) -> Urgency:
        if self._intent is Intent.UNPOSTED:
            return Urgency.CLOSE
        return Urgency.UPDATE if self._unsettled else Urgency.CHECK

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
        if error.retry_state is RetryState.NON_RETRYABLE_FAILURE:
            refused = Evidence(
                at=workflow.now(), asked=summary, answered=f"refused: {problem.provider_text or problem.reason}"
            )
            if problem.category not in MENDED_BY_OTHERS:
                self._keep(refused)
                raise Stuck(problem) from error
            if self.view.attention is None:
                self._keep(refused)
            self._ask(problem, retrying=True)
            await self._pause(RELEASED_WITHIN * self._job.timing.confirm_max, "Wait, then try again")
            return
        left = self._time_left(deadline)
        borne = patience.bears(problem.category, left)
        if not borne:
            self._ask(problem, retrying=True)
        wait = wait_after(error, self._job.retry_policy, left if borne else None)
        if wait > timedelta(0):
            await self._pause(wait, "Wait, then try again")

    async def _pause(self, wait: timedelta, summary: str) -> None:
        """Wait, unless interrupted.

        Raises Interrupted.
        """
        if await holds_within(lambda: self._interrupted, wait, summary):
            raise Interrupted

    def _patience(self, deadline: timedelta | None) -> Patience:
        told = self.view.attention is not None
        return Patience(longest=self._job.timing.attention_after, left=self._time_left(deadline), told=told)

    def _time_left(self, deadline: timedelta | None) -> timedelta | None:
        """Return the time until a deadline, which counts from the submission."""
        if deadline is None or self.view.submitted_at is None:
            return deadline
        return self.view.submitted_at + deadline - workflow.now()

    # --- the view -----------------------------------------------------------------------------------------

    def _ask(self, problem: Problem, *, retrying: bool) -> None:
        attention = Attention.of(problem, now=workflow.now(), before=self.view.attention, retrying=retrying)
        self._update(attention=attention)
        self._enter(BoardState.ATTENTION, awaiting=self.view.awaiting if retrying else None)

    def _enter(self, state: BoardState, *, awaiting: str | None) -> None:
        """Go into a state, unless attention keeps the board in its own until it is settled."""
        if self.view.attention is not None and state not in {BoardState.SETTLED, BoardState.IDLE}:
            state = BoardState.ATTENTION
        since = self.view.since if state is self.view.state else workflow.now()
        self._update(state=state, since=since, awaiting=awaiting)

    def _keep(self, *evidence: Evidence) -> None:
        self._update(evidence=(*self.view.evidence, *evidence)[-EVIDENCE_KEPT:])

    def _submitted(self, **fields: Any) -> None:
        self._update(submitted=True, submitted_at=workflow.now(), attention=None, **fields)

    def _update(self, **fields: Any) -> None:
        self.view = self.view.model_copy(update=fields)
        self._job.changed()
