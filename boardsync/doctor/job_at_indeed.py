"""Which postings Indeed has of one job, by which id, and how members see them."""

from collections.abc import Sequence

from activities.providers import Providers
from boardsync.doctor.findings import Finding, Level, bad, good
from clients.indeed.client import IndeedClient
from clients.indeed.found import FoundJob
from clients.indeed.reading import EmployerJob
from config.customers import Customer, CustomerIndeed
from config.values import fill
from models.indeed_ids import job_key
from models.states import JobStatus, Live

CHECK = "indeed.job"
READ = 5
"""Postings that are read one by one."""
INVISIBLE = {
    JobStatus.NOWHERE: (
        "Indeed has rejected the posting: it is on Indeed, and in no search.",
        "Open the job in Indeed: it says why it was rejected. Correct that in iCIMS, or sponsor the job.",
    ),
    JobStatus.SPONSORED_WITHOUT_SPEND: (
        "The posting needs sponsorship and has none: it is in no search.",
        "Sponsor the job at Indeed: put its campaign_categories into a campaign that has a budget.",
    ),
    JobStatus.PENDING: ("Indeed has not taken the posting up yet.", "Wait, and look again."),
}
"""What a posting is that members do not find, though it is there; and what to do."""


async def check_at_indeed(providers: Providers, customer: Customer, job_id: str) -> Sequence[Finding]:
    """Find the job's postings in Indeed's listing, and read them.

    Raises ProviderError where Indeed says nothing of them.
    """
    job = await providers.icims(customer.id).for_close(job_id)
    client = providers.indeed_by_rule(customer.id, job.said)
    if client is None:
        means = "It is looked for under every account; found under exactly one, that decides."
        remedy = "Let the integration user see the fields that [[customers.indeed.rules]] asks for, or fill them in."
        found = "iCIMS does not say under which account of Indeed the job is"
        said = [bad("indeed.account", found, means=means, remedy=remedy, level=Level.WARN)]
        for each in providers.indeed_accounts(customer.id):
            said += await _under(providers, customer, job_id, each)
        return said
    several = len(providers.indeed_accounts(customer.id)) > 1
    chosen = [good("indeed.account", f"the rules say that the job is under {client.account}")] if several else []
    return [*chosen, *await _under(providers, customer, job_id, client)]


async def _under(providers: Providers, customer: Customer, job_id: str, client: IndeedClient) -> list[Finding]:
    settings = providers.indeed_settings(customer.id)
    posting_id = fill(settings.job_posting_id, customer_id=customer.id, job_id=job_id)
    listing = await client.directory.listing()
    if not listing.jobs:
        means = "No job can be found, updated or cleared, and none proven gone."
        remedy = "Correct advertiser_id, feed_types and legacy_source_id in [customers.indeed]."
        return [bad("indeed.listing", "Indeed lists no job for this advertiser", means=means, remedy=remedy)]
    found = [_whole(len(listing.jobs), complete=listing.complete)]
    postings = listing.by_posting_id.get(posting_id, ())
    if not postings:
        return [*found, _not_there(posting_id, settings, listing.by_requisition_id.get(posting_id, ()))]
    live = [each for each in postings if each.live is Live.LIVE]
    names = ", ".join(job_key(each.employer_job_id) for each in postings)
    words = f"{len(postings)} posting(s) with the jobPostingId {posting_id}, {len(live)} live: {names}"
    if live:
        found.append(good(CHECK, words))
    else:
        means = "Members do not find the job; right if it is closed."
        remedy = "If it is posted, see that the ATS's feed sends it to Indeed."
        found.append(bad(f"{CHECK}.live", words, means=means, remedy=remedy, level=Level.WARN))
    number = providers.icims(customer.id).said_before(job_id).number
    template = settings.tracking_url or ""
    url = fill(template, customer_id=customer.id, job_id=job_id, job_number=number) or None
    return [*found, *await _read(client, settings, url, live)]


