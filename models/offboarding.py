"""Leaving a client: input, state and activities of the workflow `ClientOffboarding`."""

from pydantic import Field

from models.base import Model, Moment, NumericId
from models.bulk import Asked, Carried, JobRefused
from models.calls.common import Backoff, ProviderCall

LARGEST_BATCH = 10


class OverlaidJob(Model):
    """A job at Indeed, and what of an agency's it shows."""

    id: str
    """Its IRI: opaque."""
    key: str
    """The same for both spellings of the id."""
    name: str
    known_as: str | None = None
    """The `jobPostingId` by which a lifecycle knows it; None where none can."""
    marks: tuple[str, ...] = ()
    unmarked: bool = False
    """What the agency sets leaves no mark, so it is to be cleared whatever it shows."""


class Awaited(OverlaidJob):
    """A job that is to read as clear."""

    since: Moment
    by_lifecycle: bool = False
    """Its own lifecycle was told to clear it."""


class Cursor(Model):
    """A place in the advertiser's listing, which is one or more searches."""

    search: int = 0
    after: str | None = None


class ListJobs(ProviderCall):
    """Ask for some pages of the advertiser's jobs."""

    customer_id: str
    at: Cursor
    pages: int


class JobsListed(Model):
    """Some pages; without `next`, the last is among them."""

    marked: tuple[OverlaidJob, ...]
    """Jobs that show something of an agency's, or may have it without a mark."""
    unmarked: tuple[str, ...]
    """The names of those that show nothing."""
    unreadable: int
    """Entries that could not be read: they may hide any job."""
    next: Cursor | None
    count: int = 0
    """Entries, whatever could be read of them."""
    estimated_total: int | None = None


class ClearJobs(ProviderCall):
    """Clear jobs, unless they read as clear."""

    customer_id: str
    jobs: tuple[OverlaidJob, ...]
    batch_size: int


class JobsCleared(Model):
    """What became of each job, by key."""

    clear: tuple[str, ...] = ()
    """They read as clear, and nothing was sent: cleared by another, or by a try whose answer was lost."""
    sent: tuple[str, ...] = ()
    refused: tuple[JobRefused, ...] = ()
    failed: tuple[str, ...] = ()
    """Indeed failed at these alone: they are to be tried again, each on its own."""


class ConfirmJobs(ProviderCall):
    """Read jobs until one of them is clear, or it is too late."""

    customer_id: str
    jobs: tuple[OverlaidJob, ...]
    until: Moment
    backoff: Backoff


class JobsConfirmed(Model):
    """The keys of the jobs that read as clear; fewer than asked for, where it is too late for the others."""

    clear: tuple[str, ...]


class NameJobs(Model):
    """Ask how the jobs of lifecycles are called at Indeed."""

    customer_id: str
    workflow_ids: tuple[str, ...]


class JobsNamed(Model):
    """The names, in the order of the workflow ids."""

    names: tuple[str, ...]


class OffboardingState(Carried):
    """What a run of `ClientOffboarding` carries over."""

    round: int = 1
    at: Cursor | None = Cursor()
    """Where the listing goes on; None once it has been read to its end."""
    found_work: bool = False
    """This round's listing has brought jobs to clear."""
    unreadable: int = 0
    listed: int = 0
    """Entries of this round's listing."""
    estimated_total: int | None = None
    done: tuple[str, ...] = ()
    """Keys of jobs that were cleared and do not show whether they need it again."""
    to_clear: tuple[OverlaidJob, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    refused: tuple[str, ...] = ()
    """Keys of jobs not to be tried again."""
    told: dict[str, int] = Field(default_factory=dict)
    """In which round the lifecycle of a job, by its name, was told."""


class OffboardingInput(Asked):
    """The input of the workflow `ClientOffboarding`."""

    customer_id: NumericId
    batch_size: int = Field(default=1, ge=1, le=LARGEST_BATCH)
    """Jobs in one request; how many Indeed takes is not documented."""
    state: OffboardingState | None = None
