"""Input and output of Indeed's activities."""

from datetime import datetime

from pydantic import Field

from models.base import Model
from models.calls.common import Backoff, Confirmed
from models.lifecycle import Evidence, JobStatus
from models.overlay import Overlay, Verdict, WrittenField
from models.problems import Problem


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
    """The job's id at Indeed; None when a complete listing does not contain the job."""

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
    """The title that Indeed must show again; None where it is not to be compared."""
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
