"""How much of each daily quota is spent, over all processes: counted at once here, added up in the store soon after."""

import asyncio
import logging
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, delete

from store.database import Store
from store.errors import StoreUnavailable
from store.schema import quotas

logger = logging.getLogger(__name__)

EVERY = 3.0
"""Seconds between two sums: so long may processes not know of each other's calls."""
KEPT = timedelta(days=7)


class Quotas:
    """Counts of a day, by whose quota it is. No call waits for the store; while it is away, each process counts alone.

    What a provider itself says was used raises the sum. Calls of others that are not added up yet may then count
    twice: too much by what they make in a second, once, and never too little for longer than that.
    """

    def __init__(self, store: Store, *, every: float = EVERY) -> None:
        """Take the store; nothing is written before something is counted."""
        self._store, self._every = store, every
        self._used: dict[tuple[str, date], int] = {}
        self._fresh: dict[tuple[str, date], int] = {}
        """Counted here and not added up yet."""
        self._heard: dict[tuple[str, date], int] = {}
        self._adding: asyncio.Task[None] | None = None

    async def take(self, customer_id: str, day: date, *, below: int) -> bool:
        """Count one more call, unless `below` calls or more have been counted; return whether it was counted."""
        whose = (customer_id, day)
        if self._used.get(whose, 0) >= below:
            return False
        self._count(whose, 1)
        return True

    async def give_back(self, customer_id: str, day: date) -> None:
        """Count one call less: it was not answered, so nothing says that it was counted there."""
        if self._used.get((customer_id, day), 0) > 0:
            self._count((customer_id, day), -1)

    async def at_least(self, customer_id: str, day: date, used: int) -> None:
        """Raise the count to what the provider itself says was used."""
        whose = (customer_id, day)
        if used > self._used.get(whose, 0):
            self._used[whose] = self._heard[whose] = used
            self._count(whose, 0)

    async def stop(self) -> None:
        """Add up what is left, once."""
        if self._adding is not None:
            self._adding.cancel()
            with suppress(asyncio.CancelledError):
                await self._adding
        with suppress(StoreUnavailable):
            await self.add_up()

    async def add_up(self) -> None:
        """Add what was counted here to the sums, and take over what others have added.

        Raises StoreUnavailable; it is added the next time.
        """
        fresh, heard = self._fresh, self._heard
        self._fresh, self._heard = {}, {}
        wanted = sorted(fresh.keys() | heard.keys())
        if not wanted:
            return
        try:
            sums = await self._add(wanted, fresh, heard)
        except BaseException:
            for whose, count in fresh.items():
                self._fresh[whose] = self._fresh.get(whose, 0) + count
            for whose, count in heard.items():
                self._heard[whose] = max(self._heard.get(whose, 0), count)
            raise
        for whose, total in sums.items():
            self._used[whose] = total + self._fresh.get(whose, 0)

    async def _add(
        self, wanted: list[tuple[str, date]], fresh: dict[tuple[str, date], int], heard: dict[tuple[str, date], int]
    ) -> dict[tuple[str, date], int]:
        sums: dict[tuple[str, date], int] = {}
        newest = max(day for _, day in wanted)
        async with self._store.writing() as connection:
            # Always in the same order: two processes that add the same rows wait, and do not block each other.
            for whose in wanted:
                statement = self._upsert(whose, fresh.get(whose, 0), heard.get(whose, 0))
                sums[whose] = int(await connection.scalar(statement) or 0)
            await connection.execute(delete(quotas).where(quotas.c.day < (newest - KEPT).isoformat()))
        self._used = {whose: used for whose, used in self._used.items() if whose[1] >= newest - KEPT}
        return sums

    def _upsert(self, whose: tuple[str, date], fresh: int, heard: int) -> Any:
        total = quotas.c.used + fresh
        return (
            self._store.insert(quotas)
            .values(customer_id=whose[0], day=whose[1].isoformat(), used=max(0, fresh, heard))
            .on_conflict_do_update(
                index_elements=["customer_id", "day"], set_={"used": case((total < heard, heard), else_=total)}
            )
            .returning(quotas.c.used)
        )

    def _count(self, whose: tuple[str, date], number: int) -> None:
        self._used[whose] = self._used.get(whose, 0) + number
        self._fresh[whose] = self._fresh.get(whose, 0) + number
        if self._adding is None or self._adding.done():
            self._adding = asyncio.create_task(self._add_up_while_calls_are_made(), name="add quotas up")

    async def _add_up_while_calls_are_made(self) -> None:
        while self._fresh or self._heard:
            await asyncio.sleep(self._every)
            try:
                await self.add_up()
            except StoreUnavailable as error:
                logger.debug("quotas are not added up: %s", error)
