"""Closing many jobs: tell their lifecycles, and look at what becomes of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from temporalio import activity
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.heartbeats import with_heartbeats
from activities.problems import failure, not_yet
from activities.providers import Providers
from models.bulk import JobRefused, Terms
from models.closing import BeginClosing, ClosesSeen, ClosesSent, Closing, JobToClose, SendCloses, WatchCloses
from models.events import ManualAction
from models.lifecycle import Lifecycle, Receipt
from models.problems import Category, Problem
from models.states import ENDED, Intent, Phase
from models.temporal import CLOSE, LIFECYCLE, PHASE
from runtime.decoding import UNREADABLE
from runtime.lifecycles import signal_with_start
from runtime.stopped import goes_on

Item = TypeVar("Item")
AT_ONCE = 10
"""Calls to Temporal under way at the same time: the gateway's events must not wait for them."""
RPC_TIMEOUT = timedelta(seconds=10)
PATIENT_TRIES = 4
"""So many looks at a group go by before less than half of it is news."""


class ClosingActivities:
    """What the workflow `BulkClose` does; it asks Temporal alone."""

    def __init__(self, client: Client, providers: Providers) -> None:
        """Use the worker's own connection and settings."""
        self._client, self._providers = client, providers

    @activity.defn(name="bulk_close_terms")
    async def terms(self, call: BeginClosing) -> Terms:
        """Return what is configured; fail where the customer is not, or the query cannot be read."""
        customer = None if call.customer_id is None else self._providers.customer(call.customer_id)
        if call.query is not None:
            try:
                await self._client.count_workflows(call.query, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.INVALID_ARGUMENT:
                    raise failure(_unreadable_query(error.message)) from None
                raise
        timing = self._providers.settings.timing.frozen()
        return Terms(customer_name=None if customer is None else customer.name, timing=timing)

    @activity.defn(name="bulk_close_send")
    async def send(self, call: SendCloses) -> ClosesSent:
        """Send `close` to each lifecycle, starting those that do not run; a repeat changes nothing."""
        said = ManualAction(by=call.by, reason=call.reason)
        settings = self._providers.settings
        known = [each for each in call.jobs if settings.customer(each.customer_id) is not None]

        async def close(job: JobToClose) -> None:
            await signal_with_start(
                self._client,
                settings,
                self._providers.customer(job.customer_id),
                job.job_id,
                signal=CLOSE,
                message=said,
                intent=Intent.UNPOSTED,
                rpc_timeout=RPC_TIMEOUT,
            )

        await with_heartbeats(_each(close, known))
        refused = [
            JobRefused(key=each.key, problem=_unknown_customer(each.customer_id))
            for each in call.jobs
            if each not in known
        ]
        return ClosesSent(sent=tuple(each.key for each in known), refused=tuple(refused))

    @activity.defn(name="bulk_close_watch")
    async def watch(self, call: WatchCloses) -> ClosesSeen:
        """Look at the lifecycles; succeed once half of them are done, or after a while any."""
        seen = await with_heartbeats(self._look(call.jobs))
        done = len(seen.closed) + len(seen.not_found) + len(seen.refused)
        enough = len(call.jobs) / 2 if activity.info().attempt <= PATIENT_TRIES else 1
        if done < enough:
            raise not_yet(_still_closing(len(call.jobs) - done), call.backoff)
        return seen

    async def _look(self, jobs: Iterable[Closing]) -> ClosesSeen:
        wanted = {each.key: each for each in jobs}
        ended: dict[str, Phase] = {}
        running: list[str] = []
        refused: list[JobRefused] = []
        for key, run in (await self._newest_runs(list(wanted))).items():
            if goes_on(run):
                if run.typed_search_attributes.get(PHASE) != Phase.CLOSING.value:
                    running.append(key)
            elif run.close_time is not None and run.close_time >= wanted[key].since:
                if run.status is WorkflowExecutionStatus.COMPLETED:
                    ended[key] = await self._end_of(run)
                else:
                    refused.append(JobRefused(key=key, problem=_ended(run.status)))
        waiting, asking = await self._asking(running)
        ended |= waiting
        return ClosesSeen(
            closed=tuple(key for key, phase in ended.items() if phase is not Phase.NOT_FOUND),
            not_found=tuple(key for key, phase in ended.items() if phase is Phase.NOT_FOUND),
            refused=(*refused, *asking),
        )

    async def _end_of(self, run: WorkflowExecution) -> Phase:
        """Return how a lifecycle has ended; its receipt says so where the namespace lacks the search attribute."""
        shown = run.typed_search_attributes.get(PHASE)
        if shown is not None:
            return Phase(shown)
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id, result_type=Receipt)
        receipt: Receipt = await handle.result(rpc_timeout=RPC_TIMEOUT)
        return receipt.phase

    async def _newest_runs(self, workflow_ids: list[str]) -> dict[str, WorkflowExecution]:
        """Find the newest run of each; one that visibility does not show yet is left out."""
        ids = ", ".join(f"'{each}'" for each in workflow_ids)
        newest: dict[str, WorkflowExecution] = {}
        async for run in self._client.list_workflows(f"WorkflowId IN ({ids})", rpc_timeout=RPC_TIMEOUT):
            if run.id not in newest or run.start_time > newest[run.id].start_time:
                newest[run.id] = run
        return newest

    async def _asking(self, workflow_ids: list[str]) -> tuple[dict[str, Phase], list[JobRefused]]:
        """Ask lifecycles themselves, where visibility, which lags behind, shows something other than a close.

        One that has closed its job and only waits to tell the ATS has done what it was asked for.
        """
        ended: dict[str, Phase] = {}
        refused: list[JobRefused] = []

        async def ask(workflow_id: str) -> None:
            handle = self._client.get_workflow_handle(workflow_id)
            # One that has ended meanwhile, or cannot be read, is seen as such by the next look.
            with suppress(RPCError, WorkflowQueryFailedError, *UNREADABLE):
                state: Lifecycle = await handle.query(LIFECYCLE, result_type=Lifecycle, rpc_timeout=RPC_TIMEOUT)
                if state.intent is Intent.UNPOSTED and state.phase in ENDED:
                    ended[workflow_id] = state.phase
                elif problem := _why_not_closed(state):
                    refused.append(JobRefused(key=workflow_id, problem=problem))

        await _each(ask, workflow_ids)
        return ended, refused


