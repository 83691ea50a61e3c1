"""Find and signal lifecycles: for workflows that concern many jobs at once."""

import asyncio
import base64
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.problems import not_yet
from activities.recalled import receipt_of
from activities.stored import Stored
from models.base import workflow_id
from models.calls.common import Backoff
from models.lifecycle import Receipt
from models.operations import (
    Earlier,
    FindEarlier,
    FindStop,
    KnownAttributes,
    LifecyclePage,
    ListLifecycles,
    Signalled,
    SignalLifecycles,
    StopFound,
)
from models.problems import Category, Problem
from models.temporal import LIFECYCLE
from models.texts import clipped
from runtime.decoding import UNREADABLE
from runtime.provisioning import usable_attributes

AT_ONCE = 10
"""Signals under way at the same time: a resync must not crowd out what the gateway has to tell Temporal."""

A_FEW = 4
"""Lifecycles that are told at once where there is no hurry."""
HEARD_WITHIN = timedelta(seconds=10)
LEFT_TO_OTHERS = 3
"""Times as long as a few took to hear it, nobody is told: so closes find room on a machine that is busy."""
LONGEST_PAUSE = 20.0
"""Seconds: with the longest that a few may take, less than the heartbeat timeout."""

RPC_TIMEOUT = timedelta(seconds=10)
RUNS_READ = 50
EVENTS_READ = 200
"""Newest events in which the request to cancel is looked for: it came moments ago."""
IDENTITY_LIMIT = 200
LOOKS = 6
SOON = Backoff(first=timedelta(milliseconds=200), longest=timedelta(seconds=2))
NOT_SHOWN = Problem(
    category=Category.TEMPORARY,
    reason="Temporal does not show the job's earlier lifecycle yet.",
    remedy="Boardsync looks again by itself.",
)


class LifecycleActivities:
    """The activities of the queue `operations` that ask Temporal itself; they start no lifecycle."""

    def __init__(self, client: Client, stored: Stored | None = None) -> None:
        """Use the worker's own connection, and its store for what Temporal has forgotten."""
        self._client, self._stored = client, stored

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

    @activity.defn(name="lifecycles_attributes")
    async def attributes(self) -> KnownAttributes:
        """Return which of the search attributes the namespace has."""
        return KnownAttributes(names=await usable_attributes(self._client))

    @activity.defn(name="lifecycles_earlier")
    async def earlier(self, call: FindEarlier) -> Earlier:
        """Return the receipt of the lifecycle that a job had before the one that asks."""
        id_ = workflow_id(call.customer_id, call.job_id)
        query = f"WorkflowId = '{id_}' AND ExecutionStatus = 'Completed'"
        found = self._client.list_workflows(query, limit=RUNS_READ, rpc_timeout=RPC_TIMEOUT)
        runs = [run async for run in found if run.run_id != call.run_id and run.close_time is not None]
        if not runs:
            if (kept := await self._kept(call)) is not None:
                return Earlier(receipt=kept)
            if call.expected and activity.info().attempt < LOOKS:
                raise not_yet(NOT_SHOWN, SOON)
            return Earlier()
        newest = max(runs, key=lambda run: run.start_time)
        handle = self._client.get_workflow_handle(id_, run_id=newest.run_id, result_type=Receipt)
        try:
            return Earlier(receipt=await handle.result(rpc_timeout=RPC_TIMEOUT))
        except (WorkflowFailureError, *UNREADABLE):  # another release wrote it
            return Earlier(receipt=await self._kept(call))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return Earlier(receipt=await self._kept(call))  # forgotten, and still shown

    @activity.defn(name="lifecycles_stopped_by")
    async def stopped_by(self, call: FindStop) -> StopFound:
        """Return who had a run cancelled: the identity that Temporal recorded with the request, the newest first."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=call.workflow_id, run_id=call.run_id),
            maximum_page_size=EVENTS_READ,
        )
        answer = await self._client.workflow_service.get_workflow_execution_history_reverse(
            request, timeout=RPC_TIMEOUT
        )
        for event in answer.history.events:
            if event.HasField("workflow_execution_cancel_requested_event_attributes"):
                by = event.workflow_execution_cancel_requested_event_attributes.identity
                return StopFound(by=clipped(by, IDENTITY_LIMIT) or None)
        return StopFound()

    async def _kept(self, call: FindEarlier) -> Receipt | None:
        """Return what the ledger keeps of the job's newest end: for years, where Temporal forgets after its retention.

        Temporal's visibility shows an end late, too; the ledger has it before the lifecycle completes.
        """
        if self._stored is None:
            return None
        kept = await self._stored.if_there(self._stored.ledger.receipt(call.customer_id, call.job_id), None)
        return None if kept is None else receipt_of(kept)

    @activity.defn(name="lifecycles_signal")
    async def signal(self, call: SignalLifecycles) -> Signalled:
        """Signal each of these workflows; tell which of them do not run.

        A try after a lost answer signals some of them again: signals that go this way are hints or repeatable.
        """
        if call.a_second is not None:
            return await self._unhurried(call, call.a_second)
        reached = await self._reach(call.workflow_ids, call)
        missing = tuple(each for each in call.workflow_ids if each not in reached)
        return Signalled(reached=len(reached), missing=missing)

    async def _unhurried(self, call: SignalLifecycles, a_second: int) -> Signalled:
        """Signal a few at a time, and go on once they have heard it; what was told is not told again after a crash."""
        done = Signalled(reached=0)
        if details := activity.info().heartbeat_details:
            done = Signalled.model_validate(details[0])
        for at in range(done.reached + len(done.missing), len(call.workflow_ids), A_FEW):
            few = call.workflow_ids[at : at + A_FEW]
            began = time.monotonic()
            reached = await self._reach(few, call)
            if reached:
                await self._heard(reached[-1])
            missing = (*done.missing, *(each for each in few if each not in reached))
            done = Signalled(reached=done.reached + len(reached), missing=missing)
            activity.heartbeat(done.model_dump(mode="json"))
            took = time.monotonic() - began
            await asyncio.sleep(max(len(few) / a_second - took, min(LEFT_TO_OTHERS * took, LONGEST_PAUSE)))
        return done

    async def _heard(self, workflow_id: str) -> None:
        """Wait until a lifecycle has taken up what it was told, for a while: that is slow where workers are busy."""
        handle = self._client.get_workflow_handle(workflow_id)
        with suppress(RPCError, WorkflowQueryFailedError, *UNREADABLE):
            await handle.query(LIFECYCLE, rpc_timeout=HEARD_WITHIN)

    async def _reach(self, workflow_ids: Sequence[str], call: SignalLifecycles) -> tuple[str, ...]:
        """Signal some, and return those that run."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def reach(workflow_id: str) -> bool:
            async with slots:
                return await self._signal(workflow_id, call)

        reached = await asyncio.gather(*(reach(each) for each in workflow_ids))
        return tuple(each for each, there in zip(workflow_ids, reached, strict=True) if there)

    async def _signal(self, workflow_id: str, call: SignalLifecycles) -> bool:
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            await handle.signal(call.signal, call.message, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True
