"""`POST /webhooks/icims`: every event of every customer, answered in iCIMS's own forms."""

import logging
from datetime import UTC, datetime

from aiohttp import web

from config.customers import Customer
from config.settings import Settings
from models.base import workflow_id
from models.events import AtsEvent, Hire
from models.lifecycle import BoardName, Intent
from models.temporal import ATS_EVENT
from models.words import TAKEN_OFF
from webhook_gateway.body import decode, read_capped
from webhook_gateway.connections import RECEIVED_AT
from webhook_gateway.dispatch import Dispatcher, LifecycleStatus, TemporalUnavailable
from webhook_gateway.hints import Hints
from webhook_gateway.icims.auth import covered_customers
from webhook_gateway.icims.events import IcimsEvent, JobEvent, StatusEvent, claims, claims_in, read_event
from webhook_gateway.icims.hires import read_hire
from webhook_gateway.icims.replies import accepted, refused, render, see_other, unavailable
from webhook_gateway.icims.tokens import TokenIssuer
from webhook_gateway.metrics import UNKNOWN, Seen, counting, handing_over
from webhook_gateway.pages.links import JobLinks
from webhook_gateway.payload import parse_object
from webhook_gateway.requests import BadRequest, Fault, NotSetUp, Refused, SignedRequest, Unauthorized

logger = logging.getLogger(__name__)


class IcimsWebhook:
    """Authenticate, parse, hand to Temporal, answer."""

    def __init__(
        self,
        settings: Settings,
        dispatcher: Dispatcher,
        hints: Hints,
        *,
        links: JobLinks | None,
        tokens: TokenIssuer | None,
    ) -> None:
        """Serve the customers of the settings; without links there are no job pages to send users to."""
        self._settings, self._dispatcher, self._hints = settings, dispatcher, hints
        self._links, self._tokens = links, tokens
        self._messages = settings.gateway.messages

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one event: 200 or 303 only once Temporal has it, else iCIMS's error form."""
        with counting("icims") as seen:
            try:
                event, customer = await self._read(request, seen)
                return await self._take(event, customer, request[RECEIVED_AT], seen)
            except Refused as refusal:
                seen.refuse(refusal)
                return refused(refusal, self._messages)
            except TemporalUnavailable as error:
                seen.result = "unavailable"
                logger.warning("an event was not accepted: customer %s, type %s: %s", seen.customer, seen.type, error)
                return unavailable(self._messages)

    async def _read(self, request: web.Request, seen: Seen) -> tuple[IcimsEvent, Customer]:
        body = await read_capped(request)
        # Authenticated on the raw request, before any of it is parsed.
        raw_path, _, query = request.raw_path.partition("?")
        signed = SignedRequest(
            method=request.method, path=raw_path, query_string=query, headers=request.headers, body=body
        )
        try:
            covered = covered_customers(signed, self._settings.customers, now=datetime.now(UTC), tokens=self._tokens)
        except Unauthorized:
            self._note(seen, *claims_in(body))
            raise
        seen.authenticated = True
        payload = parse_object(decode(body, request.headers), request.headers)
        self._note(seen, *claims(payload))
        event = read_event(payload, ", ".join(request.headers.getall("Link", [])))
        customer = self._settings.customer(event.customer_id)
        if customer is None or customer.id not in covered:
            raise BadRequest(Fault.CUSTOMER, "these credentials do not cover this customerId")
        return event, customer

    def _note(self, seen: Seen, customer_id: str | None, kind: str | None) -> None:
        known = self._settings.customer(customer_id) if customer_id is not None else None
        seen.customer, seen.type = known.id if known is not None else UNKNOWN, kind or UNKNOWN

    async def _take(self, event: IcimsEvent, customer: Customer, received_at: datetime, seen: Seen) -> web.Response:
        if isinstance(event, StatusEvent):
            reply, seen.result = await self._on_status(event, customer, received_at)
            return reply
        if event.kind == "unpost":
            await self._on_intent(event, customer, Intent.UNPOSTED, received_at)
            reply = accepted(self._message(self._messages.unpost, event, customer))
        else:
            reply = await self._to_page(event, customer, received_at)
        seen.result = "accepted"
        return reply

    async def _to_page(self, event: JobEvent, customer: Customer, received_at: datetime) -> web.Response:
        """Take a post or a look; both send the user to the job's page."""
        if self._links is None:
            raise NotSetUp("gateway.public_url and gateway.link_secret are needed to answer posts and edits")
        if event.kind == "post":
            await self._on_intent(event, customer, Intent.POSTED, received_at)
        else:
            await self._on_look(event, customer, received_at)
        return see_other(self._links.url(event.customer_id, event.job_id))

    async def _on_intent(self, event: JobEvent, customer: Customer, intent: Intent, received_at: datetime) -> None:
        message = AtsEvent(
            event_type=event.event_type,
            intent=intent,
            user_id=event.user_id,
            after_close=intent is Intent.POSTED and await self._closed_before(event),
            boards=customer.boards,
            received_at=received_at,
        )
        await self._dispatch(customer, event, message)

    async def _on_look(self, event: JobEvent, customer: Customer, received_at: datetime) -> None:
        """Have an open job's fields read anew; a look starts no lifecycle and changes no intent."""
        message = AtsEvent(
            event_type=event.event_type,
            looked=True,
            user_id=event.user_id,
            boards=customer.boards,
            received_at=received_at,
        )
        id_ = workflow_id(customer.id, event.job_id)
        with handing_over("icims"):
            is_open = await self._hints.signal(id_, ATS_EVENT, message)
        logger.info("%s: %s is %s", event.event_type, id_, "read anew" if is_open else "not open: nothing to do")

    async def _on_status(
        self, event: StatusEvent, customer: Customer, received_at: datetime
    ) -> tuple[web.Response, str]:
        secrets = self._settings.gateway.link_secrets
        hire = read_hire(event, customer, secrets) if secrets else None
        if hire is not None and not hire.filled:
            hire = await self._taken_back(hire, event)
        if hire is None:
            message = render(self._messages.status_ignored, job_id=event.job_id, customer_id=event.customer_id)
            return accepted(message), "ignored"
        ats_event = AtsEvent(
            event_type=event.event_type,
            hire=hire,
            user_id=event.user_id,
            boards=customer.boards,
            received_at=received_at,
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
            id_ = await self._dispatcher.ats_event(customer, event.job_id, message)
        logger.info("%s accepted for %s", event.event_type, id_, extra={"workflow_id": id_})

    def _message(self, template: str, event: IcimsEvent, customer: Customer) -> str:
        # An event has the lifecycle take up the boards of the present configuration.
        boards = [board for board in BoardName if board in customer.boards]
        if self._links is not None:
            link = self._links.url(event.customer_id, event.job_id)
        else:
            link = self._dispatcher.ui_link(workflow_id(event.customer_id, event.job_id)) or ""
        return render(
            template,
            job_id=event.job_id,
            customer_id=event.customer_id,
            boards=" and ".join(board.label for board in boards),
            actions=" and ".join(TAKEN_OFF[board] for board in boards),
            link=f"Follow it here: {link}" if link else "",
        )
