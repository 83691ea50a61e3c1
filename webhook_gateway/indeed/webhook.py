"""`POST /webhooks/indeed`: signed job events; a lifecycle that knows the job reads it at once.

Any 2xx means delivered to Indeed; what is answered with 4xx or 5xx it sends again.
"""

import logging
from datetime import UTC, datetime

from aiohttp import web

from config.settings import Settings
from models.events import IndeedChange
from models.temporal import CUSTOMER_ID, INDEED_CHANGED, INDEED_JOB_ID, JOB_POSTING
from webhook_gateway.body import BadRequest, decode, parse_object, read_capped
from webhook_gateway.dispatch import TemporalUnavailable
from webhook_gateway.hints import Signals
from webhook_gateway.indeed.events import JobEvent, read_event, signed_for, spellings
from webhook_gateway.indeed.repeats import Repeats
from webhook_gateway.metrics import EVENTS, handing_over
from webhook_gateway.requests import Unauthorized

logger = logging.getLogger(__name__)

UNKNOWN = "unknown"


class IndeedWebhook:
    """Authenticate, parse, hand to Temporal, answer."""

    def __init__(self, settings: Settings, signals: Signals) -> None:
        """Serve the customers that have a secret for Indeed's webhooks."""
        self._customers, self._signals = settings.customers, signals
        self._repeats = Repeats()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one event: 200 only once Temporal has it."""
        try:
            body = await read_capped(request)
            covered = signed_for(request.headers, body, self._customers)
            event = read_event(parse_object(decode(body, request.headers)))
        except Unauthorized as error:
            return _refused(UNKNOWN, "bad_signature", 401, error.reason)
        except BadRequest as error:
            return _refused(UNKNOWN, "unreadable", error.status, error.reason)
        if event is None:
            return _answer(UNKNOWN, "unknown_type", web.Response())
        try:
            with handing_over("indeed"):
                result = await self._pass_on(event, sorted(covered))
        except TemporalUnavailable as error:
            logger.warning("an event of Indeed was not accepted: %s", error)
            return _refused(event.kind, "unavailable", 503, "the event could not be stored; send it again")
        return _answer(event.kind, result, web.Response())

    async def _pass_on(self, event: JobEvent, customer_ids: list[str]) -> str:
        # Each sender has ids of its own: nobody can have another's event taken for a repeat.
        keys = [(*customer_ids, each) for each in event.ids]
        if self._repeats.knows(keys):
            return "duplicate"
        change = IndeedChange(
            employer_job_id=event.employer_job_id,
            event_id=event.ids[0] if event.ids else None,
            received_at=datetime.now(UTC),
        )
        found = await self._signals.running(_lifecycles_of(event.employer_job_id, customer_ids))
        told = [await self._signals.signal(each, INDEED_CHANGED, change) for each in found]
        if not any(told):
            return "unknown_job"
        self._repeats.took(keys)
        logger.info("%s accepted for %s", event.kind, ", ".join(found))
        return "accepted"


def _lifecycles_of(employer_job_id: str, customer_ids: list[str]) -> str:
    # Quoted safely: ids with quotes or backslashes are refused where they are read, customers' ids are digits.
    jobs = ", ".join(f"'{each}'" for each in spellings(employer_job_id))
    customers = ", ".join(f"'{each}'" for each in customer_ids)
    return (
        f"WorkflowType = '{JOB_POSTING}' AND ExecutionStatus = 'Running' "
        f"AND {INDEED_JOB_ID.name} IN ({jobs}) AND {CUSTOMER_ID.name} IN ({customers})"
    )


def _refused(kind: str, result: str, status: int, reason: str) -> web.Response:
    return _answer(kind, result, web.json_response({"error": reason}, status=status))


def _answer(kind: str, result: str, response: web.Response) -> web.Response:
    EVENTS.labels("indeed", kind, result).inc()
    return response
