"""An endpoint that takes the sandbox's webhooks, as a test wants it to behave."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRETS = {"100": "linkedin-parent-secret", "234": "linkedin-secret-1234", None: "linkedin-parent-secret"}


@dataclass
class Taken:
    """One delivery."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def signed_by(self, secret: str, *, text: bytes | None = None) -> bool:
        signed = b"hmacsha256=" + (self.body if text is None else text)
        digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return self.headers["X-LI-Signature"].removeprefix("hmacsha256=") == digest


@dataclass
class Receiver:
    """What arrived, and how it is answered."""

    url: str = ""
    challenges: list[dict[str, str]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    digest: Callable[[str, str], str] = lambda secret, code: hmac.new(
        secret.encode(), code.encode(), hashlib.sha256
    ).hexdigest()
    statuses: list[int] = field(default_factory=list)
    """Of the next deliveries; 200 once they are used up."""
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def validate(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        self.challenges.append(asked)
        code = asked["challengeCode"]
        digest = self.digest(SECRETS[asked.get("applicationId")], code)
        return web.json_response({"challengeCode": code, "challengeResponse": digest})

    async def take(self, request: web.Request) -> web.Response:
        async with self.arrived:
            self.taken.append(Taken(dict(request.headers), await request.read()))
            self.arrived.notify_all()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def deliveries(self, count: int) -> list[Taken]:
        """Wait until so many have arrived."""
        async with self.arrived, asyncio.timeout(20):
            await self.arrived.wait_for(lambda: len(self.taken) >= count)
        return self.taken


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Serve for the length of a block."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_get("/hook", receiver.validate)
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
