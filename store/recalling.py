"""A start while a customer's file is broken serves it as it was good last; who runs keeps each as it is good."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from config.live import Live
from config.settings import Settings
from store.database import Store
from store.errors import StoreUnavailable
from store.good_customers import SERVED_FOR, GoodCustomers
from store.sealing import Sealer

logger = logging.getLogger(__name__)
AGAIN_EVERY = 3600.0
"""Seconds after which what is still good is kept as good by then, or is tried to be kept again."""


async def recall(live: Live) -> None:
    """Take up the kept version of each customer who is left out since the start; without any it stays so."""
    if not live.left_out:
        return
    try:
        async with Store(live.settings.store.url) as store:
            kept = await GoodCustomers(store, _sealer(live.settings)).all()
    except StoreUnavailable as error:
        logger.warning("no last good version of what is broken can be read: %s", error)
        return
    taken = live.recall({id_: (each.place, each.text, each.good_at) for id_, each in kept.items()})
    for id_, since in taken.items():
        logger.error(
            "customer %s is served as its configuration was good last, at %s UTC: mend it; who starts after %s UTC "
            "leaves the customer out",
            id_, f"{since:%F %R}", f"{since + SERVED_FOR:%F %R}",
        )  # fmt: skip


@asynccontextmanager
async def keeping(live: Live, store: Store) -> AsyncIterator[None]:
    """Keep what is good for the length of a block; nothing without a key that seals it."""
    sealer = _sealer(live.settings)
    if not sealer.configured or not live.in_parts:
        yield
        return
    changed = asyncio.Event()
    live.on_read(lambda _: changed.set())
    task = asyncio.create_task(
        _keep(live, GoodCustomers(store, sealer), changed), name="keep what is configured of customers"
    )
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep(live: Live, kept: GoodCustomers, changed: asyncio.Event) -> None:
    while True:
        changed.clear()
        broken = {id_ for each in live.troubles for id_ in each.customer_ids}
        try:
            if not live.main_is_broken:
                await kept.keep(live.good, broken={*broken, *live.recalled})
        except StoreUnavailable as error:
            logger.warning("the last good version of the customers' configuration is not kept: %s", error)
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), AGAIN_EVERY)


def _sealer(settings: Settings) -> Sealer:
    return Sealer(settings.store.sealing_key, previous=settings.store.opening_keys)
