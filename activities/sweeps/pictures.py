"""Gather what everyone says of each job of a customer: lifecycles, LinkedIn by 50 ids, Indeed by one listing."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from temporalio.client import WorkflowExecution, WorkflowExecutionStatus

from activities.providers import Providers
from activities.sweeps.comparison import Picture, Posting, Standing
from activities.sweeps.listings import ByName, Listed, listed
from activities.sweeps.reading import each, read_statuses
from activities.sweeps.telling import AT_ONCE, Lifecycles
from clients.errors import ProviderError
from clients.linkedin.protocol import Listing
from config.accounts import named_accounts
from config.customers import Customer
from config.values import fill
from models.states import BoardName, BoardState, Intent, Phase
from models.sweeps import Cost
from models.temporal import CUSTOMER_ID, INDEED_STATE, JOB_POSTING, LINKEDIN_STATE, PHASE
from runtime.stopped import goes_on

IN_PHASES = f"'{Phase.UPDATING.value}'"
STANDINGS = {
    Phase.OPEN.value: Standing.WANTS_POSTED,
    Phase.UPDATING.value: Standing.WANTS_POSTED,
    Phase.CLOSING.value: Standing.WANTS_OFF,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """Whom to ask."""

    customer: Customer
    providers: Providers
    lifecycles: Lifecycles


@dataclass(slots=True)
class Gathered:
    """What was gathered, job by job, and what could not be."""

    pictures: list[Picture] = field(default_factory=list)
    lifecycles: int = 0
    open: int = 0
    """Jobs whose lifecycle wants them posted."""
    notes: list[str] = field(default_factory=list)
    cost: Cost = field(default_factory=Cost)


async def pictures(ask: Sight, wanted: frozenset[str], indexed: Collection[str]) -> Gathered:
    """Read boards and lifecycles, and put together what is said of each job."""
    gathered = Gathered()
    customer = ask.customer
    runs = await ask.lifecycles.all(f"WorkflowType = '{JOB_POSTING}' AND {CUSTOMER_ID.name} = '{customer.id}'")
    standings = await _standings(ask, runs)
    at_indeed = await _indeed(ask, gathered) if BoardName.INDEED in customer.boards else None
    marked = () if at_indeed is None or _shared(ask) else _jobs_with_marks(customer, at_indeed.names)
    jobs = sorted({*wanted, *runs, *(each for each in indexed if each.isdecimal()), *marked}, key=int)
    linkedin = await _linkedin(ask, jobs, gathered) if BoardName.LINKEDIN in customer.boards else {}
    for job in jobs:
        run = runs.get(job)
        gathered.pictures.append(
            Picture(
                job_id=job,
                wanted=job in wanted,
                standing=standings.get(job, Standing.NONE),
                linkedin_settled=_settled(run, BoardName.LINKEDIN),
                indeed_settled=_settled(run, BoardName.INDEED),
                linkedin=linkedin.get(job),
                postings=None if at_indeed is None else _postings(ask, job, at_indeed),
            )
        )
    if at_indeed is not None and at_indeed.unclear:
        gathered.notes.append(
            f"{len(at_indeed.unclear)} job(s) are listed under several of the customer's accounts at Indeed, so "
            "nothing is concluded of them there."
        )
    gathered.lifecycles = len(runs)
    gathered.open = sum(each is Standing.WANTS_POSTED for each in standings.values())
    return gathered


async def _standings(ask: Sight, runs: Mapping[str, WorkflowExecution]) -> dict[str, Standing]:
    found: dict[str, Standing] = {}
    unclear: list[str] = []
    for job, run in runs.items():
        if goes_on(run):
            standing = STANDINGS.get(str(run.typed_search_attributes.get(PHASE)))
            if standing is None:
                unclear.append(job)
            else:
                found[job] = standing
        elif run.status is WorkflowExecutionStatus.COMPLETED:
            found[job] = Standing.CLOSED
        else:
            found[job] = Standing.BROKEN_OFF

    async def query(job: str) -> None:
        # An attention, or one that has just begun: only the lifecycle itself knows what it wants. Of one that does not
        # say so, nothing is concluded in this run.
        posted = await ask.lifecycles.intent(job) is Intent.POSTED
        found[job] = Standing.WANTS_POSTED if posted else Standing.WANTS_OFF

    await each(query, unclear, at_once=AT_ONCE)
    return found


async def _linkedin(ask: Sight, jobs: Collection[str], gathered: Gathered) -> dict[str, bool]:
    client, settings = ask.providers.linkedin(ask.customer.id)
    names = {job: fill(settings.external_job_posting_id, customer_id=ask.customer.id, job_id=job) for job in jobs}
    read = await read_statuses(client, list(names.values()))
    gathered.cost = gathered.cost.plus(Cost(linkedin=read.calls))
    if read.errors:
        why = next(iter(read.errors.values())).problem.words
        gathered.notes.append(f"{len(read.errors)} job(s) could not be read on LinkedIn: {why}")
    listed: dict[str, bool] = {}
    for job, name in names.items():
        if name in read.found:
            status = read.found[name]
            listing = Listing.NOT_LISTED if status is None else status.listing
            if listing in {Listing.LISTED, Listing.NOT_LISTED}:
                listed[job] = listing is Listing.LISTED
    return listed


async def _indeed(ask: Sight, gathered: Gathered) -> Listed | None:
    try:
        listing = await listed(ask.providers, ask.customer.id)
    except ProviderError as error:
        gathered.notes.append(f"Indeed's listing could not be read: {error.problem.words}")
        return None
    gathered.cost = gathered.cost.plus(Cost(indeed=listing.calls))
    if not listing.complete:
        gathered.notes.append("Indeed's listing was not complete, so nothing is concluded from it.")
        return None
    return listing


def _postings(ask: Sight, job: str, at_indeed: Listed) -> tuple[Posting, ...] | None:
    customer = ask.customer
    if customer.indeed is None:
        return ()
    name = fill(customer.indeed.job_posting_id, customer_id=customer.id, job_id=job)
    said = ask.providers.icims(customer.id).said_before(job).said
    found = at_indeed.of_job(name, ask.providers.indeed_by_rule(customer.id, said))
    return None if found is None else tuple(Posting(each.live, each.marks) for each in found)


def _jobs_with_marks(customer: Customer, listed: ByName) -> list[str]:
    """Return the jobs whose postings show what only an agency sets, by their ids at Indeed."""
    if customer.indeed is None:
        return []
    template = re.escape(fill(customer.indeed.job_posting_id, customer_id=customer.id, job_id="\0"))
    named = re.compile(template.replace(re.escape("\0"), "([0-9]{1,20})"), re.ASCII)
    found = []
    for name, postings in listed.items():
        match = named.fullmatch(name)
        if match is not None and any(each.marks for each in postings):
            found.append(match[1])
    return found


def _shared(ask: Sight) -> bool:
    """Return whether other customers use the same advertiser: a posting may then be a job of theirs."""
    mine = _advertisers(ask.customer)
    return any(other.id != ask.customer.id and mine & _advertisers(other) for other in ask.providers.settings.customers)


def _advertisers(customer: Customer) -> frozenset[str]:
    return frozenset(each.advertiser_id for _, each in named_accounts(customer))


def _settled(run: WorkflowExecution | None, board: BoardName) -> bool:
    key = LINKEDIN_STATE if board is BoardName.LINKEDIN else INDEED_STATE
    return run is not None and run.typed_search_attributes.get(key) == BoardState.SETTLED.value
