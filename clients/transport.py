"""The connections to all providers: so many places for each host, counted here, so that nobody waits in a pool."""

import asyncio
from collections.abc import AsyncIterator

import httpx

from clients.aiohttp_transport import AiohttpTransport

PLACES = 100
"""Calls under way at one host: one that hangs takes no connections from another."""
TIMEOUT = httpx.Timeout(20.0, connect=5.0, pool=10.0)
"""Seconds: for each read and write; to connect; to wait for a place."""


def open_http(
    transport: httpx.AsyncBaseTransport | None = None, *, places: int = PLACES, timeout: httpx.Timeout = TIMEOUT
) -> httpx.AsyncClient:
    """Open the connections; redirects are not followed, as hosts come from configuration only.

    A `transport` of another kind must not limit its connections: `places` does.
    """
    return _Client(
        transport=Places(transport or AiohttpTransport(), places),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
    )


class _NoCookies(httpx.Cookies):
    """The pool serves every customer: a session that a provider opens for one must not reach another's call."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep none: httpx would look for them in every answer."""

    def set_cookie_header(self, request: httpx.Request) -> None:
        """Send none."""


class _Client(httpx.AsyncClient):
    @property  # type: ignore[misc]
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES


_NO_COOKIES = _NoCookies()


class CallsPaused(httpx.TransportError):
    """Nothing is sent: a person has said so."""


class Paused(httpx.AsyncBaseTransport):
    """Send nothing."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raise CallsPaused."""
        raise CallsPaused("paused", request=request)


class Places(httpx.AsyncBaseTransport):
    """Let so many calls go on at one host; further ones wait, as long as the timeout `pool` says."""

    def __init__(self, inner: httpx.AsyncBaseTransport, per_host: int) -> None:
        """Take the transport that makes the calls."""
        self._inner, self._per_host = inner, per_host
        self._hosts: dict[tuple[str, str, int | None], asyncio.Semaphore] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request once there is a place for it, which it holds until its answer is closed.

        Raises httpx.PoolTimeout where there is none in time: the request was then not sent.
        """
        place = self._hosts.setdefault(_origin(request.url), asyncio.Semaphore(self._per_host))
        await _take(place, request)
        # Behind this nobody waits for a connection.
        request.extensions = {**request.extensions, "timeout": _without_pool(request)}
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException:
            place.release()
            raise
        if response.is_closed:  # whole already, as from a transport of another kind: nobody will close it
            place.release()
        else:
            response.stream = _HeldPlace(response.stream, place)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class _HeldPlace(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream | httpx.AsyncByteStream, place: asyncio.Semaphore) -> None:
        assert isinstance(inner, httpx.AsyncByteStream)  # noqa: S101 -- an asynchronous transport has no other
        self._inner = inner
        self._place: asyncio.Semaphore | None = place

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            if self._place is not None:
                self._place.release()
                self._place = None


async def _take(place: asyncio.Semaphore, request: httpx.Request) -> None:
    timeout = request.extensions.get("timeout", {}).get("pool")
    try:
        async with asyncio.timeout(timeout):
            await place.acquire()
    except TimeoutError:
        raise httpx.PoolTimeout("no place", request=request) from None


def _without_pool(request: httpx.Request) -> dict[str, float | None]:
    return {**request.extensions.get("timeout", {}), "pool": None}


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
