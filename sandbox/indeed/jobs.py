"""The jobs that Indeed holds: what the ATS feeds, and what an agency has set over it."""

import uuid
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from sandbox.content import JobContent, Location, Salary
from sandbox.indeed import iris
from sandbox.timeline import Timeline

Lifecycle = Literal["ACTIVE", "INACTIVE", "PENDING"]
FeedType = Literal["INTEGRATED_FROM_PARTNER", "CRAWLED_FROM_WEB", "HOSTED_ON_INDEED"]
SearchStatus = Literal["organic", "sponsored_with_spend", "sponsored_without_spend", "nowhere", "unclear"]

_NAMESPACE = uuid.UUID("5f0c1f3e-0d55-4c3a-9a53-6f2b8a6a4d10")


class GeneralLocation(BaseModel):
    """A location as an update gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cityRegionPostal: str  # noqa: N815 (the fields of an overlay are spelled as in Indeed's inputs)
    streetAddress: str | None = None  # noqa: N815


class Overlay(BaseModel):
    """The fields an agency has set over the ATS's posting; None leaves the ATS's value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    campaignCategories: tuple[str, ...] | None = None  # noqa: N815
    trackingUrl: str | None = None  # noqa: N815
    title: str | None = None
    description: str | None = None
    descriptionFormatting: Literal["TEXT", "HTML"] | None = None  # noqa: N815
    jobLocation: GeneralLocation | None = None  # noqa: N815
    salary: Salary | None = None
    companyName: str | None = None  # noqa: N815

    def with_fields(self, fields: dict[str, Any]) -> "Overlay":
        """Return a copy with these fields set."""
        return Overlay.model_validate({**self.model_dump(), **fields})

    def as_json(self) -> dict[str, Any]:
        """Return the fields that are set."""
        return self.model_dump(mode="json", exclude_none=True)


NO_OVERLAY = Overlay()


@dataclass(slots=True)
class EmployerJob:
    """One employer job.

    ``posting_uuid`` is the sourcedPostingId; the IRI holds another UUID, as nothing says that they are the same.
    """

    customer_id: str
    job_id: str
    requisition_id: str
    posting_uuid: str
    employer_uuid: str
    posted_at: float
    base: JobContent
    overlay: Timeline[Overlay]
    claimed_by: str | None = None
    lifecycle: Lifecycle = "ACTIVE"
    feed_type: FeedType = "INTEGRATED_FROM_PARTNER"
    search_status: SearchStatus = "organic"
    legacy_source_id: str = "60a9614a5d973a21"

    def iri(self, spelling: iris.Spelling) -> str:
        """Return EmployerJob.id."""
        return iris.encode("EmployerJob", self.employer_uuid, spelling)

    @property
    def names(self) -> tuple[str, ...]:
        """Return every name that a call may use for it."""
        return (self.posting_uuid, self.employer_uuid, self.iri("iri"), self.iri("urn"))

    def location(self, overlay: Overlay) -> Location:
        """Return the effective location."""
        if overlay.jobLocation is None:
            return self.base.location
        found = Location.model_validate(overlay.jobLocation.cityRegionPostal)
        return found.model_copy(update={"street": overlay.jobLocation.streetAddress or ""})


class IndeedState:
    """Everything Indeed knows."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], EmployerJob] = {}
        self._by_posting: dict[str, EmployerJob] = {}
        self._by_employer: dict[str, EmployerJob] = {}

    def put(
        self, customer_id: str, job_id: str, content: JobContent, *, requisition_id: str, now: float
    ) -> EmployerJob:
        """Create or replace a job; its ids depend on customer and job only."""
        job = EmployerJob(
            customer_id=customer_id,
            job_id=job_id,
            requisition_id=requisition_id,
            posting_uuid=str(uuid.uuid5(_NAMESPACE, f"posting/{customer_id}/{job_id}")),
            employer_uuid=str(uuid.uuid5(_NAMESPACE, f"employer/{customer_id}/{job_id}")),
            posted_at=now,
            base=content,
            overlay=Timeline(NO_OVERLAY),
        )
        self._jobs[customer_id, job_id] = job
        self._by_posting[job.posting_uuid] = job
        self._by_employer[job.employer_uuid] = job
        return job

    def remove(self, customer_id: str, job_id: str) -> None:
        """Forget a job, as if it had never been there."""
        if job := self._jobs.pop((customer_id, job_id), None):
            del self._by_posting[job.posting_uuid]
            del self._by_employer[job.employer_uuid]

    def get(self, customer_id: str, job_id: str) -> EmployerJob | None:
        """Return the job by the ids of the ATS."""
        return self._jobs.get((customer_id, job_id))

    def by_iri(self, iri: str) -> EmployerJob | None:
        """Return the job by EmployerJob.id."""
        return self._by_employer.get(iris.decode("EmployerJob", iri) or "")

    def by_seat(self, iri: str) -> EmployerJob | None:
        """Return the job by the id of its JobPost."""
        return self._by_employer.get(iris.decode("JobPost", iri) or "")

    def by_posting(self, sourced_posting_id: str) -> EmployerJob | None:
        """Return the job by sourcedPostingId, which may be the UUID or the IRI."""
        return self._by_posting.get(sourced_posting_id) or self.by_iri(sourced_posting_id)

    def of_customer(self, customer_id: str) -> list[EmployerJob]:
        """Return the customer's jobs in the order in which they were made."""
        return [job for (owner, _), job in self._jobs.items() if owner == customer_id]
