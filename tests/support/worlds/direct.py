"""Indeed's sandbox called without a socket: a world takes hundreds of calls, and thousands of worlds are tried."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from aiohttp import web
from multidict import CIMultiDict

Handler = Callable[[Any], Awaitable[web.StreamResponse]]


class Direct(httpx.AsyncBaseTransport):
    """Answer what goes to one host by the handlers of an application; all else goes on."""

    def __init__(self, app: web.Application, url: str, others: httpx.AsyncBaseTransport) -> None:
        self._host, self._others = httpx.URL(url).netloc, others
        self._handlers = {(each.method, each.resource.canonical): each.handler for each in _routes(app)}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.netloc != self._host:
            return await self._others.handle_async_request(request)
        asked = _Request(request)
        answer = await self._handlers[request.method, request.url.path](asked)
        if asked.transport.closed:
            raise httpx.RemoteProtocolError("closed without an answer", request=request)
        assert isinstance(answer, web.Response)
        body = answer.body
        assert body is None or isinstance(body, bytes)
        return httpx.Response(answer.status, headers=list(answer.headers.items()), content=body or b"")

    async def aclose(self) -> None:
        await self._others.aclose()


class _Connection:
    closed = False

    def close(self) -> None:
        self.closed = True


class _Request:
    """What the sandbox's handlers ask of a request."""

    def __init__(self, request: httpx.Request) -> None:
        self._body = request.content
        self.method = request.method
        self.headers = CIMultiDict(request.headers.items())
        self.content_type = request.headers.get("Content-Type", "").partition(";")[0]
        self.transport = _Connection()

    async def read(self) -> bytes:
        return self._body


def _routes(app: web.Application) -> list[Any]:
    return [each for each in app.router.routes() if each.resource is not None]
