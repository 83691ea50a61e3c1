"""The aiohttp application: routes and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable

from aiohttp import web
from temporalio.client import Client

from config.live import Live
from config.settings import Gateway, Settings
from webhook_gateway.connections import IDLE_FOR, Connections, Runner
from webhook_gateway.delivery import Delivery
from webhook_gateway.front import Front
from webhook_gateway.handover import Door
from webhook_gateway.metrics import metrics, name_the_event
from webhook_gateway.pages.page import add_page
from webhook_gateway.readiness import Readiness
from webhook_gateway.stored import Stored

SHUTDOWN_TIMEOUT = 15.0
"""Seconds for requests under way at SIGTERM: a call to Temporal takes 8 at most."""
LINGERING_TIME = 2.0
"""Seconds in which a sender that is answered before its end may go on sending, so that it reads the answer."""
HEADER_LIMIT = 32 * 1024
"""Characters of one header: iCIMS's links have titles."""

GATEWAY = web.AppKey("gateway", Gateway)


def create_app(client: Client, settings: Settings, live: Live | None = None) -> web.Application:
    """Build the gateway's application, which takes up what changes; the client may not be connected yet."""
    # Bodies are capped where they are read.
    app = web.Application(client_max_size=0, middlewares=[name_the_event])
    app[GATEWAY] = settings.gateway
    stored = Stored(settings)
    front = Front(client, settings, stored)
    if live is not None:
        live.on_change(front.take_up)
    app.cleanup_ctx.append(_delivering(stored, front.door))
    for end in ("", "/"):  # as a person may have typed it into iCIMS or LinkedIn
        app.router.add_post(f"/webhooks/icims{end}", front.icims)
        app.router.add_post(f"/webhooks/icims/token{end}", front.tokens)
        app.router.add_get(f"/webhooks/linkedin{end}", front.linkedin_challenge, allow_head=False)
        app.router.add_post(f"/webhooks/linkedin{end}", front.linkedin)
        app.router.add_post(f"/webhooks/indeed{end}", front.indeed)
    add_page(app, front.page)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    readiness = Readiness(client, stored.inbox)

    async def readyz(_: web.Request) -> web.Response:
        ready, said = await readiness.state()
        # Said beside it: all other customers' events are to be sent here. How many, as anybody may ask.
        left_out = {"left_out": len(live.left_out)} if live is not None and live.left_out else {}
        return web.json_response({"status": said, **left_out}, status=200 if ready else 503)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app


def create_runner(app: web.Application) -> web.AppRunner:
    """Build the server around it; bodies stay as transferred, since credentials may cover those bytes."""
    gateway = app.get(GATEWAY, Gateway())
    return Runner(
        app,
        Connections(gateway.max_connections, gateway.max_connections_per_address),
        shutdown_timeout=SHUTDOWN_TIMEOUT,
        auto_decompress=False,
        access_log=None,
        keepalive_timeout=IDLE_FOR,
        lingering_time=LINGERING_TIME,
        max_field_size=HEADER_LIMIT,
    )


def _delivering(stored: Stored, door: Door) -> Callable[[web.Application], AsyncIterator[None]]:
    """Use the store while the application runs, and hand on what its inbox holds."""

    async def delivering(_: web.Application) -> AsyncIterator[None]:
        async with stored:
            delivery = Delivery(door, stored.inbox, stored.events)
            running = asyncio.create_task(delivery.run(stored.ready), name="deliver the inbox")
            yield
            delivery.stop()
            await running

    return delivering
