"""Look into the store that workers use."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from pydantic import JsonValue

from activities.stored import Stored
from config.settings import Settings
from models.receipts import StoredReceipt
from store.ledger.canonical import parsed
from tests.support.boards import CUSTOMER
from tests.support.settings import STORE

LOCKED_AT_MOST = 30.0
"""Seconds that a machine with much else to do may take for another's write."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Stored]:
    """Open the store of these settings, with its tables."""
    async with Stored(settings) as stored:
        await stored.prepared()
        yield stored


async def receipts_of(settings: Settings, job_id: str) -> tuple[StoredReceipt, ...]:
    """Return the receipts of a job, newest first."""
    async with opened(settings) as stored:
        return await stored.ledger.receipts(CUSTOMER, job_id)


def body_of(receipt: StoredReceipt) -> dict[str, JsonValue]:
    """Return what a receipt says."""
    assert receipt.body is not None
    found = parsed(receipt.body)
    assert isinstance(found, dict)
    return found


async def begin_a_new_day() -> None:
    """Forget what was spent of quotas, in the tests' common store: boards that are reset know nothing of it."""
    # In a thread: who writes there just now may be a gateway of this loop, which has to go on for its write to end.
    await asyncio.to_thread(_forget_quotas)


def _forget_quotas() -> None:
    with closing(sqlite3.connect(STORE / "store.db", timeout=LOCKED_AT_MOST)) as database:
        if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'quotas'").fetchone():
            with database:
                database.execute("DELETE FROM quotas")
