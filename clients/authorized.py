"""Calls with a credential's token."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TypeVar

import httpx

from clients.errors import ProviderError
from clients.http import Observe, Request, Response, exchange, unobserved
from clients.leaving import leave
from clients.oauth import Token
from clients.rate_limit import RateLimiter
from clients.tokens import TokenSource
from models.problems import Category

T = TypeVar("T")
Turn = Callable[[], AbstractAsyncContextManager[None]]
PLACES = 50
"""Calls under way with one credential."""
PASSES_WITHIN = 15.0
"""Seconds for which an operation may refuse fresh tokens before that counts as a refusal of the credential: a provider
that has just issued a token does not mean the client, and its own parts may learn of the token late."""


class AuthorizedClient:
    """Send requests with a credential's shared token."""

    def __init__(
        self, http: httpx.AsyncClient, tokens: TokenSource, *, provider: str, observe: Observe = unobserved
    ) -> None:
        """Share the token source with every other call of the same credential."""
        self._http, self._tokens, self._provider, self._observe = http, tokens, provider, observe
        # One credential whose calls hang leaves places at the provider to the others.
        self._places = asyncio.Semaphore(PLACES)
        self._refused_since: dict[str, float] = {}
        """Since when each operation has refused even fresh tokens."""

    async def call(
        self, request: Request, read: Callable[[Response], T], *, pace: RateLimiter | None = None, cost: int = 1
    ) -> T:
        """Send, and read the answer; once more with a fresh token if this one is refused.

        Each sending waits for its own turn, where a pace is given, and counts there as so many.
        Raises ProviderError, and what `read` raises.
        """

        def turn() -> AbstractAsyncContextManager[None]:
            return nullcontext() if pace is None else pace.turn(cost)

        token = await self._tokens.get()
        try:
            answer = await self._exchange(request, token, read, turn)
        except ProviderError as error:
            # A 401 in whatever form, as a token may have been revoked behind a gateway's words.
            if error.problem.category is not Category.CREDENTIALS and error.status != 401:
                raise
            self._tokens.forget(token)
            answer = await self._anew(request, await self._tokens.get(), read, turn)
        self._refused_since.pop(request.operation, None)
        return answer

    async def _anew(self, request: Request, token: Token, read: Callable[[Response], T], turn: Turn) -> T:
        """Send with a fresh token; that it is refused too is final only where it lasts."""
        try:
            return await self._exchange(request, token, read, turn)
        except ProviderError as error:
            if error.problem.category is not Category.CREDENTIALS:
                raise
            since = self._refused_since.setdefault(request.operation, time.monotonic())
            if time.monotonic() - since < PASSES_WITHIN:
                raise error.passing() from error.__cause__
            raise

    async def _exchange(self, request: Request, token: Token, read: Callable[[Response], T], turn: Turn) -> T:
        request = request.authorized(token.value)
        async with turn(), self._places:
            leave()
            return await exchange(self._http, request, read, provider=self._provider, observe=self._observe)
