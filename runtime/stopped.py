"""Tell lifecycles that go on from those that were stopped, or failed, and that no event has begun anew."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from models.temporal import STOPPED

SHOWN_FOR = timedelta(days=7)
"""How long after its end a stopped lifecycle is alerted on; it is listed for as long as Temporal keeps it."""
STOPPED_AS = (
    WorkflowExecutionStatus.CANCELED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.TIMED_OUT,
)
GOES_ON_AS = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
AT_ONCE = 50
"""Workflow ids in one question."""


def goes_on(run: WorkflowExecution) -> bool:
    """Return whether a lifecycle goes on, by its newest run that visibility shows.

    Visibility lags behind: for a moment it shows that a run has ended, and not yet the one in which it goes on.
    """
    return run.status in GOES_ON_AS


async def stopped_lifecycles(client: Client, query: str = STOPPED, *, limit: int) -> list[WorkflowExecution]:
    """Return the newest run of each job whose newest run was stopped, the newest first; a query narrows them down.

    Raises RPCError.
    """
    newest: dict[str, WorkflowExecution] = {}
    async for run in client.list_workflows(query, limit=limit):
        known = newest.get(run.id)
        if known is None or run.start_time > known.start_time:
            newest[run.id] = run
    ids = list(newest)
    for start in range(0, len(ids), AT_ONCE):
        for id_ in await _begun_anew(client, {each: newest[each] for each in ids[start : start + AT_ONCE]}):
            del newest[id_]
    return sorted(newest.values(), key=lambda run: run.close_time or run.start_time, reverse=True)


async def _begun_anew(client: Client, stopped: dict[str, WorkflowExecution]) -> Sequence[str]:
    ids = ", ".join(f"'{each}'" for each in stopped)
    query = f"WorkflowId IN ({ids}) AND ExecutionStatus IN ('Running', 'ContinuedAsNew', 'Completed')"
    found = [run async for run in client.list_workflows(query)]
    return list({run.id for run in found if run.start_time > stopped[run.id].start_time})