def _whole(count: int, *, complete: bool) -> Finding:
    if complete:
        return good("indeed.listing", f"Indeed lists {count} job(s) of this advertiser, with every entry readable")
    means = "That a job is not there cannot be proven while entries are missing or unreadable."
    remedy = "Ask Indeed's support, where it lasts."
    return bad("indeed.listing", "Indeed's listing is not whole", means=means, remedy=remedy, level=Level.WARN)


def _not_there(posting_id: str, settings: CustomerIndeed, by_number: Sequence[FoundJob]) -> Finding:
    others = [each.job_posting_id for each in by_number if each.job_posting_id is not None]
    if others:
        found = (
            f"no posting has the jobPostingId {posting_id}; these have it as their number: {', '.join(others[:READ])}"
        )
        means = "Those are other jobs for Boardsync: it neither updates nor clears them."
        remedy = "If they are this job, make job_posting_id in [customers.indeed] what the feed sends as jobPostingId."
        return bad(f"{CHECK}.named_otherwise", found, means=means, remedy=remedy)
    if by_number and settings.match_requisition:
        return good(CHECK, f"{len(by_number)} posting(s) by the jobRequisitionId {posting_id} (match_requisition)")
    if by_number:
        found = f"a posting has {posting_id} as its jobRequisitionId, and no jobPostingId"
        means = "Several jobs may share such a number, so it is not taken for this job."
        remedy = "Have the feed send jobPostingId, or set match_requisition = true if numbers are never shared."
        return bad(f"{CHECK}.requisition", found, means=means, remedy=remedy, level=Level.WARN)
    means = "The job ends as not_found at Indeed, which proves nothing: it may be live under another id."
    remedy = (
        "Look up by which jobPostingId the feed sends it, and correct job_posting_id, feed_types or "
        "legacy_source_id in [customers.indeed]; right if it was never posted there."
    )
    return bad(CHECK, f"Indeed lists no job {posting_id}", means=means, remedy=remedy, level=Level.WARN)


async def _read(
    client: IndeedClient, settings: CustomerIndeed, url: str | None, live: Sequence[FoundJob]
) -> list[Finding]:
    found = []
    for each in live[:READ]:
        job = await client.job(each.employer_job_id)
        found += [*_visible(job), *_foreign(job, settings, url)]
    return found


def _visible(job: EmployerJob) -> list[Finding]:
    check, name = f"{CHECK}.visible", job_key(job.employer_job_id)
    if (why := INVISIBLE.get(job.status)) is not None:
        means, remedy = why
        return [bad(check, f"{name} is {job.status.value}", means=means, remedy=remedy, level=Level.WARN)]
    if job.status is JobStatus.UNKNOWN:
        means = "It cannot be told whether members find it."
        remedy = "Open the job in Indeed."
        return [bad(check, f"{name} does not say how it stands", means=means, remedy=remedy, level=Level.WARN)]
    return [good(check, f"{name} is {job.status.value}")]


def _foreign(job: EmployerJob, settings: CustomerIndeed, url: str | None) -> list[Finding]:
    """Return what stands on a posting that the configuration does not set there: a close takes it off, too."""
    urls = [each for each in job.tracking_urls if each != url]
    categories = [each for each in job.campaign_categories if each not in settings.campaign_categories]
    if not urls and not categories:
        return []
    shown = [f"{len(urls)} tracking URL(s)"] * bool(urls)
    shown += [f"the campaign categories {', '.join(categories)}"] * bool(categories)
    found = f"{job_key(job.employer_job_id)} shows what the configuration does not set: {' and '.join(shown)}"
    means = "An earlier template, another tool or a person set it; a close takes it off as well."
    remedy = "If it is to stay until then, nothing; else correct tracking_url and campaign_categories."
    return [bad(f"{CHECK}.foreign", found, means=means, remedy=remedy, level=Level.WARN)]
