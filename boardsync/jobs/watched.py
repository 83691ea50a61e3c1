"""How all jobs stand at a moment, as Temporal's visibility counts them."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from boardsync.jobs.visibility import COMPLETED, LIFECYCLES, count_by_phase, list_stopped
from models.base import Model
from models.states import Phase
from models.temporal import ATTENTION, PHASE, RUNNING, STOPPED, UNSETTLED_SINCE

READ_AT_MOST = 1000
SPANS = {"5 minutes": timedelta(minutes=5), "hour": timedelta(hours=1), "day": timedelta(days=1)}


class Watched(Model):
    """What `boardsync watch` shows."""

    at: datetime
    phases: dict[str, int]
    """Open lifecycles by phase."""
    closed: dict[str, int]
    """Lifecycles that have come to their end within the last minutes, hour and day."""
    per_minute: float
    """Ends a minute, over five minutes."""
    attention: dict[str, int]
    """What needs a person, by the category of a job's oldest reason."""
    stopped: int
    oldest_unsettled: datetime | None = None
    """Since when a job has waited longest for its boards."""


async def look(client: Client, *, customer: str | None = None) -> Watched:
    """Count all jobs, or those of a customer.

    Raises RPCError.
    """
    of = "" if customer is None else f" AND CustomerId = '{customer}'"
    now = datetime.now(UTC)

    async def closed(span: timedelta) -> int:
        query = f"{LIFECYCLES} AND {COMPLETED} AND CloseTime > '{(now - span).isoformat()}'{of}"
        return (await client.count_workflows(query)).count

    async def waiting() -> tuple[Counter[str], datetime | None]:
        categories: Counter[str] = Counter()
        since: list[datetime] = []
        query = f"{RUNNING} AND {PHASE.name} != '{Phase.OPEN}'{of}"
        async for found in client.list_workflows(query, limit=READ_AT_MOST):
            shown = found.typed_search_attributes
            categories.update([each] if (each := shown.get(ATTENTION)) is not None else [])
            since += [at] if (at := shown.get(UNSETTLED_SINCE)) is not None else []
        return categories, min(since, default=None)

    ends = asyncio.gather(*(closed(span) for span in SPANS.values()))
    phases, stopped, (categories, oldest) = await asyncio.gather(
        count_by_phase(client, RUNNING + of), list_stopped(client, STOPPED + of), waiting()
    )
    counts = dict(zip(SPANS, await ends, strict=True))
    return Watched(
        at=now,
        phases=phases,
        closed=counts,
        per_minute=round(counts["5 minutes"] / 5, 1),
        attention=dict(categories.most_common()),
        stopped=len(stopped),
        oldest_unsettled=oldest,
    )
