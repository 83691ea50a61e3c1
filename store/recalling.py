"""A start while a customer's file is broken serves it as it was good last; who runs keeps each as it is good."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from store.database import Store
from store.errors import StoreUnavailable
from store.good_customers import SERVED_FOR, GoodCustomers
from store.sealing import Sealer

logger = logging.getLogger(__name__)
AGAIN_EVERY = 3600.0
"""Seconds after which what is still good is kept as good by then, or is tried to be kept again."""


class Part(Protocol):
    """Something that is broken."""

    @property
    def customer_ids(self) -> tuple[str, ...]:
        """Return whom it concerns."""


class Configured(Protocol):
    """The configuration of a running process."""

    @property
    def left_out(self) -> Sequence[Part]:
        """Return what is broken and has no last good version."""

    @property
    def troubles(self) -> Sequence[Part]:
        """Return what is broken."""

    @property
    def in_parts(self) -> bool:
        """Return whether customers have files of their own."""

    @property
    def main_is_broken(self) -> bool:
        """Return whether something is broken that is no single customer's."""

    @property
    def good(self) -> Mapping[str, tuple[str, str]]:
        """Return place and text of each customer who was read as good."""

    @property
    def recalled(self) -> Mapping[str, datetime]:
        """Return who is served as before the start."""

    def recall(self, kept: Mapping[str, tuple[str, str, datetime]]) -> Mapping[str, datetime]:
        """Take up kept versions of customers who are left out; return whose."""

    def on_read(self, watch: Callable[[Any], None]) -> None:
        """Have it told that the files were read anew."""


async def recall(live: Configured, url: str, sealer: Sealer) -> None:
    """Take up the kept version of each customer who is left out since the start; without any it stays so."""
    if not live.left_out:
        return
    try:
        async with Store(url) as store:
            kept = await GoodCustomers(store, sealer).all()
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


async def keep_what_is_good(live: Configured, store: Store, sealer: Sealer) -> None:
    """Keep what is good until called off; nothing without a key that seals it."""
    if not sealer.configured or not live.in_parts:
        return
    kept, changed = GoodCustomers(store, sealer), asyncio.Event()
    live.on_read(lambda _: changed.set())
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
