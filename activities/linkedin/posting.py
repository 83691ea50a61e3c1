"""The posting of a job, read from iCIMS where it is sent: no description is kept in a history."""

import time
from dataclasses import replace

from activities.providers import Providers
from clients.icims.protocol import IcimsJob
from clients.linkedin.posting import Posting, company_field
from clients.linkedin.protocol import PostingStatus
from config.values import fill


async def read_posting(
    providers: Providers, customer_id: str, job_id: str, external_id: str, before: PostingStatus | None, *, fresh: bool
) -> Posting:
    """Read a job from iCIMS as LinkedIn takes it; a job that LinkedIn shows keeps the date of its listing.

    `fresh` where members will read it: an edit of a moment ago must be in it.
    Raises ProviderError.
    """
    icims = providers.icims(customer_id)
    job = await icims.job(job_id, fresh=fresh)
    job = replace(job, location=await icims.location(job))
    return _posting(providers, customer_id, job_id, external_id, before, job)


async def closing_posting(
    providers: Providers, customer_id: str, job_id: str, external_id: str, before: PostingStatus | None
) -> Posting:
    """Return a job as LinkedIn takes it to close it, whether or not iCIMS says anything of it.

    The location is the one that LinkedIn shows; what iCIMS does not say in time, `element` fills with neutral words.
    """
    place = before.location if before is not None else None
    job = await providers.icims(customer_id).for_close(job_id, location=place is None)
    return _posting(providers, customer_id, job_id, external_id, before, replace(job, location=place or job.location))


def _posting(
    providers: Providers,
    customer_id: str,
    job_id: str,
    external_id: str,
    before: PostingStatus | None,
    job: IcimsJob,
) -> Posting:
    customer, (_, settings) = providers.customer(customer_id), providers.linkedin(customer_id)
    fields = customer.icims.fields
    since = before.listed_at if before is not None else None
    return Posting(
        external_job_posting_id=external_id,
        title=job.title,
        description_parts=(job.overview, job.responsibilities, job.qualifications),
        location=job.location,
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
