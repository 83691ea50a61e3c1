"""The tables of an SQLite file, brought up to date by whichever process is first; PostgreSQL waits for a person."""

import asyncio

from store.database import Store
from store.errors import StoreUnavailable
from store.revisions import is_current

STOP_WITHIN = 10.0


class Preparing:
    """Brings the tables up to date once, however many ask."""

    def __init__(self, store: Store, url: str) -> None:
        """Take the store, and where it is."""
        self._store = store
        self._url = url
        self._migrated: asyncio.Task[None] | None = None

    async def done(self) -> None:
        """Return once the tables fit; PostgreSQL's are left to `boardsync store migrate`.

        Raises StoreUnavailable; asked again, it is tried again.
        """
        if not self._store.is_sqlite:
            return
        if self._migrated is None:
            self._migrated = asyncio.create_task(self._migrate(), name="migrate the store")
        migrated = self._migrated
        try:
            await asyncio.shield(migrated)
        except StoreUnavailable:
            if self._migrated is migrated:
                self._migrated = None
            raise

    async def stop(self) -> None:
        """Wait for what is under way: a migration that is broken off begins anew with the next start."""
        if self._migrated is not None:
            await asyncio.wait({self._migrated}, timeout=STOP_WITHIN)
            if self._migrated.done() and not self._migrated.cancelled():
                self._migrated.exception()  # told to those who asked

    async def _migrate(self) -> None:
        if not await self._is_current():
            from store.admin import migrate  # noqa: PLC0415 -- Alembic takes 7 MB, which most starts can do without

            await migrate(self._url)

    async def _is_current(self) -> bool:
        """Look first: to migrate loads every step, and takes the writers' lock."""
        try:
            return await is_current(self._store)
        except StoreUnavailable:
            return False  # to migrate says why, or mends it
