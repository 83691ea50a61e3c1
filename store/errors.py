"""What can be wrong with the store, in words for people, and how a driver's error is told apart."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

Reason = Literal["away", "slow", "full", "locked", "read-only", "outdated", "damaged"]

WORDS: dict[Reason, str] = {
    "away": "The store cannot be reached. Check that the database runs and that [store] url names it.",
    "slow": "The store did not answer in time. Check the load of its machine and what else uses it.",
    "full": "The store's disk is full. Free some space: nothing can be stored until then.",
    "locked": "Another process holds the store locked. If it stays so, find what keeps a transaction open.",
    "read-only": "The store can be read but not written. Check the rights of its file, or whether this is a replica.",
    "outdated": "The store's tables do not fit this version. Run `boardsync store migrate`.",
    "damaged": "The store's file is damaged. Put back a backup, then run `boardsync ledger verify`.",
}
"""What each reason means and what to do about it."""


class StoreUnavailable(Exception):  # noqa: N818 - it names a state, as the words for people do
    """The store cannot do this now. What was asked may or may not have happened; asking again is safe."""

    def __init__(self, reason: Reason) -> None:
        """Keep the reason; the message says what it means and what to do, and never holds an address."""
        super().__init__(WORDS[reason])
        self.reason: Reason = reason


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Give the store so long, for who can do without it; raises StoreUnavailable after that."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise StoreUnavailable("slow") from None


_SQLITE: tuple[tuple[str, Reason], ...] = (
    ("SQLITE_BUSY", "locked"),
    ("SQLITE_LOCKED", "locked"),
    ("SQLITE_FULL", "full"),
    ("SQLITE_CANTOPEN", "away"),
    ("SQLITE_READONLY", "read-only"),
    ("SQLITE_PERM", "read-only"),
    ("SQLITE_CORRUPT", "damaged"),
    ("SQLITE_NOTADB", "damaged"),
    ("SQLITE_IOERR", "away"),
    ("SQLITE_SCHEMA", "outdated"),
    ("SQLITE_INTERRUPT", "slow"),
)

# https://www.postgresql.org/docs/current/errcodes-appendix.html, the longest prefix first
_POSTGRESQL: tuple[tuple[str, Reason], ...] = (
    ("53100", "full"),
    ("53200", "full"),
    ("25006", "read-only"),
    ("42501", "read-only"),
    ("55P03", "locked"),
    ("40001", "locked"),
    ("40P01", "locked"),
    ("57014", "slow"),
    ("25P03", "slow"),
    ("42P01", "outdated"),
    ("42703", "outdated"),
    ("3D000", "away"),
    ("XX001", "damaged"),
    ("XX002", "damaged"),
    ("08", "away"),
    ("28", "away"),
    ("53", "away"),
    ("57P", "away"),
    ("58", "away"),
)


def reason_of(error: BaseException) -> Reason | None:
    """Return why the store could not do it; `None` where the error is our own fault and not the store's state."""
    if isinstance(error, (TimeoutError, PoolTimeoutError)):
        return "slow"
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if isinstance(state, str):
        return next((reason for prefix, reason in _POSTGRESQL if state.startswith(prefix)), None)
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "away"
    # asyncpg's own errors about a connection carry no state.
    if type(cause).__name__ in {"InterfaceError", "ConnectionDoesNotExistError", "InternalClientError"}:
        return "away"
    return "away" if isinstance(cause, (OSError, EOFError)) and not isinstance(cause, SQLAlchemyError) else None


def _sqlite(error: sqlite3.Error) -> Reason | None:
    name = getattr(error, "sqlite_errorname", "") or ""
    words = str(error)
    if words.startswith(("no such table", "no such column")) or "has no column named" in words:
        return "outdated"
    return next((reason for prefix, reason in _SQLITE if name.startswith(prefix)), None)
