"""OAuth 2.0 by client credentials or refresh token: one shared token per credential, fetched once for all who wait."""

import asyncio
import base64
import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TypeVar

import httpx

from clients.errors import ErrorRow, ProviderError, classify, unreadable
from clients.http import Observe, Request, Response, exchange, unobserved
from clients.pace import Pace
from models.problems import Category

T = TypeVar("T")
REFRESH = "refresh_token"
FETCH = "token"
"""The operation of fetching a token."""
REFRESH_BEFORE = 60.0
"""Seconds before its expiry at which a token is renewed; at most a tenth of its life."""

TOKEN_ERRORS = (
    ErrorRow(
        status=429,
        category=Category.RATE_LIMITED,
        reason="The token endpoint refuses further requests for now.",
        remedy="Boardsync waits and tries again.",
    ),
    ErrorRow(
        status=range(500, 600),
        category=Category.TEMPORARY,
        reason="The token endpoint failed.",
        remedy="Boardsync tries again by itself.",
    ),
    ErrorRow(
        status=range(300, 400),
        category=Category.CONFIGURATION,
        reason="The token endpoint is somewhere else.",
        remedy="Correct token_url in the configuration, restart the worker, then send the signal `retry`.",
    ),
    ErrorRow(
        status=404,
        category=Category.CONFIGURATION,
        reason="There is no token endpoint at the configured address.",
        remedy="Correct token_url in the configuration, restart the worker, then send the signal `retry`.",
    ),
    ErrorRow(
        code="invalid_grant",
        category=Category.CREDENTIALS,
        reason="The refresh token is no longer valid: it has expired, was revoked, or was replaced by a newer one.",
        remedy="Sign in at the provider again, put the new refresh_token of this customer into the configuration, "
        "restart the worker, then send the signal `retry`.",
    ),
    ErrorRow(
        category=Category.CREDENTIALS,
        reason="The client id and secret were refused.",
        remedy="Correct client_id and client_secret of this customer in the configuration, restart the worker, "
        "then send the signal `retry`.",
    ),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and its life in seconds."""

    value: str = field(repr=False)
    expires_in: float
    refresh_token: str | None = field(default=None, repr=False)
    """What to ask the next token with, where the provider gave a new one."""


def token_request(url: str, form: Mapping[str, str], *, basic: tuple[str, str] | None = None) -> Request:
    """Build a client-credentials request; `basic` sends id and secret in the header, not in the form."""
    headers = {"Accept": "application/json"}
    if basic is not None:
        joined = base64.b64encode(":".join(basic).encode()).decode()
        headers["Authorization"] = f"Basic {joined}"
    body = {"grant_type": "client_credentials", **form}
    return Request(operation=FETCH, method="POST", url=url, headers=headers, form=body)


def refresh_request(url: str, form: Mapping[str, str], refresh_token: str) -> Request:
    """Build a request for a token on behalf of a user who signed in once (RFC 6749, 6)."""
    return token_request(url, {**form, "grant_type": REFRESH, "refresh_token": refresh_token})


def read_token(response: Response, *, provider: str) -> Token:
    """Read a token reply (RFC 6749, 5.1 and 5.2).

    Raises ProviderError; the reply's own words are not kept, as they may hold a token.
    """
    if response.status != 200:
        raise classify(
            TOKEN_ERRORS,
            provider=provider,
            operation=FETCH,
            status=response.status,
            code="invalid_grant" if _has_lost_its_grant(response) else "",
            text=f"HTTP {response.status}",
            retry_after=response.retry_after,
        )
    try:
        reply = response.json()
        value, expires_in = reply["access_token"], float(reply.get("expires_in", 300))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise unreadable(provider, FETCH, "a token reply without access_token") from error
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise unreadable(provider, FETCH, "an access_token that is not a printable string")
    if not math.isfinite(expires_in):
        raise unreadable(provider, FETCH, "an expires_in that is no number of seconds")
    renewed = reply.get("refresh_token")
    return Token(value, expires_in, renewed if isinstance(renewed, str) and renewed else None)


def _has_lost_its_grant(response: Response) -> bool:
    try:
        return bool(response.json()["error"] == "invalid_grant")
    except (ValueError, TypeError, KeyError):
        return False


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
    ) -> None:
        """Fetch nothing yet."""
        self._http, self._request, self._provider, self._clock = http, request, provider, clock
        self._observe = observe
        self._token: Token | None = None
        self._renew_at = 0.0
        self._fetching: asyncio.Task[Token] | None = None

    async def get(self) -> Token:
        """Give the token, fetching it where there is none or it is about to expire."""
        if self._token is not None and self._clock() < self._renew_at:
            return self._token
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
        # Shielded: a caller that gives up must not take the token from the others.
        return await asyncio.shield(self._fetching)

    def forget(self, token: Token) -> None:
        """Drop a token that the provider refused; one issued since stays, even if it reads the same."""
        if self._token is token:
            self._token = None

    async def _fetch(self) -> Token:
        try:
            asked = self._clock()
            token = await exchange(
                self._http,
                self._request,
                lambda answer: read_token(answer, provider=self._provider),
                provider=self._provider,
                observe=self._observe,
            )
            form = self._request.form or {}
            if token.refresh_token is not None and form.get("grant_type") == REFRESH:
                # The provider may take each of them only once.
                self._request = replace(self._request, form={**form, REFRESH: token.refresh_token})
            self._token = token
            self._renew_at = asked + token.expires_in - min(REFRESH_BEFORE, token.expires_in / 10)
            return token
        finally:
            self._fetching = None


class AuthorizedClient:
    """Send requests with a credential's shared token."""

    def __init__(
        self, http: httpx.AsyncClient, tokens: TokenSource, *, provider: str, observe: Observe = unobserved
    ) -> None:
        """Share the token source with every other call of the same credential."""
        self._http, self._tokens, self._provider, self._observe = http, tokens, provider, observe

    async def call(self, request: Request, read: Callable[[Response], T], *, pace: Pace | None = None) -> T:
        """Send, and read the answer; once more with a fresh token if this one is refused.

        Each sending waits for its own turn, where a pace is given.
        Raises ProviderError, and what `read` raises.
        """
        token = await self._tokens.get()
        try:
            return await self._exchange(request, token, read, pace)
        except ProviderError as error:
            if error.problem.category is not Category.CREDENTIALS:
                raise
        self._tokens.forget(token)
        return await self._exchange(request, await self._tokens.get(), read, pace)

    async def _exchange(self, request: Request, token: Token, read: Callable[[Response], T], pace: Pace | None) -> T:
        request = request.authorized(token.value)
        async with nullcontext() if pace is None else pace.turn():
            return await exchange(self._http, request, read, provider=self._provider, observe=self._observe)
