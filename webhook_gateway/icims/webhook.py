"""`POST /webhooks/icims`: every event of every customer, answered in iCIMS's own forms."""

import logging
from collections.abc import Mapping

from aiohttp import web
from multidict import MultiMapping

from config.customers import Customer
from config.messages import Messages
from config.settings import Settings
from models.base import workflow_id
from models.events import AtsEvent
from models.states import BoardName, Intent
from models.words import TAKEN_OFF
from runtime.attempts import TooMany
from webhook_gateway.body import arrive, decode
from webhook_gateway.dispatch import Dispatcher, TemporalUnavailable
from webhook_gateway.handover import Door
from webhook_gateway.icims.auth import covered_customers, guesser, user_of
from webhook_gateway.icims.events import Claims, IcimsEvent, JobEvent, StatusEvent, claims, claims_in, read_event
from webhook_gateway.icims.handover import IGNORED, handover
from webhook_gateway.icims.hires import read_hire
from webhook_gateway.icims.replays import DUPLICATE, Guard, replay_key
from webhook_gateway.icims.replies import accepted, refused, render, see_other, unavailable
from webhook_gateway.icims.tokens import TokenIssuer
from webhook_gateway.metrics import KEPT, UNKNOWN, Book, Seen, counting
from webhook_gateway.pages.links import JobLinks
from webhook_gateway.payload import parse_object
from webhook_gateway.requests import Arrived, BadRequest, Fault, NotSetUp, Refused, Unauthorized

logger = logging.getLogger(__name__)


