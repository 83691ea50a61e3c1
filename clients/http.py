"""HTTP as values: what to send, what came back, and the one function that does it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import httpx

from clients.errors import ProviderError
from models.problems import Category, Problem

RESPONSE_LIMIT = 8 * 1024 * 1024
LONGEST_RETRY_AFTER = timedelta(hours=24)
_NO_COOKIES = DefaultCookiePolicy(allowed_domains=())

T = TypeVar("T")
Observe = Callable[[str, str, str], None]
"""Is told of every call: the provider, the operation, and `ok` or the category of what went wrong."""


def unobserved(_provider: str, _operation: str, _result: str) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to a provider. Its representation shows no body and no headers: they may hold secrets."""

    operation: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: tuple[tuple[str, str], ...] = ()
    body: Any = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    """A body to be sent as it stands, since a signature covers these bytes."""
    form: Mapping[str, str] | None = field(default=None, repr=False)

    def authorized(self, token: str) -> "Request":
        """Give the same request with a bearer token."""
        return replace(self, headers={**self.headers, "Authorization": f"Bearer {token}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A provider's answer; header names are lowercase."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime

    def json(self) -> Any:
        """Parse the body.

        Raises ValueError where it is not JSON.
        """
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    @property
    def retry_after(self) -> timedelta | None:
        """Read the header `Retry-After`; null where it is missing or unreadable."""
        return read_wait(self.headers.get("retry-after", ""), received_at=self.received_at)


def read_wait(value: str, *, received_at: datetime) -> timedelta | None:
    """Read a wait given as seconds or as an HTTP date (RFC 9110, 10.2.3); null where it is neither."""
    value = value.strip()
    try:
        if value.isascii() and value.replace(".", "", 1).isdigit():
            wait = timedelta(seconds=min(float(value), LONGEST_RETRY_AFTER.total_seconds()))
        else:
            moment = parsedate_to_datetime(value)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - received_at
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


async def send(http: httpx.AsyncClient, request: Request, *, provider: str) -> Response:
    """Send a request and read the answer whole, whatever its status.

    Raises ProviderError (temporary) where no whole answer came: the request may have taken effect.
    """
    # The pool serves every customer: a session that a provider opens for one must not reach another's call.
    http.cookies.jar.set_policy(_NO_COOKIES)
    try:
        async with http.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            params=list(request.params) or None,
            json=request.body,
            content=request.content,
            data=dict(request.form) if request.form is not None else None,
            follow_redirects=False,
        ) as answer:
            body = await _read_capped(answer)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Response(status=answer.status_code, headers=headers, body=body, received_at=datetime.now(UTC))
    except httpx.HTTPError as error:
        raise _no_answer(provider, request.operation, type(error).__name__) from error


async def exchange(
    http: httpx.AsyncClient, request: Request, read: Callable[[Response], T], *, provider: str, observe: Observe
) -> T:
    """Send a request and read the answer, and tell what became of it.

    Raises ProviderError, and what `read` raises.
    """
    try:
        answer = read(await send(http, request, provider=provider))
    except ProviderError as error:
        observe(provider, request.operation, error.problem.category.value)
        raise
    observe(provider, request.operation, "ok")
    return answer


async def _read_capped(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > RESPONSE_LIMIT:
            raise httpx.DecodingError("the answer is too large")
    return bytes(body)


def _no_answer(provider: str, operation: str, kind: str) -> ProviderError:
    problem = Problem(
        category=Category.TEMPORARY,
        reason=f"{provider} gave no answer ({kind}).",
        remedy=f"Boardsync tries again by itself. If it lasts, check {provider}'s status page and the network.",
    )
    return ProviderError(problem, provider=provider, operation=operation)
