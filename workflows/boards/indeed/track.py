"""Indeed's track: find the job, set or clear the agency's overlay, read back that it took."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from temporalio import workflow

from models.base import Model
from models.boards import Attention, IndeedRecord
from models.calls.indeed import (
    IndeedClearedBack,
    IndeedFind,
)
from models.events import IndeedChange, ManualAction, UpdateAction
from models.overlay import Overlay, WrittenField
from models.problems import Category, Problem
from models.states import BoardName, BoardState, Intent, Live, Outcome
from models.temporal import CLEAR, INDEED_CHANGED, UPDATE
from workflows.boards.indeed.clearing import FIND_TIMEOUT
from workflows.boards.indeed.setting import Setting
from workflows.boards.job import Interrupted, Job
from workflows.boards.track import Track

with workflow.unsafe.imports_passed_through():
    from activities.indeed.jobs import IndeedActivities

HINTS_KEPT = 100
LOST_OFTEN = 4
NEVER_THE_SAME = Problem(
    category=Category.TEMPORARY,
    reason="Each time the job's postings were looked for at Indeed and then read, they turned out to be others, or "
    "Indeed showed nothing by their ids.",
    remedy="Boardsync goes on looking. If it lasts, open the job in Indeed, or ask Indeed's support.",
)


class Indeed(Setting):
    """Bring the agency's overlay onto a posted job at Indeed, and take it off an unposted one."""

    board = BoardName.INDEED
    record = IndeedRecord
    own_signals = frozenset({INDEED_CHANGED, UPDATE, CLEAR})
    signals_by_hand = Track.signals_by_hand | {UPDATE, CLEAR}

    def __init__(self, job: Job, view: IndeedRecord, intent: Intent) -> None:
        """Take up the work where the view stands."""
        super().__init__(job, view, intent)
        self._hints: deque[str] = deque(maxlen=HINTS_KEPT)
        self._quiet = False

    def _start_over(self) -> dict[str, Any]:
        # The postings stay: they are the job's. But there may be others by now.
        return {
            "submitted": False,
            "submitted_at": None,
            "fields": {},
            "recheck": False,
            "located": False,
            "cleared": (),
        }

    # --- what the lifecycle tells it ------------------------------------------------------------------------

    def take(self, name: str, message: Model) -> str | None:
        """Take a hint of Indeed, or what a person wants set or cleared."""
        match message:
            case IndeedChange():
                self._hint(message)
            case UpdateAction() if self._intent is Intent.UNPOSTED:
                return "the job is taken down, and its changes are cleared"
            case UpdateAction():
                self._set_by_hand(message)
            case ManualAction() if self._intent is Intent.UNPOSTED:
                self.retry()
            case ManualAction():
                self._hold_off()
        return None

    @property
    def held_off(self) -> bool:
        """Return whether a person took the agency's changes off the posted job."""
        return self.view.held_off

    def intend(self, intent: Intent, asked_at: datetime) -> None:
        """Take up a new intent, or anew the same one."""
        self._update(held_off=False, hidden=self.view.hidden if intent is Intent.POSTED else None)
        self._quiet = False
        super().intend(intent, asked_at)

    def retry(self) -> None:
        """Begin again; what was accepted and never showed is sent once more."""
        if self._unsettled:
            self._update(written=self._forgotten())
        super().retry()

    def _set_by_hand(self, change: UpdateAction) -> None:
        """Take up what a person wants set, over what earlier signals set, and compare the job anew."""
        before = self.view.overrides or Overlay()
        removed = {*change.removed, *(("description_formatting",) if "description" in change.removed else ())}
        kept = before.model_copy(update=dict.fromkeys(removed))
        taken_back = before.only(removed).over(self.view.taken_back or Overlay())
        self._update(overrides=change.fields.over(kept), taken_back=taken_back)
        self.intend(self._intent, workflow.now())

    def _hold_off(self) -> None:
        """Take the agency's changes off the posted job, until something new is wanted."""
        self._update(held_off=True)
        self._quiet = False
        super().intend(self._intent, workflow.now())

    def _hint(self, change: IndeedChange) -> None:
        """Read the job now, as Indeed says that it changed; that it says so proves nothing."""
        if change.event_id is not None:
            if change.event_id in self._hints:
                return
            self._hints.append(change.event_id)
        if change.after_close and self._intent is Intent.UNPOSTED and not self._unsettled:
            # Looked at again after the close, it was not as it was left: found anew, cleared if need be, read back.
            self.intend(self._intent, workflow.now())
        else:
            self.look_again()

    def look_again(self) -> None:
        """Read the job now, and set what is missing on a posted one."""
        if self.view.state is BoardState.SETTLED:
            # Only a posted job may be written to again; what was taken off is only read.
            only_read = self._intent is Intent.UNPOSTED or self.view.held_off
            self._update(recheck=True, submitted=only_read, submitted_at=workflow.now() if only_read else None)
            self._interrupted = True
        else:
            self.confirm()

    def stop(self) -> None:
        """Call off what is under way, so that the lifecycle can continue as new."""
        if self._quiet:
            self._update(recheck=True)
        super().stop()

    @property
    def _has_work(self) -> bool:
        return super()._has_work or self.view.recheck

    @property
    def _at_rest(self) -> bool:
        """Return whether nothing is to be done on a posted job, also where a person is asked for something else."""
        done = self.view.state is BoardState.SETTLED or (
            self.view.attention is not None and self.view.outcome is not None
        )
        return self._intent is Intent.POSTED and done

    def _settle(self, outcome: Outcome | None) -> None:
        before, asks = self.view.attention, self._asks
        super()._settle(outcome)
        if asks is not None and outcome is not None and self._intent is Intent.POSTED:
            attention = Attention.of(asks, now=workflow.now(), before=before, retrying=False)
            self._update(attention=attention)
            self._enter(BoardState.ATTENTION, awaiting=None)

    def _forgotten(self) -> dict[str, WrittenField]:
        """Return what was written as if long ago, so that it is sent again where it does not show."""
        long_ago = workflow.now() - self._job.timing.write_again_after
        return {name: each.model_copy(update={"at": long_ago}) for name, each in self.view.written.items()}

    # --- the work -------------------------------------------------------------------------------------------

    async def _bring_up(self) -> Outcome | None:
        self._begin()
        return await self._on_all_postings(self._clear_all if self.view.held_off else self._set_all, expected=True)

    async def _take_down(self) -> Outcome | None:
        self._begin()
        return await self._on_all_postings(self._clear_all, expected=False)

    def _begin(self) -> None:
        # A settled job that is only compared stays settled to the eye, until something is found missing.
        self._quiet = self.view.recheck and not self.view.submitted
        self._asks = None
        self._update(recheck=False)

    def _enter(self, state: BoardState, *, awaiting: str | None) -> None:
        if self._quiet and state is BoardState.WORKING:
            return
        self._quiet = False
        super()._enter(state, awaiting=awaiting)

    async def _rest(self) -> None:
        """Wait until there is something to do; a posted job is read from time to time, as hints may get lost."""
        if not self._at_rest or self._has_work:
            await super()._rest()
            return
        try:
            await self._pause(self._until_read_again(self._job.timing.indeed_check_every), "Until Indeed is read again")
        except Interrupted:
            return
        self._update(recheck=True, located=False, submitted=self.view.held_off, submitted_at=None)

    async def _on_all_postings(
        self, work: Callable[[], Awaitable[Outcome | None]], *, expected: bool
    ) -> Outcome | None:
        """Find the job's postings and do the work on all of them, again where they turn out to be others."""
        tries = 0
        while True:
            # A clear finds them itself.
            if not self.view.located and (expected or self.view.submitted):
                await self._locate(expected=expected)
            outcome = self._absent or await work()
            if outcome is not None:
                return outcome
            self._update(located=False)
            tries += 1
            if tries > LOST_OFTEN:
                self._ask(NEVER_THE_SAME, retrying=True)
            if tries > 1:
                await self._pause(self._job.backoff.delay(tries - 1), "Wait, then look for the job's postings again")

    async def _read_once(self) -> Outcome | None:
        if self._intent is Intent.POSTED or not self.view.postings:
            found = await self._once(IndeedActivities.find, self._to_find(expected=False), heartbeats_for=FIND_TIMEOUT)
            self._found(found.postings)
        if self._intent is Intent.POSTED:
            return Outcome.LIVE if any(each.live == Live.LIVE for each in self.view.postings) else None
        if self._absent is not None:
            return self._absent
        back = IndeedClearedBack(**self._set_by_us(), backoff=self._job.backoff)
        shown = await self._once(IndeedActivities.confirm_cleared, back, heartbeats_for=FIND_TIMEOUT)
        self._learn(shown)
        # What was sent and not cleared may show later.
        return None if self.view.touched and not self.view.submitted else shown.outcome

    def _to_find(self, *, expected: bool) -> IndeedFind:
        return IndeedFind(
            customer_id=self._job.customer_id,
            job_id=self._job.job_id,
            known=self._ids,
            expected=expected,
            backoff=self._job.backoff,
        )

    async def _locate(self, *, expected: bool) -> None:
        self._enter(BoardState.WORKING, awaiting="Indeed's listing is searched for the job")
        if self.view.submitted_at is None:
            self._update(submitted_at=workflow.now())
        found = await self._call(
            IndeedActivities.find,
            self._to_find(expected=expected),
            summary="Find the job on Indeed",
            deadline=self._job.timing.confirm_within if expected else None,
            heartbeats_for=FIND_TIMEOUT,
        )
        self._found(found.postings)
        if not self.view.submitted:
            self._update(submitted_at=None)
