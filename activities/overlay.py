"""The overlay: what the agency sets on a job at Indeed, and what of it the job shows."""

import unicodedata

from clients.indeed.protocol import EmployerJob, Overlay
from config.customers import CustomerIndeed
from config.values import fill


def wanted_overlay(settings: CustomerIndeed, *, customer_id: str, job_id: str) -> Overlay:
    """Fill the customer's templates for a job."""
    tracking_url = settings.tracking_url and fill(settings.tracking_url, customer_id=customer_id, job_id=job_id)
    return Overlay(tracking_url=tracking_url, campaign_categories=settings.campaign_categories or None)


def missing_of_overlay(job: EmployerJob, overlay: Overlay) -> Overlay:
    """Give the fields that the job does not show as wanted; an empty overlay means that all are through.

    Indeed writes one tracking URL and reads a list; whether it replaces categories or adds to them is open.
    """
    url, categories = overlay.tracking_url, overlay.campaign_categories
    if url is not None and url in job.tracking_urls:
        url = None
    if categories is not None and set(categories) <= set(job.campaign_categories):
        categories = None
    return Overlay(tracking_url=url, campaign_categories=categories)


def left_of_overlay(job: EmployerJob, overlay: Overlay, *, ats_title: str | None) -> list[str]:
    """Name the overlay fields that the job still shows; an empty list means that it is clear.

    A clear reverts a job "to the latest ATS data" (seed), so a title other than the ATS's is left over;
    with no title from the ATS it is not compared.
    """
    left = []
    if overlay.tracking_url is not None and overlay.tracking_url in job.tracking_urls:
        left.append("trackingUrl")
    if set(overlay.campaign_categories or ()) & set(job.campaign_categories):
        left.append("campaignCategories")
    if ats_title is not None and job.title is not None and _folded(job.title) != _folded(ats_title):
        left.append("title")
    return left


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
