"""A job that was off LinkedIn and may be back: LinkedIn is read first, then the ATS is asked, then it may be closed."""

from datetime import timedelta

from temporalio import workflow

from models.boards import Evidence, LinkedInRecord
from models.calls.icims import IcimsWanted, Wanted
from models.calls.linkedin import LinkedInLook, LinkedInSeen
from models.events import REOPENED
from models.problems import Category, Problem
from models.states import BoardState, Intent, Outcome
from workflows.boards.job import Interrupted, Stuck
from workflows.boards.track import Track

with workflow.unsafe.imports_passed_through():
    from activities.icims import IcimsActivities
    from activities.linkedin.postings import LinkedInActivities

WITHIN = timedelta(days=30)
AT_MOST = 3
"""So often within that time a job is closed again without a person."""
KEPT = 10

FIGHT = Problem(
    category=Category.RELISTED,
    reason="LinkedIn lists the job again, after it was closed again three times within 30 days: two systems fight over "
    "it.",
    remedy="Find out what lists it: an XML feed, the career site or another integration, and take the job out there. "
    "Then send `retry` to close it once more. If it is to be posted, post it in iCIMS.",
)
UNTOLD = Problem(
    category=Category.RELISTED,
    reason="LinkedIn lists the job again after it was closed, and iCIMS does not tell whether it wants it posted.",
    remedy="If the job is to be off, send `retry` to close it again. If it is to be posted, post it in iCIMS. So that "
    "Boardsync can tell by itself, set posted_folders or portals in [customers.icims].",
)


class Relisting(Track[LinkedInRecord]):
    """What LinkedIn's track does with a job that is off LinkedIn and is said to be back."""

    _reading: bool

    async def _is_back(self) -> bool:
        """Read whether LinkedIn lists the job again; where it does not, everything stays as it was."""
        while True:
            self._update(look=False)
            self._reading = True
            try:
                seen: LinkedInSeen = await self._call(
                    LinkedInActivities.look,
                    LinkedInLook(customer_id=self._job.customer_id, job_id=self._job.job_id, backoff=self._job.backoff),
                    # No deadline: that of its close may be long over, and nothing was asked of LinkedIn since.
                    summary="Read LinkedIn: is the job listed again?",
                )
            except Interrupted:
                self._update(look=self._intent is Intent.UNPOSTED)
                raise
            finally:
                self._reading = False
            if seen.outcome == Outcome.LIVE:
                self._note_return()
                return True
            if not self.view.look:
                self._update(seen=self.view.seen or seen.seen, outcome=self._still(seen))
                return False

    def _still(self, seen: LinkedInSeen) -> Outcome | None:
        """Return the outcome of a job that is not listed: what was proven stays proven."""
        before = self.view.outcome
        return before if before is not None and before.proven else seen.outcome

    def _note_return(self) -> None:
        now = workflow.now()
        recent = (*(at for at in self.view.relisted if now - at <= WITHIN), now)
        self._keep(Evidence(at=now, asked="Is it still closed?", answered=REOPENED))
        self._update(
            **self._start_over(),
            outcome=None,
            attention=None,
            asked_at=now,
            seen=True,
            reopened=self.view.reopened + 1,
            relisted=recent[-KEPT:],
        )
        self._update(ask_ats=True)
        self._enter(BoardState.WORKING, awaiting=None)

    async def _ask_the_ats(self) -> None:
        """Go on only where the ATS wants the job off, and it has not come back too often.

        Raises Interrupted where the ATS wants it posted, and Stuck.
        """
        self._enter(BoardState.WORKING, awaiting="iCIMS is asked whether it wants the job posted")
        wanted: Wanted = await self._call(
            IcimsActivities.wanted,
            IcimsWanted(customer_id=self._job.customer_id, job_id=self._job.job_id),
            summary="Ask iCIMS whether it wants the job posted",
        )
        if wanted.intent == Intent.POSTED:
            self._update(ask_ats=False)
            self._job.wanted_posted()
            raise Interrupted
        if wanted.intent is None and not self._job.unposted_by_event():
            raise Stuck(UNTOLD)
        if len(self.view.relisted) > AT_MOST:
            raise Stuck(FIGHT)
        self._update(ask_ats=False)
