"""Which tables a store has, and which this version wants: told without Alembic, whose steps most starts do not need."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from store.database import Store, sqlite_file

NEWEST = "0005"
"""The newest of `store/migrations/versions`."""
_TABLE = "alembic_version"


async def is_current(store: Store) -> bool:
    """Return whether an SQLite store holds the tables of this version, in a file that many may use at once.

    Raises:
        StoreUnavailable: The store is away, locked or damaged.
    """
    if not await asyncio.to_thread(Path(sqlite_file(store.url)).exists):
        return False  # to open it would make an empty one
    async with store.reading() as connection:
        found = await connection.run_sync(revision)
        # Asked after a read: a connection notices only then that another one has changed it.
        mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar()
        return found == NEWEST and mode == "wal"


def revision(connection: Connection) -> str | None:
    """Return to which revision the tables were brought, if there are any."""
    if not inspect(connection).has_table(_TABLE):
        return None
    found = connection.scalar(text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608 -- a constant
    return None if found is None else str(found)
