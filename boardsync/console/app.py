"""The console's application: routes, what guards them, and what is said when something does not answer."""

import logging
from pathlib import Path

from aiohttp import web
from temporalio.client import Client
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from boardsync.console.context import Context
from boardsync.console.events import EventsPage
from boardsync.console.health import ConfigurationPage
from boardsync.console.job import JobHandlers
from boardsync.console.jobs import JobsPage
from boardsync.console.ledger import LedgerPages
from boardsync.console.overview import OverviewPage
from boardsync.console.rendering import trouble
from boardsync.console.runs import RunsPage
from boardsync.console.security import FormRefused, Handler, guard
from boardsync.exits import CommandFailed
from config.live import Live
from config.settings import Settings
from store.errors import StoreUnavailable
from store.ledger.ledger import NotSigned
from store.ledger.tree import LedgerDamaged
from webhook_gateway.pages.page import STATIC as SHARED
from webhook_gateway.pages.page import static_file

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
LARGEST_FORM = 32 * 1024
"""Bytes: a reason of the longest kind, encoded."""


def create_app(client: Client, settings: Settings, live: Live | None = None) -> web.Application:
    """Build the console's application; the client may not be connected yet, the configuration may change.

    Raises ConfigurationError where a key cannot be read.
    """
    app = web.Application(client_max_size=LARGEST_FORM, middlewares=[guard(settings.console), troubles])
    context = Context(client, settings, live)
    app.cleanup_ctx.append(context.running)
    jobs, job = JobsPage(context), JobHandlers(context)
    overview = OverviewPage(context)
    app.cleanup_ctx.append(overview.running)
    app.router.add_get("/", overview.handle)
    app.router.add_get("/jobs", jobs.handle)
    app.router.add_get("/jobs.csv", jobs.export, allow_head=False)
    app.router.add_get("/jobs/{customer_id}/{job_id}", job.handle)
    app.router.add_get("/jobs/{customer_id}/{job_id}/steps", job.steps)
    app.router.add_post("/jobs/{customer_id}/{job_id}/{signal}", job.act)
    app.router.add_get("/events", EventsPage(context).handle)
    ledger = LedgerPages(context)
    app.on_cleanup.append(ledger.stop)
    app.router.add_get("/ledger", ledger.handle)
    app.router.add_post("/ledger/verify", ledger.verify)
    app.router.add_get("/ledger/{leaf}", ledger.receipt)
    app.router.add_get("/ledger/{leaf}/proof", ledger.proof)
    app.router.add_get("/ledger/{leaf}/page", ledger.document)
    app.router.add_get("/runs", RunsPage(context).handle)
    app.router.add_get("/configuration", ConfigurationPage(context).handle)
    for path in (SHARED / "page.css", SHARED / "page.js", STATIC / "console.css", STATIC / "icon.svg"):
        app.router.add_get(f"/static/{path.name}", static_file(path))
    app.router.add_get("/healthz", _healthz)
    return app


@web.middleware
async def troubles(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say on a page what does not answer, what that means and what to do; nobody is shown a traceback."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        said = "The console has no such page. Jobs are found by customer and id, or by their names, under Jobs."
        return trouble(request, "There is no such page", said, status=404)
    except FormRefused as refusal:
        return trouble(request, "Nothing was sent", str(refusal), status=403)
    except (*TEMPORAL_AWAY, StoreUnavailable, NotSigned, LedgerDamaged, CommandFailed) as error:
        heading, text, status = _said(error)
        if status == 503:
            logger.warning("%s: %s (%s)", request.path, heading, type(error).__name__)
        return trouble(request, heading, text, status=status)


def _said(error: Exception) -> tuple[str, str, int]:
    match error:
        case StoreUnavailable() | NotSigned() | LedgerDamaged():
            return "The store does not answer this", str(error), 503
        case CommandFailed():
            return "This page cannot be shown", f"{error}.", 503
    return "Temporal does not answer", NO_TEMPORAL, 503


# A lazy client that cannot connect raises RuntimeError.
TEMPORAL_AWAY = (RPCError, TemporalError, TimeoutError, RuntimeError)
NO_TEMPORAL = (
    "Nothing is lost, and nothing has been changed by looking. Check TEMPORAL_ADDRESS and the server; "
    "the event log and the ledger can be read meanwhile."
)


async def _healthz(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
