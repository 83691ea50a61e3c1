"""What the routes lead to: the webhooks and pages as the configuration stands, replaced as a whole when it changes."""

from aiohttp import web
from temporalio.client import Client

from config.settings import Settings
from webhook_gateway.book import EventBook
from webhook_gateway.handover import Door
from webhook_gateway.icims.token_route import TokenEndpoint
from webhook_gateway.pages.page import JobPage
from webhook_gateway.senders import create_senders
from webhook_gateway.stored import Stored


class Front:
    """Answer by the newest configuration; a request goes on with the one that it began with."""

    def __init__(self, client: Client, settings: Settings, stored: Stored) -> None:
        """Begin with these settings."""
        self._client, self._stored, self._book = client, stored, EventBook(stored.log)
        self._senders = create_senders(client, settings, stored, book=self._book)
        self._tokens, self._page = self._optional(settings)

    @property
    def door(self) -> Door:
        """Return the way into Temporal, which stays the same."""
        return self._senders.door

    def take_up(self, settings: Settings) -> None:
        """Answer by these settings from now on."""
        self._senders = create_senders(self._client, settings, self._stored, book=self._book, before=self._senders)
        self._tokens, self._page = self._optional(settings)

    async def icims(self, request: web.Request) -> web.Response:
        """Take an event of iCIMS."""
        return await self._senders.icims.handle(request)

    async def tokens(self, request: web.Request) -> web.Response:
        """Give iCIMS a token, where a secret is there to sign it."""
        if self._tokens is None:
            raise web.HTTPNotFound
        return await self._tokens.handle(request)

    async def linkedin_challenge(self, request: web.Request) -> web.Response:
        """Answer LinkedIn's challenge."""
        return await self._senders.linkedin.validate(request)

    async def linkedin(self, request: web.Request) -> web.Response:
        """Take a notification of LinkedIn."""
        return await self._senders.linkedin.handle(request)

    async def indeed(self, request: web.Request) -> web.Response:
        """Take an event of Indeed."""
        return await self._senders.indeed.handle(request)

    async def page(self, request: web.Request) -> web.Response:
        """Show a job's page, where links to it are made."""
        if self._page is None:
            raise web.HTTPNotFound
        return await self._page.handle(request)

    def _optional(self, settings: Settings) -> tuple[TokenEndpoint | None, JobPage | None]:
        tokens, links = self._senders.tokens, self._senders.links
        return (
            None if tokens is None else TokenEndpoint(settings, tokens, self._senders.guard.attempts),
            None if links is None else JobPage(self._client, links, settings, self._stored.inbox, self._stored.jobs),
        )
