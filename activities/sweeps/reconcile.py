"""Compare a whole customer: what iCIMS posts, what the boards show, what the lifecycles want. Without any event."""

from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import with_heartbeats
from activities.metrics import FINDINGS
from activities.problems import failure, reported
from activities.providers import Providers
from activities.sweeps.comparison import Expected, counts, findings
from activities.sweeps.pictures import IN_PHASES, Sight, pictures
from activities.sweeps.reading import each
from activities.sweeps.telling import AT_ONCE, RPC_TIMEOUT, Lifecycles
from clients.errors import ProviderError
from clients.icims.budget import Use
from clients.icims.client import IcimsClient
from clients.icims.search import PAGE, Filter, Search
from clients.indeed.search import PAGE_SIZE
from clients.linkedin.protocol import IDS_LIMIT
from config.customers import Customer
from models.problems import Category, Problem
from models.states import BoardName, Intent
from models.sweeps import (
    ADOPTED,
    BY_RECONCILIATION,
    ActOn,
    Adopt,
    Adopted,
    AskTerms,
    Compare,
    Compared,
    Cost,
    Finding,
    FindingRow,
    ReadWanted,
    Terms,
    ToAct,
    Wanted,
)
from models.temporal import CUSTOMER_ID, JOB_POSTING, PHASE
from store.errors import StoreUnavailable
from store.stats import Finding as StoredFinding
from store.stats import Statistics

ROWS_SHOWN = 100
ROWS_AT_ONCE = 500
IN_QUESTION = frozenset({Finding.MISSED_UNPOST, Finding.MISSED_POST, Finding.LIVE_AGAIN})
"""Findings for which iCIMS is asked once more: a job may have been posted or unposted while the boards were read."""
FOLDERS_READ = 50
"""Folders that one run reads at most: each is a call."""
FEW = 20
LARGE_PART = 0.25
"""A larger part of what is open is taken down only when a person asks for it: it may be the configuration's fault."""
ADOPTING = 100
"""Lifecycles of one customer that may be updating before further jobs are taken over."""
CALLS_TO_ADOPT = 2
"""Calls to iCIMS for a job that is taken over, where its fields are pushed or it is created."""


