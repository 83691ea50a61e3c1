"""What LinkedIn has of one job, and what would be sent to close it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activities.linkedin.judgement import takes_applications
from activities.linkedin.posting import closing_posting, read_posting
from activities.providers import Providers
from boardsync.doctor.findings import Finding, Level, bad, good
from clients.errors import ProviderError
from clients.linkedin.posting import CLOSING_LOCATION, CLOSING_TITLE, element
from clients.linkedin.protocol import Listing, PostingStatus
from config.customers import Customer, CustomerLinkedIn
from config.rules import fields_of
from config.values import fill
from models.linkedin_statuses import LISTING, meaning_of, words_of
from models.states import Operation

CHECK = "linkedin.job"


@dataclass(frozen=True, slots=True)
class RealJob:
    """A job of which no event has named a portal."""

    customer_id: str
    job_id: str
    portal_url: str | None = None


async def check_at_linkedin(providers: Providers, customer: Customer, job_id: str) -> Sequence[Finding]:
    """Read the job at LinkedIn, and build what a close, and a post, would send.

    Raises ProviderError where LinkedIn says nothing of it.
    """
    client, settings = providers.linkedin(customer.id)
    external_id = fill(settings.external_job_posting_id, customer_id=customer.id, job_id=job_id)
    status = await client.status(external_id)
    posting = await closing_posting(providers, RealJob(customer.id, job_id), external_id, status)
    found = [_listed(external_id, settings, status), _close(element(posting, Operation.CLOSE)), _owner(settings)]
    found += await _rules(providers, settings, customer.id, job_id)
    if settings.on_post == "create":
        found.append(await _create(providers, customer, job_id, external_id, status))
        found += _kept(status)
    return found


async def _rules(providers: Providers, settings: CustomerLinkedIn, customer_id: str, job_id: str) -> list[Finding]:
    """Tell of fields that rules ask for and iCIMS does not show: such a job is listed as if no rule held."""
    said = (await providers.icims(customer_id).for_close(job_id)).said
    unsaid = [name for name in fields_of(settings.rules) if name not in said]
    if not unsaid:
        return []
    means = f"No rule that asks for it holds: the job is listed as {settings.listing(said).listing_type}."
    remedy = "Let the integration user see the field, or fill it in; right if it is empty for jobs that no rule is for."
    found = f"iCIMS does not show what [[customers.linkedin.rules]] ask for: {', '.join(unsaid)}"
    return [bad(f"{CHECK}.rules", found, means=means, remedy=remedy, level=Level.WARN)]


def _kept(status: PostingStatus | None) -> list[Finding]:
    """Tell where an edit of the job is not sent, as it would take off what others have set up."""
    if status is None or not takes_applications(status):
        return []
    means = "An update by Boardsync would switch that off: an edit of the job is not sent, and asks a person."
    remedy = "Have whoever set LinkedIn Apply up send the edits, or switch it off at LinkedIn."
    return [bad(f"{CHECK}.apply", "members apply by LinkedIn Apply", means=means, remedy=remedy, level=Level.WARN)]


def _listed(external_id: str, settings: CustomerLinkedIn, status: PostingStatus | None) -> Finding:
    if status is None:
        found = f"LinkedIn knows no job {external_id} of {settings.application_urn}"
        means = "A close ends as not_found, which proves nothing: the job may be live under another id."
        remedy = (
            "Look up under which externalJobPostingId and application the job is posted, and correct "
            "external_job_posting_id and application_urn in [customers.linkedin]; right if it was never posted there."
        )
        return bad(CHECK, found, means=means, remedy=remedy, level=Level.WARN)
    if status.listing is Listing.LISTED:
        return good(CHECK, f"LinkedIn lists {external_id}{f' at {status.url}' if status.url else ''}")
    meaning = meaning_of(LISTING, status.detail) if status.detail is not None else None
    said = words_of(status.detail) if status.detail is not None else status.listing.value
    means = meaning.meaning if meaning is not None else "Members do not see the job; right if it is closed."
    remedy = meaning.remedy if meaning is not None and meaning.remedy else "If it is to be posted, post it again."
    found = f"LinkedIn does not list {external_id}: {said}"
    return bad(f"{CHECK}.listing", found, means=means, remedy=remedy, level=Level.WARN)


def _close(built: Mapping[str, Any]) -> Finding:
    check = f"{CHECK}.close"
    neutral = [
        name for name, words in (("title", CLOSING_TITLE), ("location", CLOSING_LOCATION)) if built.get(name) == words
    ]
    shown = ", ".join(
        f"{name} {built[name]}"
        for name in ("externalJobPostingId", "title", "location", "companyApplyUrl", "listingType", "contract")
        if name in built
    )
    if not str(built.get("companyApplyUrl", "")).startswith("https://"):
        means = "LinkedIn may refuse the address at which candidates apply, also in a close."
        remedy = "Make apply_url in [customers.icims] an https address."
        return bad(check, f"a CLOSE would send: {shown}", means=means, remedy=remedy, level=Level.WARN)
    if neutral:
        means = f"iCIMS does not show {', '.join(neutral)}: neutral words stand there instead. The close works."
        remedy = "Let the integration user see the fields that icims.job names, to send the job's own words."
        return bad(check, f"a CLOSE would send: {shown}", means=means, remedy=remedy, level=Level.WARN)
    return good(check, f"a CLOSE would send: {shown}")


async def _create(
    providers: Providers, customer: Customer, job_id: str, external_id: str, status: PostingStatus | None
) -> Finding:
    check = f"{CHECK}.create"
    try:
        posting = await read_posting(providers, RealJob(customer.id, job_id), external_id, status, fresh=False)
        built = element(posting, Operation.CREATE)
    except ProviderError as error:
        means = "LinkedIn would not take the job: it would not be posted."
        return bad(check, error.problem.words, means=means, remedy=error.problem.remedy)
    if "workplaceTypes" not in built:
        means = (
            "LinkedIn takes a job without it for one on site, so edits of jobs that others have posted are not sent."
        )
        remedy = "Set workplace_type in [customers.linkedin], or by a rule where jobs differ; on-site if all are."
        return bad(f"{CHECK}.workplace", "no workplace_type is set", means=means, remedy=remedy, level=Level.WARN)
    return good(check, f"a CREATE would send a description of {len(str(built['description']))} characters")


def _owner(settings: CustomerLinkedIn) -> Finding:
    check = f"{CHECK}.poster_email"
    if settings.poster_email is not None:
        return good(check, "postings name their owner")
    means = "LinkedIn requires the owner of a posting since June 2025, and may refuse jobs without one."
    remedy = "Set poster_email in [customers.linkedin] to an address that the customer's LinkedIn seat has."
    return bad(check, "poster_email is not set", means=means, remedy=remedy, level=Level.WARN)
