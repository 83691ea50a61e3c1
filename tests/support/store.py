"""Look into the store that workers use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import JsonValue

from activities.stored import Stored
from config.settings import Settings
from models.receipts import StoredReceipt
from store.ledger.canonical import parsed
from tests.support.boards import CUSTOMER


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
