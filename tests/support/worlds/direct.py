"""The sandbox called without a socket: a world takes hundreds of calls, and thousands of worlds are tried."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import httpx
from aiohttp import HttpVersion11, web
from multidict import CIMultiDict
from yarl import URL

URLS = {name: f"http://{name}.example.com" for name in ("icims", "linkedin", "indeed")}
"""Of the providers in a world; no call leaves this process."""


class Direct(httpx.AsyncBaseTransport):
    """Answer what goes to a host by the handlers of its application."""

    def __init__(self, apps: Mapping[str, web.Application]) -> None:
        """Take the applications by their URLs."""
        self._routers = {httpx.URL(url).netloc: app.router for url, app in apps.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = _Request(request)
        match = await self._routers[request.url.netloc].resolve(cast("web.Request", asked))
        asked.match_info = match
        answer = await match.handler(cast("web.Request", asked))
        if asked.transport.closed:
            raise httpx.RemoteProtocolError("closed without an answer", request=request)
        assert isinstance(answer, web.Response)
        body = answer.body
        assert body is None or isinstance(body, bytes)
        return httpx.Response(answer.status, headers=list(answer.headers.items()), content=body or b"")


class Watched(httpx.AsyncBaseTransport):
    """Tell of each request before it is sent, and of each that was answered as asked."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.tell: Callable[[httpx.Request], None] = lambda request: None
        self.tell_answered: Callable[[httpx.Request], None] = lambda request: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.tell(request)
        response = await self._inner.handle_async_request(request)
        # A portal of iCIMS answers 404 for a job that it does not show.
        answered = response.is_success or (
            response.status_code == httpx.codes.NOT_FOUND and "/portals/" in request.url.path
        )
        if answered and response.headers["Content-Type"].startswith("application/json"):
            self.tell_answered(request)
        return response


class _Connection:
    closed = False

    def close(self) -> None:
        self.closed = True


class _Request:
    """What the sandbox's handlers ask of a request."""

    version = HttpVersion11

    def __init__(self, request: httpx.Request) -> None:
        self._body = request.content
        self.method = request.method
        self.raw_path = request.url.raw_path.decode()
        self.rel_url = URL(self.raw_path, encoded=True)
        self.path, self.query = self.rel_url.path, self.rel_url.query
        self.scheme, self.host = request.url.scheme, request.url.netloc.decode()
        self.match_info: Mapping[str, Any] = {}
        self.headers = CIMultiDict(request.headers.items())
        self.content_type = request.headers.get("Content-Type", "").partition(";")[0]
        self.transport = _Connection()

    async def read(self) -> bytes:
        return self._body