class IcimsWebhook:
    """Authenticate, parse, hand over, answer."""

    def __init__(
        self,
        settings: Settings,
        door: Door,
        book: Book | None = None,
        *,
        dispatcher: Dispatcher,
        links: JobLinks | None,
        tokens: TokenIssuer | None,
        guard: Guard,
    ) -> None:
        """Serve the customers of the settings; without links there are no job pages to send users to."""
        self._settings, self._door, self._book = settings, door, book
        self._links, self._tokens, self._ui_link = links, tokens, dispatcher.ui_link
        self._attempts, self._replays = guard.attempts, guard.replays

    async def handle(self, request: web.Request | Arrived) -> web.Response:
        """Answer one event: 200 or 303 only once Temporal or the inbox has it, else iCIMS's error form."""
        with counting("icims", self._book) as seen:
            try:
                arrived = seen.arrived = await arrive(request)
                event, customer = await self._admitted(request, arrived, seen)
                async with self._replays.taking(replay_key(arrived.signed)) as taken:
                    if taken:
                        seen.result = DUPLICATE
                        logger.warning("a signed request came again: customer %s, type %s", seen.customer, seen.type)
                        return self._reply_again(event, customer, arrived)
                    return await self._take(event, customer, arrived, seen)
            except Refused as refusal:
                seen.refuse(refusal)
                return refused(refusal, self._words(seen))
            except TemporalUnavailable as error:
                seen.not_stored(error)
                logger.warning("an event was not accepted: customer %s, type %s: %s", seen.customer, seen.type, error)
                return unavailable(self._words(seen))

    def _words(self, seen: Seen) -> Messages:
        """Return the words for whoever is answered: a customer's own only once it is certain who sends."""
        return self._settings.messages_for(seen.customer if seen.authenticated else None)

    async def _admitted(
        self, request: web.Request | Arrived, arrived: Arrived, seen: Seen
    ) -> tuple[IcimsEvent, Customer]:
        """Authenticate and read; wrong passwords make an address wait, longer and longer, as that user."""
        header = arrived.signed.headers.get("Authorization", "")
        if isinstance(request, Arrived) or not header.lower().startswith("basic"):
            return self._read(arrived, seen)
        try:
            whose = guesser(request.remote, user_of(header), self._settings.customers)
            async with self._attempts.looking(whose, header) as attempt:
                try:
                    return self._read(arrived, seen)
                finally:
                    (attempt.was_right if seen.authenticated else attempt.was_wrong)()
        except TooMany:
            self._unauthorized(seen, arrived)
            raise Unauthorized("too many wrong passwords came from this address: not looked at") from None

    def _read(self, arrived: Arrived, seen: Seen) -> tuple[IcimsEvent, Customer]:
        signed = arrived.signed
        # Authenticated on the raw request, before any of it is parsed, and at the time at which it came.
        try:
            covered = covered_customers(signed, self._settings.customers, now=arrived.received_at, tokens=self._tokens)
        except Unauthorized:
            self._unauthorized(seen, arrived)
            raise
        seen.authenticated = True
        payload = parse_object(decode(signed.body, signed.headers), signed.headers)
        self._note(seen, claims(payload))
        event = read_event(payload, ", ".join(_all(signed.headers, "Link")))
        customer = self._settings.customer(event.customer_id)
        if customer is None or customer.id not in covered:
            raise BadRequest(Fault.CUSTOMER, "these credentials do not cover this customerId")
        if isinstance(event, StatusEvent) and not event.onboarding:
            seen.status = event.new_status
        return event, customer

    def _unauthorized(self, seen: Seen, arrived: Arrived) -> None:
        self._note(seen, claims_in(arrived.signed.body))
        seen.plausible = seen.claimed_customer is not None and seen.type != UNKNOWN

    def _note(self, seen: Seen, said: Claims) -> None:
        known = self._settings.customer(said.customer_id) if said.customer_id is not None else None
        seen.customer, seen.type = known.id if known is not None else UNKNOWN, said.kind or UNKNOWN
        seen.claimed_customer, seen.job_id = said.customer_id, said.job_id

    async def _take(self, event: IcimsEvent, customer: Customer, arrived: Arrived, seen: Seen) -> web.Response:
        if isinstance(event, JobEvent) and event.kind != "unpost" and self._links is None:
            raise NotSetUp("gateway.public_url and gateway.link_secret are needed to answer posts and edits")
        message = self._wanted(event, customer, arrived)
        if message is None:
            seen.result = IGNORED
            return self._ignored(event)
        seen.result = await self._door.hand_over(handover(customer, event.job_id, message))
        if isinstance(event, JobEvent):
            return self._reply(event, customer, kept=seen.result == KEPT)
        return self._reply_to_status(event, customer, message, seen.result)

    def _wanted(self, event: IcimsEvent, customer: Customer, arrived: Arrived) -> AtsEvent | None:
        """Return what the lifecycle is to hear; None where a status changes nothing."""
        said = AtsEvent(
            event_type=event.event_type,
            user_id=event.user_id,
            boards=customer.boards,
            received_at=arrived.received_at,
        )
        if isinstance(event, StatusEvent):
            secrets = self._settings.gateway.hire_secrets
            hire = read_hire(event, customer, secrets) if secrets else None
            return None if hire is None else said.model_copy(update={"hire": hire})
        if event.kind == "look":
            return said.model_copy(update={"looked": True})
        intent = Intent.UNPOSTED if event.kind == "unpost" else Intent.POSTED
        return said.model_copy(update={"intent": intent, "portal_url": event.portal_url})

    def _reply(self, event: JobEvent, customer: Customer, *, kept: bool) -> web.Response:
        """Answer an unpost in words; a post or a look sends the user to the job's page, which says what is kept."""
        if event.kind != "unpost" and self._links is not None:
            return see_other(self._links.url(event.customer_id, event.job_id))
        words = self._settings.messages_for(customer.id)
        return accepted(self._message(words.kept if kept else words.unpost, event, customer))

    def _reply_again(self, event: IcimsEvent, customer: Customer, arrived: Arrived) -> web.Response:
        """Answer what was taken before as it was then: for the sender, a repeat that it did not mean is a success."""
        if isinstance(event, JobEvent):
            return self._reply(event, customer, kept=False)
        message = self._wanted(event, customer, arrived)
        return self._ignored(event) if message is None else self._reply_to_status(event, customer, message, DUPLICATE)

    def _reply_to_status(self, event: StatusEvent, customer: Customer, message: AtsEvent, result: str) -> web.Response:
        if result == IGNORED:
            return self._ignored(event)
        if customer.icims.status_reply == "redirect" and self._links is not None:
            return see_other(self._links.url(event.customer_id, event.job_id))
        filled, words = message.hire is not None and message.hire.filled, self._settings.messages_for(customer.id)
        template = words.hire if filled else words.hire_taken_back
        return accepted(self._message(words.kept if result == KEPT else template, event, customer))

    def _ignored(self, event: IcimsEvent) -> web.Response:
        words = self._settings.messages_for(event.customer_id)
        message = render(words.status_ignored, job_id=event.job_id, customer_id=event.customer_id)
        return accepted(message)

    def _message(self, template: str, event: IcimsEvent, customer: Customer) -> str:
        # An event has the lifecycle take up the boards of the present configuration.
        boards = [board for board in BoardName if board in customer.boards]
        if self._links is not None:
            link = self._links.url(event.customer_id, event.job_id)
        else:
            link = self._ui_link(workflow_id(event.customer_id, event.job_id)) or ""
        return render(
            template,
            job_id=event.job_id,
            customer_id=event.customer_id,
            boards=" and ".join(board.label for board in boards),
            actions=" and ".join(TAKEN_OFF[board] for board in boards),
            link=f"Follow it here: {link}" if link else "",
        )


def _all(headers: Mapping[str, str], name: str) -> list[str]:
    """Return every value of a header."""
    return headers.getall(name, []) if isinstance(headers, MultiMapping) else [headers[name]] if name in headers else []
