"""How all lifecycles stand, counted by Temporal's visibility: cheap, whatever their number."""

import asyncio
import logging
import time
from collections import Counter
from datetime import UTC, datetime

from prometheus_client import Gauge
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.problems import Category
from models.states import HIDDEN, UNDER_WAY, Phase
from models.temporal import (
    ATTENTION,
    COMMON_CAUSE,
    CUSTOMER_ID,
    INDEED_HIDDEN,
    RUNNING,
    SEARCH_ATTRIBUTES,
    STOPPED,
    UNSETTLED_SINCE,
    WAITS_FOR,
)
from runtime.failing import count_failing
from runtime.provisioning import attribute_types, unusable
from runtime.stopped import SHOWN_FOR, STOPPED_AS, stopped_lifecycles

logger = logging.getLogger(__name__)

EVERY = 30.0
CAUSES = f"WorkflowType = '{COMMON_CAUSE}' AND ExecutionStatus = 'Running'"
CAUSES_READ = 500
READ_AT_MOST = 10_000
"""Unsettled lifecycles that one census looks at: ten pages."""

UNSETTLED = ", ".join(f"'{phase}'" for phase in UNDER_WAY if phase is not Phase.OPEN)

LIFECYCLES = Gauge("boardsync_lifecycles", "Open lifecycles by phase; one that is closed has ended", ("phase",))
IN_ATTENTION = Gauge(
    "boardsync_jobs_in_attention", "Jobs that need a person, by the category of the oldest reason", ("category",)
)
OLDEST_UNSETTLED = Gauge(
    "boardsync_oldest_unsettled_seconds",
    "Age of the oldest intent that the boards have not confirmed, all waits included; 0 where there is none",
)
FAILING_WORKFLOWS = Gauge(
    "boardsync_workflows_failing",
    "Open workflows whose every step fails, so that no signal is followed: by an error of Boardsync itself",
)
ATTRIBUTES_MISSING = Gauge(
    "boardsync_search_attributes_missing",
    "Search attributes that the namespace lacks or has with another type; 0 also where it does not let us ask",
)
WAITING = Gauge(
    "boardsync_jobs_waiting_for_cause",
    "Jobs that wait for the end of a cause which holds up jobs of the customer alike, such as a refused secret",
    ("customer", "cause"),
)
HIDDEN_JOBS = Gauge(
    "boardsync_indeed_jobs_hidden", "Posted jobs that nobody finds at Indeed, by how they stand there", ("status",)
)
STOPPED_LIFECYCLES = Gauge(
    "boardsync_lifecycles_stopped",
    "Jobs whose newest lifecycle was stopped within a week (cancelled, terminated, failed, timed out): none follows it",
    ("how",),
)
COUNTED_AT = Gauge("boardsync_census_timestamp_seconds", "When the lifecycles were last counted")


async def count_lifecycles(client: Client) -> None:
    """Count again and again; while Temporal is away the last numbers stay, and their time tells their age."""
    while True:
        try:
            await take_census(client)
        except (RPCError, RuntimeError) as error:  # RuntimeError: the connection itself
            logger.warning("the lifecycles could not be counted: %s", error)
        await asyncio.sleep(EVERY)


async def take_census(client: Client) -> None:
    """Count once.

    Raises RPCError.
    """
    ATTRIBUTES_MISSING.set(len(unusable(SEARCH_ATTRIBUTES, await attribute_types(client))))
    FAILING_WORKFLOWS.set(await count_failing(client) or 0)
    await _count_stopped(client)
    by_phase = {phase: await client.count_workflows(f"{RUNNING} AND Phase = '{phase}'") for phase in UNDER_WAY}
    categories: Counter[str] = Counter()
    oldest: datetime | None = None
    async for found in client.list_workflows(f"{RUNNING} AND Phase IN ({UNSETTLED})", limit=READ_AT_MOST):
        shown = found.typed_search_attributes
        if (category := shown.get(ATTENTION)) is not None:
            categories[category] += 1
        since = shown.get(UNSETTLED_SINCE)
        if since is not None and (oldest is None or since < oldest):
            oldest = since
    for phase, counted in by_phase.items():
        LIFECYCLES.labels(phase.value).set(counted.count)
    for each in Category:
        IN_ATTENTION.labels(each.value).set(categories[each.value])
    OLDEST_UNSETTLED.set(0.0 if oldest is None else max((datetime.now(UTC) - oldest).total_seconds(), 0.0))
    await _count_waiting(client)
    await _count_hidden(client)
    COUNTED_AT.set(time.time())


async def _count_waiting(client: Client) -> None:
    try:
        counts = {}
        async for each in client.list_workflows(f"{CAUSES} AND Phase = 'attention'", limit=CAUSES_READ):
            shown = each.typed_search_attributes
            for cause in shown.get(WAITS_FOR) or ():
                customer = shown.get(CUSTOMER_ID, "")
                waiting = f"{RUNNING} AND CustomerId = '{customer}' AND WaitsFor = '{cause}'"
                counts[customer, cause] = (await client.count_workflows(waiting)).count
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:  # a namespace that lacks the attribute
            raise
        return
    WAITING.clear()
    for labels, count in counts.items():
        WAITING.labels(*labels).set(count)


async def _count_hidden(client: Client) -> None:
    try:
        for status in HIDDEN:
            found = await client.count_workflows(f"{RUNNING} AND {INDEED_HIDDEN.name} = '{status}'")
            HIDDEN_JOBS.labels(status.value).set(found.count)
    except RPCError as error:
        if error.status is not RPCStatusCode.INVALID_ARGUMENT:  # a namespace that lacks the attribute
            raise


async def _count_stopped(client: Client) -> None:
    since = datetime.now(UTC) - SHOWN_FOR
    found = await stopped_lifecycles(client, f"{STOPPED} AND CloseTime > '{since.isoformat()}'", limit=READ_AT_MOST)
    counts = Counter(run.status for run in found)
    for status in STOPPED_AS:
        STOPPED_LIFECYCLES.labels(status.name.lower()).set(counts[status])
