"""The jobs that Indeed holds: what the ATS feeds, and what an agency has set over it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.content import JobContent, Location
from sandbox.indeed import iris
from sandbox.indeed.overlay import Overlay
from sandbox.timeline import Timeline

Lifecycle = Literal["ACTIVE", "INACTIVE", "PENDING"]
FeedType = Literal["INTEGRATED_FROM_PARTNER", "CRAWLED_FROM_WEB", "HOSTED_ON_INDEED"]
SearchStatus = Literal["organic", "sponsored_with_spend", "sponsored_without_spend", "nowhere", "unclear"]
NodeRead = Literal["whole", "null", "error"]
ListingRead = Literal["listed", "unlisted", "null"]

SOURCE_ID = "60a9614a5d973a21"


@dataclass(slots=True, eq=False)
class EmployerJob:
    """One employer job. Several may belong to one job of the ATS: its locations, or what was ingested anew.

    ``posting_uuid`` is the sourcedPostingId; the IRI holds another UUID, as nothing says that they are the same.
    ``feed`` holds what the feed says unlike the ATS; ``job_posting_id`` is the id that readers see.
    """

    customer_id: str
    job_id: str
    job_posting_id: str | None
    requisition_id: str | None
    posting_uuid: str
    employer_uuid: str
    posted_at: float
    ats: JobContent
    overlay: Timeline[Overlay]
    feed: dict[str, Any] = field(default_factory=dict)
    feed_url: str | None = None
    claimed_by: str | None = None
    lifecycle: Lifecycle = "ACTIVE"
    feed_type: FeedType = "INTEGRATED_FROM_PARTNER"
    search_status: SearchStatus = "organic"
    legacy_source_id: str = SOURCE_ID
    client_id: str | None = None
    """The application that brought it; None is the customer's first."""
    node: NodeRead = "whole"
    listing: ListingRead = "listed"

    @property
    def base(self) -> JobContent:
        """Return what the feed says of the job."""
        return self.ats.model_copy(update=self.feed) if self.feed else self.ats

    def iri(self, spelling: iris.Spelling) -> str:
        """Return EmployerJob.id."""
        return iris.encode("EmployerJob", self.employer_uuid, spelling)

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name that a call may use for it."""
        return (self.posting_uuid, self.employer_uuid, self.iri("iri"), self.iri("urn"))

    @property
    def is_live(self) -> bool:
        """Return whether people find it."""
        return (
            self.lifecycle == "ACTIVE"
            and self.node == "whole"
            and self.search_status in {"organic", "sponsored_with_spend"}
        )

    def location(self, overlay: Overlay) -> Location:
        """Return the effective location."""
        if overlay.jobLocation is None:
            return self.base.location
        found = Location.model_validate(overlay.jobLocation.cityRegionPostal)
        return found.model_copy(update={"street": overlay.jobLocation.streetAddress or ""})
