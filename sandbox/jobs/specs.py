"""Jobs and changes as the control API takes them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.content import JobContent, Location, Salary
from sandbox.indeed.jobs import FeedType, Lifecycle, ListingRead, NodeRead, SearchStatus
from sandbox.indeed.overlay import Overlay

_ID = r"^[A-Za-z0-9_-]{1,64}$"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IndeedEdit(_Model):
    """Changes of one posting that did not come through the API; ``claimed_by=None`` releases it.

    ``title`` to ``url`` are what the feed says unlike the ATS; None goes back to the ATS's words.
    """

    lifecycle: Lifecycle | None = None
    search_status: SearchStatus | None = None
    feed_type: FeedType | None = None
    claimed_by: str | None = None
    job_posting_id: str | None = None
    requisition_id: str | None = None
    legacy_source_id: str | None = None
    client_id: str | None = None
    """The application that brings it, where that is not the customer's first."""
    node: NodeRead | None = None
    listing: ListingRead | None = None
    posted_after: float | None = None
    """Seconds after the job's first posting; less than 0 is before it."""
    overlay: Overlay | bool | None = None
    title: str | None = None
    company: str | None = None
    location: Location | None = None
    overview: str | None = None
    salary: Salary | None = None
    url: str | None = None
    silent: bool = False
    """Whether Indeed's webhook says nothing of it."""


class Boards(_Model):
    """Where a new job is posted; ``overlay=True`` stands for the usual one, on every posting that names no other."""

    linkedin: bool = True
    indeed: bool | IndeedEdit | tuple[IndeedEdit, ...] = True
    overlay: Overlay | bool = True

    @property
    def postings(self) -> tuple[IndeedEdit, ...]:
        """Return what is special about each posting at Indeed."""
        if isinstance(self.indeed, bool):
            return (IndeedEdit(),) if self.indeed else ()
        return self.indeed if isinstance(self.indeed, tuple) else (self.indeed,)


class JobSpec(JobContent, Boards):
    """A job to create."""

    customer_id: str
    job_id: str = Field(pattern=_ID)


class BulkSpec(Boards):
    """A row of jobs to create, with ids that count up."""

    customer_id: str
    first_job_id: int = Field(ge=1)
    count: int = Field(ge=1, le=100_000)


class IcimsEdit(_Model):
    """Changes in iCIMS only."""

    hidden: bool | None = None
    deleted: bool | None = None
    hidden_fields: tuple[str, ...] | None = None
    folder: str | None = None
    """As `Approved`, `Filled`, `Closed (Cancelled)`; iCIMS sends no event of it."""
    portals: tuple[str, ...] | None = None
    """The career portals that show the job; iCIMS sends no event of it."""
    boards: dict[str, Any] | None = None
    """What was reported of its boards, as in the last report that was taken."""


class LinkedInStatus(_Model):
    """A status beside the listing."""

    status: str
    code: int | None = None
    type: str | None = None
    message: str = ""


class LinkedInEdit(_Model):
    """A change that did not come through the API: a feed lists the job again, or somebody takes it down."""

    listed: bool | None = None
    message: str | None = None
    """Why the job is not listed, as `MEMBER_REPORTED: …`; an empty text takes it back."""
    expired: bool | None = None
    apply: LinkedInStatus | None = None
    promotion: LinkedInStatus | None = None
    workplace: Literal["on-site", "hybrid", "remote"] | None = None
    silent: bool = False
    """Whether LinkedIn's webhook says nothing of it."""


class JobEdit(_Model):
    """Changes to a job: what the ATS says (which reaches Indeed's base record too), and single providers."""

    title: str | None = None
    overview: str | None = None
    responsibilities: str | None = None
    qualifications: str | None = None
    company: str | None = None
    location: Location | None = None
    salary: Salary | None = None
    positions: int | None = Field(default=None, ge=1)
    position_type: str | None = None
    icims: IcimsEdit | None = None
    linkedin: LinkedInEdit | None = None
    indeed: IndeedEdit | None = None


class Reingestion(_Model):
    """The feed brings the job's live postings again, under new ids."""

    old: Lifecycle | NodeRead = "INACTIVE"
    """What becomes of the posting before: a lifecycle, or `null` or `error` for one that `node` no longer finds."""
    keeps_overlay: bool = False
    silent: bool = False
