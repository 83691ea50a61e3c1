"""Input and output of the activities. They carry ids, never a description, a token or a person's data."""

from datetime import datetime, timedelta

from pydantic import Field

from models.base import Model
from models.lifecycle import BoardName, EarlierWrite, Evidence, JobStatus, Live, Operation, Outcome, StatusNote
from models.overlay import Overlay, Verdict, WrittenField
from models.problems import Problem


class Backoff(Model):
    """How a read-back waits between its tries."""

    first: timedelta
    longest: timedelta

    def delay(self, attempt: int) -> timedelta:
        """Give the wait after the given try, the first being 1: doubled each time, up to the longest."""
        return min(self.first * 2.0 ** min(attempt - 1, 20), self.longest)


class LinkedInClose(Model):
    """Ask LinkedIn to close a job."""

    customer_id: str
    job_id: str
    unsettled: bool = False
    """An earlier write may still list the job: that it looks closed now is no reason not to close it."""


class LinkedInSubmitted(Model):
    """LinkedIn's answer to a submission."""

    task_id: str | None = None
    operation: Operation | None = None
    """What was submitted; null where LinkedIn, read first, gave no reason to."""
    conflict: bool = False
    listed: bool = False
    """LinkedIn listed the job before."""
    location: str | None = None
    """The location that was sent."""
    moved_from: str | None = None
    """What LinkedIn showed as the location before, where another one was sent now."""
    evidence: tuple[Evidence, ...]


class LinkedInConfirm(Model):
    """Read a job back from LinkedIn until it is no longer listed."""

    customer_id: str
    job_id: str
    task_id: str | None
    conflict: bool = False
    """LinkedIn refused the close as "already closed or does not exist"."""
    earlier: tuple[EarlierWrite, ...] = ()
    settle: timedelta = timedelta(minutes=5)
    """How long a write may be under way of which no answer was seen."""
    backoff: Backoff


class LinkedInPlan(Model):
    """What decides how a posted job is brought onto LinkedIn, once LinkedIn was read."""

    customer_id: str
    job_id: str
    fresh: bool = False
    """The ATS has just asked for the job, so it is posted where it is missing; else LinkedIn is only looked at."""
    resend: bool = False
    created: bool = False
    taken_down: bool = False


class LinkedInWatch(LinkedInPlan):
    """Read whether LinkedIn lists a job that the ATS wants posted."""

    seen_listed: bool = False
    earlier: tuple[EarlierWrite, ...] = ()
    settle: timedelta = timedelta(minutes=5)
    asked: str | None = None
    """What a person is asked for already: read until LinkedIn says something else."""
    backoff: Backoff


class LinkedInPost(LinkedInPlan):
    """Create, update or renew a job on LinkedIn."""

    sent_location: str | None = None
    """The location that was sent last."""
    settle: timedelta = timedelta(minutes=5)
    """How long LinkedIn may take to show a job after a try that it did not answer."""
    backoff: Backoff


class LinkedInConfirmPosted(Model):
    """Read a job back from LinkedIn until it is listed as it was sent."""

    customer_id: str
    job_id: str
    task_id: str | None
    operation: Operation | None
    location: str | None = None
    moved_from: str | None = None
    asked: str | None = None
    backoff: Backoff


class LinkedInSeen(Model):
    """How a job that the ATS wants posted stands on LinkedIn."""

    outcome: Outcome | None = None
    operation: Operation | None = None
    """What is to be asked of LinkedIn."""
    problem: Problem | None = None
    """What needs a person, while LinkedIn is read on."""
    apply: StatusNote | None = None
    promotion: StatusNote | None = None
    evidence: tuple[Evidence, ...]


class IndeedFind(Model):
    """Find a job's id at Indeed."""

    customer_id: str
    job_id: str
    fresh: bool = False
    """Distrust earlier listings: the id known so far was not found."""
    expected: bool = False
    """The job should be there: look again until it is."""
    backoff: Backoff


class IndeedFound(Model):
    """The job's id at Indeed; null when a complete listing does not contain the job."""

    employer_job_id: str | None
    evidence: tuple[Evidence, ...]


class IndeedJob(Model):
    """A job at Indeed."""

    customer_id: str
    job_id: str
    employer_job_id: str


class IndeedOverlaid(IndeedJob):
    """A job at Indeed, and what of its overlay only the lifecycle knows."""

    overrides: Overlay | None = None
    """What people set by hand."""
    written: dict[str, WrittenField] = Field(default_factory=dict)
    """What was sent before."""


class IndeedUpdate(IndeedOverlaid):
    """Set what the job does not show yet of its overlay."""

    distrust: bool = False
    """A clear was accepted and not read back: what the job still shows may be about to go."""


class IndeedClear(IndeedJob):
    """Clear the overlay of a job."""

    overrides: Overlay | None = None
    written: dict[str, str] = Field(default_factory=dict)
    """Digests of what was sent since Indeed was last read as clear."""
    unseen: bool = False
    """Some of it may not be shown yet, so a clear is needed whatever is shown."""


class IndeedWritten(Model):
    """Indeed's answer to a clear."""

    sent: bool = False
    ats_title: str | None = None
    """The title that Indeed must show again; null where it is not to be compared."""
    evidence: tuple[Evidence, ...]


class IndeedReadBack(IndeedOverlaid):
    """Read a job back from Indeed until it shows the whole overlay."""

    shown: tuple[str, ...] = ()
    """Fields already known to be through: news is told at once."""
    may_write: bool = True
    backoff: Backoff


class IndeedClearedBack(IndeedClear):
    """Read a job back from Indeed until nothing of the overlay is left."""

    ats_title: str | None = None
    backoff: Backoff


class IcimsPositions(Model):
    """Ask iCIMS how many positions a job has."""

    customer_id: str
    job_id: str


class Positions(Model):
    """How many positions a job has."""

    count: int


class BoardStatus(Model):
    """How a board stands, in iCIMS's words."""

    board: BoardName
    status: str
    """Posting in Progress, Live, Deletion in Progress, Unposted or Expired."""
    start: datetime
    end: datetime


class Reported(Model):
    """The ATS took a report."""

    at: datetime


class IcimsReport(Model):
    """Report to iCIMS how all boards of a job stand."""

    customer_id: str
    job_id: str
    boards: tuple[BoardStatus, ...]


class Confirmed(Model):
    """What a board says of a job, read back."""

    outcome: Outcome | None = None
    """Null where the board is only watched and shows nothing."""
    posting: Live | None = None
    evidence: tuple[Evidence, ...]


class IndeedShown(Confirmed):
    """What Indeed shows of a job: with no outcome yet, there is news of single fields, or something to send again."""

    status: JobStatus = JobStatus.UNKNOWN
    posted_at: datetime | None = None
    """When Indeed says that it posted the job."""
    fields: dict[str, Verdict] = Field(default_factory=dict)
    again: bool = False
    """Fields are missing that may be sent again."""


class IndeedUpdated(IndeedShown):
    """Indeed's answer to an update."""

    sent: dict[str, str] = Field(default_factory=dict)
    """Digests of the fields that were sent."""
    doubt: Problem | None = None
    """Why it is not known whether they landed."""
    stale: tuple[str, ...] = ()
    """Fields that were sent and are no longer wanted: nothing was sent, as only a clear takes a field off."""
