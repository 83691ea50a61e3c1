"""aiohttp below httpx: the same requests and answers at a third of the time (docs/development.md, Speed)."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from functools import cache

import aiohttp
import httpx
from yarl import URL

from clients.egress import PUBLIC_ONLY, public_socket

IDLE_SECONDS = 15.0
"""For which a connection is kept for the next call."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Send httpx's requests by aiohttp: no cookies, no redirects, no proxies from the environment.

    Not the package httpx-aiohttp: that calls a connection that broke while a request was under way a connection that
    could not be made, so that a write in doubt would count as not sent.
    """

    def __init__(self) -> None:
        """Connect nothing yet."""
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        """By whether they connect to public addresses alone: no connection of the one kind serves the other."""
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the answer's body comes as it is on the wire.

        Raises httpx.TransportError.
        """
        body = await request.aread()
        if self._closed:
            raise httpx.ConnectError("the connections have been closed", request=request)
        try:
            answer = await self._open(public_only=PUBLIC_ONLY in request.extensions).request(
                request.method,
                # As httpx has written it: servers may compare what is signed or encoded.
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=body or None,
                allow_redirects=False,
                timeout=_timeout(request),
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _as_httpx(error, request) from error
        return httpx.Response(
            answer.status,
            headers=list(answer.raw_headers),
            stream=_Body(answer, request),
            extensions={"reason_phrase": (answer.reason or "").encode("ascii", "replace")},
        )

    async def aclose(self) -> None:
        """Close the connections, for good: a call that comes late opens none that nobody would close."""
        self._closed = True
        for session in self._sessions.values():
            await session.close()

    def _open(self, *, public_only: bool) -> aiohttp.ClientSession:
        if public_only not in self._sessions:
            self._sessions[public_only] = aiohttp.ClientSession(
                # Nobody waits for a connection here: `Places` counts them for each host.
                connector=aiohttp.TCPConnector(
                    limit=0,
                    ssl=_trusted(),
                    keepalive_timeout=IDLE_SECONDS,
                    socket_factory=public_socket if public_only else None,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._sessions[public_only]


@cache
def _trusted() -> ssl.SSLContext:
    # Reading the certificates takes tens of milliseconds.
    return httpx.create_ssl_context(trust_env=False)


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer, self._request = answer, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _as_httpx(error, self._request) from error

    async def aclose(self) -> None:
        # A connection whose answer was not read to its end is closed; any other is kept.
        self._answer.release()


def _timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    seconds = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(sock_connect=seconds.get("connect"), sock_read=seconds.get("read"))


def _as_httpx(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """Return httpx's own error, which says above all whether anything may have been sent."""
    kind: type[httpx.TransportError]
    match error:
        case aiohttp.ConnectionTimeoutError():
            kind = httpx.ConnectTimeout
        case aiohttp.ClientConnectorError():
            kind = httpx.ConnectError
        case TimeoutError() | asyncio.TimeoutError():
            kind = httpx.ReadTimeout
        case aiohttp.ClientResponseError():
            kind = httpx.RemoteProtocolError
        case aiohttp.InvalidURL() | ValueError():
            kind = httpx.UnsupportedProtocol
        case _:
            kind = httpx.ReadError
    return kind(str(error), request=request)
