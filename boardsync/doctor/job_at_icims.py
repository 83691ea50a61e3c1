"""What iCIMS shows of one job: fields that are hidden or empty, its portals, the quota that is left."""

from collections.abc import Sequence

from activities.providers import Providers
from boardsync.doctor.findings import Finding, Level, bad, good
from clients.errors import ProviderError
from clients.icims.client import LOW_QUOTA, IcimsClient
from clients.icims.protocol import IcimsJob
from clients.linkedin.posting import DESCRIPTION_MINIMUM
from config.customers import Customer
from models.problems import Category
from models.states import BoardName
from models.texts import folded

CHECK = "icims.job"
HIDDEN = (
    "Fill it in iCIMS, or let the integration user see the field; or name the right field in [customers.icims.fields]."
)


async def check_at_icims(providers: Providers, customer: Customer, job_id: str) -> Sequence[Finding]:
    """Check what the boards need of iCIMS.

    Raises ProviderError where iCIMS does not show the job at all.
    """
    client = providers.icims(customer.id)
    job = await client.job(job_id, fresh=True)
    found = [good(CHECK, f"iCIMS shows the job: {job.title or 'without a title'}"), *_fields(customer, job)]
    found += await _address(client, job)
    found += await _positions(client, customer, job_id)
    found += await _wanted(client, customer, job_id)
    return [*found, *_reporting(customer), _quota(client)]


def _fields(customer: Customer, job: IcimsJob) -> list[Finding]:
    names, pushed = customer.icims.fields, customer.indeed.push_fields if customer.indeed is not None else ()
    creates = BoardName.LINKEDIN in customer.boards and customer.linkedin is not None
    creates = creates and customer.linkedin is not None and customer.linkedin.on_post == "create"
    described = "".join(part or "" for part in (job.overview, job.responsibilities, job.qualifications))
    parts = f"{names.overview}, {names.responsibilities}, {names.qualifications}"
    found = []
    if job.title is None:
        found.append(_missing("title", names.title, needed=creates or "title" in pushed))
    if job.location is None and job.address is None:
        found.append(_missing("location", names.location, needed=creates or "location" in pushed))
    if len(described) < DESCRIPTION_MINIMUM:
        found.append(_missing("description", parts, needed=creates or "description" in pushed, chars=len(described)))
    if names.company is not None and job.company is None:
        found.append(_missing("company", names.company, needed="company" in pushed))
    if job.number is None:
        means = "LinkedIn cannot tell by the job's number that a posting from another source is the same job."
        found.append(bad(f"{CHECK}.number", "iCIMS shows no number", means=means, remedy=HIDDEN, level=Level.WARN))
    return found


def _missing(what: str, fields: str, *, needed: bool, chars: int = 0) -> Finding:
    shown = f"iCIMS shows no {what}" if not chars else f"iCIMS shows a {what} of {chars} characters only"
    means = "Jobs are not posted without it." if needed else "A close fills it with neutral words; nothing is posted."
    level = Level.FAIL if needed else Level.WARN
    return bad(f"{CHECK}.{what}", f"{shown} (field {fields}: hidden or empty)", means=means, remedy=HIDDEN, level=level)


async def _address(client: IcimsClient, job: IcimsJob) -> list[Finding]:
    check = f"{CHECK}.address"
    if job.address is None:
        return []
    if await client.address(job) is None:
        means = f"The location is sent as iCIMS displays it: {job.location or 'nothing at all'}."
        remedy = "Let the integration user see the company's addresses."
        return [bad(check, "iCIMS hides the job's address", means=means, remedy=remedy, level=Level.WARN)]
    return [good(check, f"iCIMS shows the address: {await client.location(job)}")]


async def _positions(client: IcimsClient, customer: Customer, job_id: str) -> list[Finding]:
    check, field = f"{CHECK}.positions", customer.icims.fields.positions
    if not customer.closing_statuses or customer.close_when != "all_positions_filled":
        return []
    count = await client.positions(job_id)
    if count is not None:
        return [good(check, f"{count} position(s) are to be filled")]
    found = f"iCIMS shows no number of positions (field {field}: hidden or empty)"
    return [bad(check, found, means="Hires close no job: it cannot be told whether they fill it.", remedy=HIDDEN)]


async def _wanted(client: IcimsClient, customer: Customer, job_id: str) -> list[Finding]:
    found = []
    if folders := customer.icims.posted_folders:
        folder = await client.folder(job_id)
        names = {folded(each) for each in (folder.id, folder.name) if each is not None} if folder is not None else set()
        check, wanted = f"{CHECK}.folder", {folded(each) for each in folders}
        said = "no folder" if folder is None else f"the folder {folder.name or folder.id}"
        if names & wanted:
            found.append(good(check, f"iCIMS shows {said}, which is among posted_folders"))
        else:
            means = "A job that is back on a board is closed again; right if the job is no longer posted."
            remedy = "If it is posted, add its folder to posted_folders, or let the integration user see folders."
            found.append(bad(check, f"iCIMS shows {said}", means=means, remedy=remedy, level=Level.WARN))
    if portals := customer.icims.portals:
        found.append(await _on_portals(client, portals, job_id))
    return found


async def _on_portals(client: IcimsClient, portals: Sequence[str], job_id: str) -> Finding:
    check, shown = f"{CHECK}.portals", []
    try:
        shown = [each for each in portals if await client.is_on_portal(each, job_id)]
    except ProviderError as error:
        if error.problem.category is Category.CREDENTIALS:
            raise
        means = "It cannot be told whether iCIMS still posts a job that is back on a board."
        return bad(check, error.problem.words, means=means, remedy="Correct portals in [customers.icims].")
    if shown:
        return good(check, f"the job is on the portal(s) {', '.join(shown)}")
    means = "A job that is on none of the portals counts as not wanted on the boards; right if it is unposted."
    remedy = "If it is posted, correct portals in [customers.icims]."
    found = f"the job is on none of the portals {', '.join(portals)}"
    return bad(check, found, means=means, remedy=remedy, level=Level.WARN)


def _reporting(customer: Customer) -> list[Finding]:
    check = "icims.distributor"
    if not customer.icims.report:
        return []
    if customer.icims.job_distributor_id is not None:
        return [good(check, f"states are reported to iCIMS as distributor {customer.icims.job_distributor_id}")]
    means = "iCIMS's Source tab does not show how the boards stand."
    remedy = "Ask iCIMS for the integration's distributor id and set job_distributor_id, or set report = false."
    return [bad(check, "job_distributor_id is not set", means=means, remedy=remedy, level=Level.WARN)]


def _quota(client: IcimsClient) -> Finding:
    check, quota = "icims.quota", client.quota
    if quota is None:
        means = "daily_quota of the configuration is counted down instead."
        remedy = "Nothing, if daily_quota in [icims] is what the customer's licence allows."
        return bad(check, "iCIMS does not say how many requests are left", means=means, remedy=remedy, level=Level.WARN)
    words = f"{quota.left} of {quota.limit} requests are left today"
    if quota.left < quota.limit * LOW_QUOTA:
        means = "Posts and reports wait until midnight UTC; what is kept for closes is used for closes alone."
        remedy = "See who else uses the customer's API quota; buy more requests from iCIMS if it happens often."
        return bad(check, words, means=means, remedy=remedy, level=Level.WARN)
    return good(check, words)
