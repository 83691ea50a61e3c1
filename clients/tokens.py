"""One token for each credential: shared, fetched by one caller for all who wait, kept for other processes if wanted."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import httpx

from clients.errors import ProviderError
from clients.http import Observe, Request, exchange, unobserved
from clients.oauth import REFRESH, Token, read_token

REFRESH_BEFORE = 60.0
"""Seconds before its expiry at which a token is renewed; at most a tenth of its life."""
REMEMBERED = 60.0
"""Seconds for which a refused credential is not tried again: one attempt stands for all who wait."""
ANEW_EVERY = 1.0
"""Seconds from a refusal to the next attempt, however many people ask for one."""

Fetch = Callable[[str | None], Awaitable[Token]]
"""Asks the provider for a token, with the newest refresh token that is known, or with the configured one (`None`)."""


def renewed_before(lives: float) -> float:
    """Return how many seconds before its end a token is renewed that lives so many."""
    return min(REFRESH_BEFORE, lives / 10)


class TokenKeeper(Protocol):
    """Keeps one credential's token for all processes that use it."""

    async def obtain(self, fetch: Fetch, *, refused: Token | None) -> Token:
        """Return the kept token, with what is left of its life; where there is none, fetch and keep one.

        None is one that is about to expire, or reads as `refused`. One process fetches at a time, and the newest
        refresh token is kept before anybody may use the token that came with it.
        Raises ProviderError.
        """


class TokenSource:
    """Hold one credential's token: shared, fetched by one caller for all, renewed before it expires."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        request: Request,
        *,
        provider: str,
        clock: Callable[[], float] = time.monotonic,
        observe: Observe = unobserved,
        keeper: TokenKeeper | None = None,
    ) -> None:
        """Fetch nothing yet; without a keeper the token is this process's own."""
        self._http, self._request, self._provider, self._clock = http, request, provider, clock
        self._observe, self._keeper = observe, keeper
        self._token: Token | None = None
        self._refused: Token | None = None
        self._renew_at = 0.0
        self._fetching: asyncio.Task[Token] | None = None
        self._refusal: ProviderError | None = None
        self._refused_at, self._refused_until = datetime.min.replace(tzinfo=UTC), 0.0
        self._anew_from = 0.0

    async def get(self) -> Token:
        """Return the token, fetching it where there is none or it is about to expire.

        Raises ProviderError; a refusal holds for a short time for all who ask, and is then put to the test again, or as
        soon as a person asks for it.
        """
        if self._token is not None and self._clock() < self._renew_at:
            return self._token
        if self._refusal is not None and self._clock() < self._refused_until:
            raise self._refusal.again()
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._obtain())
        try:
            # Shielded: a caller that gives up must not take the token from the others.
            return await asyncio.shield(self._fetching)
        except ProviderError as error:
            raise error.again() from error.__cause__

    def forget(self, token: Token) -> None:
        """Drop a token that the provider refused; one issued since stays, even if it reads the same."""
        if self._token is token:
            self._token, self._refused = None, token

    def ask_anew(self, since: datetime) -> None:
        """Put a refusal to the test that was answered before a person asked to begin anew.

        Many may ask so at the same time: one attempt in `ANEW_EVERY` stands for all of them.
        """
        if self._refusal is not None and self._refused_at < since:
            self._refusal = None

    async def _obtain(self) -> Token:
        try:
            if (pause := self._anew_from - self._clock()) > 0:
                await asyncio.sleep(pause)
            asked = self._clock()
            if self._keeper is None:
                token = await self._fetch(None)
                self._take_up(token.refresh_token)
            else:
                token = await self._keeper.obtain(self._fetch, refused=self._refused)
        except ProviderError as error:
            self._remember(error)
            raise
        else:
            self._token, self._refusal = token, None
            self._renew_at = asked + token.expires_in - renewed_before(token.expires_in)
            return token
        finally:
            self._fetching = None

    async def _fetch(self, refresh_token: str | None) -> Token:
        request = self._request
        if refresh_token is not None and request.form is not None and REFRESH in request.form:
            request = replace(request, form={**request.form, REFRESH: refresh_token})
        return await exchange(
            self._http,
            request,
            lambda answer: read_token(answer, provider=self._provider),
            provider=self._provider,
            observe=self._observe,
        )

    def _take_up(self, refresh_token: str | None) -> None:
        form = self._request.form or {}
        if refresh_token is not None and form.get("grant_type") == REFRESH:
            # The provider may take each of them only once.
            self._request = replace(self._request, form={**form, REFRESH: refresh_token})

    def _remember(self, error: ProviderError) -> None:
        wait = REMEMBERED
        if error.problem.retried:
            asked_to_wait = error.problem.retry_after
            wait = 0.0 if asked_to_wait is None else min(asked_to_wait.total_seconds(), REMEMBERED)
        self._refusal, self._refused_until = error, self._clock() + wait
        self._refused_at = datetime.now(UTC)
        if not error.problem.retried:
            self._anew_from = self._clock() + ANEW_EVERY
