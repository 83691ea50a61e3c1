"""The state of one job's lifecycle: input, query result and continue-as-new state in one."""

from pydantic import Field

from models.base import Model, Moment, NumericId
from models.boards import Attention, Boards
from models.causes import Waits
from models.configured import Configured
from models.notice_types import JobNoticeType
from models.states import BoardName, Intent, Phase
from models.timing import Timing

EVENTS_KEPT = 30
CONSOLE, RUNBOOKS = "Console", "Runbooks"
"""Names of the links that the configuration gives. None holds a key: Temporal keeps and shows them."""


class Received(Model):
    """One event or manual action, as kept for the receipt and for telling repeats."""

    at: Moment
    what: str
    by: str | None = None
    reason: str | None = None
    count: int = 1


class Decision(Model):
    """What decided the present intent."""

    at: Moment
    """When the gateway received it, or a person's signal was taken up."""
    by_event: bool
    """The ATS itself said so, and no person by hand."""


class Stop(Model):
    """A person's wish to end the lifecycle, as Temporal tells it."""

    at: Moment
    by: str | None = None
    """The identity that Temporal has recorded; None where it has none."""
    reason: str | None = None


class Receipt(Model):
    """The result of a completed lifecycle: what each board said when it was read back."""

    customer_id: str
    job_id: str
    intent: Intent
    decided: Decision | None = None
    phase: Phase = Phase.CLOSED
    closed_at: Moment
    boards: Boards
    proven: dict[BoardName, bool] = Field(default_factory=dict)
    """Whether each board was read as `closed`, `cleared` or `gone`."""
    received: tuple[Received, ...] = ()
    reported: dict[str, str] | None = None
    """What the ATS was told last of each board."""
    report_failed: str | None = None
    """Why it was not told how the boards stand in the end."""
    reopened: int = 0
    """How often a board listed the job again after it had been closed."""
    stopped: Stop | None = None
    """Who had the lifecycle cancelled; None where it went to its end."""

    @classmethod
    def of(cls, lifecycle: "Lifecycle") -> "Receipt":
        """Return the receipt of a lifecycle whose job is off its boards, also while the ATS is still to be told."""
        used = lifecycle.boards.used
        return cls(
            customer_id=lifecycle.customer_id,
            job_id=lifecycle.job_id,
            intent=lifecycle.intent,
            decided=lifecycle.decided,
            phase=lifecycle.phase,
            closed_at=lifecycle.stopped.at if lifecycle.stopped else max(record.since for _, record in used),
            boards=lifecycle.boards,
            proven={board: record.proven for board, record in (*used, *lifecycle.boards.set_aside)},
            received=lifecycle.received,
            reported=lifecycle.reported,
            report_failed=lifecycle.report_failed,
            reopened=lifecycle.reopened,
            stopped=lifecycle.stopped,
        )


class Unstored(Model):
    """The receipt of an end that the store has not taken yet."""

    receipt: Receipt
    number: int


class Lifecycle(Model):
    """The whole state of a job: the answer of the query `lifecycle`."""

    customer_id: str
    job_id: str
    title: str | None = None
    """As iCIMS or a board said it; None until one has."""
    customer_name: str | None = None
    links: dict[str, str] = Field(default_factory=dict)
    """Where a person can look, by name: what the configuration says, and what the boards named."""
    intent: Intent = Intent.POSTED
    decided: Decision | None = None
    phase: Phase = Phase.OPEN
    boards: Boards = Boards()
    attention: Attention | None = None
    """What needs a person for the job as a whole, beside what its boards need."""
    hires: tuple[str, ...] = ()
    """Keyed hashes of the recruiting workflows that fill a position."""
    earlier_hires: int = 0
    """How many there were before those."""
    hires_needed: int | None = None
    """How many hires fill the job; None until it is known."""
    positions_wanted: bool = False
    """The number of positions is to be read before the hires can be judged."""
    closed_by_hires: bool = False
    received: tuple[Received, ...] = ()
    posted_at: Moment | None = None
    portal_url: str | None = None
    """Where candidates apply, as the ATS said last."""
    anew_since: Moment | None = None
    """When somebody last asked to begin anew."""
    reported: dict[str, str] | None = None
    """The status of each board that was last reported back to the ATS."""
    report_failed: str | None = None
    """Why the ATS could not be told yet, or not at all, how the boards stand."""
    report_due: bool = False
    """The ATS is still to be told; a job that is closed meanwhile is closed."""
    report_after: Moment | None = None
    """When the ATS is told at the earliest, as it asked to wait."""
    report_failing_since: Moment | None = None
    report_given_up: dict[str, str] | None = None
    """What the ATS would not be told for good: only what is new after it is tried."""
    report_all: bool = False
    """The ATS refused a report without explaining it: all boards are told of, as one may be missing that it knows."""
    reopened: int = 0
    """How often a board listed the job again after it had been closed."""
    notified: tuple[str, ...] = ()
    """What of the present state has been told to others."""
    waits: tuple[Waits, ...] = ()
    """What the workflows that stand for causes were told: which board waits for which."""
    receipts: int = 0
    """How many receipts of this lifecycle are in the store."""
    stopped: Stop | None = None
    """Somebody has asked Temporal to cancel the lifecycle."""
    recorded: str | None = None
    """What the end was of which the receipt is stored; None where none was since the job was posted."""
    receipt_due: bool = False
    """The job has ended and its receipt is still to be stored."""
    unstored: tuple[Unstored, ...] = ()
    """The receipts that are still to be stored, in order."""
    receipt_taken: str | None = None
    """What the present end is, where its receipt is the last of these."""


class JobInput(Model):
    """The input of the workflow `JobPosting`. By hand, the two ids suffice."""

    customer_id: NumericId
    job_id: NumericId
    boards: tuple[BoardName, ...] = (BoardName.LINKEDIN, BoardName.INDEED)
    timing: Timing = Timing()
    report: bool = False
    """Report changes of state back to the ATS."""
    notify: bool = False
    """Tell others when the job is closed, needs a person, or is reopened."""
    notices: tuple[JobNoticeType, ...] | None = None
    """Which of these somebody wants to be told; None for all."""
    customer_name: str | None = None
    """The customer's name in the configuration, for people."""
    links: dict[str, str] = Field(default_factory=dict)
    """Where a person can look, by name: the job's page, the runbooks."""
    known_attributes: tuple[str, ...] | None = None
    """The search attributes that the namespace has; None for all."""
    first: bool = False
    """Temporal knew of no completed lifecycle of this job when this one was started; False where nobody looked."""
    state: Lifecycle | None = None
    """Carried over by continue-as-new."""

    @property
    def configured(self) -> Configured:
        """Return the configuration that is followed."""
        return Configured(
            boards=self.boards, timing=self.timing, report=self.report, notify=self.notify, notices=self.notices
        )

    def tells(self, kind: JobNoticeType) -> bool:
        """Return whether anybody wants to be told of this."""
        return self.notify and (self.notices is None or kind in self.notices)
