"""HTTP as values: what to send, what came back, and the one function that does it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from clients.bodies import ACCEPTED, BodyError, read_body
from clients.egress import PUBLIC_ONLY
from clients.errors import ProviderError, unreadable
from clients.failures import no_answer
from clients.parsing import parse_json, whole_text

RESPONSE_LIMIT = 8 * 1024 * 1024
"""Bytes of an answer, on the wire and inflated."""
DEADLINE = 30.0
"""Seconds for a whole exchange, from waiting for a place to the last byte."""
LONGEST_RETRY_AFTER = timedelta(hours=24)

T = TypeVar("T")
Observe = Callable[[str, str, str], None]
"""Counts a call: the provider, the operation, and `ok` or the category of what went wrong."""


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
    public_only: bool = False
    """Only public addresses are connected to: whoever names the host must not reach what is inside."""
    only_status: bool = False
    """Nothing of the answer's body is wanted, so nothing of it is read."""

    def authorized(self, token: str) -> "Request":
        """Return the same request with a bearer token."""
        return replace(self, headers={**self.headers, "Authorization": f"Bearer {token}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A provider's answer; header names are lowercase."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime

    def json(self) -> Any:
        """Return the body as JSON, without half characters.

        Raises ValueError where it is not JSON.
        """
        return parse_json(self.body)

    @property
    def retry_after(self) -> timedelta | None:
        """Read the header `Retry-After`; `None` where it is missing or unreadable."""
        return read_wait(self.headers.get("retry-after", ""), received_at=self.received_at)


def object_of(response: Response, provider: str, operation: str) -> dict[str, Any]:
    """Read a body that is an object.

    Raises ProviderError (unexpected).
    """
    try:
        body = response.json()
    except ValueError as failure:
        raise unreadable(provider, operation, "a body that is not JSON") from failure
    if not isinstance(body, dict):
        raise unreadable(provider, operation, "a body that is not an object")
    return body


def read_wait(value: str, *, received_at: datetime) -> timedelta | None:
    """Read a wait given as seconds or as an HTTP date (RFC 9110, 10.2.3); `None` where it is neither."""
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


async def send(http: httpx.AsyncClient, request: Request, *, provider: str, deadline: float = DEADLINE) -> Response:
    """Send a request and read the answer whole, whatever its status, in `deadline` seconds.

    Raises ProviderError (temporary) where no whole answer came: unless its `sent` is false, it may have taken effect.
    """
    try:
        async with asyncio.timeout(deadline):
            return await _send(http, request)
    except (httpx.HTTPError, httpx.InvalidURL, BodyError, TimeoutError) as error:
        raise no_answer(provider, request.operation, error) from error


async def _send(http: httpx.AsyncClient, request: Request) -> Response:
    content = request.content
    headers = {"Accept-Encoding": ACCEPTED, **request.headers}
    if request.body is not None:
        content = whole_text(json.dumps(request.body, ensure_ascii=False, separators=(",", ":"))).encode()
        headers["Content-Type"] = "application/json"
    form = request.form
    async with http.stream(
        request.method,
        request.url,
        headers=headers,
        params=list(request.params) or None,
        content=content,
        data=None if form is None else {name: whole_text(value) for name, value in form.items()},
        follow_redirects=False,
        extensions={PUBLIC_ONLY: True} if request.public_only else None,
    ) as answer:
        body = b"" if request.only_status else await _read(answer)
        return Response(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=body,
            received_at=datetime.now(UTC),
        )


async def _read(answer: httpx.Response) -> bytes:
    # The bytes as they came: httpx would inflate a small answer to any size before it could be counted.
    assert isinstance(answer.stream, httpx.AsyncByteStream)  # noqa: S101 -- an asynchronous client has no other
    return await read_body(answer.stream, coding=answer.headers.get("content-encoding", ""), limit=RESPONSE_LIMIT)


async def exchange(
    http: httpx.AsyncClient, request: Request, read: Callable[[Response], T], *, provider: str, observe: Observe
) -> T:
    """Send a request and read the answer, and have counted what became of it.

    Raises ProviderError, and what `read` raises.
    """
    try:
        answer = read(await send(http, request, provider=provider))
    except ProviderError as error:
        observe(provider, request.operation, error.problem.category.value)
        raise
    observe(provider, request.operation, "ok")
    return answer
