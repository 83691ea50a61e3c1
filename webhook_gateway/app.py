"""The aiohttp application: routes and nothing else."""

from aiohttp import web
from temporalio.client import Client

from config.settings import Settings
from webhook_gateway.dispatch import Dispatcher
from webhook_gateway.hints import Signals
from webhook_gateway.icims.token_route import TokenEndpoint
from webhook_gateway.icims.tokens import TokenIssuer
from webhook_gateway.icims.webhook import IcimsWebhook
from webhook_gateway.indeed.webhook import IndeedWebhook
from webhook_gateway.linkedin.webhook import LinkedInWebhook
from webhook_gateway.metrics import metrics, name_the_event
from webhook_gateway.pages.links import JobLinks
from webhook_gateway.pages.page import JobPage, add_page

SHUTDOWN_TIMEOUT = 15.0
"""Seconds for requests under way at SIGTERM: a call to Temporal takes 8 at most."""


def create_app(client: Client, settings: Settings) -> web.Application:
    """Build the gateway's application; the client may not be connected yet."""
    # Bodies are capped where they are read.
    app = web.Application(client_max_size=0, middlewares=[name_the_event])
    dispatcher = Dispatcher(client, settings)
    links, tokens = _job_links(settings), _token_issuer(settings)
    app.router.add_post("/webhooks/icims", IcimsWebhook(settings, dispatcher, links=links, tokens=tokens).handle)
    if tokens is not None:
        app.router.add_post("/webhooks/icims/token", TokenEndpoint(settings, tokens).handle)
    signals = Signals(client)
    linkedin = LinkedInWebhook(settings, dispatcher, signals)
    app.router.add_get("/webhooks/linkedin", linkedin.validate, allow_head=False)
    app.router.add_post("/webhooks/linkedin", linkedin.handle)
    app.router.add_post("/webhooks/indeed", IndeedWebhook(settings, signals).handle)
    if links is not None:
        add_page(app, JobPage(client, links, settings))

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        if await dispatcher.reachable():
            return web.json_response({"status": "ok"})
        return web.json_response({"status": "temporal is not reachable"}, status=503)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app


def create_runner(app: web.Application) -> web.AppRunner:
    """Build the server around it; bodies stay as transferred, since credentials may cover those bytes."""
    return web.AppRunner(
        app, auto_decompress=False, access_log=None, keepalive_timeout=75.0, shutdown_timeout=SHUTDOWN_TIMEOUT
    )


def _job_links(settings: Settings) -> JobLinks | None:
    gateway = settings.gateway
    if gateway.public_url is None or gateway.link_secret is None:
        return None
    return JobLinks(gateway.link_secret.get_secret_value(), str(gateway.public_url).rstrip("/"), gateway.link_valid_for)


def _token_issuer(settings: Settings) -> TokenIssuer | None:
    secret = settings.gateway.link_secret
    return TokenIssuer(secret.get_secret_value()) if secret is not None else None
