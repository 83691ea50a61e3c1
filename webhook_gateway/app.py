"""The aiohttp application: routes and nothing else."""

from aiohttp import web
from temporalio.client import Client

from config.settings import Gateway, Settings
from webhook_gateway.connections import IDLE_FOR, Connections, Runner
from webhook_gateway.dispatch import Dispatcher
from webhook_gateway.hints import Hints
from webhook_gateway.icims.token_route import TokenEndpoint
from webhook_gateway.icims.tokens import TokenIssuer
from webhook_gateway.icims.webhook import IcimsWebhook
from webhook_gateway.indeed.index import VisibilityIndex
from webhook_gateway.indeed.webhook import IndeedWebhook
from webhook_gateway.linkedin.webhook import LinkedInWebhook
from webhook_gateway.metrics import metrics, name_the_event
from webhook_gateway.pages.links import JobLinks
from webhook_gateway.pages.page import JobPage, add_page
from webhook_gateway.readiness import Readiness

SHUTDOWN_TIMEOUT = 15.0
"""Seconds for requests under way at SIGTERM: a call to Temporal takes 8 at most."""
LINGERING_TIME = 2.0
"""Seconds in which a sender that is answered before its end may go on sending, so that it reads the answer."""
HEADER_LIMIT = 32 * 1024
"""Characters of one header: iCIMS's links have titles."""

GATEWAY = web.AppKey("gateway", Gateway)


def create_app(client: Client, settings: Settings) -> web.Application:
    """Build the gateway's application; the client may not be connected yet."""
    # Bodies are capped where they are read.
    app = web.Application(client_max_size=0, middlewares=[name_the_event])
    app[GATEWAY] = settings.gateway
    dispatcher, hints = Dispatcher(client, settings), Hints(client)
    links, tokens = _job_links(settings), _token_issuer(settings)
    icims = IcimsWebhook(settings, dispatcher, hints, links=links, tokens=tokens)
    app.router.add_post("/webhooks/icims", icims.handle)
    if tokens is not None:
        app.router.add_post("/webhooks/icims/token", TokenEndpoint(settings, tokens).handle)
    linkedin = LinkedInWebhook(settings, dispatcher, hints)
    app.router.add_get("/webhooks/linkedin", linkedin.validate, allow_head=False)
    app.router.add_post("/webhooks/linkedin", linkedin.handle)
    app.router.add_post("/webhooks/indeed", IndeedWebhook(settings, hints, VisibilityIndex(client)).handle)
    if links is not None:
        add_page(app, JobPage(client, links, settings))

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    readiness = Readiness(client)

    async def readyz(_: web.Request) -> web.Response:
        problem = await readiness.problem()
        return web.json_response({"status": problem or "ok"}, status=200 if problem is None else 503)

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


def _job_links(settings: Settings) -> JobLinks | None:
    gateway = settings.gateway
    if gateway.public_url is None or not gateway.link_secrets:
        return None
    present, *previous = gateway.link_secrets
    return JobLinks(present, str(gateway.public_url), gateway.link_valid_for, previous=previous)


def _token_issuer(settings: Settings) -> TokenIssuer | None:
    secrets = settings.gateway.link_secrets
    return TokenIssuer(*secrets) if secrets else None
