"""Have lifecycles take up what a sweep has seen: by their own signals, starting those that have ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowQueryFailedError
from temporalio.service import RPCError

from activities.providers import Providers
from models.base import Model, job_of, workflow_id
from models.events import AtsEvent, BoardHint, IndeedChange, LinkedInStatus, StatusDetail
from models.lifecycle import Lifecycle
from models.states import Intent
from models.temporal import ATS_EVENT, INDEED_CHANGED, LIFECYCLE, LINKEDIN_STATUS
from runtime.decoding import UNREADABLE
from runtime.lifecycles import signal_with_start
from runtime.stopped import goes_on

AT_ONCE = 10
"""Calls to Temporal under way at the same time: the gateway's events must not wait for them."""
IDS_IN_A_QUERY = 100
RPC_TIMEOUT = timedelta(seconds=10)

LISTED = StatusDetail(status="LISTED")


class Lifecycles:
    """The lifecycles of one customer's jobs, as a sweep finds and tells them."""

    def __init__(self, client: Client, providers: Providers, customer_id: str) -> None:
        """Take the connection, and the customer's settings."""
        self._client, self._providers = client, providers
        self._customer = providers.customer(customer_id)

    async def newest(self, job_ids: Sequence[str]) -> dict[str, WorkflowExecution]:
        """Return the newest run of each of these jobs; one that visibility does not show is left out."""
        found: dict[str, WorkflowExecution] = {}
        for at in range(0, len(job_ids), IDS_IN_A_QUERY):
            ids = ", ".join(f"'{workflow_id(self._customer.id, each)}'" for each in job_ids[at : at + IDS_IN_A_QUERY])
            found.update(await self._newest(f"WorkflowId IN ({ids})"))
        return found

    async def all(self, query: str) -> dict[str, WorkflowExecution]:
        """Return the newest run of every job that a visibility query finds."""
        return await self._newest(query)

    async def _newest(self, query: str) -> dict[str, WorkflowExecution]:
        newest: dict[str, WorkflowExecution] = {}
        async for run in self._client.list_workflows(query, rpc_timeout=RPC_TIMEOUT):
            named = job_of(run.id)
            if named is None or named[0] != self._customer.id:
                continue
            if named[1] not in newest or run.start_time > newest[named[1]].start_time:
                newest[named[1]] = run
        return newest

    async def intent(self, job_id: str) -> Intent | None:
        """Return what a job's running lifecycle wants; None where it does not say."""
        handle = self._client.get_workflow_handle(workflow_id(self._customer.id, job_id))
        try:
            state: Lifecycle = await handle.query(LIFECYCLE, result_type=Lifecycle, rpc_timeout=RPC_TIMEOUT)
        except (RPCError, WorkflowQueryFailedError, *UNREADABLE):
            return None
        return state.intent

    async def back_on_linkedin(self, job_id: str, at: datetime) -> None:
        """Say that LinkedIn lists a closed job: its lifecycle asks iCIMS first, then closes it again."""
        await self._hint(job_id, LINKEDIN_STATUS, LinkedInStatus(listing=LISTED, after_close=True, received_at=at))

    async def changed_on_indeed(self, job_id: str, iri: str, at: datetime) -> None:
        """Say that a closed job's posting at Indeed is not as it was left: its lifecycle reads it."""
        await self._hint(job_id, INDEED_CHANGED, IndeedChange(employer_job_id=iri, after_close=True, received_at=at))

    async def wanted(self, job_id: str, intent: Intent, *, said: str, at: datetime) -> None:
        """Say what iCIMS wants by now; what the gateway has received later than `at` counts more."""
        event = AtsEvent(event_type=said, intent=intent, received_at=at)
        await self._tell(job_id, ATS_EVENT, event, intent)

    async def _hint(self, job_id: str, signal: str, hint: BoardHint) -> None:
        await self._tell(job_id, signal, hint, Intent.UNPOSTED)

    async def _tell(self, job_id: str, signal: str, message: Model, intent: Intent) -> None:
        await signal_with_start(
            self._client,
            self._providers.settings,
            self._customer,
            job_id,
            signal=signal,
            message=message,
            intent=intent,
            rpc_timeout=RPC_TIMEOUT,
        )


def runs_on(runs: Mapping[str, WorkflowExecution], job_id: str) -> bool:
    """Return whether a job has a lifecycle that goes on, by the newest run of each."""
    run = runs.get(job_id)
    return run is not None and goes_on(run)
