"""`GET /jobs/{customerId}/{jobId}?key=…`: how it stands with a job, for whoever holds its link."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from temporalio.client import Client

from config.settings import Settings
from models.base import workflow_id
from store.errors import StoreUnavailable, within
from store.inbox import Inbox
from store.jobs import Jobs
from webhook_gateway.pages.links import JobLinks, LinkRefused
from webhook_gateway.pages.reading import NO_ANSWER, JobReader
from webhook_gateway.pages.timeline import timeline_of

logger = logging.getLogger(__name__)

INBOX_TIMEOUT = 1.0
RETRY_AFTER = 30

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the key is in the address
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
FILE_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
STATIC = Path(__file__).parent / "static"

# Everything is escaped: words of boards and of people are on the page, and none of them is markup.
TEMPLATES = Environment(
    loader=PackageLoader("webhook_gateway.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["timeline_of"] = timeline_of


class JobPage:
    """Check the link, read the lifecycle, show it."""

    def __init__(
        self,
        client: Client,
        links: JobLinks,
        settings: Settings,
        inbox: Inbox | None = None,
        jobs: Jobs | None = None,
    ) -> None:
        """Use a client that may not be connected yet, the inbox where an event may wait, and the job index."""
        self._links, self._inbox = links, inbox
        self._reader = JobReader(client, settings, jobs)
        self._job, self._message = TEMPLATES.get_template("job.html"), TEMPLATES.get_template("message.html")

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the job's page, or with a plain one that says why there is none."""
        customer_id, job_id = request.match_info["customer_id"], request.match_info["job_id"]
        try:
            self._links.check(customer_id, job_id, request.query.get("key", ""))
        except LinkRefused:
            return self._reply_message(
                403,
                "This link cannot be opened",
                "It is not valid, or no longer valid. Follow the newest link that iCIMS showed for the job, "
                "or ask whoever gave you this one.",
            )
        try:
            page = await self._reader.read(customer_id, job_id)
        except NO_ANSWER as error:
            logger.warning("page of job %s-%s: no answer from Temporal: %s", customer_id, job_id, type(error).__name__)
            if await self._waits(customer_id, job_id):
                return self._kept(job_id)
            return self._reply_message(
                503,
                "The state of this job cannot be read right now",
                "Nothing is lost, and nothing has been changed by looking. Please try again in a few minutes.",
                refresh=RETRY_AFTER,
            )
        if page is None and await self._waits(customer_id, job_id):
            return self._kept(job_id)
        if page is None:
            return self._reply_message(
                404,
                f"Nothing is known of job {job_id} yet",
                "No event of this job has reached Boardsync, or it was so long ago that the record has been removed.",
                refresh=RETRY_AFTER,
            )
        return _reply(200, self._job.render(page=page, refresh=page.refresh))

    async def _waits(self, customer_id: str, job_id: str) -> bool:
        if self._inbox is None:
            return False
        try:
            async with within(INBOX_TIMEOUT):
                return await self._inbox.waits_for(workflow_id(customer_id, job_id))
        except StoreUnavailable:
            return False

    def _kept(self, job_id: str) -> web.Response:
        return self._reply_message(
            503,
            f"The request for job {job_id} is kept",
            "The connection to the job boards is away at the moment. What was asked for is written down and carried "
            "out as soon as it is back; there is no need to repeat it.",
            refresh=RETRY_AFTER,
        )

    def _reply_message(self, status: int, heading: str, text: str, *, refresh: int | None = None) -> web.Response:
        return _reply(status, self._message.render(heading=heading, text=text, refresh=refresh))


def add_page(app: web.Application, handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
    """Register the page, its stylesheet and its script, all under `/jobs/`: a proxy needs to pass on nothing else."""
    app.router.add_get("/jobs/{customer_id}/{job_id}", handle)
    for name in ("page.css", "page.js"):
        app.router.add_get(f"/jobs/{name}", static_file(STATIC / name))


def static_file(path: Path) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    """Return a handler that serves a file, by the types of RFC 9239 and not by those that the machine knows."""
    headers = {
        "Cache-Control": "public, max-age=300",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": FILE_TYPES[path.suffix],
    }

    async def serve(_: web.Request) -> web.FileResponse:
        return web.FileResponse(path, headers=headers)

    return serve


def _reply(status: int, text: str) -> web.Response:
    headers = {**HEADERS, "Retry-After": str(RETRY_AFTER)} if status == 503 else HEADERS
    return web.Response(status=status, text=text, content_type="text/html", charset="utf-8", headers=headers)
