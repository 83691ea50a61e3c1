"""What the console's pages read from: Temporal, the store, and the configuration."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from aiohttp import web
from temporalio.client import Client

from activities.stored import Stored
from boardsync.console.security import Forms
from config.assembling import Trouble
from config.live import Live
from config.settings import Settings
from runtime.beside import beside
from store.errors import StoreUnavailable
from store.events import Events
from store.figures import Figures
from store.inbox import Inbox
from store.names import JobNames
from webhook_gateway.pages.reading import JobReader

logger = logging.getLogger(__name__)
AGAIN_AFTER = 5.0
"""Seconds until tables that could not be brought up to date are tried again."""


class Context:
    """Everything that a page may ask. Belongs to one event loop."""

    def __init__(self, client: Client, settings: Settings, live: Live | None = None) -> None:
        """Use a client that may not be connected yet, and a configuration that may change.

        Raises ConfigurationError where a key cannot be read.
        """
        self.client, self.settings = client, settings
        self._live = live
        if live is not None:
            live.on_change(self.take_up)
        self.stored = Stored(settings)
        store = self.stored.store
        self.events = Events(store, self.stored.sealer)
        self.figures, self.names, self.inbox = Figures(store), JobNames(store), Inbox(store)
        self.reader = JobReader(client, settings, self.stored.jobs)
        self._secret = secrets.token_urlsafe(32)
        self.forms = Forms(settings, otherwise=self._secret)

    @property
    def troubles(self) -> Sequence[Trouble]:
        """Return what of the configuration is broken, and so left out or kept as it was."""
        return self._live.troubles if self._live is not None else ()

    @property
    def recalled(self) -> Mapping[str, datetime]:
        """Return who is served as configured before a start, and when that was good last."""
        return self._live.recalled if self._live is not None else {}

    def take_up(self, settings: Settings) -> None:
        """Show by these settings from now on; where it listens and the store stay as they were."""
        self.settings = settings
        self.reader = JobReader(self.client, settings, self.stored.jobs)
        self.forms = Forms(settings, otherwise=self._secret)

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Keep the store open while the console runs; one that is away holds up no start."""
        async with self.stored, beside(self._prepare()):
            yield

    async def _prepare(self) -> None:
        while True:
            try:
                return await self.stored.prepared()
            except StoreUnavailable as error:
                logger.warning("the store is not used yet: %s", error)
            await asyncio.sleep(AGAIN_AFTER)
