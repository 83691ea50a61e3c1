"""Check one real job end to end, without writing: what iCIMS shows, what the boards have, what a close would send."""

from collections.abc import Awaitable, Callable, Sequence

import httpx
from temporalio.exceptions import ApplicationError

from activities.providers import Providers
from boardsync.doctor.findings import Finding, Level, bad, good
from boardsync.doctor.job_at_icims import check_at_icims
from boardsync.doctor.job_at_indeed import check_at_indeed
from boardsync.doctor.job_at_linkedin import check_at_linkedin
from boardsync.events.samples import Event
from boardsync.events.sending import Wanted, send
from boardsync.exits import CommandFailed
from boardsync.jobs.references import JobRef
from clients.errors import ProviderError
from config.customers import Customer
from models.problems import Category
from models.states import BoardName

STATUS = "boardsync doctor: changes nothing"
"""A candidate's status that no customer has: the gateway takes the event and passes nothing on."""
CANDIDATE = "0"

Check = Callable[[], Awaitable[Sequence[Finding]]]


async def check_job(
    http: httpx.AsyncClient, providers: Providers, customer: Customer, job_id: str, gateway: str
) -> list[Finding]:
    """Check a job of a customer at every part that it passes; a part that fails leaves the others to be checked."""
    job = JobRef(customer.id, job_id)
    found = list(await _part("icims.job", lambda: check_at_icims(providers, customer, job_id)))
    if BoardName.LINKEDIN in customer.boards:
        found += await _part("linkedin.job", lambda: check_at_linkedin(providers, customer, job_id))
    if BoardName.INDEED in customer.boards:
        found += await _part("indeed.job", lambda: check_at_indeed(providers, customer, job_id))
    return [*found, await _event(http, providers, customer, job, gateway)]


async def _part(check: str, ask: Check) -> Sequence[Finding]:
    try:
        return await ask()
    except ProviderError as error:
        problem = error.problem
        level = Level.WARN if problem.category is Category.RATE_LIMITED else Level.FAIL
        means = "This job cannot be followed there; what depends on it was not checked."
        return [bad(check, problem.words, means=means, remedy=problem.remedy, level=level)]
    except ApplicationError as error:
        means = "What depends on it was not checked."
        return [bad(check, str(error), means=means, remedy="Mend what it says in the configuration.")]


async def _event(
    http: httpx.AsyncClient, providers: Providers, customer: Customer, job: JobRef, gateway: str
) -> Finding:
    """Send the gateway an event as iCIMS signs it for this customer, of a status that changes nothing."""
    check = "gateway.event"
    means = "iCIMS's events of this customer are refused, and are not sent again: no job is taken down."
    wanted = Wanted(event=Event.STATUS, job=job, gateway=gateway, status=STATUS, candidate=CANDIDATE)
    try:
        sent = await send(http, providers.settings, wanted)
    except CommandFailed as error:
        remedy = "Start the gateway, or name its address by --gateway; it may run with an older configuration."
        return bad(check, str(error), means=means, remedy=remedy)
    if sent.accepted:
        how = customer.icims.webhook_auth
        return good(check, f"the gateway takes an event signed as this customer's ({how}), and passes nothing on")
    found = f"the gateway refuses an event signed as this customer's: HTTP {sent.status}"
    remedy = (
        "Compare webhook_auth, webhook_user and webhook_secret in [customers.icims] with iCIMS's integration; the "
        "gateway may not have taken up the present configuration."
    )
    return bad(check, found, means=means, remedy=remedy)
