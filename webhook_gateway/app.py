"""The aiohttp application: routes and nothing else."""

from aiohttp import web

from config.settings import Settings
from webhook_gateway.dispatch import Dispatcher
from webhook_gateway.icims import IcimsWebhook

SHUTDOWN_TIMEOUT = 15.0
"""Seconds for requests under way at SIGTERM: a call to Temporal takes 8 at most."""


def create_app(settings: Settings, dispatcher: Dispatcher) -> web.Application:
    """Build the gateway's application."""
    app = web.Application(client_max_size=0)  # bodies are capped where they are read
    app.router.add_post("/webhooks/icims", IcimsWebhook(settings, dispatcher).handle)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        if await dispatcher.reachable():
            return web.json_response({"status": "ok"})
        return web.json_response({"status": "temporal is not reachable"}, status=503)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app


def create_runner(app: web.Application) -> web.AppRunner:
    """Build the server around it; bodies stay as transferred, since credentials may cover those bytes."""
    return web.AppRunner(
        app, auto_decompress=False, access_log=None, keepalive_timeout=75.0, shutdown_timeout=SHUTDOWN_TIMEOUT
    )
