"""Look again at boards after a close: checks that are due, many in one request, each answered for itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.common import TypedSearchAttributes
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.heartbeats import with_heartbeats
from activities.metrics import RECHECKS
from activities.problems import reported
from activities.providers import Providers
from activities.sweeps.postings import Seen, look_at_each
from activities.sweeps.reading import each, read_statuses
from activities.sweeps.telling import AT_ONCE, RPC_TIMEOUT, Lifecycles, runs_on
from clients.errors import ProviderError
from clients.linkedin.protocol import Listing
from config.values import fill
from models.states import BoardName, Intent
from models.sweeps import Found, RecheckBatch, Rechecked, StillLiveInput, StillLiveJobs
from models.temporal import JOBS, STILL_LIVE, Queue, customer_attributes
from runtime.provisioning import with_known_attributes
from store import types
from store.checks import Check, Checks
from store.jobs import IndexedJob, Jobs, Posting
from store.types import Clock

AGAIN_AFTER = timedelta(minutes=5)
"""When a check that could not be made is due again."""
CALM = frozenset({Found.STILL_OFF, Found.NOT_SEEN})


@dataclass(slots=True)
class _Outcome:
    """What became of a batch."""

    looked: int = 0
    found: dict[Found, int] = field(default_factory=lambda: defaultdict(int))
    put_off: int = 0
    reason: str | None = None


class RecheckActivities:
    """What the workflow `Recheck` does."""

    def __init__(self, client: Client, providers: Providers, *, clock: Clock = types.now) -> None:
        """Use the worker's own connection, clients and store.

        Raises ValueError where it has opened no store.
        """
        if providers.stored is None:
            raise ValueError("A worker needs an open store: Providers(…, stored=Stored(settings))")
        self._stored, self._clock = providers.stored, clock
        self._checks, self._jobs = Checks(self._stored.store, clock=clock), Jobs(self._stored.store, clock=clock)
        self._client, self._providers = client, providers

    @activity.defn(name="recheck_batch")
    async def batch(self, call: RecheckBatch) -> Rechecked:
        """Take up checks that are due, read the boards and write down what they show.

        What is to be done about it is told before it is written down: a crash in between tells it twice, never not.
        """
        return await with_heartbeats(self._batch(call))

    async def _batch(self, call: RecheckBatch) -> Rechecked:
        await self._stored.prepared()
        due = await self._checks.claim(call.owner, limit=call.limit)
        outcome = _Outcome()
        for (customer_id, board), checks in _grouped(due).items():
            try:
                await self._look(call.owner, customer_id, board, checks, outcome)
            except (ProviderError, ApplicationError, RPCError) as error:
                # Of this customer and board alone: the others are looked at all the same.
                await self._put_off(call.owner, checks, outcome, str(error))
        return Rechecked(
            looked=outcome.looked, found=dict(outcome.found), put_off=outcome.put_off, reason=outcome.reason
        )

    async def _look(self, owner: str, customer_id: str, board: str, checks: Sequence[Check], outcome: _Outcome) -> None:
        lifecycles = Lifecycles(self._client, self._providers, customer_id)
        # Several checks of one job may be due at once, after a pause of the worker: one look answers them all.
        due: dict[str, list[Check]] = defaultdict(list)
        for check in checks:
            due[check.job_id].append(check)
        look = self._on_linkedin if board == BoardName.LINKEDIN.value else self._on_indeed
        seen, errors = await look(customer_id, list(due))
        runs = await lifecycles.newest([job for job, it in seen.items() if it.found not in CALM])

        async def answer(job_id: str) -> None:
            it = seen[job_id]
            running = runs_on(runs, job_id)
            if running and await lifecycles.intent(job_id) is Intent.POSTED:
                it = Seen(Found.POSTED_AGAIN, "its lifecycle wants it posted")
            await self._tell(lifecycles, board, job_id, it)
            for check in due[job_id]:
                if await self._checks.record(owner, check, it.found.value, evidence=it.evidence):
                    outcome.looked += 1
                    outcome.found[it.found] += 1
                    RECHECKS.labels(board, it.found.value).inc()

        answered = [job_id for job_id in due if job_id in seen]
        await each(answer, answered, at_once=AT_ONCE)
        # Last: as long as the index has a posting as live, its end is news.
        await self._remember(customer_id, seen)
        await self._ask_a_person(customer_id, [job for job in answered if seen[job].found is Found.STILL_LIVE], due)
        if unread := [check for job_id, its in due.items() if job_id not in seen for check in its]:
            await self._put_off(owner, unread, outcome, next(iter(errors.values()), "no answer"))

    async def _tell(self, lifecycles: Lifecycles, board: str, job_id: str, it: Seen) -> None:
        now = datetime.now(UTC)
        if it.found is Found.LIVE_AGAIN and board == BoardName.LINKEDIN.value:
            await lifecycles.back_on_linkedin(job_id, now)
        elif it.found in {Found.LIVE_AGAIN, Found.GONE} and it.iri is not None:
            # Live again: it is cleared once more. Gone: it is read, and iCIMS is told that the posting has ended.
            await lifecycles.changed_on_indeed(job_id, it.iri, now)

    async def _ask_a_person(self, customer_id: str, job_ids: Sequence[str], due: Mapping[str, list[Check]]) -> None:
        """Gather the customer's jobs whose last look found a posting at Indeed still live."""
        last = []
        for job_id in job_ids:
            latest = max(check.due_at for check in due[job_id])
            runs = {check.run_id for check in due[job_id]}
            waiting = [
                check
                for check in await self._checks.of_job(customer_id, job_id)
                if check.board == BoardName.INDEED.value and check.run_id in runs and check.due_at > latest
            ]
            if not waiting:
                last.append(job_id)
        if last:
            await self._start_still_live(customer_id, tuple(last))

    async def _start_still_live(self, customer_id: str, job_ids: tuple[str, ...]) -> None:
        async def start(attributes: TypedSearchAttributes) -> None:
            await self._client.start_workflow(
                STILL_LIVE,
                StillLiveInput(customer_id=customer_id),
                id=f"still-live-{customer_id}",
                task_queue=Queue.JOB_POSTINGS.value,
                start_signal=JOBS,
                start_signal_args=[StillLiveJobs(job_ids=job_ids)],
                search_attributes=attributes,
                static_summary=f"Postings at Indeed that outlive their jobs, of {self._name(customer_id)}",
                rpc_timeout=RPC_TIMEOUT,
            )

        await with_known_attributes(self._client, customer_attributes(customer_id), start)

    @activity.defn(name="recheck_still_live")
    async def still_live(self, call: StillLiveInput) -> StillLiveJobs:
        """Return which of these jobs still have a live posting at Indeed; one that cannot be read counts as live."""
        return await with_heartbeats(self._still_live(call))

    async def _still_live(self, call: StillLiveInput) -> StillLiveJobs:
        with reported():
            lifecycles = Lifecycles(self._client, self._providers, call.customer_id)
            seen, _ = await self._on_indeed(call.customer_id, call.job_ids)
            runs = await lifecycles.newest(call.job_ids)
            open_again = {job for job in call.job_ids if runs_on(runs, job)}
            for job_id, it in seen.items():
                if job_id not in open_again:
                    await self._tell(lifecycles, BoardName.INDEED.value, job_id, it)
            await self._remember(call.customer_id, seen)
        over = open_again | {job for job, it in seen.items() if it.found is not Found.STILL_LIVE}
        return StillLiveJobs(job_ids=tuple(job for job in call.job_ids if job not in over))

    def _name(self, customer_id: str) -> str:
        return self._providers.customer(customer_id).name

    async def _on_linkedin(self, customer_id: str, job_ids: Sequence[str]) -> tuple[dict[str, Seen], dict[str, str]]:
        client, settings = self._providers.linkedin(customer_id)
        external = {job: fill(settings.external_job_posting_id, customer_id=customer_id, job_id=job) for job in job_ids}
        read = await read_statuses(client, list(external.values()))
        seen: dict[str, Seen] = {}
        for job, id_ in external.items():
            if id_ not in read.found:
                continue
            status = read.found[id_]
            if status is None or status.listing is Listing.NOT_LISTED:
                shown = "LinkedIn has no such job" if status is None else "NOT_LISTED"
                seen[job] = Seen(Found.STILL_OFF, f"listing of {id_}: {shown}")
            elif status.listing is Listing.LISTED:
                seen[job] = Seen(Found.LIVE_AGAIN, f"listing of {id_}: LISTED")
        errors = {job: _words(read.errors[id_]) for job, id_ in external.items() if id_ in read.errors}
        return seen, errors

    async def _on_indeed(self, customer_id: str, job_ids: Sequence[str]) -> tuple[dict[str, Seen], dict[str, str]]:
        known = {job: await self._jobs.job(customer_id, job) for job in dict.fromkeys(job_ids)}
        looked = await look_at_each(self._providers, customer_id, known)
        return looked.seen, {job: _words(error) for job, error in looked.errors.items()}

    async def _remember(self, customer_id: str, seen: Mapping[str, Seen]) -> None:
        indeed = BoardName.INDEED.value
        await self._jobs.saw(
            *(
                IndexedJob(
                    customer_id=customer_id,
                    job_id=job_id,
                    postings=tuple(Posting(board=indeed, posting_id=iri, live=live) for iri, live in it.live.items()),
                )
                for job_id, it in seen.items()
                if it.live
            )
        )

    async def _put_off(self, owner: str, checks: Sequence[Check], outcome: _Outcome, why: str) -> None:
        await self._checks.give_back(owner, *(check.id for check in checks), again_at=self._clock() + AGAIN_AFTER)
        outcome.put_off += len(checks)
        outcome.reason = why


def _grouped(checks: Iterable[Check]) -> dict[tuple[str, str], list[Check]]:
    groups: dict[tuple[str, str], list[Check]] = defaultdict(list)
    for check in checks:
        groups[check.customer_id, check.board].append(check)
    return groups


def _words(error: ProviderError) -> str:
    return error.problem.words
