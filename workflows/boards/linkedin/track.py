"""LinkedIn's track: bring a posted job up or watch it, take an unposted one down, and read it back."""

from temporalio import workflow

from models.base import Model
from models.boards import Evidence, LinkedInRecord
from models.events import LinkedInResync, LinkedInStatus
from models.problems import Category
from models.states import BoardName, BoardState, Intent
from models.temporal import LINKEDIN_RESYNC, LINKEDIN_STATUS
from workflows.boards.job import Interrupted, Job
from workflows.boards.linkedin.notifications import notes, notification, with_answers, with_notification
from workflows.boards.linkedin.posted import DONE
from workflows.boards.linkedin.unposted import Unposted


class LinkedIn(Unposted):
    """Take a job off LinkedIn; post one, where the customer wants that, or else watch what the ATS's own feed posts."""

    board = BoardName.LINKEDIN
    record = LinkedInRecord
    own_signals = frozenset({LINKEDIN_STATUS, LINKEDIN_RESYNC})

    def __init__(self, job: Job, view: LinkedInRecord, intent: Intent) -> None:
        """Take up the work where the view stands."""
        super().__init__(job, view, intent)
        self._reading = False

    # --- what the lifecycle tells -------------------------------------------------------------------------

    def take(self, name: str, message: Model) -> str | None:
        """Take a notification of LinkedIn, or its wish to have the job sent again."""
        match message:
            case LinkedInStatus():
                self._hear(message)
            case LinkedInResync():
                self._resync()
        return None

    def look_again(self) -> None:
        """Read the job now: LinkedIn shows no field that could be compared."""
        self._read_now()

    def edited(self) -> None:
        """Note that the posting was edited in the ATS: a listed job is sent again."""
        self._update(resend=True, resync=False)

    def _hear(self, status: LinkedInStatus) -> None:
        """Take a notification: it is kept in words and makes the read-back happen now, and it proves nothing."""
        self._update(
            evidence=with_notification(self.view.evidence, notification(status, workflow.now())), **notes(status)
        )
        attention = self.view.attention
        if self._is_off:
            if status.says_listed or status.listing is None:
                self._look_at_it_again()
        elif attention is not None and attention.category is Category.RELISTED and status.says_listed:
            return  # that LinkedIn lists it is what a person is asked about
        elif attention is not None and not attention.retrying:
            # An edit that LinkedIn refused is not on LinkedIn because LinkedIn lists the job.
            if not self.view.resend:
                self.confirm()
        else:
            self._read_now()

    def confirm(self) -> None:
        """Read the board now, without writing; a posted job that is at rest is read too."""
        attention = self.view.attention
        if attention is not None and not attention.retrying and self._intent is Intent.POSTED:
            # What became of the refused write is known: from now on only the listing counts.
            self._update(task_id=None, operation=None)
        super().confirm()
        self._read_now()

    def _resync(self) -> None:
        """Send an open job again, as LinkedIn asks, or say why not.

        A job that is being sent, or needs a person, is left to that: a resync never opens a job.
        """
        view = self.view
        if self._intent is Intent.POSTED and view.outcome in DONE and not self._unsettled:
            self._update(**self._start_over(), resend=True, resync=True, outcome=None)
            # Only looked at, so that a job which LinkedIn has closed meanwhile is not opened.
            self._update(submitted=True, submitted_at=workflow.now())
            self._enter(BoardState.WORKING, awaiting=None)
            self._interrupted = self._begun_anew = True

    def _keep(self, *evidence: Evidence) -> None:
        self._update(evidence=with_answers(self.view.evidence, evidence))

    def _read_now(self) -> None:
        if self._unsettled and not self.view.submitted:
            self._update(look=True)  # it is being asked: the read-back follows without a pause
        elif self._unsettled or self._intent is Intent.POSTED:
            self._update(look=True)
            # A read that is under way is followed by one more, however many ask for it.
            self._interrupted |= not self._reading

    def _look_at_it_again(self) -> None:
        self._update(look=True)
        self._interrupted |= not self._reading

    @property
    def _has_work(self) -> bool:
        at_rest = not self._unsettled and (self._intent is Intent.POSTED or self._is_off)
        return super()._has_work or (self.view.look and at_rest)

    @property
    def busy(self) -> bool:
        """Return whether there is something to do that needs no person."""
        return super().busy or self._reading

    async def _rest(self) -> None:
        """Wait until there is something to do; a listed job is read from time to time, as hints may get lost."""
        if self._unsettled or self._intent is Intent.UNPOSTED or not self.view.seen_listed:
            await super()._rest()
            return
        try:
            await self._pause(
                self._until_read_again(self._job.timing.linkedin_check_every), "Until LinkedIn is read again"
            )
        except Interrupted:
            return
        self._update(look=True)
