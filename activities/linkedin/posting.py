"""The posting of a job, read from iCIMS where it is sent: no description is kept in a history."""

import time

from activities.providers import Providers
from clients.linkedin.posting import Posting, company_field
from clients.linkedin.protocol import JobStatus
from config.values import fill


async def read_posting(
    providers: Providers, customer_id: str, job_id: str, external_id: str, before: JobStatus | None, *, fresh: bool
) -> Posting:
    """Read a job from iCIMS as LinkedIn takes it; a job that LinkedIn shows keeps the date of its listing.

    `fresh` where members will read it: an edit of a moment ago must be in it.
    Raises ProviderError.
    """
    customer, icims = providers.customer(customer_id), providers.icims(customer_id)
    _, settings = providers.linkedin(customer_id)
    job = await icims.job(job_id, fresh=fresh)
    fields = customer.icims.fields
    since = before.listed_at if before is not None else None
    return Posting(
        external_job_posting_id=external_id,
        title=job.title,
        description_parts=(job.overview, job.responsibilities, job.qualifications),
        location=await icims.location(job),
        apply_url=fill(customer.icims.apply_url, customer_id=customer_id, job_id=job_id),
        company_field=company_field(providers.settings.linkedin.version),
        organization_urn=settings.organization_urn,
        contract_urn=settings.contract_urn,
        listing_type=settings.listing_type,
        listed_at_ms=int((since.timestamp() if since is not None else time.time()) * 1000),
        job_code=job.number,
        poster_email=settings.poster_email,
        title_field=fields.title,
        location_field=fields.location,
        description_fields=(fields.overview, fields.responsibilities, fields.qualifications),
    )
