"""`POST /webhooks/icims`: every event of every customer, answered in iCIMS's own forms."""

import logging
from datetime import UTC, datetime

from aiohttp import web

from config.settings import Settings
from models.events import AtsEvent
from models.lifecycle import BoardName
from webhook_gateway.body import BadRequest, check_content_type, decode, parse_object, read_capped
from webhook_gateway.dispatch import Dispatcher, TemporalUnavailable
from webhook_gateway.icims_auth import Unauthorized, covered_customers
from webhook_gateway.icims_events import IcimsEvent, read_event

logger = logging.getLogger(__name__)

USER_MESSAGES = {
    400: "The job board connection could not understand this request, so nothing was changed. "
    "Please report it to the help desk.",
    401: "The job board connection did not accept iCIMS's credentials, so nothing was changed. "
    "Please report it to the help desk.",
    403: "The job board connection is not set up for this customer, so nothing was changed. "
    "Please report it to the help desk.",
    413: "The request to the job board connection was too large, so nothing was changed. "
    "Please report it to the help desk.",
    415: "The job board connection could not read this request, so nothing was changed. "
    "Please report it to the help desk.",
    503: "The job boards cannot be reached right now and nothing was changed. Please try again in a few minutes.",
}


class IcimsWebhook:
    """Authenticate, parse, hand to Temporal, answer."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher) -> None:
        """Serve the customers of the settings."""
        self._settings, self._dispatcher = settings, dispatcher

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one event: 200 only once Temporal has it, else iCIMS's error form."""
        try:
            event = await self._read(request)
        except Unauthorized:
            return error_reply(401, "the credentials are missing or wrong")
        except BadRequest as refusal:
            return error_reply(refusal.status, refusal.reason)
        if event is None:
            return error_reply(403, "these credentials do not cover this customerId")
        try:
            workflow_id = await self._dispatch(event)
        except TemporalUnavailable as error:
            logger.warning("event of job %s-%s not accepted: %s", event.customer_id, event.job_id, error)
            return error_reply(503, "the event could not be stored; send it again")
        logger.info("%s accepted for %s", event.event_type, workflow_id)
        return web.json_response({"userMessage": self._message(event, workflow_id), "code": 200})

    async def _read(self, request: web.Request) -> IcimsEvent | None:
        """Read an event; null where the credentials do not cover its customer."""
        # Authenticated on the raw request, before any of it is parsed.
        covered = covered_customers(request.headers, self._settings.customers)
        check_content_type(request.headers)
        body = decode(await read_capped(request), request.headers)
        event = read_event(parse_object(body))
        return event if event.customer_id in covered else None

    async def _dispatch(self, event: IcimsEvent) -> str:
        customer = self._settings.customer(event.customer_id)
        if customer is None:
            raise LookupError(event.customer_id)  # cannot be: the credentials cover only known customers
        message = AtsEvent(
            event_type=event.event_type,
            intent=event.intent,
            user_id=event.user_id,
            received_at=datetime.now(UTC),
        )
        return await self._dispatcher.ats_event(customer, event.job_id, message)

    def _message(self, event: IcimsEvent, workflow_id: str) -> str:
        customer = self._settings.customer(event.customer_id)
        boards = " and ".join(board.label for board in BoardName if customer and board in customer.boards)
        message = (
            f"Job {event.job_id} is being taken down from {boards}. "
            "Boardsync goes on until each board has been read back and shows it."
        )
        link = self._dispatcher.ui_link(workflow_id)
        return f"{message} Follow it here: {link}" if link else message


def error_reply(status: int, reason: str) -> web.Response:
    """Make an error in iCIMS's form (Error Reporting Standard for Vendors)."""
    headers = {"WWW-Authenticate": 'Basic realm="boardsync"'} if status == 401 else None
    body = {"error": {"userMessage": USER_MESSAGES[status], "debugErrorMessage": reason}}
    return web.json_response(body, status=status, headers=headers)
