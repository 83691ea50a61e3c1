"""How all jobs stand, counted by Temporal's visibility: no lifecycle is asked, whatever their number."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecution
from temporalio.common import SearchAttributeKey

from boardsync.jobs.attention import OpenAttention, read_needs_of
from boardsync.jobs.lifecycles import collected, each_of
from boardsync.jobs.visibility import COMPLETED, LIFECYCLES, OPEN, OPEN_LIFECYCLES
from models.problems import Category
from models.states import HIDDEN, UNDER_WAY, BoardName, BoardState, JobStatus, Phase
from models.temporal import (
    ATTENTION,
    BOARD_STATE,
    INDEED_HIDDEN,
    JOB_POSTING,
    PHASE,
    RECONCILE,
    UNSETTLED_SINCE,
    Queue,
)
from runtime.failing import count_failing
from runtime.stopped import stopped_lifecycles

V = TypeVar("V", bound=str)

DAY = timedelta(days=1)
OLDEST_SHOWN = 5
OTHERS_SHOWN = 20
"""Of what no job asks for: each costs a query to its workflow."""
FEW = 200
"""Lifecycles that are looked at to find the oldest."""
MOST = 1000
"""Where as many are of the very same age, as after the boards were away."""
LONGEST_AGE = timedelta(days=400)
NARROWINGS = 24
STOPPED_READ = 500


@dataclass(frozen=True, kw_only=True)
class Sweeps:
    """Reconciliations of the last day."""

    last: datetime | None
    completed: int
    failed: int
    running: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits on a task queue, and whether anybody takes it."""

    queue: str
    tasks: int
    age: timedelta
    pollers: int


@dataclass(frozen=True, kw_only=True)
class Census:
    """How all jobs stand."""

    taken_at: datetime
    phases: Mapping[Phase, int]
    boards: Mapping[BoardName, Mapping[BoardState, int]]
    attention: Sequence[tuple[Category, int]]
    """The most frequent first."""
    hidden: Sequence[tuple[JobStatus, int]]
    """Posted jobs that nobody finds at Indeed."""
    others: Sequence[OpenAttention]
    """What no job asks for alone: causes that many wait for, runs over many jobs, the webhook."""
    others_left: int
    """How many more of them ask."""
    oldest: Sequence[WorkflowExecution]
    closed_today: int
    stopped: int
    failing: int | None
    sweeps: Sweeps


async def take_census(client: Client) -> Census:
    """Count.

    Raises RPCError.
    """
    now = datetime.now(UTC)
    phases: Mapping[Phase, int] = {**await _spread(client, PHASE, UNDER_WAY)}
    others, left = await _others(client)
    closed_today, sweeps = await _last_day(client, now)
    return Census(
        taken_at=now,
        phases=phases,
        boards={board: await _spread(client, BOARD_STATE[board], tuple(BoardState)) for board in BoardName},
        attention=await _attention(client, phases[Phase.ATTENTION]),
        hidden=await _hidden(client),
        others=others,
        others_left=left,
        oldest=await oldest_unsettled(client, now),
        closed_today=closed_today,
        stopped=len(await stopped_lifecycles(client, limit=STOPPED_READ)),
        failing=await count_failing(client),
        sweeps=sweeps,
    )


async def _attention(client: Client, asking: int) -> list[tuple[Category, int]]:
    # Most of the counts, and for nothing where no job asks.
    counts = await _spread(client, ATTENTION, tuple(Category)) if asking else {}
    return sorted(((each, count) for each, count in counts.items() if count), key=lambda pair: -pair[1])


async def _hidden(client: Client) -> list[tuple[JobStatus, int]]:
    return [pair for pair in (await _spread(client, INDEED_HIDDEN, sorted(HIDDEN))).items() if pair[1]]


async def _spread(client: Client, key: SearchAttributeKey[str], values: Sequence[V]) -> dict[V, int]:
    """Count the open lifecycles by an attribute's values: visibility groups by none of ours.

    One after the other: what a page asks for itself is not to wait behind them all.
    """
    return {value: await _count(client, f"{OPEN_LIFECYCLES} AND {key.name} = '{value}'") for value in values}


async def _others(client: Client) -> tuple[list[OpenAttention], int]:
    """Return what other workflows than jobs ask of a person, and how many more of them ask."""
    asking = f"{OPEN} AND {PHASE.name} = '{Phase.ATTENTION}' AND WorkflowType != '{JOB_POSTING}'"
    needs, count = await asyncio.gather(read_needs_of(client, asking, limit=OTHERS_SHOWN), _count(client, asking))
    return needs, max(count - OTHERS_SHOWN, 0)


async def oldest_unsettled(client: Client, now: datetime) -> list[WorkflowExecution]:
    """Return the lifecycles whose boards have not been as wanted for longest.

    Visibility sorts by no attribute of ours; so the age is narrowed down by counting until few are as old.
    """
    base = f"{OPEN_LIFECYCLES} AND {UNSETTLED_SINCE.name} < "

    def before(age: timedelta) -> str:
        return f"{base}'{(now - age).isoformat()}'"

    young, old = timedelta(0), LONGEST_AGE
    count = await _count(client, before(young))
    for _ in range(NARROWINGS):
        if count <= FEW:
            break
        middle = (young + old) / 2 if young else min(old / 64, timedelta(hours=1))
        found = await _count(client, before(middle))
        if found:
            young, count = middle, found
        else:
            old = middle
    if not count:
        return []
    listed = await collected(client.list_workflows(before(young), limit=MOST))
    return sorted(listed, key=lambda each: each.typed_search_attributes.get(UNSETTLED_SINCE) or now)[:OLDEST_SHOWN]


async def read_waiting(client: Client) -> list[Waiting]:
    """Return what waits on each task queue.

    Raises RPCError.
    """
    kinds = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    return list(await asyncio.gather(*(_waiting(client, queue, kinds) for queue in Queue)))


async def _waiting(client: Client, queue: Queue, kinds: Sequence["TaskQueueType.ValueType"]) -> Waiting:
    tasks, age, pollers = 0, timedelta(0), 0
    for kind in kinds:
        found = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=queue.value),
                task_queue_type=kind,
                report_stats=True,
            )
        )
        tasks += found.stats.approximate_backlog_count
        age = max(age, found.stats.approximate_backlog_age.ToTimedelta())
        pollers += len(found.pollers)
    return Waiting(queue=queue.value, tasks=tasks, age=age, pollers=pollers)


async def _count(client: Client, query: str) -> int:
    return (await client.count_workflows(query)).count


async def _last_day(client: Client, now: datetime) -> tuple[int, Sweeps]:
    """Return how many lifecycles were completed, and the reconciliations."""
    since = f"'{(now - DAY).isoformat()}'"
    closed = f"{LIFECYCLES} AND {COMPLETED} AND CloseTime > {since}"
    return await asyncio.gather(_count(client, closed), _sweeps(client, since))


async def _sweeps(client: Client, since: str) -> Sweeps:
    kind = f"WorkflowType = '{RECONCILE}'"
    queries = (
        f"{kind} AND {COMPLETED} AND CloseTime > {since}",
        f"{kind} AND ExecutionStatus IN ('Failed', 'TimedOut') AND CloseTime > {since}",
        f"{kind} AND {OPEN}",
    )
    completed, failed, running = await each_of(queries, lambda query: _count(client, query))
    last = await collected(client.list_workflows(f"{kind} AND {COMPLETED}", limit=1))
    return Sweeps(last=last[0].close_time if last else None, completed=completed, failed=failed, running=running)
