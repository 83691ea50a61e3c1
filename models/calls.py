"""Input and output of the activities. They carry ids, never a description, a token or a person's data."""

from datetime import timedelta

from models.base import Model
from models.lifecycle import Evidence, Outcome


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


class LinkedInSubmitted(Model):
    """LinkedIn's answer to a submission."""

    task_id: str | None = None
    conflict: bool = False
    evidence: tuple[Evidence, ...]


class LinkedInConfirm(Model):
    """Read a job back from LinkedIn until it is no longer listed."""

    customer_id: str
    job_id: str
    task_id: str | None
    conflict: bool = False
    """LinkedIn refused the close as "already closed or does not exist"."""
    backoff: Backoff


class IndeedFind(Model):
    """Find a job's id at Indeed."""

    customer_id: str
    job_id: str
    fresh: bool = False
    """Distrust earlier listings: the id known so far was not found."""


class IndeedFound(Model):
    """The job's id at Indeed; null when a complete listing does not contain the job."""

    employer_job_id: str | None
    evidence: tuple[Evidence, ...]


class IndeedClear(Model):
    """Clear the overlay of a job at Indeed."""

    customer_id: str
    job_id: str
    employer_job_id: str


class IndeedCleared(Model):
    """Indeed's answer to a clear."""

    ats_title: str | None
    """The title in the ATS, which Indeed must show again; null where the ATS shows none."""
    evidence: tuple[Evidence, ...]


class IndeedConfirm(Model):
    """Read a job back from Indeed until nothing of the overlay is left."""

    customer_id: str
    job_id: str
    employer_job_id: str
    ats_title: str | None
    backoff: Backoff


class Confirmed(Model):
    """What a board says of a job, read back."""

    outcome: Outcome
    posting: str | None = None
    evidence: tuple[Evidence, ...]
