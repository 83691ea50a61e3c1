"""The store as the gateway uses it: the inbox, the event log and the job index. Without it events are taken as ever."""

import asyncio
import logging
from contextlib import suppress

from config.settings import Settings
from runtime.logs import Seldom
from store.database import Store
from store.errors import StoreUnavailable
from store.event_log import EventLog
from store.events import Events
from store.inbox import Inbox
from store.jobs import Jobs
from store.preparing import Preparing
from store.sealing import Sealer

AGAIN_AFTER = 5.0
"""Seconds until tables that could not be brought up to date are tried again."""

logger = logging.getLogger(__name__)


class Stored:
    """An open store. Belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        """Prepare the connections; none is opened yet, so a store that is away holds up no start."""
        self.store = Store(settings.store.url)
        self.inbox, self.jobs = Inbox(self.store), Jobs(self.store)
        self.events = Events(self.store, Sealer(settings.store.sealing_key, previous=settings.store.opening_keys))
        self.log = EventLog(self.events)
        self._preparing = Preparing(self.store, settings.store.url)
        self._prepared: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        """The tables fit."""

    async def __aenter__(self) -> "Stored":
        """Start to bring an SQLite file's tables up to date, and the event log's writer."""
        self._prepared = asyncio.create_task(self._prepare(), name="prepare the store")
        await self.log.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what the event log holds, and close every connection."""
        if self._prepared is not None:
            self._prepared.cancel()
            with suppress(asyncio.CancelledError):
                await self._prepared
        await self._preparing.stop()
        await self.log.__aexit__(None, None, None)
        await self.store.close()

    async def prepared(self) -> None:
        """Return once the tables fit.

        Raises StoreUnavailable.
        """
        await self._preparing.done()

    async def _prepare(self) -> None:
        seldom = Seldom(logger)
        while True:
            try:
                await self._preparing.done()
                return self.ready.set()
            except StoreUnavailable as error:
                seldom.warning(
                    "store", "the store is not used yet: %s Events are taken while Temporal is there.", error
                )
            await asyncio.sleep(AGAIN_AFTER)
