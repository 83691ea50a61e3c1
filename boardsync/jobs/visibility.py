"""Jobs as Temporal's visibility knows them: found by search attributes, with no query to a lifecycle."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from temporalio.client import Client, WorkflowExecution

from models.base import Model
from models.problems import Category
from models.states import ENDED, HIDDEN, BoardName, BoardState, Phase
from models.temporal import (
    ATTENTION,
    BOARD_STATE,
    CUSTOMER_ID,
    INDEED_HIDDEN,
    JOB_ID,
    JOB_POSTING,
    JOB_TITLE,
    PHASE,
    RUNNING,
    STOPPED,
    WAITS_FOR,
)
from runtime.stopped import STOPPED_AS, stopped_lifecycles

LIFECYCLES = f"WorkflowType = '{JOB_POSTING}'"
ANY_RUNNING = "ExecutionStatus = 'Running'"
COMPLETED = "ExecutionStatus = 'Completed'"
OPEN = "CloseTime IS NULL"
"""Of workflows that have not ended, to be counted by another attribute.

SQLite, of Temporal's dev server, goes by the index of the status where a query names it, and so reads all that run.
"""
OPEN_LIFECYCLES = f"{LIFECYCLES} AND {OPEN}"
HIDDEN_AT_INDEED = " OR ".join(f"{INDEED_HIDDEN.name} = '{each}'" for each in sorted(HIDDEN))
"""The query for posted jobs that nobody finds at Indeed."""


STOPPED_SHOWN = 1000


class JobRow(Model):
    """One lifecycle, as its search attributes show it."""

    customer_id: str
    job_id: str
    workflow_id: str
    run_id: str
    status: str
    phase: str | None = None
    linkedin: str | None = None
    indeed: str | None = None
    attention: str | None = None
    """The category of what needs a person."""
    waits_for: tuple[str, ...] = ()
    """The causes for whose end it waits, together with other jobs of the customer."""
    hidden: str | None = None
    """How the posted job stands at Indeed, where nobody finds it."""
    title: str | None = None
    started_at: datetime
    closed_at: datetime | None = None

    @property
    def stopped(self) -> bool:
        """Return whether somebody stopped the lifecycle, or it failed: nothing is done for the job."""
        return self.status in {each.name.lower() for each in STOPPED_AS}


def job_query(
    *,
    customer: str | None = None,
    phase: Phase | None = None,
    states: Mapping[BoardName, BoardState | None] | None = None,
    attention: Category | None = None,
    cause: str | None = None,
    started_before: datetime | None = None,
    closed: bool = False,
    raw: Sequence[str | None] = (),
) -> str:
    """Write the visibility query for lifecycles; `closed` takes completed ones too."""
    # A closed job's lifecycle is completed, so who asks for that phase asks for them.
    which = [LIFECYCLES, f"({ANY_RUNNING} OR {COMPLETED})"] if closed or phase in ENDED else [RUNNING]
    pairs = (
        (CUSTOMER_ID.name, customer),
        (PHASE.name, phase),
        *((BOARD_STATE[board].name, state) for board, state in (states or {}).items()),
        (ATTENTION.name, attention),
        (WAITS_FOR.name, cause),
    )
    parts = [*which, *(f"{name} = '{value}'" for name, value in pairs if value is not None)]
    if started_before is not None:
        parts.append(f"StartTime < '{started_before.isoformat()}'")
    parts += [f"({each})" for each in raw if each]
    return " AND ".join(parts)


def of_stopped(query: str) -> str:
    """Ask what a query for open lifecycles asks, of those that were stopped."""
    return STOPPED + query.removeprefix(RUNNING)


async def list_jobs(client: Client, query: str, *, limit: int | None = None) -> AsyncIterator[JobRow]:
    """Return the lifecycles that a query finds, the newest first."""
    async for found in client.list_workflows(query, limit=limit):
        yield row_of(found)


async def list_stopped(client: Client, query: str, *, limit: int = STOPPED_SHOWN) -> list[JobRow]:
    """Return the jobs that a query for stopped lifecycles finds and that no event has begun anew."""
    return [row_of(run) for run in await stopped_lifecycles(client, query, limit=limit)]


async def count_by_phase(client: Client, query: str) -> dict[str, int]:
    """Count the lifecycles that a query finds, by phase; phases without any are left out."""
    # Visibility groups by no search attribute of ours.
    counts = await asyncio.gather(*(client.count_workflows(f"{query} AND {PHASE.name} = '{each}'") for each in Phase))
    return {phase.value: found.count for phase, found in zip(Phase, counts, strict=True) if found.count}


def row_of(found: WorkflowExecution) -> JobRow:
    """Read a lifecycle's search attributes."""
    shown = found.typed_search_attributes
    return JobRow(
        customer_id=shown.get(CUSTOMER_ID, ""),
        job_id=shown.get(JOB_ID, ""),
        workflow_id=found.id,
        run_id=found.run_id,
        status=found.status.name.lower() if found.status is not None else "unknown",
        phase=shown.get(PHASE),
        **{board.value: shown.get(key) for board, key in BOARD_STATE.items()},
        attention=shown.get(ATTENTION),
        waits_for=tuple(shown.get(WAITS_FOR) or ()),
        hidden=shown.get(INDEED_HIDDEN),
        title=shown.get(JOB_TITLE),
        started_at=found.start_time,
        closed_at=found.close_time,
    )
