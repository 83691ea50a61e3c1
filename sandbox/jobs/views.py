"""How a job stands on every provider, in truth and as readers see it."""

from typing import Any

from sandbox.customers import Customer
from sandbox.icims.jobs import IcimsJob
from sandbox.indeed.jobs import EmployerJob
from sandbox.linkedin.postings import Posting
from sandbox.world import World


def describe(world: World, customer: Customer, job_id: str) -> dict[str, Any] | None:
    """Return how the job stands, or None when there is no such job."""
    job = world.icims.get(customer.customer_id, job_id)
    if job is None:
        return None
    postings = [posting_view(world, each) for each in world.indeed.of_job(customer.customer_id, job_id)]
    return {
        "customer_id": customer.customer_id,
        "job_id": job_id,
        "icims": _icims_view(job),
        "linkedin": _linkedin_view(world, posting_of(world, customer, job_id)),
        "indeed": postings[0] if postings else None,
        "indeed_postings": postings,
    }


def posting_of(world: World, customer: Customer, job_id: str) -> Posting | None:
    """Return the job's posting on LinkedIn."""
    return world.linkedin.get(customer.linkedin.client_id, f"{customer.customer_id}-{job_id}")


def posting_view(world: World, job: EmployerJob) -> dict[str, Any]:
    """Return how one posting stands at Indeed."""
    now = world.clock.time()
    return {
        "sourced_posting_id": job.posting_uuid,
        "employer_job_id": job.iri(world.settings.indeed.iri_spelling),
        "job_posting_id": job.job_posting_id,
        "requisition_id": job.requisition_id,
        "live": job.is_live,
        "lifecycle": job.lifecycle,
        "search_status": job.search_status,
        "feed_type": job.feed_type,
        "node": job.node,
        "listing": job.listing,
        "claimed_by": job.claimed_by,
        "overlay_left": job.overlay.truth(now).as_json(),
        "overlay_visible": job.overlay.visible(now).as_json(),
        "overlay_changes": [[at, bool(overlay.as_json())] for at, overlay in job.overlay.changes(now)],
    }


def _icims_view(job: IcimsJob) -> dict[str, Any]:
    return {
        "title": job.content.title,
        "number": job.number,
        "positions": job.content.positions,
        "hidden": job.hidden,
        "deleted": job.deleted,
        "folder": job.folder,
        "portals": list(job.portals),
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
        "listed_changes": [[at, bool(listed)] for at, listed in posting.listed.changes(now)],
        "location": posting.location,
        "url": posting.url,
        "workplace": posting.workplace,
        "sent": posting.sent,
        "task": task and {**task.as_json(now), "operation": task.operation},
    }
