"""Indeed's track: find the job, set or clear the agency's overlay, read back that it took."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from models.base import Model
from models.calls.indeed import (
    IndeedClear,
    IndeedClearedBack,
    IndeedFind,
    IndeedReadBack,
    IndeedShown,
    IndeedUpdate,
    IndeedUpdated,
    IndeedWritten,
)
from models.events import IndeedChange, ManualAction, UpdateAction
from models.lifecycle import BoardName, BoardState, IndeedRecord, Intent, Live, Outcome
from models.overlay import THROUGH, Overlay, Verdict, WrittenField
from models.problems import Category, Problem
from models.temporal import CLEAR, INDEED_CHANGED, UPDATE, Queue
from workflows.boards.track import Job, Stuck, Track
from workflows.patience import Patience
from workflows.problems import problem_of

with workflow.unsafe.imports_passed_through():
    from activities.indeed.jobs import IndeedActivities

FIND_TIMEOUT = timedelta(minutes=30)
"""A listing of 2,000 pages at 2.5 requests a second takes 14 minutes, behind another one twice that."""
MENDED_BY_TIME = frozenset({Category.TEMPORARY, Category.RATE_LIMITED, Category.UNEXPECTED})
HINTS_KEPT = 100


class Indeed(Track[IndeedRecord]):
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
        # The job's id stays: it belongs to the job, not to the intent.
        return {"submitted": False, "submitted_at": None, "ats_title": None, "fields": {}, "recheck": False}

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
        if self.view.attention is not None:
            self._update(written=self._free())
        self._update(held_off=False)
        self._quiet = False
        super().intend(intent, asked_at)

    def retry(self) -> None:
        """Begin again; what was sent and never showed is sent once more."""
        if self._unsettled:
            self._update(written=self._free())
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
    def _may_write(self) -> bool:
        """Return whether more may be sent without a person."""
        return self.view.attention is None or self.view.attention.category in MENDED_BY_TIME

    def _free(self) -> dict[str, WrittenField]:
        return {name: each.model_copy(update={"waiting": False}) for name, each in self.view.written.items()}

    # --- the work -------------------------------------------------------------------------------------------

    async def _bring_up(self) -> Outcome | None:
        self._begin()
        return await self._with_the_job(self._clear_known if self.view.held_off else self._update_known, expected=True)

    async def _take_down(self) -> Outcome | None:
        self._begin()
        return await self._with_the_job(self._clear_known, expected=False)

    def _begin(self) -> None:
        # A settled job that is only compared stays settled to the eye, until something is found missing.
        self._quiet = self.view.recheck and not self.view.submitted
        self._update(recheck=False)

    def _enter(self, state: BoardState, *, awaiting: str | None) -> None:
        if self._quiet and state is BoardState.WORKING:
            return
        self._quiet = False
        super()._enter(state, awaiting=awaiting)

    async def _with_the_job(
        self, work: Callable[[str], Awaitable[Outcome | None]], *, expected: bool
    ) -> Outcome | None:
        known = self.view.employer_job_id
        if known is not None:
            try:
                return await work(known)
            except Stuck as stuck:
                if stuck.problem.category is not Category.NOT_FOUND:
                    raise
        # Indeed may have given the job a new id, or dropped it: only a fresh listing tells.
        found = await self._find(fresh=known is not None, expected=expected)
        return Outcome.NOT_FOUND if found is None else await work(found)

    async def _find(self, *, fresh: bool, expected: bool) -> str | None:
        self._enter(BoardState.WORKING, awaiting="Indeed's listing is searched for the job")
        if self.view.submitted_at is None:
            self._update(submitted_at=workflow.now())
        found = await self._call(
            IndeedActivities.find,
            IndeedFind(
                customer_id=self._job.customer_id,
                job_id=self._job.job_id,
                fresh=fresh,
                expected=expected,
                backoff=self._job.backoff,
            ),
            queue=Queue.INDEED_SEARCH,
            summary="Find the job on Indeed",
            deadline=self._job.timing.confirm_within if expected else None,
            heartbeats_for=FIND_TIMEOUT,
        )
        self._update(employer_job_id=found.employer_job_id)
        if not self.view.submitted:
            self._update(submitted_at=None)
        return found.employer_job_id

    async def _update_known(self, employer_job_id: str) -> Outcome | None:
        while True:
            if not self.view.submitted:
                written = await self._send_missing(employer_job_id)
                if written.outcome is not None:
                    return written.outcome
                stale = bool(written.stale)
            else:
                stale = self._may_write and self.view.clearing is not None and not self.view.written
            if stale:
                # A single field cannot be taken off (contracts/indeed.md, 1a): all goes, and the rest comes back.
                await self._clear_known(employer_job_id)
                self._update(submitted=False, submitted_at=None)
                continue
            self._enter(BoardState.CONFIRMING, awaiting="Indeed is read until it shows the agency's changes")
            shown = await self._call(
                IndeedActivities.confirm_updated,
                IndeedReadBack(
                    **self._overlaid(employer_job_id),
                    shown=tuple(name for name, verdict in self.view.fields.items() if verdict in THROUGH),
                    may_write=self._may_write,
                    backoff=self._job.backoff,
                ),
                queue=Queue.INDEED_READS,
                summary="Read Indeed back: does it show the changes?",
                deadline=self._job.timing.confirm_within,
            )
            self._learn(shown)
            if shown.outcome is not None:
                return shown.outcome
            if shown.again:
                self._update(submitted=False)

    async def _send_missing(self, employer_job_id: str) -> IndeedUpdated:
        self._enter(BoardState.WORKING, awaiting="Indeed is given what the agency sets on the job")
        written = await self._call(
            IndeedActivities.update,
            IndeedUpdate(**self._overlaid(employer_job_id), distrust=self.view.clearing is not None),
            queue=Queue.INDEED_MUTATIONS,
            summary="Set the agency's changes on Indeed",
            note=self._note_update,
        )
        self._update(fields={})
        self._learn(written)
        if written.outcome is None and not written.stale:
            if self.view.submitted_at is None:
                self._submitted()
            else:
                # How long a field may take counts from its first sending.
                self._update(submitted=True)
            left = self._time_left(self._job.timing.attention_after)
            if written.doubt is not None and left is not None and left <= timedelta(0):
                self._ask(written.doubt, retrying=True)
        return written

    async def _clear_known(self, employer_job_id: str) -> Outcome | None:
        written, before = self.view.written, self.view.clearing or {}
        digests = before | {name: each.digest for name, each in written.items()}
        by_hand = (self.view.overrides or Overlay()).over(self.view.taken_back or Overlay())
        call = {**self._named(employer_job_id), "overrides": by_hand, "written": digests}
        if not self.view.submitted:
            self._enter(BoardState.WORKING, awaiting="Indeed is asked to clear the agency's changes")
            cleared = await self._call(
                IndeedActivities.clear,
                IndeedClear(**call, unseen=bool(written)),
                queue=Queue.INDEED_MUTATIONS,
                summary="Clear the agency's changes on Indeed",
                note=self._note_clear,
            )
            self._submitted(ats_title=cleared.ats_title)
        self._enter(BoardState.CONFIRMING, awaiting="Indeed is read until nothing of the agency's changes is left")
        shown = await self._call(
            IndeedActivities.confirm_cleared,
            IndeedClearedBack(**call, ats_title=self.view.ats_title, backoff=self._job.backoff),
            queue=Queue.INDEED_READS,
            summary="Read Indeed back: is it clear?",
            deadline=self._job.timing.confirm_within,
        )
        self._learn(shown)
        self._update(written={}, clearing=None, taken_back=None)
        return shown.outcome

    # --- what Indeed said -----------------------------------------------------------------------------------

    def _note_update(self, answer: IndeedUpdated) -> None:
        """Keep what was sent also where it is no longer wanted: it may show at any time."""
        again = None if answer.doubt is None else workflow.now() + self._job.timing.write_again_after
        sent = {
            name: WrittenField(digest=digest, accepted=answer.doubt is None, again_at=again)
            for name, digest in answer.sent.items()
        }
        self._update(written=self.view.written | sent)

    def _note_clear(self, answer: IndeedWritten) -> None:
        """Keep that a clear was accepted: what is shown from now on may be about to go."""
        if answer.sent:
            digests = {name: each.digest for name, each in self.view.written.items()}
            self._update(clearing=(self.view.clearing or {}) | digests, written={})

    def _learn(self, shown: IndeedShown) -> None:
        """Show people what was read."""
        fresh = shown.posting != self.view.posting
        since = shown.evidence[-1].at if fresh else self.view.posting_since
        if shown.posting == Live.LIVE and shown.posted_at is not None:
            since = shown.posted_at
        # Indeed's servers need not agree: what one has shown stays shown.
        kept = {name: found for name, found in self.view.fields.items() if found in THROUGH}
        written = {
            name: each.model_copy(update={"waiting": False}) if shown.fields.get(name) in THROUGH else each
            for name, each in self.view.written.items()
        }
        self._update(
            posting=shown.posting,
            posting_since=since,
            listed_at=shown.posted_at or self.view.listed_at,
            status=shown.status,
            fields=shown.fields | kept,
            written=written,
        )
        if shown.outcome == Outcome.UPDATED:
            self._update(clearing=None)

    async def _after_failure(
        self, error: ActivityError, patience: Patience, deadline: timedelta | None, summary: str
    ) -> None:
        fields = problem_of(error).fields
        if fields:
            self._update(fields=fields)
        await super()._after_failure(error, patience, deadline, summary)

    def _ask(self, problem: Problem, *, retrying: bool) -> None:
        if problem.category is Category.NOT_TAKEN:
            late = {Verdict.PENDING: Verdict.CONTRADICTED}
            self._update(fields={name: late.get(found, found) for name, found in self.view.fields.items()})
        super()._ask(problem, retrying=retrying)

    def _overlaid(self, employer_job_id: str) -> dict[str, Any]:
        return {**self._named(employer_job_id), "overrides": self.view.overrides, "written": self.view.written}

    def _named(self, employer_job_id: str) -> dict[str, Any]:
        return {
            "customer_id": self._job.customer_id,
            "job_id": self._job.job_id,
            "employer_job_id": employer_job_id,
        }