async def _each(work: Callable[[Item], Awaitable[None]], items: Iterable[Item]) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(item: Item) -> None:
        async with slots:
            await work(item)

    await asyncio.gather(*(one(each) for each in items))


def _why_not_closed(state: Lifecycle) -> Problem | None:
    """Return why a lifecycle that was told to close its job does not get on; None where it does."""
    if state.intent is not Intent.UNPOSTED:
        return POSTED_AGAIN
    asked = [state.attention, *(record.attention for _, record in state.boards.used)]
    attention = next((each for each in asked if each is not None), None)
    if state.phase is not Phase.ATTENTION or attention is None:
        return None
    return Problem(category=attention.category, reason=attention.reason, remedy=attention.remedy)


POSTED_AGAIN = Problem(
    category=Category.REFUSED,
    reason="The job was posted again after it had been told to close.",
    remedy="Nothing, if that is right: the newest intent wins. Else close it once more.",
)


def _unknown_customer(customer_id: str) -> Problem:
    return Problem(
        category=Category.CONFIGURATION,
        reason=f"Customer {customer_id} is not in the configuration.",
        remedy="Add it to the configuration file, and close the jobs once more.",
    )


def _unreadable_query(words: str) -> Problem:
    return Problem(
        category=Category.REFUSED,
        reason="Temporal cannot read the query.",
        remedy="Try it in the Web UI's filter or with `temporal workflow list --query`.",
        provider_text=words,
    )


def _ended(status: WorkflowExecutionStatus | None) -> Problem:
    return Problem(
        category=Category.REFUSED,
        reason=f"The job's lifecycle was ended by hand ({status.name.lower() if status is not None else 'unknown'}).",
        remedy="Look at the job on its boards, and close it once more if it is still there.",
    )


def _still_closing(count: int) -> Problem:
    return Problem(
        category=Category.STILL_SHOWN,
        reason=f"{count} job(s) are still being closed.",
        remedy="Wait: each lifecycle asks for a person by itself.",
    )
