"""What the store knows, for commands: opened by the configuration, each error in one line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.stored import Stored
from boardsync.exits import CommandFailed
from config.loading import load_settings
from config.settings import Settings
from store.errors import StoreUnavailable
from store.ledger.ledger import NotSigned
from store.ledger.tree import LedgerDamaged


@asynccontextmanager
async def opened(settings: Settings | None = None) -> AsyncIterator[Stored]:
    """Open the store that the configuration names; SQLite's tables are brought up to date.

    Raises CommandFailed where the store cannot do what the block asks, and ConfigurationError.
    """
    try:
        async with Stored(settings or load_settings()) as stored:
            await stored.prepared()
            yield stored
    except (StoreUnavailable, NotSigned, LedgerDamaged) as error:
        raise CommandFailed(str(error)) from error
