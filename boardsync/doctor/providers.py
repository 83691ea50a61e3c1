"""Check that each provider accepts each customer: one small read tells, nothing is written."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from activities.providers import Providers
from boardsync.doctor.findings import Finding, Level, bad, good
from clients.errors import ProviderError
from config.accounts import named_accounts
from config.customers import Customer, CustomerIndeed
from models.problems import Category, Problem
from models.states import BoardName

NO_SUCH_JOB = "0"
"""An id that no job has: a provider that says so has accepted everything else."""
PARENT = "linkedin.parent"
LISTS_NOTHING = Problem(
    category=Category.CONFIGURATION,
    reason="Indeed gives a token, and lists no job at all for this advertiser.",
    remedy="If the customer has jobs on Indeed, correct advertiser_id, feed_types and legacy_source_id in "
    "[customers.indeed].",
)
MATCHES_NOTHING = Problem(
    category=Category.CONFIGURATION,
    reason="Indeed lists jobs, and none of the newest has a jobPostingId of the form that job_posting_id says.",
    remedy="Look up at Indeed by which jobPostingId the ATS's feed sends its jobs, and correct job_posting_id, or "
    "feed_types, in [customers.indeed].",
)
DOUBTS = (LISTS_NOTHING, MATCHES_NOTHING)
"""Findings that may be as they should."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A read at a provider, and what its failure means."""

    check: str
    read: Callable[[], Awaitable[str]]
    means: str


async def check_providers(providers: Providers) -> list[Finding]:
    """Check every customer at every provider, side by side."""
    probes = [probe for customer in providers.settings.customers for probe in _probes(providers, customer)]
    if providers.settings.linkedin.parent is not None:
        means = "Nobody hears of it when LinkedIn blocks the webhook."
        probes.append(Probe(PARENT, lambda: _parent(providers), means))
    found = await asyncio.gather(*(_ask(probe) for probe in probes))
    return list(found)


def _probes(providers: Providers, customer: Customer) -> list[Probe]:
    id_ = customer.id
    jobs = f"Jobs of customer {id_}"
    probes = [
        Probe(
            f"icims.{id_}",
            lambda: _icims(providers, id_),
            f"{jobs} cannot be read, and LinkedIn wants the whole posting, also to close one.",
        )
    ]
    if BoardName.LINKEDIN in customer.boards:
        means = f"{jobs} cannot be closed on LinkedIn, nor read back."
        probes.append(Probe(f"linkedin.{id_}", lambda: _linkedin(providers, id_), means))
    if BoardName.INDEED in customer.boards:
        means = f"{jobs} cannot be found, updated or cleared on Indeed."
        for name, account in named_accounts(customer):
            check = f"indeed.{id_}{name.removeprefix('indeed')}"
            probes.append(Probe(check, partial(_indeed, providers, id_, account), means))
    return probes


async def _ask(probe: Probe) -> Finding:
    try:
        return good(probe.check, await probe.read())
    except ProviderError as error:
        return _refused(probe, error)


async def _icims(providers: Providers, customer_id: str) -> str:
    try:
        await providers.icims(customer_id).job(NO_SUCH_JOB)
    except ProviderError as error:
        if error.problem.category is not Category.NOT_FOUND:
            raise
    return "iCIMS gives a token, and lets the customer's jobs be read"


async def _linkedin(providers: Providers, customer_id: str) -> str:
    client, _ = providers.linkedin(customer_id)
    await client.status(f"boardsync-doctor-{NO_SUCH_JOB}")
    return "LinkedIn gives a token, and lets jobs be read"


async def _indeed(providers: Providers, customer_id: str, settings: CustomerIndeed) -> str:
    client = providers.indeed_account(settings)
    jobs = [job for search in client.searches for job in (await client.page(search)).jobs]
    if not jobs:
        raise _doubtful(LISTS_NOTHING)
    ids = posting_ids(settings.job_posting_id, customer_id)
    if not any(ids.fullmatch(job.job_posting_id or "") for job in jobs):
        by_requisition = settings.match_requisition and any(job.job_posting_id is None for job in jobs)
        if not by_requisition:
            raise _doubtful(MATCHES_NOTHING)
    return "Indeed gives a token, and lists the advertiser's jobs"


def posting_ids(template: str, customer_id: str) -> re.Pattern[str]:
    """Return what the `jobPostingId` of any of the customer's jobs looks like."""
    parts = re.split(r"(\{customer_id\}|\{job_id\})", template)
    known = {"{customer_id}": re.escape(customer_id), "{job_id}": "[0-9]+"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts))


def _doubtful(problem: Problem) -> ProviderError:
    return ProviderError(problem, provider="Indeed", operation="find")


async def _parent(providers: Providers) -> str:
    client, _ = providers.linkedin_parent()
    if blocked := await client.blocked():
        raise ProviderError(_blocked(len(blocked)), provider="LinkedIn", operation="blocked")
    return "LinkedIn gives a token to the parent application, and has blocked no webhook"


def _blocked(count: int) -> Problem:
    return Problem(
        category=Category.WEBHOOK_BLOCKED,
        reason=f"LinkedIn has blocked {count} webhook{'s' * (count != 1)}: it sends no notifications there.",
        remedy="Mend what `linkedin.webhook` says, then have it validated again in LinkedIn's developer portal.",
    )


def _refused(probe: Probe, error: ProviderError) -> Finding:
    problem = error.problem
    found = f"{problem.reason} {problem.provider_text}".strip()
    remedy = problem.remedy
    if error.provider == "Indeed" and error.operation == "token" and error.status == 400:
        # A wrong secret is 401; 400 is the rest of the request (RFC 6749, 5.2).
        found = "Indeed gives no token for this advertiser_id and these scopes (HTTP 400)."
        remedy = (
            "Check advertiser_id in [customers.indeed], and that Indeed has enabled the scopes employer_access and "
            "employer.hosted_job for the application."
        )
    level = Level.WARN if problem.category is Category.RATE_LIMITED or problem in DOUBTS else Level.FAIL
    return bad(probe.check, found, means=probe.means, remedy=remedy, level=level)
