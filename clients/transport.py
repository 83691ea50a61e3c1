"""The connections to all providers: so many places for each host, and no call that could lose one.

httpcore's pool must neither time out nor cancel a call that waits for a connection: the connection that was meant for
it then counts as active for ever (https://github.com/encode/httpcore/issues/1093). So nobody waits in the pool: the
places of a host are counted here, and a call is broken off only once it has its connection.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
PLACES = 100
"""Calls under way at one host: one that hangs takes no connections from another."""
KEPT = 50
"""Idle connections that are kept for the next calls."""
TIMEOUT = httpx.Timeout(20.0, connect=5.0, pool=10.0)
"""Seconds: for each read and write; to connect; to wait for a place."""


def open_http(
    transport: httpx.AsyncBaseTransport | None = None, *, places: int = PLACES, timeout: httpx.Timeout = TIMEOUT
) -> httpx.AsyncClient:
    """Open the connections; redirects are not followed, as hosts come from configuration only.

    A `transport` of another kind must not limit its connections: `places` does.
    """
    return httpx.AsyncClient(
        transport=Places(transport or pooled(), places), timeout=timeout, follow_redirects=False, trust_env=False
    )


def pooled() -> httpx.AsyncBaseTransport:
    """Return httpx's own transport, without a limit of connections."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT)
    return Unbroken(httpx.AsyncHTTPTransport(limits=limits, trust_env=False))


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
        return _with_stream(response, _HeldPlace(response.stream, place))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Unbroken(httpx.AsyncBaseTransport):
    """Keep httpcore's pool whole: break a call off only once it has its connection."""

    def __init__(self, inner: httpx.AsyncHTTPTransport) -> None:
        """Take the transport to keep whole."""
        self._inner = inner
        self._left: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; if the caller gives up before it has a connection, it is broken off a little later."""
        connected = asyncio.Event()

        async def trace(event: str, _info: dict[str, Any]) -> None:
            # Not before: a connection that is made but was never used would be left over as well.
            if event.endswith("send_request_headers.started"):
                connected.set()

        request.extensions = {**request.extensions, "trace": trace}
        call = asyncio.create_task(self._inner.handle_async_request(request))
        try:
            response = await asyncio.shield(call)
        except asyncio.CancelledError:
            leaving = asyncio.create_task(_leave(call, connected))
            self._left.add(leaving)
            leaving.add_done_callback(self._left.discard)
            raise
        return _with_stream(response, _UnbrokenEnd(response.stream))

    async def aclose(self) -> None:
        """Close the connections, those of calls that were given up last."""
        if self._left:
            await asyncio.wait(self._left)
        await self._inner.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        assert isinstance(inner, httpx.AsyncByteStream)  # noqa: S101 -- an asynchronous transport has no other
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk


class _HeldPlace(_Stream):
    def __init__(self, inner: httpx.SyncByteStream | httpx.AsyncByteStream, place: asyncio.Semaphore) -> None:
        super().__init__(inner)
        self._place: asyncio.Semaphore | None = place

    async def aclose(self) -> None:
        try:
            await self._inner.aclose()
        finally:
            if self._place is not None:
                self._place.release()
                self._place = None


class _UnbrokenEnd(_Stream):
    async def aclose(self) -> None:
        # Half closed, the connection would count as active for ever.
        await _to_the_end(self._inner.aclose())


async def _to_the_end(work: Awaitable[T]) -> T:
    """Wait for work that goes on to its end even if the waiting is broken off."""
    return await asyncio.shield(asyncio.ensure_future(work))


async def _leave(call: asyncio.Task[httpx.Response], connected: asyncio.Event) -> None:
    begun = asyncio.create_task(connected.wait())
    await asyncio.wait({call, begun}, return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    call.cancel()
    await asyncio.wait({call})
    if not call.cancelled() and call.exception() is None:
        await call.result().aclose()


async def _take(place: asyncio.Semaphore, request: httpx.Request) -> None:
    timeout = request.extensions.get("timeout", {}).get("pool")
    try:
        async with asyncio.timeout(timeout):
            await place.acquire()
    except TimeoutError:
        raise httpx.PoolTimeout("no place", request=request) from None


def _without_pool(request: httpx.Request) -> dict[str, float | None]:
    return {**request.extensions.get("timeout", {}), "pool": None}


def _with_stream(response: httpx.Response, stream: httpx.AsyncByteStream) -> httpx.Response:
    return httpx.Response(response.status_code, headers=response.headers, stream=stream, extensions=response.extensions)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
