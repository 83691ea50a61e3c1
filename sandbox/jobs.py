"""One job across the providers: create it, edit it, see how it stands."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.content import JobContent, Location, Salary
from sandbox.customers import Customer
from sandbox.icims.jobs import IcimsJob
from sandbox.indeed.jobs import NO_OVERLAY, EmployerJob, FeedType, Lifecycle, Overlay, SearchStatus
from sandbox.linkedin.postings import LISTED_FOR, Detail, Posting
from sandbox.world import World

_FIRST_POSTED = 1_790_841_600.0  # 2026-10-01T08:00:00Z; later jobs follow a minute apart
_ID = r"^[A-Za-z0-9_-]{1,64}$"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Boards(_Model):
    """Where a new job is posted; ``overlay=True`` stands for the usual one."""

    linkedin: bool = True
    indeed: bool = True
    overlay: Overlay | bool = True


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


class IndeedEdit(_Model):
    """Changes that did not come through the API; ``claimed_by=None`` releases the job."""

    lifecycle: Lifecycle | None = None
    search_status: SearchStatus | None = None
    feed_type: FeedType | None = None
    claimed_by: str | None = None


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


def put(world: World, customer: Customer, job_id: str, content: JobContent, boards: Boards) -> None:
    """Create or replace a job everywhere."""
    customer_id = customer.customer_id
    job = world.icims.put(customer_id, job_id, content)
    client_id, external_id = customer.linkedin.client_id, f"{customer_id}-{job_id}"
    world.linkedin.name(client_id, external_id, job_id)
    world.linkedin.remove(client_id, external_id)
    posted_at = _FIRST_POSTED + 60 * job.address_id
    if boards.linkedin:
        location = content.location.text
        posting = world.linkedin.put(client_id, external_id, location=location, now=posted_at, listed=True)
        posting.job_code = job.number
        posting.expires_at = world.clock.time() + LISTED_FOR
    world.indeed.remove(customer_id, job_id)
    if boards.indeed:
        employer = world.indeed.put(customer_id, job_id, content, requisition_id=job.number, now=posted_at)
        _put_overlay(world, customer, employer, boards.overlay)
        world.webhooks.indeed.job_changed(employer)


def edit(world: World, job: IcimsJob, posting: Posting | None, employer: EmployerJob | None, change: JobEdit) -> None:
    """Apply changes to a job; parts for a board that does not have it are ignored."""
    texts = change.model_dump(exclude_none=True, exclude={"icims", "linkedin", "indeed"})
    job.content = JobContent.model_validate({**job.content.model_dump(), **texts})
    if change.icims:
        job.hidden = job.hidden if change.icims.hidden is None else change.icims.hidden
        job.deleted = job.deleted if change.icims.deleted is None else change.icims.deleted
    if change.linkedin and posting:
        _edit_linkedin(posting, change.linkedin, world.clock.time())
    if employer:
        employer.base = job.content
        if texts and world.settings.indeed.ats_edit == "drops_overlay":
            now = world.clock.time()
            employer.overlay.set(NO_OVERLAY, true_at=now, visible_at=now)
        if change.indeed:
            _edit_indeed(employer, change.indeed)
        if texts or change.indeed:
            world.webhooks.indeed.job_changed(employer)
    if change.linkedin and posting:
        world.webhooks.linkedin.listing_changed(posting, listed=bool(posting.listed.truth(world.clock.time())))


def describe(world: World, customer: Customer, job_id: str) -> dict[str, Any] | None:
    """Return how the job stands, in truth and as readers see it, or None when there is no such job."""
    job = world.icims.get(customer.customer_id, job_id)
    if job is None:
        return None
    employer = world.indeed.get(customer.customer_id, job_id)
    return {
        "customer_id": customer.customer_id,
        "job_id": job_id,
        "icims": _icims_view(job),
        "linkedin": _linkedin_view(world, posting_of(world, customer, job_id)),
        "indeed": _indeed_view(world, employer) if employer else None,
    }


def posting_of(world: World, customer: Customer, job_id: str) -> Posting | None:
    """Return the job's posting on LinkedIn."""
    return world.linkedin.get(customer.linkedin.client_id, f"{customer.customer_id}-{job_id}")


def _put_overlay(world: World, customer: Customer, job: EmployerJob, wanted: Overlay | bool) -> None:
    if wanted is False:
        return
    if wanted is True:
        url = f"https://example.com/jobs/{job.job_id}?utm_source=indeed"
        wanted = Overlay(trackingUrl=url, campaignCategories=("default",))
    now = world.clock.time()
    job.overlay.set(wanted, true_at=now, visible_at=now)
    job.claimed_by = customer.indeed.advertiser_id


def _edit_linkedin(posting: Posting, change: LinkedInEdit, now: float) -> None:
    if change.listed is not None:
        posting.listed.set(change.listed, true_at=now, visible_at=now)
    if change.message is not None:
        posting.detail = Detail("NOT_LISTED", 1001, "CUSTOMER_ERROR", change.message) if change.message else None
    if change.expired is not None:
        posting.expires_at = now if change.expired else now + LISTED_FOR
    for name in ("apply", "promotion"):
        given = getattr(change, name)
        if given is not None:
            setattr(posting, name, Detail(given.status, given.code, given.type, given.message))


def _edit_indeed(job: EmployerJob, change: IndeedEdit) -> None:
    job.lifecycle = change.lifecycle or job.lifecycle
    job.search_status = change.search_status or job.search_status
    job.feed_type = change.feed_type or job.feed_type
    if "claimed_by" in change.model_fields_set:
        job.claimed_by = change.claimed_by


def _icims_view(job: IcimsJob) -> dict[str, Any]:
    return {
        "title": job.content.title,
        "number": job.number,
        "positions": job.content.positions,
        "hidden": job.hidden,
        "deleted": job.deleted,
        "reported": job.boards,
    }


def _linkedin_view(world: World, posting: Posting | None) -> dict[str, Any] | None:
    if posting is None:
        return None
    now = world.clock.time()
    seen, there = posting.listed.visible(now), posting.detail is None and now < posting.expires_at
    task = world.linkedin.task(posting.last_task or "")
    return {
        "external_id": posting.external_id,
        "listed": bool(posting.listed.truth(now)) and there,
        "will_be_listed": bool(posting.listed.planned()) and there,
        "listing_status": None if seen is None else "LISTED" if seen and there else "NOT_LISTED",
        "location": posting.location,
        "task": task and {**task.as_json(now), "operation": task.operation},
    }


def _indeed_view(world: World, job: EmployerJob) -> dict[str, Any]:
    now = world.clock.time()
    return {
        "sourced_posting_id": job.posting_uuid,
        "employer_job_id": job.iri(world.settings.indeed.iri_spelling),
        "live": job.lifecycle == "ACTIVE" and job.search_status in {"organic", "sponsored_with_spend"},
        "lifecycle": job.lifecycle,
        "search_status": job.search_status,
        "claimed_by": job.claimed_by,
        "overlay_left": job.overlay.truth(now).as_json(),
        "overlay_visible": job.overlay.visible(now).as_json(),
    }
