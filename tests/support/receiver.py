"""Somebody who is notified: a real server that records what it gets and answers as told."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from tests.support.processes import HOST

SIGNING_KEY = "whsec_" + base64.b64encode(bytes(range(24))).decode()


@dataclass
class Receiver:
    """Record requests; the last answer is repeated."""

    url: str = ""
    answers: Sequence[int] = (204,)
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        status = self.answers[min(len(self.got), len(self.answers) - 1)]
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.text()))
        return web.Response(status=status, headers={"Location": self.url} if status in {301, 302, 307, 308} else {})

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    def verified(self) -> list[Any]:
        """Give each body, once the library of the standard has verified it."""
        return [Webhook(SIGNING_KEY).verify(body, headers) for headers, body in self.got]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen on a free port."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hooks", receiver.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    receiver.url = f"http://{HOST}:{runner.addresses[0][1]}/hooks"
    try:
        yield receiver
    finally:
        await runner.cleanup()
