"""`POST /webhooks/icims`: every event of every customer, answered in iCIMS's own forms."""

import logging
from datetime import UTC, datetime

from aiohttp import web

from config.customers import Customer
from config.settings import Settings
from models.base import workflow_id
from models.events import AtsEvent, Hire
from models.lifecycle import BoardName, Intent
from webhook_gateway.body import BadRequest, check_content_type, decode, parse_object, read_capped
from webhook_gateway.dispatch import Dispatcher, LifecycleStatus, TemporalUnavailable
from webhook_gateway.icims.auth import covered_customers
from webhook_gateway.icims.events import IcimsEvent, JobEvent, StatusEvent, read_event
from webhook_gateway.icims.hires import read_hire
from webhook_gateway.icims.replies import accepted, refused, render, see_other
from webhook_gateway.icims.tokens import TokenIssuer
from webhook_gateway.metrics import Seen, counting, handing_over
from webhook_gateway.pages.links import JobLinks
from webhook_gateway.requests import SignedRequest, Unauthorized

logger = logging.getLogger(__name__)

INTENTS = {"unpost": Intent.UNPOSTED, "post": Intent.POSTED, "edit": Intent.POSTED}


class Refusal(Exception):  # noqa: N818 -- an answer to the sender
    """The event is not taken; `status` is the answer's."""

    def __init__(self, status: int, reason: str) -> None:
        """Keep what the sender is told."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


class IcimsWebhook:
    """Authenticate, parse, hand to Temporal, answer."""

    def __init__(
        self, settings: Settings, dispatcher: Dispatcher, *, links: JobLinks | None, tokens: TokenIssuer | None
    ) -> None:
        """Serve the customers of the settings; without links there are no job pages to send users to."""
        self._settings, self._dispatcher = settings, dispatcher
        self._links, self._tokens = links, tokens
        self._messages = settings.gateway.messages

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one event: 200 or 303 only once Temporal has it, else iCIMS's error form."""
        with counting("icims") as seen:
            return await self._answer(request, seen)

    async def _answer(self, request: web.Request, seen: Seen) -> web.Response:
        try:
            event, customer = await self._read(request)
            seen.type = event.kind if isinstance(event, JobEvent) else "status"
            if isinstance(event, JobEvent):
                reply, seen.result = await self._on_job(event, customer), "accepted"
            else:
                reply, seen.result = await self._on_status(event, customer)
        except Unauthorized as error:
            seen.result = "unauthorized"
            return refused(401, error.reason, self._messages)
        except (BadRequest, Refusal) as refusal:
            seen.result = "refused"
            return refused(refusal.status, refusal.reason, self._messages)
        except TemporalUnavailable as error:
            seen.result = "unavailable"
            logger.warning("an event was not accepted: %s", error)
            return refused(503, "the event could not be stored; send it again", self._messages)
        return reply

    async def _read(self, request: web.Request) -> tuple[IcimsEvent, Customer]:
        body = await read_capped(request)
        # Authenticated on the raw request, before any of it is parsed.
        raw_path, _, query = request.raw_path.partition("?")
        signed = SignedRequest(
            method=request.method, path=raw_path, query_string=query, headers=request.headers, body=body
        )
        covered = covered_customers(signed, self._settings.customers, now=datetime.now(UTC), tokens=self._tokens)
        check_content_type(request.headers)
        event = read_event(parse_object(decode(body, request.headers)), ", ".join(request.headers.getall("Link", [])))
        customer = self._settings.customer(event.customer_id)
        if customer is None or customer.id not in covered:
            raise Refusal(403, "these credentials do not cover this customerId")
        return event, customer

    async def _on_job(self, event: JobEvent, customer: Customer) -> web.Response:
        intent = INTENTS[event.kind]
        if intent is Intent.POSTED and self._links is None:
            raise Refusal(500, "gateway.public_url and gateway.link_secret are needed to answer posts and edits")
        message = AtsEvent(
            event_type=event.event_type,
            intent=intent,
            edited=event.kind == "edit",
            user_id=event.user_id,
            after_close=intent is Intent.POSTED and await self._closed_before(event),
            received_at=datetime.now(UTC),
        )
        await self._dispatch(customer, event, message)
        if intent is Intent.POSTED and self._links is not None:
            return see_other(self._links.url(event.customer_id, event.job_id))
        return accepted(self._message(self._messages.unpost, event, customer))

    async def _on_status(self, event: StatusEvent, customer: Customer) -> tuple[web.Response, str]:
        secret = self._settings.gateway.link_secret
        hire = read_hire(event, customer, secret.get_secret_value()) if secret is not None else None
        if hire is not None and not hire.filled:
            hire = await self._taken_back(hire, event)
        if hire is None:
            message = render(self._messages.status_ignored, job_id=event.job_id, customer_id=event.customer_id)
            return accepted(message), "ignored"
        ats_event = AtsEvent(
            event_type=event.event_type, hire=hire, user_id=event.user_id, received_at=datetime.now(UTC)
        )
        await self._dispatch(customer, event, ats_event)
        if customer.icims.status_reply == "redirect" and self._links is not None:
            return see_other(self._links.url(event.customer_id, event.job_id)), "accepted"
        template = self._messages.hire if hire.filled else self._messages.hire_taken_back
        return accepted(self._message(template, event, customer)), "accepted"

    async def _closed_before(self, event: JobEvent) -> bool:
        """See whether a job that is posted had been closed: asked only where somebody wants to be told."""
        if not self._settings.tells_others_of(event.customer_id):
            return False
        return await self._dispatcher.status(event.customer_id, event.job_id) is LifecycleStatus.CLOSED

    async def _taken_back(self, hire: Hire, event: StatusEvent) -> Hire | None:
        """See what a hire that is taken back changes; None where no lifecycle ever knew the job."""
        status = await self._dispatcher.status(event.customer_id, event.job_id)
        if status is LifecycleStatus.UNKNOWN:
            return None
        return hire.model_copy(update={"after_close": status is LifecycleStatus.CLOSED})

    async def _dispatch(self, customer: Customer, event: IcimsEvent, message: AtsEvent) -> None:
        with handing_over("icims"):
            accepted_by = await self._dispatcher.ats_event(customer, event.job_id, message)
        logger.info("%s accepted for %s", event.event_type, accepted_by, extra={"workflow_id": accepted_by})

    def _message(self, template: str, event: IcimsEvent, customer: Customer) -> str:
        boards = " and ".join(board.label for board in BoardName if board in customer.boards)
        if self._links is not None:
            link = self._links.url(event.customer_id, event.job_id)
        else:
            link = self._dispatcher.ui_link(workflow_id(event.customer_id, event.job_id)) or ""
        return render(
            template,
            job_id=event.job_id,
            customer_id=event.customer_id,
            boards=boards,
            link=f"Follow it here: {link}" if link else "",
        )
