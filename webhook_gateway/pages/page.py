"""`GET /jobs/{customerId}/{jobId}?key=…`: how it stands with a job, for whoever holds its link."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError, RPCStatusCode

from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Lifecycle, Receipt
from models.states import BoardState, Phase
from models.temporal import BOARD_STATE, LIFECYCLE, PHASE
from store.errors import StoreUnavailable
from store.inbox import Inbox
from webhook_gateway.dispatch import Dispatcher
from webhook_gateway.pages.links import JobLinks, LinkRefused
from webhook_gateway.pages.view import Frame, Page, full_page, partial_page

logger = logging.getLogger(__name__)

RPC_TIMEOUT = timedelta(seconds=3)
STEP_TIMEOUT = 4.0
"""Seconds for one question to Temporal with its retries; a visitor waits for two at most."""
INBOX_TIMEOUT = 1.0
RETRY_AFTER = 30

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the key is in the address
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
STYLESHEET = Path(__file__).parent / "static" / "page.css"

# Everything is escaped: words of boards and of people are on the page, and none of them is markup.
TEMPLATES = Environment(
    loader=PackageLoader("webhook_gateway.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

STOPPED = {
    WorkflowExecutionStatus.CANCELED,
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT,
}
# A lazy client that cannot connect raises RuntimeError; what cannot be read as the model raises ValueError.
NO_ANSWER = (RPCError, TemporalError, TimeoutError, RuntimeError, ValueError)

Word = TypeVar("Word", bound=StrEnum)


class JobPage:
    """Check the link, read the lifecycle, show it."""

    def __init__(self, client: Client, links: JobLinks, settings: Settings, inbox: Inbox | None = None) -> None:
        """Use a client that may not be connected yet, and the inbox where an event of the job may wait."""
        self._client, self._links, self._settings, self._inbox = client, links, settings, inbox
        self._ui_link = Dispatcher(client, settings).ui_link
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
            page = await self._read(customer_id, job_id)
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
            async with asyncio.timeout(INBOX_TIMEOUT):
                return await self._inbox.waits_for(workflow_id(customer_id, job_id))
        except (StoreUnavailable, TimeoutError):
            return False

    def _kept(self, job_id: str) -> web.Response:
        return self._reply_message(
            503,
            f"The request for job {job_id} is kept",
            "The connection to the job boards is away at the moment. What was asked for is written down and carried "
            "out as soon as it is back; there is no need to repeat it.",
            refresh=RETRY_AFTER,
        )

    async def _read(self, customer_id: str, job_id: str) -> Page | None:
        """Read what is known; None where it is nothing. Raises one of NO_ANSWER where Temporal gives none."""
        id_ = workflow_id(customer_id, job_id)
        try:
            async with asyncio.timeout(STEP_TIMEOUT):
                found = await self._client.get_workflow_handle(id_).describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        frame = self._frame(customer_id, job_id, found)
        try:
            async with asyncio.timeout(STEP_TIMEOUT):
                if found.status is WorkflowExecutionStatus.COMPLETED:
                    return await self._closed_page(found, frame)
                return full_page(await self._query(id_), frame)
        except NO_ANSWER as error:
            logger.warning("page of %s without details: %s", id_, type(error).__name__)
            return _outline(found, frame)

    async def _query(self, id_: str) -> Lifecycle:
        handle = self._client.get_workflow_handle(id_)
        lifecycle: Lifecycle = await handle.query(LIFECYCLE, result_type=Lifecycle, rpc_timeout=RPC_TIMEOUT)
        return lifecycle

    async def _closed_page(self, found: WorkflowExecutionDescription, frame: Frame) -> Page:
        # The receipt is in Temporal itself: it needs no worker, and no replay of the history.
        handle = self._client.get_workflow_handle(found.id, run_id=found.run_id, result_type=Receipt)
        receipt = await handle.result(follow_runs=False, rpc_timeout=RPC_TIMEOUT)
        lifecycle = Lifecycle(
            customer_id=receipt.customer_id,
            job_id=receipt.job_id,
            intent=receipt.intent,
            phase=receipt.phase,
            boards=receipt.boards,
            received=receipt.received,
        )
        return full_page(lifecycle, frame)

    def _frame(self, customer_id: str, job_id: str, found: WorkflowExecutionDescription) -> Frame:
        customer = self._settings.customer(customer_id)
        return Frame(
            job_id=job_id,
            customer=customer.name if customer else f"Customer {customer_id}",
            read_at=datetime.now(UTC),
            ui_link=self._ui_link(found.id),
            closed_at=found.close_time if found.status is WorkflowExecutionStatus.COMPLETED else None,
            stopped=found.status in STOPPED,
        )

    def _reply_message(self, status: int, heading: str, text: str, *, refresh: int | None = None) -> web.Response:
        return _reply(status, self._message.render(heading=heading, text=text, refresh=refresh))


def add_page(app: web.Application, handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
    """Register the page and its stylesheet, all under `/jobs/`: a proxy needs to pass on nothing else."""
    app.router.add_get("/jobs/{customer_id}/{job_id}", handle)
    app.router.add_get("/jobs/page.css", _stylesheet)


async def _stylesheet(_: web.Request) -> web.FileResponse:
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(STYLESHEET, headers=headers)


def _reply(status: int, text: str) -> web.Response:
    headers = {**HEADERS, "Retry-After": str(RETRY_AFTER)} if status == 503 else HEADERS
    return web.Response(status=status, text=text, content_type="text/html", charset="utf-8", headers=headers)


def _outline(found: WorkflowExecutionDescription, frame: Frame) -> Page:
    """Show what the search attributes say."""
    phase = _word(found, PHASE, Phase)
    states = {board: _word(found, key, BoardState) for board, key in BOARD_STATE.items()}
    return partial_page(phase, {board: state for board, state in states.items() if state is not None}, frame)


def _word(found: WorkflowExecutionDescription, key: SearchAttributeKey[str], kind: type[Word]) -> Word | None:
    value = found.typed_search_attributes.get(key)
    try:
        return kind(value) if value is not None else None
    except ValueError:
        return None  # written by a newer version
