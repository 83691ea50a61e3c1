"""A provider's limit shared with all other workers, through the workflow `Pace`."""

import asyncio
import hashlib
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from clients.errors import ProviderError
from clients.rate_limit import Grant, Limit, SharedOut
from models.pace import LONGEST_ANSWER, PaceState, Reserve, Reserved
from models.problems import Category, Problem
from models.temporal import PACE, PACE_QUEUE, RESERVE

RPC_TIMEOUT = timedelta(seconds=LONGEST_ANSWER)


def pace_id(limit: Limit, credential: str) -> str:
    """Name the workflow that shares a limit out."""
    return f"pace-{limit.name}-{hashlib.sha256(credential.encode()).hexdigest()[:16]}"


def shared_out(client: Client) -> SharedOut:
    """Have limits shared out by Temporal."""
    holder = uuid.uuid4().hex[:16]
    return lambda limit, credential: Shared(client, holder, limit, credential)


class Shared:
    """The share of one limit that this process has."""

    def __init__(self, client: Client, holder: str, limit: Limit, credential: str) -> None:
        """Ask for nothing yet; of the credential only its id is known here, and only a hash of it leaves."""
        self._client, self._holder, self._limit = client, holder, limit
        self._id = pace_id(limit, credential)
        self._asks = 0
        self._runs = False
        self._answer_took = 0.0

    async def reserve(self, wanted: int, *, callers: int, using: int) -> Grant:
        """Ask for a share.

        Raises ProviderError, temporary, where the workflow cannot be reached.
        """
        self._asks += 1
        ask = Reserve(
            holder=self._holder,
            number=self._asks,
            wanted=wanted,
            callers=callers,
            using=using,
            per_second=self._limit.per_second,
            answer_takes=min(self._answer_took, LONGEST_ANSWER),
        )
        began = time.monotonic()
        try:
            share = await self._ask(ask)
        except (RPCError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                # The SDK tells a cancellation, as at the end of the process, like a timeout.
                raise asyncio.CancelledError from None
            raise _unreachable(self._limit, self._id, error) from error
        finally:
            self._answer_took = time.monotonic() - began
        return Grant(share.count, share.valid_for, share.ask_again_after)

    async def _ask_alone(self, ask: Reserve) -> Reserved | None:
        handle = self._client.get_workflow_handle(self._id)
        try:
            share: Reserved = await handle.execute_update(RESERVE, ask, result_type=Reserved, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        else:
            return share

    async def _ask(self, ask: Reserve) -> Reserved:
        """Ask the workflow where it is known to run: to start it as well costs the server half as much again."""
        if self._runs and (answer := await self._ask_alone(ask)) is not None:
            return answer
        self._runs = False
        start: WithStartWorkflowOperation[Any, None] = WithStartWorkflowOperation(
            PACE,
            PaceState(),
            id=self._id,
            task_queue=PACE_QUEUE.value,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"Shares out {self._limit.label}, among all workers",
        )
        try:
            share: Reserved = await self._client.execute_update_with_start_workflow(
                RESERVE, ask, start_workflow_operation=start, result_type=Reserved, rpc_timeout=RPC_TIMEOUT
            )
        except (RPCError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError):
            with suppress(RPCError, asyncio.CancelledError):
                # The SDK has put the failure here as well; where nobody takes it, it is logged as never retrieved.
                await start.workflow_handle()
            raise
        self._runs = True
        return share


def _unreachable(limit: Limit, workflow_id: str, error: Exception) -> ProviderError:
    problem = Problem(
        category=Category.TEMPORARY,
        reason=f"Nothing was sent: the workflow {workflow_id}, which shares out {limit.label}, gave no answer.",
        remedy="Boardsync tries again by itself. If it lasts, check that a worker serves the task queue operations.",
        provider_text=f"{type(error).__name__}: {error}",
    )
    return ProviderError(problem, provider="Temporal", operation=RESERVE)
