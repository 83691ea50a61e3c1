"""The tables of an SQLite file, brought up to date by whichever process is first; PostgreSQL waits for a person."""

import asyncio

from store.admin import migrate
from store.database import Store
from store.errors import StoreUnavailable


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
        """Leave what is not done yet."""
        if self._migrated is not None:
            self._migrated.cancel()
            await asyncio.gather(self._migrated, return_exceptions=True)

    async def _migrate(self) -> None:
        await migrate(self._url)
