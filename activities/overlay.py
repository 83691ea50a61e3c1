"""What of the agency's overlay a job at Indeed still shows."""

import unicodedata

from clients.indeed.protocol import EmployerJob
from config.customers import CustomerIndeed
from config.values import fill


def left_of_overlay(
    job: EmployerJob, settings: CustomerIndeed, customer_id: str, job_id: str, *, ats_title: str | None
) -> list[str]:
    """Name the overlay fields that the job still shows; an empty list means that it is clear.

    A clear reverts a job "to the latest ATS data" (seed), so a title other than the ATS's is left over;
    with no title from the ATS it is not compared.
    """
    left = []
    if settings.tracking_url is not None:
        ours = fill(settings.tracking_url, customer_id=customer_id, job_id=job_id)
        if ours in job.tracking_urls:
            left.append("trackingUrl")
    if set(settings.campaign_categories) & set(job.campaign_categories):
        left.append("campaignCategories")
    if ats_title is not None and job.title is not None and _folded(job.title) != _folded(ats_title):
        left.append("title")
    return left


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
