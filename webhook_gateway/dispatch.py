"""Hand verified events to Temporal by signal-with-start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from config.customers import Customer
from config.settings import Settings
from models.base import Model, workflow_id
from models.events import AtsEvent, LinkedInStatus, ManualAction
from models.states import Intent
from models.temporal import ATS_EVENT, CLOSE, LINKEDIN_STATUS
from runtime.lifecycles import signal_with_start

RPC_TIMEOUT = timedelta(seconds=5)
TOTAL_TIMEOUT = 8.0
"""Seconds for the call with its retries: below the sender's patience, which is 10."""


class TemporalUnavailable(Exception):  # noqa: N818 -- a state, told to the sender as 503
    """Temporal did not take the event, or did not say so in time."""

    def __init__(self, reason: str, *, of_the_event: bool = False) -> None:
        """Keep the reason, and whether it lies in this event alone: others may well be taken."""
        super().__init__(reason)
        self.of_the_event = of_the_event


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Bound a call to Temporal and turn its failures into TemporalUnavailable."""
    try:
        async with asyncio.timeout(TOTAL_TIMEOUT):
            yield
    except (RPCError, TimeoutError, RuntimeError) as error:
        # A lazy client that cannot connect raises RuntimeError.
        of_the_event = isinstance(error, RPCError) and error.status is RPCStatusCode.INVALID_ARGUMENT
        raise TemporalUnavailable(f"{type(error).__name__}: {error}", of_the_event=of_the_event) from error


class LifecycleStatus(StrEnum):
    """How a job's newest lifecycle stands."""

    RUNNING = "running"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Dispatcher:
    """Start or signal lifecycles."""

    def __init__(self, client: Client, settings: Settings) -> None:
        """Use a client that may not be connected yet."""
        self._client, self._settings = client, settings

    async def ats_event(self, customer: Customer, job_id: str, event: AtsEvent) -> str:
        """Signal the job's lifecycle, starting it where it does not run; return its workflow id.

        Returns once Temporal has stored the event; raises TemporalUnavailable otherwise.
        """
        return await self._signal_with_start(customer, job_id, ATS_EVENT, event, event.intent)

    async def listed_again(self, customer: Customer, job_id: str, status: LinkedInStatus) -> str:
        """Start a closed job's lifecycle anew, because LinkedIn lists the job again; return its workflow id.

        Returns once Temporal has stored it; raises TemporalUnavailable otherwise.
        """
        return await self._signal_with_start(customer, job_id, LINKEDIN_STATUS, status, Intent.UNPOSTED)

    async def close(self, customer: Customer, job_id: str, said: ManualAction) -> str:
        """Have a person's `close` taken by the job's lifecycle, starting it where it does not run; return its id.

        Returns once Temporal has stored it; raises TemporalUnavailable otherwise.
        """
        return await self._signal_with_start(customer, job_id, CLOSE, said, Intent.UNPOSTED)

    async def _signal_with_start(
        self, customer: Customer, job_id: str, signal: str, message: Model, intent: Intent | None
    ) -> str:
        async with answering():
            return await signal_with_start(
                self._client,
                self._settings,
                customer,
                job_id,
                signal=signal,
                message=message,
                intent=intent,
                rpc_timeout=RPC_TIMEOUT,
            )

    async def status(self, customer_id: str, job_id: str) -> LifecycleStatus:
        """Return how a job's lifecycle stands.

        Raises TemporalUnavailable.
        """
        handle = self._client.get_workflow_handle(workflow_id(customer_id, job_id))
        async with answering():
            try:
                found = await handle.describe(rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return LifecycleStatus.UNKNOWN
                raise
        match found.status:
            case WorkflowExecutionStatus.RUNNING:
                return LifecycleStatus.RUNNING
            case WorkflowExecutionStatus.COMPLETED:
                return LifecycleStatus.CLOSED
            case _:
                return LifecycleStatus.UNKNOWN

    def ui_link(self, workflow_id: str) -> str | None:
        """Link to a lifecycle in the Temporal Web UI, where one is configured."""
        base = self._settings.gateway.temporal_ui_url
        if base is None:
            return None
        namespace = quote(self._client.namespace, safe="")
        return f"{str(base).rstrip('/')}/namespaces/{namespace}/workflows/{quote(workflow_id, safe='')}"
