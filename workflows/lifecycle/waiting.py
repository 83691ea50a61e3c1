"""What a job waits for together with others of its customer: told to the workflow that stands for the cause."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.boards import Attention, BoardRecord
from models.causes import TellCause, Waits
from models.lifecycle import Lifecycle
from models.linkedin_statuses import MIGRATION
from models.notice_types import NoticeType
from models.problems import Problem
from models.states import BoardName, BoardState
from models.temporal import Queue
from workflows.at_once import at_once
from workflows.boards.job import Job
from workflows.lifecycle.notifying import attentions, notice_of
from workflows.waits import holds_within

with workflow.unsafe.imports_passed_through():
    from activities.causes import CauseActivities

GIVEN_UP_AFTER = timedelta(minutes=2)
"""That a job waits no more is not worth more: who is not told finds out."""
AGAIN_AFTER = timedelta(days=1)
"""What is waited for is told again, in case that somebody has ended the cause's workflow."""
SELDOM = 60
"""Times the usual wait between two probes, where a probe is a whole submission."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told: that a board waits, with what it asks; or else that it waits no more."""

    waits: Waits
    attention: Attention | None = None
    passed: bool = False


class Waiting:
    """Compare what the causes were told with how the boards stand, and tell them what differs."""

    def __init__(self, job: Job, state: Lifecycle, notify: Callable[[], bool]) -> None:
        """Take up what an earlier run has told; `notify` says whether others are to be told of attention."""
        self.told = state.waits
        self._job, self._notify = job, notify
        self._lifecycle = state
        self._again = False

    @property
    def done(self) -> bool:
        """Return whether the causes know how the boards stand."""
        return self._next() is None

    def look(self, lifecycle: Lifecycle) -> None:
        """See how the boards stand."""
        self._lifecycle = lifecycle

    async def run(self) -> None:
        """Tell whatever differs."""
        while True:
            await self._wait()
            if self._again:
                self.told, self._again = (), False
            due = self._next()
            if due is None:
                continue
            if due.attention is not None:
                await self._tell(self._waits(due.waits, due.attention))
                self.told = (*self.told, due.waits)
            else:
                with suppress(ActivityError):
                    await self._tell(self._call(due.waits, waits=False, passed=due.passed), within=GIVEN_UP_AFTER)
                self.told = tuple(each for each in self.told if each != due.waits)
            self._job.changed()

    async def _wait(self) -> None:
        if self.told and not await holds_within(lambda: not self.done, AGAIN_AFTER, "Until it is told again"):
            self._again = True
        await workflow.wait_condition(lambda: not self.done or self._again)

    async def _tell(self, call: TellCause, within: timedelta | None = None) -> None:
        summary = f"It waits for the end of {call.cause}" if call.waits else f"It waits no more for {call.cause}"
        tries = self._job.retry_policy
        telling = at_once(
            CauseActivities.tell, call, queue=Queue.OPERATIONS, summary=summary, tries=tries, within=within
        )
        await self._job.unless_ending(telling)

    def _next(self) -> Due | None:
        asked = {board: attention for board, attention in attentions(self._lifecycle) if attention.cause is not None}
        for told in self.told:
            attention = asked.get(told.board)
            if attention is not None and attention.cause == told.cause:
                del asked[told.board]
            elif (passed := self._passed(told)) is not None:
                return Due(told, passed=passed)
        for board, attention in asked.items():
            if attention.cause is not None and all(each.board != board for each in self.told):
                return Due(Waits(board=board, cause=attention.cause, asked_at=self._asked_at(board)), attention)
        return None

    def _passed(self, told: Waits) -> bool | None:
        """Return whether a board that is no longer stopped got through; None where that is not known yet."""
        if told.board is None:
            return True
        record = self._record(told.board)
        if record is None or self._asked_at(told.board) != told.asked_at:
            return False
        if record.state is BoardState.WORKING or (told.cause == MIGRATION and record.state is BoardState.CONFIRMING):
            return None
        return True

    def _waits(self, waits: Waits, attention: Attention) -> TellCause:
        problem = Problem(
            category=attention.category, reason=attention.reason, remedy=attention.remedy, cause=attention.cause
        )
        fields = {"board": waits.board, "attention": attention, "cause": waits.cause}
        notice = notice_of(self._lifecycle, NoticeType.ATTENTION, **fields) if self._notify() else None
        call = self._call(waits, waits=True)
        return call.model_copy(update={"problem": problem, "notice": notice, "trying": attention.retrying})

    def _call(self, told: Waits, *, waits: bool, passed: bool = False) -> TellCause:
        every = self._job.timing.probe_every
        return TellCause(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            cause=told.cause,
            waits=waits,
            passed=passed,
            probe_every=SELDOM * every if told.cause == MIGRATION else every,
        )

    def _record(self, board: BoardName | None) -> BoardRecord | None:
        return next((record for each, record in self._lifecycle.boards.used if each == board), None)

    def _asked_at(self, board: BoardName | None) -> datetime | None:
        record = self._record(board)
        return None if record is None else record.asked_at or record.reached_asked_at