class ReconcileActivities:
    """What the workflow `Reconcile` does: the store keeps its rows and knows further jobs."""

    def __init__(self, client: Client, providers: Providers) -> None:
        """Use the worker's own connection, clients and store.

        Raises ValueError where it has opened no store.
        """
        if providers.stored is None:
            raise ValueError("A worker needs an open store: Providers(…, stored=Stored(settings))")
        self._client, self._providers, self._stored = client, providers, providers.stored
        self._statistics = Statistics(self._stored.store)

    @activity.defn(name="reconcile_terms")
    async def terms(self, call: AskTerms) -> Terms:
        """Say what a run costs in calls, by what is known of the customer now; no board and no iCIMS is asked."""
        customer = self._providers.customer(call.customer_id)
        icims = self._providers.icims(call.customer_id)
        query = f"WorkflowType = '{JOB_POSTING}' AND {CUSTOMER_ID.name} = '{customer.id}'"
        counted = (await self._client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count
        indexed = await self._stored.if_there(self._stored.jobs.count(customer.id), 0)
        jobs = max(counted, indexed)
        adoption = _reads_icims(customer)
        return Terms(
            customer_name=customer.name,
            jobs=jobs,
            cost=estimate(customer, jobs),
            icims_a_day=icims.calls_for_reconciliation,
            acts_on=tuple(
                kind
                for kind, policy in (
                    (Finding.MISSED_UNPOST, customer.reconcile.missed_unpost),
                    (Finding.LIVE_AGAIN, customer.reconcile.live_again),
                )
                if policy == "act"
            ),
            adopted_a_day=max(1, icims.calls_for_reconciliation // CALLS_TO_ADOPT) if adoption else None,
        )

    @activity.defn(name="reconcile_wanted")
    async def wanted(self, call: ReadWanted) -> Wanted:
        """Read which jobs the customer posts: on its career portals, or by a job search; in a folder that counts."""
        return await with_heartbeats(self._wanted(call))

    async def _wanted(self, call: ReadWanted) -> Wanted:
        with reported():
            customer, client = self._providers.customer(call.customer_id), self._providers.icims(call.customer_id)
            at, calls = datetime.now(UTC), 0
            either, every = searches(customer)
            posted: set[str] = set()
            for search in either:
                found, made = await client.found(search)
                posted |= found
                calls += made
            for search in every:
                found, made = await client.found(search)
                posted &= found
                calls += made
            asked = " or ".join(search.words for search in either)
            asked += "".join(f", and {search.words}" for search in every)
            return Wanted(job_ids=tuple(sorted(posted, key=int)), asked=asked, at=at, calls=calls)

    @activity.defn(name="reconcile_compare")
    async def compare(self, call: Compare) -> Compared:
        """Read boards and lifecycles, compare them with what iCIMS posts, and write down what is found."""
        return await with_heartbeats(self._compare(call))

    async def _compare(self, call: Compare) -> Compared:
        with reported():
            customer = self._providers.customer(call.customer_id)
            lifecycles = Lifecycles(self._client, self._providers, customer.id)
            known = await self._stored.if_there(self._stored.jobs.ids(customer.id), ())
            sight = await pictures(Sight(customer, self._providers, lifecycles), frozenset(call.wanted.job_ids), known)
            expected = Expected(customer.id, _marks(customer))
            rows = [row for picture in sight.pictures for row in findings(picture, expected)]
            rows, at, calls = await self._asked_again(customer, rows, call)
            to_act = [
                ToAct(finding=r.finding, job_id=r.job_id, board=r.board) for r in rows if r.finding in call.acts_on
            ]
            held_back = None if call.unlimited else too_many(to_act, sight.open)
            if held_back is not None:
                to_act = []
            acted_on = {(each.finding, each.job_id, each.board) for each in to_act}
            try:
                await self._write_down(call, rows, acted_on, at)
            except StoreUnavailable as error:
                # What is to be mended is mended all the same.
                sight.notes.append(f"The rows could not be stored: {error}")
            for kind, count in counts(rows).items():
                FINDINGS.labels(kind.value).inc(count)
            return Compared(
                jobs=len(sight.pictures),
                lifecycles=sight.lifecycles,
                counts=counts(rows),
                rows=tuple(rows[:ROWS_SHOWN]),
                to_act=tuple(to_act),
                unknown=tuple(
                    p.job_id for p in sight.pictures if p.wanted and p.standing.name in {"NONE", "BROKEN_OFF"}
                ),
                held_back=held_back,
                notes=tuple(sight.notes),
                wanted_at=at,
                cost=sight.cost.plus(Cost(icims=calls)),
            )

    async def _asked_again(
        self, customer: Customer, rows: Sequence[FindingRow], call: Compare
    ) -> tuple[list[FindingRow], datetime, int]:
        """Drop what iCIMS, asked once more, says otherwise of; add the folder to the evidence."""
        doubtful = list(dict.fromkeys(row.job_id for row in rows if row.finding in IN_QUESTION))
        if not doubtful:
            return list(rows), call.wanted.at, 0
        client, at = self._providers.icims(customer.id), datetime.now(UTC)
        either, every = searches(customer)
        posted: set[str] = set()
        calls = 0
        for search in either:
            found, made = await client.found_among(search, doubtful)
            posted, calls = posted | found, calls + made
        for search in every:
            found, made = await client.found_among(search, doubtful)
            posted, calls = posted & found, calls + made
        before = frozenset(call.wanted.job_ids)
        moved = {job for job in doubtful if (job in posted) is not (job in before)}
        kept = [row for row in rows if row.job_id not in moved]
        folders = await _folders(client, [job for job in doubtful if job not in moved][:FOLDERS_READ])
        with_folder = [
            row.model_copy(update={"evidence": f"{row.evidence} iCIMS's folder: {folders[row.job_id]}."})
            if row.finding in IN_QUESTION and row.job_id in folders
            else row
            for row in kept
        ]
        return with_folder, at, calls + len(folders)

    async def _write_down(
        self, call: Compare, rows: Sequence[FindingRow], acted_on: set[tuple[Finding, str, str]], at: datetime
    ) -> None:
        kept = [
            StoredFinding(
                run_id=call.run_id,
                customer_id=call.customer_id,
                job_id=row.job_id,
                board=row.board,
                kind=row.finding.value,
                evidence=row.evidence,
                remedy=row.remedy,
                acted=(row.finding, row.job_id, row.board) in acted_on,
                found_at=at,
            )
            for row in rows
        ]
        for start in range(0, len(kept), ROWS_AT_ONCE):
            await self._statistics.note(*kept[start : start + ROWS_AT_ONCE])

    @activity.defn(name="reconcile_act")
    async def act(self, call: ActOn) -> None:
        """Tell each of these lifecycles what was found, starting those that have ended; a repeat changes nothing."""
        lifecycles = Lifecycles(self._client, self._providers, call.customer_id)

        async def tell(job: ToAct) -> None:
            if job.finding is Finding.MISSED_UNPOST:
                await lifecycles.wanted(job.job_id, Intent.UNPOSTED, said=BY_RECONCILIATION, at=call.wanted_at)
            elif job.board == BoardName.LINKEDIN.value:
                await lifecycles.back_on_linkedin(job.job_id, call.wanted_at)
            else:
                await lifecycles.changed_on_indeed(job.job_id, "", call.wanted_at)

        await with_heartbeats(each(tell, call.jobs, at_once=AT_ONCE))

    @activity.defn(name="reconcile_adopt")
    async def adopt(self, call: Adopt) -> Adopted:
        """Begin lifecycles for as many of these jobs as there is room for; one that runs is only told once more."""
        lifecycles = Lifecycles(self._client, self._providers, call.customer_id)
        query = (
            f"WorkflowType = '{JOB_POSTING}' AND ExecutionStatus = 'Running' "
            f"AND {CUSTOMER_ID.name} = '{call.customer_id}' AND {PHASE.name} IN ({IN_PHASES})"
        )
        busy = (await self._client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count
        jobs = call.job_ids[: max(0, ADOPTING - busy)]

        async def begin(job_id: str) -> None:
            await lifecycles.wanted(job_id, Intent.POSTED, said=ADOPTED, at=call.wanted_at)

        await with_heartbeats(each(begin, jobs, at_once=AT_ONCE))
        return Adopted(begun=len(jobs))


def searches(customer: Customer) -> tuple[list[Search], list[Search]]:
    """Return what is read: a job is posted where any of the first finds it, and each of the second does."""
    settings = customer.icims
    if settings.portals:
        either = [Search(portal=portal) for portal in settings.portals]
    elif settings.posted_search:
        either = [
            Search(
                filters=tuple(
                    Filter(name=it.name, values=it.value, operator=it.operator) for it in settings.posted_search
                )
            )
        ]
    else:
        raise failure(UNTOLD)
    folders = settings.posted_folders
    return either, [Search(filters=(Filter(name="job.folder", values=folders),))] if folders else []


def pages(count: int) -> int:
    """Return how many calls read so many ids: the last one is answered by none."""
    return -(-count // PAGE) + 1


def estimate(customer: Customer, jobs: int) -> Cost:
    """Return what a run over so many jobs costs, a few jobs in question included."""
    either, every = searches(customer)
    reads = len(either) + len(every)
    uses = set(customer.boards)
    return Cost(
        icims=reads * (pages(jobs) + 2) + FOLDERS_READ,
        linkedin=-(-jobs // IDS_LIMIT) if BoardName.LINKEDIN in uses else 0,
        indeed=-(-jobs // PAGE_SIZE) + 1 if BoardName.INDEED in uses else 0,
    )


def too_many(to_act: Sequence[ToAct], open_jobs: int) -> str | None:
    """Return why so many jobs are not taken down without a person; None where they are few."""
    missed = sum(each.finding is Finding.MISSED_UNPOST for each in to_act)
    if missed <= max(FEW, open_jobs * LARGE_PART):
        return None
    return (
        f"{missed} of {open_jobs} open jobs would be taken down, which is more than missed events explain: check "
        "portals, posted_search and posted_folders in [customers.icims], then run it with --act"
    )


async def _folders(client: IcimsClient, job_ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for job_id in job_ids:
        try:
            folder = await client.folder(job_id, use=Use.RECONCILE)
        except ProviderError as error:
            if error.problem.category is Category.RATE_LIMITED:
                break
            found[job_id] = f"not read ({error.problem.reason.rstrip('.')})"
        else:
            found[job_id] = "hidden" if folder is None else folder.name or folder.id or "hidden"
    return found


def _marks(customer: Customer) -> tuple[str, ...]:
    indeed = customer.indeed
    if indeed is None:
        return ()
    set_ = {"trackingUrl": indeed.tracking_url, "campaignCategories": indeed.campaign_categories}
    return tuple(name for name, value in set_.items() if value)


def _reads_icims(customer: Customer) -> bool:
    pushes = customer.indeed is not None and bool(customer.indeed.push_fields)
    creates = customer.linkedin is not None and customer.linkedin.on_post == "create"
    return pushes or creates


UNTOLD = Problem(
    category=Category.CONFIGURATION,
    reason="Nothing is configured by which iCIMS tells which jobs it posts.",
    remedy="Set portals or posted_search in [customers.icims].",
)
