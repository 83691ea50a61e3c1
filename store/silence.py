"""Customers from whom no event of the ATS came for long: longer than configured, and than it ever took before."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from prometheus_client import Gauge
from pydantic import AwareDatetime
from sqlalchemy import select

from models.base import Model
from store import types
from store.database import Store
from store.errors import StoreUnavailable
from store.events import Result
from store.schema import events
from store.types import Clock

logger = logging.getLogger(__name__)
EVERY = 600.0
"""Seconds between two looks."""
LOOKED_BACK = 500
"""Events of a customer whose distances from each other say how long it is silent at times."""
LONGER = 2
"""Times the longest silence before: until then it is as it was at other times."""
Asked = Callable[[], tuple[Sequence[str], timedelta]]
"""Whom to look at by now, and after what time they are silent."""
SILENT = Gauge(
    "boardsync_customer_silent_seconds",
    "Since when a customer has sent no event, where that is longer than configured and than it ever took before",
    ("customer",),
)


class Silence(Model):
    """A customer from whom no event came for long."""

    customer_id: str
    since: AwareDatetime
    """The newest event that was taken."""
    longest: timedelta
    """The longest time between two events before."""


async def silent_customers(
    store: Store, customer_ids: Iterable[str], after: timedelta, *, clock: Clock = types.now
) -> tuple[Silence, ...]:
    """Return who of these is silent, `after` such a time at the earliest; one who never sent an event is not.

    Raises StoreUnavailable.
    """
    at, found = clock(), []
    async with store.reading() as connection:
        for customer_id in customer_ids:
            rows = await connection.scalars(
                select(events.c.at)
                .where(
                    events.c.customer_id == customer_id,
                    events.c.sender == "icims",
                    events.c.result == Result.TAKEN.value,
                )
                .order_by(events.c.id.desc())
                .limit(LOOKED_BACK)
            )
            times = sorted(rows)
            if not times or at - times[-1] < after:
                continue
            longest = max((later - before for before, later in pairwise(times)), default=timedelta(0))
            if at - times[-1] > LONGER * longest:
                found.append(Silence(customer_id=customer_id, since=times[-1], longest=longest))
    return tuple(found)


async def watch_silence(store: Store, asked: Asked) -> None:
    """Tell Prometheus who is silent, again and again until called off."""
    while True:
        try:
            show(await silent_customers(store, *asked()), types.now)
        except StoreUnavailable as error:
            logger.warning("who is silent cannot be told now: %s", error)
        await asyncio.sleep(EVERY)


def show(found: Sequence[Silence], clock: Clock) -> None:
    """Tell Prometheus; of who is not silent any more, nothing."""
    SILENT.clear()
    for each in found:
        SILENT.labels(each.customer_id).set((clock() - each.since).total_seconds())
