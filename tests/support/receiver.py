"""Somebody who is notified: a real server that records what it gets and answers as told."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook
from temporalio.client import Client, WorkflowHandle

from config.loading import parse_settings
from config.settings import Settings
from models.notices import NotificationReceipt
from models.temporal import NOTIFICATION
from tests.support.boards import CUSTOMER
from tests.support.lifecycles import eventually
from tests.support.processes import HOST, ROOT
from tests.support.settings import raw_settings

Told = WorkflowHandle[Any, NotificationReceipt]

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
        """Return each body, once the library of the standard has verified it."""
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


def settings_for(urls: dict[str, str], receiver: Receiver, *, tries: int = 3, **endpoint: Any) -> Settings:
    """Return settings by which the receiver is told, and tried again soon."""
    raw = raw_settings(urls)
    raw["timing"]["notify_again"] = ["50ms"] * (tries - 1)
    raw["notifications"] = [{"name": "ops", "url": receiver.url, "secret": SIGNING_KEY, **endpoint}]
    return parse_settings(raw, {}, base=ROOT)


async def notifications_of(client: Client, job: str, count: int = 1) -> list[Told]:
    """Return the notifications of a job, oldest first."""
    query = f"WorkflowType = '{NOTIFICATION}' AND WorkflowId STARTS_WITH 'notification-job-{CUSTOMER}-{job}-'"

    async def find() -> list[Any]:
        return [found async for found in client.list_workflows(query)]

    found = await eventually(find, lambda found: len(found) >= count)
    found.sort(key=lambda each: each.start_time)
    return [client.get_workflow_handle(each.id, result_type=NotificationReceipt) for each in found]
