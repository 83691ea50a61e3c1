"""Closing many jobs: input, state and activities of the workflow `BulkClose`."""

from pydantic import Field, model_validator

from models.base import Model, Moment, NumericId, job_of, workflow_id
from models.bulk import Asked, Carried, JobRefused
from models.calls.common import Backoff

JOBS_AT_MOST = 20_000
"""What a run can carry over."""


class JobToClose(Model):
    """One job of one customer."""

    customer_id: NumericId
    job_id: NumericId

    @property
    def key(self) -> str:
        """Name its lifecycle."""
        return workflow_id(self.customer_id, self.job_id)

    @property
    def name(self) -> str:
        """Write it as people read it."""
        return f"{self.customer_id}/{self.job_id}"

    @classmethod
    def of(cls, workflow_id: str) -> "JobToClose | None":
        """Return the job of a lifecycle; None for any other workflow."""
        found = job_of(workflow_id)
        return None if found is None else cls(customer_id=found[0], job_id=found[1])


class Closing(JobToClose):
    """A job whose lifecycle was told to close it."""

    since: Moment


class BeginClosing(Model):
    """Check what is asked for before anything is done."""

    customer_id: str | None
    query: str | None


class SendCloses(Model):
    """Have lifecycles close their jobs, starting those that do not run."""

    jobs: tuple[JobToClose, ...]
    by: str | None
    reason: str | None


class ClosesSent(Model):
    """The keys of the jobs whose lifecycles were told, and those that could not be."""

    sent: tuple[str, ...]
    refused: tuple[JobRefused, ...] = ()


class WatchCloses(Model):
    """Look at lifecycles until enough of them are done."""

    jobs: tuple[Closing, ...]
    backoff: Backoff


class ClosesSeen(Model):
    """What became of some of the jobs, by key; the others go on."""

    closed: tuple[str, ...]
    not_found: tuple[str, ...] = ()
    """Ended as `not_found`, which proves nothing."""
    refused: tuple[JobRefused, ...] = ()


class BulkCloseState(Carried):
    """What a run of `BulkClose` carries over."""

    to_close: tuple[JobToClose, ...] = ()
    watched: tuple[Closing, ...] = ()
    total: int = 0


class BulkCloseInput(Asked):
    """The input of the workflow `BulkClose`: the jobs by their ids, or by a query for their lifecycles."""

    customer_id: NumericId | None = None
    job_ids: tuple[NumericId, ...] = Field(default=(), max_length=JOBS_AT_MOST)
    query: str | None = Field(default=None, min_length=1)
    state: BulkCloseState | None = None

    @model_validator(mode="after")
    def _one_way_of_naming_them(self) -> "BulkCloseInput":
        if bool(self.job_ids) is (self.query is not None):
            raise ValueError("name the jobs either by job_ids or by query")
        if self.job_ids and self.customer_id is None:
            raise ValueError("job_ids need customer_id")
        return self
