"""What a change of a job does to the providers."""

from sandbox.content import JobContent
from sandbox.customers import Customer
from sandbox.icims.jobs import IcimsJob
from sandbox.indeed.jobs import EmployerJob
from sandbox.indeed.overlay import NO_OVERLAY, Overlay
from sandbox.jobs.specs import Boards, IcimsEdit, IndeedEdit, JobEdit, LinkedInEdit, Reingestion
from sandbox.linkedin.postings import LISTED_FOR, Detail, Posting
from sandbox.world import World

_FIRST_POSTED = 1_790_841_600.0  # 2026-10-01T08:00:00Z; later jobs follow a minute apart
_FEED_FIELDS = ("title", "company", "location", "overview", "salary")


def put(world: World, customer: Customer, job_id: str, content: JobContent, boards: Boards) -> None:
    """Create or replace a job everywhere."""
    customer_id = customer.customer_id
    job = world.icims.put(customer_id, job_id, content, portals=world.settings.icims.portals[:1])
    client_id, external_id = customer.linkedin.client_id, f"{customer_id}-{job_id}"
    world.linkedin.name(client_id, external_id, job_id)
    world.linkedin.remove(client_id, external_id)
    posted_at = _posted_at(job)
    if boards.linkedin:
        location = content.location.text
        posting = world.linkedin.put(client_id, external_id, location=location, now=posted_at, listed=True)
        posting.job_code = job.number
        posting.expires_at = world.clock.time() + LISTED_FOR
    world.indeed.remove(customer_id, job_id)
    for special in boards.postings:
        wanted = special if special.overlay is not None else special.model_copy(update={"overlay": boards.overlay})
        add_posting(world, customer, job, wanted)


def add_posting(world: World, customer: Customer, job: IcimsJob, special: IndeedEdit) -> EmployerJob:
    """Add a posting of a job at Indeed."""
    employer = world.indeed.put(
        customer.customer_id, job.job_id, job.content, requisition_id=job.number, now=_posted_at(job)
    )
    edit_posting(world, customer, employer, special)
    return employer


def edit_job(world: World, customer: Customer, job: IcimsJob, change: JobEdit) -> None:
    """Apply changes to a job; parts for a board that does not have it are ignored."""
    texts = change.model_dump(exclude_none=True, exclude={"icims", "linkedin", "indeed"})
    job.content = JobContent.model_validate({**job.content.model_dump(), **texts})
    job.updated_at = world.clock.time()
    if change.icims:
        _edit_icims(job, change.icims)
    posting, now = world.linkedin.get(*_external(customer, job.job_id)), world.clock.time()
    if change.linkedin and posting:
        _edit_linkedin(posting, change.linkedin, now)
        if not change.linkedin.silent:
            world.webhooks.linkedin.listing_changed(posting, listed=bool(posting.listed.truth(now)))
    first = world.indeed.get(customer.customer_id, job.job_id)
    for employer in world.indeed.of_job(customer.customer_id, job.job_id):
        special = change.indeed if employer is first else None
        employer.ats = job.content
        if texts and world.settings.indeed.ats_edit == "drops_overlay":
            employer.overlay.set(NO_OVERLAY, true_at=now, visible_at=now)
        if special:
            edit_posting(world, customer, employer, special)
        elif texts and not (change.indeed and change.indeed.silent):
            world.webhooks.indeed.job_changed(employer)


def edit_posting(world: World, customer: Customer, job: EmployerJob, change: IndeedEdit) -> None:
    """Apply changes to one posting at Indeed."""
    given = change.model_fields_set
    for name in ("lifecycle", "search_status", "feed_type", "legacy_source_id", "client_id", "node", "listing"):
        if (value := getattr(change, name)) is not None:
            setattr(job, name, value)
    for name in ("claimed_by", "job_posting_id", "requisition_id"):
        if name in given:
            setattr(job, name, getattr(change, name))
    for name in given.intersection(_FEED_FIELDS):
        job.feed[name] = getattr(change, name)
    job.feed = {name: value for name, value in job.feed.items() if value is not None}
    if "url" in given:
        job.feed_url = change.url
    if change.posted_after is not None:
        first = world.indeed.get(job.customer_id, job.job_id)
        job.posted_at = (first or job).posted_at + change.posted_after
    if change.overlay is not None:
        _put_overlay(world, customer, job, change.overlay, claim="claimed_by" not in given)
    if not change.silent:
        world.webhooks.indeed.job_changed(job)


def reingest(world: World, customer: Customer, job_id: str, change: Reingestion) -> list[EmployerJob]:
    """Bring the job's live postings again under new ids, and return the new ones."""
    made = []
    for old in world.indeed.of_job(customer.customer_id, job_id):
        if not old.is_live:
            continue
        now = world.clock.time()
        new = world.indeed.put_again(old, now)
        if change.keeps_overlay:
            new.overlay.set(old.overlay.truth(now), true_at=now, visible_at=now)
            new.claimed_by = old.claimed_by
        _retire(old, change)
        if not change.silent:
            world.webhooks.indeed.job_changed(new)
        made.append(new)
    return made


def _retire(job: EmployerJob, change: Reingestion) -> None:
    match change.old:
        case "ACTIVE" | "INACTIVE" | "PENDING" as lifecycle:
            job.lifecycle = lifecycle
        case node:
            job.node = node
            job.listing = "listed" if node == "whole" else "unlisted"


def _put_overlay(world: World, customer: Customer, job: EmployerJob, wanted: Overlay | bool, *, claim: bool) -> None:
    if wanted is True:
        url = f"https://example.com/jobs/{job.job_id}?utm_source=indeed"
        wanted = Overlay(trackingUrl=url, campaignCategories=("default",))
    now = world.clock.time()
    job.overlay.set(wanted or NO_OVERLAY, true_at=now, visible_at=now)
    if claim:
        job.claimed_by = customer.at_indeed(job.client_id).advertiser_id if wanted else None


def _edit_icims(job: IcimsJob, change: IcimsEdit) -> None:
    for name in ("hidden", "deleted", "hidden_fields", "folder", "portals", "boards"):
        if (value := getattr(change, name)) is not None:
            setattr(job, name, value)


def _edit_linkedin(posting: Posting, change: LinkedInEdit, now: float) -> None:
    if change.listed is not None:
        posting.listed.set(change.listed, true_at=now, visible_at=now)
    if change.message is not None:
        posting.detail = Detail("NOT_LISTED", 1001, "CUSTOMER_ERROR", change.message) if change.message else None
    if change.expired is not None:
        posting.expires_at = now if change.expired else now + LISTED_FOR
    if change.workplace is not None:
        posting.workplace = change.workplace
    for name in ("apply", "promotion"):
        given = getattr(change, name)
        if given is not None:
            setattr(posting, name, Detail(given.status, given.code, given.type, given.message))


def _external(customer: Customer, job_id: str) -> tuple[str, str]:
    return customer.linkedin.client_id, f"{customer.customer_id}-{job_id}"


def _posted_at(job: IcimsJob) -> float:
    return _FIRST_POSTED + 60 * job.address_id
