"""Find and signal lifecycles: for workflows that concern many jobs at once."""

import asyncio
import base64
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.operations import LifecyclePage, ListLifecycles, Signalled, SignalLifecycles

AT_ONCE = 10
"""Signals under way at the same time: a resync must not crowd out what the gateway has to tell Temporal."""

RPC_TIMEOUT = timedelta(seconds=10)


class LifecycleActivities:
    """The activities of the queue `operations` that ask Temporal itself; they start no lifecycle."""

    def __init__(self, client: Client) -> None:
        """Use the worker's own connection."""
        self._client = client

    @activity.defn(name="lifecycles_list")
    async def list(self, call: ListLifecycles) -> LifecyclePage:
        """Return one page of the workflows that a visibility query finds."""
        token = base64.b64decode(call.page_token) if call.page_token is not None else None
        found = self._client.list_workflows(
            call.query, page_size=call.page_size, next_page_token=token, rpc_timeout=RPC_TIMEOUT
        )
        await found.fetch_next_page()
        further = found.next_page_token
        return LifecyclePage(
            workflow_ids=tuple(each.id for each in found.current_page or ()),
            next_page_token=base64.b64encode(further).decode() if further else None,
        )

    @activity.defn(name="lifecycles_signal")
    async def signal(self, call: SignalLifecycles) -> Signalled:
        """Signal each of these workflows; tell which of them do not run.

        A try after a lost answer signals some of them again: signals that go this way are hints or repeatable.
        """
        slots = asyncio.Semaphore(AT_ONCE)

        async def reach(workflow_id: str) -> bool:
            async with slots:
                return await self._signal(workflow_id, call)

        reached = await asyncio.gather(*(reach(each) for each in call.workflow_ids))
        missing = tuple(each for each, there in zip(call.workflow_ids, reached, strict=True) if not there)
        return Signalled(reached=len(reached) - len(missing), missing=missing)

    async def _signal(self, workflow_id: str, call: SignalLifecycles) -> bool:
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            await handle.signal(call.signal, call.message, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True
