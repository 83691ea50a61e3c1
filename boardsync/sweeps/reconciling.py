"""Start a customer's reconciliation, and follow it to its end."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from boardsync.exits import CommandFailed
from models.problems import Problem
from models.sweeps import Reconciled, ReconcileInput
from models.temporal import PROGRESS, RECONCILE, Queue, customer_attributes
from runtime.provisioning import with_known_attributes
from runtime.schedules import reconcile_id

LOOK_EVERY = 0.5
RPC_TIMEOUT = timedelta(seconds=10)
_PASSING = frozenset({RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.UNAVAILABLE})

Run = WorkflowHandle[Any, Reconciled]


async def start(client: Client, asked: ReconcileInput) -> Run:
    """Start a customer's reconciliation.

    Raises CommandFailed where one that was started by hand runs.
    """
    id_ = reconcile_id(asked.customer_id)

    async def started(attributes: TypedSearchAttributes) -> Run:
        return await client.start_workflow(
            RECONCILE,
            asked,
            id=id_,
            task_queue=Queue.JOB_POSTINGS.value,
            search_attributes=attributes,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            static_summary=f"Is every job of customer {asked.customer_id} as iCIMS wants it?",
            result_type=Reconciled,
            rpc_timeout=RPC_TIMEOUT,
        )

    try:
        return await with_known_attributes(client, customer_attributes(asked.customer_id), started)
    except WorkflowAlreadyStartedError:
        raise CommandFailed(
            f"a reconciliation of customer {asked.customer_id} runs: look at the workflow {id_} in the Web UI"
        ) from None


async def follow(run: Run, told: Callable[[Reconciled], None]) -> Reconciled:
    """Tell how far it has come until it ends, and return its result.

    Raises CommandFailed where it fails, with the words of what failed.
    """
    ended = asyncio.create_task(run.result())
    try:
        while not ended.done():
            await asyncio.wait({ended}, timeout=LOOK_EVERY)
            try:
                told(await run.query(PROGRESS, result_type=Reconciled, rpc_timeout=RPC_TIMEOUT))
            except WorkflowQueryFailedError:
                continue
            except RPCError as error:
                if error.status not in _PASSING:
                    raise
        return ended.result()
    except WorkflowFailureError as error:
        raise CommandFailed(_why(error)) from error
    finally:
        ended.cancel()


def _why(error: WorkflowFailureError) -> str:
    cause = error.cause
    if isinstance(cause, ActivityError) and isinstance(cause.cause, ApplicationError):
        details = cause.cause.details
        if details and isinstance(details[0], dict):
            problem = Problem.model_validate(details[0])
            return f"{problem.words} {problem.remedy}"
        return str(cause.cause)
    return f"the reconciliation ended without a result: {cause}"
