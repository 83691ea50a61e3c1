"""The posting of a job, read from iCIMS where it is sent: no description is kept in a history."""

import time
from dataclasses import replace
from typing import Protocol
from urllib.parse import urlsplit

from activities.providers import Providers
from clients.errors import ProviderError
from clients.icims.protocol import IcimsJob
from clients.linkedin.errors import PROVIDER
from clients.linkedin.posting import Posting, company_field
from clients.linkedin.protocol import PostingStatus
from config.values import JOB_NUMBER, fill
from models.calls.linkedin import LinkedInPost
from models.problems import Category, Problem
from models.states import Operation


class Wanted(Protocol):
    """Which job is to be sent, and where candidates apply, by the ATS."""

    @property
    def customer_id(self) -> str: ...

    @property
    def job_id(self) -> str: ...

    @property
    def portal_url(self) -> str | None: ...


async def read_posting(
    providers: Providers, call: Wanted, external_id: str, before: PostingStatus | None, *, fresh: bool
) -> Posting:
    """Read a job from iCIMS as LinkedIn takes it; a job that LinkedIn shows keeps the date of its listing.

    `fresh` where members will read it: an edit of a moment ago must be in it.
    Raises ProviderError.
    """
    icims = providers.icims(call.customer_id)
    job = await icims.job(call.job_id, fresh=fresh)
    job = replace(job, location=await icims.location(job))
    return _posting(providers, call, external_id, before, job)


async def posting_to_send(
    providers: Providers, call: LinkedInPost, external_id: str, before: PostingStatus | None, operation: Operation
) -> Posting | None:
    """Read the posting for a create, update or renewal; None where sending it might change where people work.

    LinkedIn takes a posting that does not say so for one on site, and shows of none what it is: of a job that others
    have posted only the configuration can tell.
    Raises ProviderError.
    """
    of_others = operation is Operation.UPDATE and not call.created
    if of_others and not providers.linkedin(call.customer_id)[1].names_workplaces:
        return None  # not worth a call to iCIMS
    posting = await read_posting(providers, call, external_id, before, fresh=True)
    return None if of_others and posting.workplace_type is None else posting


async def closing_posting(
    providers: Providers, call: Wanted, external_id: str, before: PostingStatus | None
) -> Posting:
    """Return a job as LinkedIn takes it to close it, whether or not iCIMS says anything of it.

    The location is the one that LinkedIn shows; what iCIMS does not say in time, `element` fills with neutral words.
    """
    place = before.location if before is not None else None
    job = await providers.icims(call.customer_id).for_close(call.job_id, location=place is None)
    # No member follows the address of a job that is closed: its id stands for a number that is not known.
    job = replace(job, location=place or job.location)
    return _posting(providers, call, external_id, before, job, number=job.number or call.job_id)


def _posting(
    providers: Providers,
    call: Wanted,
    external_id: str,
    before: PostingStatus | None,
    job: IcimsJob,
    *,
    number: str | None = None,
) -> Posting:
    customer, (_, settings) = providers.customer(call.customer_id), providers.linkedin(call.customer_id)
    fields, listing = customer.icims.fields, settings.listing(job.said)
    since = before.listed_at if before is not None else None
    return Posting(
        external_job_posting_id=external_id,
        title=job.title,
        description_parts=(job.overview, job.responsibilities, job.qualifications),
        location=job.location,
        apply_url=_apply_url(listing.apply_url, customer.icims.apply_url, call, number or job.number),
        company_field=company_field(providers.settings.linkedin.version),
        organization_urn=listing.organization_urn,
        contract_urn=listing.contract_urn,
        listing_type=listing.listing_type,
        listed_at_ms=int((since.timestamp() if since is not None else time.time()) * 1000),
        job_code=job.number,
        poster_email=settings.poster_email,
        workplace_type=listing.workplace_type,
        title_field=fields.title,
        location_field=fields.location,
        description_fields=(fields.overview, fields.responsibilities, fields.qualifications),
    )


def _apply_url(of_rule: str | None, of_customer: str, call: Wanted, number: str | None) -> str:
    """Return where candidates apply: as a rule says, else as the ATS said, else as the customer's template has it.

    Raises ProviderError where the job has no number that is needed.
    """
    if of_rule is None and call.portal_url is not None:
        return call.portal_url
    template = of_rule or of_customer
    if JOB_NUMBER in template and number is None:
        raise ProviderError(NO_NUMBER, provider=PROVIDER, operation="submit")
    host = urlsplit(call.portal_url).hostname if call.portal_url is not None else None
    ids = {"customer_id": call.customer_id, "job_id": call.job_id}
    return fill(template, **ids, job_number=number, portal_host=host)


NO_NUMBER = Problem(
    category=Category.INVALID_POSTING,
    reason="The address where candidates apply needs the job's number, but iCIMS shows none.",
    remedy="Let the integration user see the field jobid in iCIMS, or take {job_number} out of apply_url; then send "
    "`retry`.",
)
WORKPLACE_UNKNOWN = Problem(
    category=Category.CONFIGURATION,
    reason="The job was edited in iCIMS, but not sent to LinkedIn: another system has posted it, LinkedIn does not "
    "show where people work, and would take an update that does not say so for a job on site.",
    remedy="Set workplace_type in [customers.linkedin], or in a rule where jobs differ (on-site if all are); the edit "
    "is then sent by itself.",
    cause="linkedin.workplace_type",
)
NO_WORKPLACE = (
    "another system has posted the job, nothing in the configuration says where people work (workplace_type), and an "
    "update that does not say so would make it a job on site"
)
