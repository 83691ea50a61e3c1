"""Everything that needs a person: read from lifecycles, and from other workflows that ask by search attribute."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowHandle,
)

from boardsync.jobs.lifecycles import NO_ANSWER, QUERY_WITHIN, NoAnswer, collected, each_of, query_lifecycle
from boardsync.jobs.visibility import ANY_RUNNING
from boardsync.output import one_line
from models.base import Model
from models.boards import Attention
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import Phase
from models.temporal import ASKED, ATTENTION, COMMON_CAUSE, CUSTOMER_ID, JOB_ID, JOB_POSTING, PHASE
from runtime.decoding import UNREADABLE

METADATA = "__temporal_workflow_metadata"


class OpenAttention(Model):
    """One thing that needs a person."""

    since: datetime
    workflow_id: str
    kind: str
    """The workflow's type."""
    customer_id: str | None = None
    job_id: str | None = None
    where: str
    """The board, or what else of the job asks."""
    category: str | None = None
    reason: str
    remedy: str | None = None
    retrying: bool = False
    """Boardsync goes on trying meanwhile."""
    cause: str | None = None
    """What it is that holds up jobs of the customer alike."""
    jobs: int | None = None
    """How many of them wait for its end: they are named here once."""


async def read_needs(client: Client, *, customer: str | None, category: Category | None) -> list[OpenAttention]:
    """Read everything that needs a person, the oldest first."""
    parts = [ANY_RUNNING, f"{PHASE.name} = '{Phase.ATTENTION}'"]
    parts += [f"{CUSTOMER_ID.name} = '{customer}'"] if customer is not None else []
    needs = once_for_each_cause(await read_needs_of(client, " AND ".join(parts)))
    if category is not None:
        # A job may ask for several things; its search attribute names the oldest.
        needs = [need for need in needs if need.category == category]
    return sorted(needs, key=lambda need: need.since)


def once_for_each_cause(needs: Sequence[OpenAttention]) -> list[OpenAttention]:
    """Leave out what jobs ask that wait for a cause which asks itself; where it does not, the oldest asks for all."""
    alone = [need for need in needs if need.cause is None]
    by_cause: dict[tuple[str | None, str | None], list[OpenAttention]] = {}
    for need in needs:
        if need.cause is not None:
            by_cause.setdefault((need.customer_id, need.cause), []).append(need)
    for several in by_cause.values():
        own = next((need for need in several if need.kind == COMMON_CAUSE), None)
        oldest = min(several, key=lambda need: need.since)
        alone.append(own or oldest.model_copy(update={"jobs": len({need.job_id for need in several})}))
    return alone


async def read_needs_of(client: Client, query: str, *, limit: int | None = None) -> list[OpenAttention]:
    """Read what the workflows that a query finds ask of a person, the newest first."""
    found = await collected(client.list_workflows(query, limit=limit))
    return [need for several in await each_of(found, lambda each: _needs(client, each)) for need in several]


async def _needs(client: Client, found: WorkflowExecution) -> list[OpenAttention]:
    # Empty where it was settled since visibility heard of it.
    handle = client.get_workflow_handle(found.id, run_id=found.run_id)
    if found.workflow_type == JOB_POSTING:
        try:
            return needs_of(await query_lifecycle(handle), found.id)
        except NoAnswer as error:
            return [_from_outside(found, f"Its state is not known: {error}")]
    try:
        asked = await handle.query(ASKED, rpc_timeout=QUERY_WITHIN)
        return [_other(found, Attention.model_validate(asked))] if asked is not None else []
    except NO_ANSWER:
        return [_from_outside(found, await _details(handle))]


def needs_of(lifecycle: Lifecycle, workflow_id: str) -> list[OpenAttention]:
    """Return what a lifecycle asks for: the job as a whole, then each board."""
    asked: Sequence[tuple[str, Attention | None]] = [
        ("the job", lifecycle.attention),
        *((board.label, track.attention) for board, track in lifecycle.boards.used),
    ]
    return [
        OpenAttention(
            workflow_id=workflow_id,
            kind=JOB_POSTING,
            customer_id=lifecycle.customer_id,
            job_id=lifecycle.job_id,
            where=where,
            **each.model_dump(),
        )
        for where, each in asked
        if each is not None
    ]


def _other(found: WorkflowExecution, asked: Attention) -> OpenAttention:
    return OpenAttention(
        workflow_id=found.id,
        kind=found.workflow_type,
        customer_id=found.typed_search_attributes.get(CUSTOMER_ID),
        where=found.workflow_type if asked.cause is None else asked.cause,
        **asked.model_dump(),
    )


def _from_outside(found: WorkflowExecution, reason: str) -> OpenAttention:
    shown = found.typed_search_attributes
    return OpenAttention(
        since=found.start_time,
        workflow_id=found.id,
        kind=found.workflow_type,
        customer_id=shown.get(CUSTOMER_ID),
        job_id=shown.get(JOB_ID),
        where=found.workflow_type,
        category=shown.get(ATTENTION),
        reason=reason,
    )


async def _details(handle: WorkflowHandle[Any, Any]) -> str:
    """Return what a workflow shows of itself in the Web UI: its current details, else those it was started with."""
    try:
        shown: WorkflowMetadata = await handle.query(METADATA, result_type=WorkflowMetadata, rpc_timeout=QUERY_WITHIN)
        if shown.current_details:
            return shown.current_details
    except NO_ANSWER:
        pass  # no worker answers: what it was started with is known without one
    try:
        described = await handle.describe()
        summary, details = await asyncio.gather(described.static_summary(), described.static_details())
    except UNREADABLE as error:
        return f"What it says of itself cannot be read: {one_line(str(error))}"
    return details or summary or "It gives no details: open it in the Temporal Web UI."
