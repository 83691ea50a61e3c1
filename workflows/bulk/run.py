"""A run over many jobs: what leaving a client and closing many jobs share."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ActivityError

from models.boards import Attention
from models.bulk import NAMES_KEPT, Asked, BulkProgress, BulkResult, Carried
from models.calls.common import Backoff, asked_anew
from models.problems import Category, Problem
from models.states import Phase
from models.temporal import ASKED, ATTENTION, CUSTOMER_ID, PAUSE, PHASE, PROGRESS, RESUME, Queue, updates_known
from models.timing import Timing
from workflows.attributes import known_attributes
from workflows.bulk.details import details
from workflows.bulk.tally import Counting
from workflows.inbox import Inbox
from workflows.patience import retries, wait_after
from workflows.problems import problem_of
from workflows.waits import holds_within

Call = TypeVar("Call")
Answer = TypeVar("Answer")

EXAMPLE = '{"customer_id": "1234", "dry_run": true}'
CALL_TIMEOUT = timedelta(minutes=5)
"""The longest try of a step: some dozens of calls, each in its turn."""
HEARTBEAT = timedelta(seconds=10)
"""How soon a step is taken up again after its worker has died."""


class Stopping(Exception):  # noqa: N818 -- not an error: the run goes on in a new one
    """The run is about to continue as new."""


class Failed(Exception):  # noqa: N818 -- told as what became of a job
    """A step failed for good, in a way that its caller knows how to take."""

    def __init__(self, problem: Problem) -> None:
        """Keep why."""
        super().__init__(problem.reason)
        self.problem = problem


class BulkRun:
    """Pause, resume, attention and progress of a run; the workflows derive from it.

    A pause lets what is under way finish, some seconds, and only keeps back what writes.
    """

    def __init__(self, asked: Asked, carried: Carried, customer_id: str | None) -> None:
        """Begin, or take up what an earlier run has left."""
        self.timing = Timing()
        self.stopping = False
        self.dry_run = asked.dry_run
        self.tally = Counting(carried.tally)
        self._by, self._reason = asked.by, asked.reason
        self._customer_id = customer_id
        self._started_at = carried.started_at
        self._paused = carried.paused
        self._resumed = 0
        self._resumed_at = carried.resumed_at
        self._attention = carried.attention
        self._inbox = Inbox(carried.received, lambda: None, lambda _: None)
        self._known: tuple[str, ...] | None = ()
        """The search attributes that the namespace has: none until that is known."""

    # --- signals and query ----------------------------------------------------------------------------------

    @workflow.signal(name=PAUSE, description='Begin nothing new until resumed: {"by", "reason"}')
    def pause(self, *said: Any) -> None:
        """Begin nothing new; what is under way finishes."""
        self._hear(PAUSE, said)

    @workflow.signal(name=RESUME, description='Go on after a pause, or after what needed a person: {"by", "reason"}')
    def resume(self, *said: Any) -> None:
        """Go on."""
        self._hear(RESUME, said)

    @workflow.query(name=ASKED, description="What needs a person, if anything does")
    def attention(self) -> Attention | None:
        """Return what needs a person."""
        return self._attention

    @workflow.query(name=PROGRESS, description="How far the run is, and what needs a person")
    def progress(self) -> BulkProgress:
        """Return how far the run is."""
        done = self.tally.finished
        rate = self.tally.per_second
        left = None if self._of_about is None else max(0, self._of_about - done)
        return BulkProgress(
            dry_run=self.dry_run,
            paused=self._paused,
            step=self._step,
            counts=self.tally.counts,
            waiting=self._waiting,
            of_about=self._of_about,
            per_second=rate,
            time_left=timedelta(seconds=round(left / rate)) if rate and left is not None else None,
            attention=self._attention,
            refused=self.tally.refusals(),
            received=self._inbox.received,
        )

    @property
    def _step(self) -> str:
        """Say in words what is being done."""
        raise NotImplementedError

    @property
    def _waiting(self) -> int:
        """Count the jobs that were asked for and are not proven yet."""
        raise NotImplementedError

    @property
    def _of_about(self) -> int | None:
        """Return how many jobs there are in all, as far as is known."""
        raise NotImplementedError

    # --- what the workflows use -----------------------------------------------------------------------------

    def carried(self) -> dict[str, Any]:
        """Return what a new run takes up."""
        return {
            "started_at": self._started_at,
            "paused": self._paused,
            "resumed_at": self._resumed_at,
            "attention": self._attention,
            "received": self._inbox.received,
            "tally": self.tally.whole(),
        }

    def result(self, notes: Iterable[str]) -> BulkResult:
        """Return what became of each job."""
        whole = self.tally.whole()
        if self.tally.names_left_out:
            notes = (*notes, f"Only {NAMES_KEPT} jobs of a kind are named: the histories of the run name them all.")
        return BulkResult(
            customer_id=self._customer_id,
            dry_run=self.dry_run,
            by=self._by,
            reason=self._reason,
            started_at=self._started_at,
            ended_at=workflow.now(),
            counts=whole.counts,
            jobs=whole.jobs,
            refused=whole.refused,
            notes=tuple(notes),
            received=self._inbox.received,
        )

    async def call(
        self,
        activity: Callable[[Any, Call], Awaitable[Answer]],
        call: Call,
        *,
        queue: Queue,
        summary: str,
        reads: bool = False,
        takes: frozenset[Category] = frozenset(),
    ) -> Answer:
        """Run an activity until it succeeds; what only a person can mend holds up the run until it is resumed.

        `takes` are the problems with which the caller itself deals.
        Raises Failed for those, and Stopping.
        """
        while True:
            await workflow.wait_condition(lambda: self.stopping or self._may_go(reads=reads))
            if self.stopping:
                raise Stopping
            handle = self._start(activity, asked_anew(call, self._resumed_at), queue, summary)
            try:
                # A read is called off for a new run; a write goes to its end, so that what became of it is known.
                answer = await self._unless_stopping(handle) if reads else await handle
            except ActivityError as error:
                await self._after_failure(error, takes)
                continue
            if self._attention is not None and self._attention.retrying:
                self._attention = None
                self.publish()
            return answer

    def _start(
        self, activity: Callable[[Any, Call], Awaitable[Answer]], call: Call, queue: Queue, summary: str
    ) -> workflow.ActivityHandle[Answer]:
        return workflow.start_activity_method(
            activity,
            call,
            task_queue=queue.value,
            summary=summary,
            start_to_close_timeout=CALL_TIMEOUT,
            heartbeat_timeout=HEARTBEAT,
            schedule_to_close_timeout=self.timing.attention_after + CALL_TIMEOUT,
            retry_policy=retries(self.timing.confirm_max),
            priority=Priority(fairness_key=self._customer_id),
        )

    async def _after_failure(self, error: ActivityError, takes: frozenset[Category]) -> None:
        """Ask for a person, and wait until the step may be begun anew.

        Raises Failed and Stopping.
        """
        if self.stopping:
            raise Stopping from error
        problem = problem_of(error)
        if problem.category in takes:
            raise Failed(problem) from error
        self._ask(problem)
        if problem.retried:
            await self._pause(wait_after(error, retries(self.timing.confirm_max)))

    async def _pause(self, wait: timedelta) -> None:
        """Wait, unless the run is stopping or told to go on."""
        told = self._resumed
        await holds_within(lambda: self.stopping or self._resumed != told, wait, "Wait, then try again")

    async def _unless_stopping(self, handle: workflow.ActivityHandle[Answer]) -> Answer:
        await workflow.wait_condition(lambda: handle.done() or self.stopping)
        if not handle.done():
            handle.cancel()
        return await handle

    def _may_go(self, *, reads: bool) -> bool:
        needs_a_person = self._attention is not None and not self._attention.retrying
        return not needs_a_person and (reads or not self._paused)

    @property
    def backoff(self) -> Backoff:
        return Backoff(first=self.timing.confirm_first, longest=self.timing.confirm_max)

    async def show(self) -> None:
        """Show people that the run has begun, as far as the namespace has search attributes for it."""
        self._known = await known_attributes()
        self.publish()

    def publish(self, *, ended: bool = False) -> None:
        """Show people how the run stands."""
        workflow.set_current_details(details(self.progress(), self._customer_id))
        phase = Phase.CLOSED if ended else Phase.CLOSING if self._attention is None else Phase.ATTENTION
        category = None if self._attention is None else self._attention.category.value
        shown = workflow.info().typed_search_attributes
        updates: list[Any] = []
        if shown.get(PHASE) != phase.value:
            updates.append(PHASE.value_set(phase.value))
        if shown.get(ATTENTION) != category:
            updates.append(ATTENTION.value_unset() if category is None else ATTENTION.value_set(category))
        if self._customer_id is not None and shown.get(CUSTOMER_ID) != self._customer_id:
            updates.append(CUSTOMER_ID.value_set(self._customer_id))
        if updates := updates_known(updates, self._known):
            workflow.upsert_search_attributes(updates)

    def _ask(self, problem: Problem) -> None:
        # A lifecycle goes on after `retry`; a run after `resume`.
        asked = problem.model_copy(update={"remedy": problem.remedy.replace("`retry`", "`resume`")})
        self._attention = Attention.of(asked, now=workflow.now(), before=self._attention)
        self.publish()

    def _hear(self, name: str, said: Any) -> None:
        self._inbox.read(name, said)
        for heard, _ in self._inbox.drain():
            self._paused = heard == PAUSE
            if heard == RESUME:
                self._resumed, self._resumed_at = self._resumed + 1, workflow.now()
            if heard == RESUME and self._attention is not None and not self._attention.retrying:
                self._attention = None
        self.publish()
