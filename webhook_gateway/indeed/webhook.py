"""`POST /webhooks/indeed`: signed job events; a lifecycle that knows the job reads it at once.

Any 2xx means delivered to Indeed; what is answered with 4xx or 5xx it sends again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from config.settings import Settings
from models.events import IndeedChange
from models.temporal import INDEED_CHANGED
from webhook_gateway.body import decode, read_capped
from webhook_gateway.connections import RECEIVED_AT
from webhook_gateway.dispatch import TemporalUnavailable
from webhook_gateway.hints import Hints
from webhook_gateway.indeed.events import JobLifecycleEvent, read_event, signed_for
from webhook_gateway.indeed.index import JobIndex
from webhook_gateway.indeed.repeats import Repeats
from webhook_gateway.metrics import UNKNOWN, counting, handing_over
from webhook_gateway.payload import parse_object
from webhook_gateway.requests import Refused, Unauthorized

BODY_LIMIT = 32 * 1024
"""Bytes: an event is a few hundred, and each customer's secret is compared over all of them."""

logger = logging.getLogger(__name__)


class IndeedWebhook:
    """Authenticate, parse, hand to Temporal, answer."""

    def __init__(self, settings: Settings, hints: Hints, index: JobIndex) -> None:
        """Serve the customers that have a secret for Indeed's webhooks."""
        self._customers, self._hints, self._index = settings.customers, hints, index
        self._repeats = Repeats()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one event: 200 only once Temporal has it."""
        with counting("indeed") as seen:
            try:
                body = await read_capped(request, BODY_LIMIT)
                covered = sorted(signed_for(request.headers, body, self._customers))
                seen.authenticated = True
                seen.customer = covered[0] if len(covered) == 1 else UNKNOWN
                event = read_event(parse_object(decode(body, request.headers), request.headers))
                if event is None:
                    seen.result = "unknown_type"
                    return web.Response()
                seen.type = event.kind
                with handing_over("indeed"):
                    seen.result = await self._pass_on(event, covered, request[RECEIVED_AT])
            except Refused as refusal:
                seen.refuse(refusal)
                status = 401 if isinstance(refusal, Unauthorized) else 400
                return web.json_response({"error": refusal.reason}, status=status)
            except TemporalUnavailable as error:
                seen.result = "unavailable"
                logger.warning("an event of Indeed was not accepted: type %s: %s", seen.type, error)
                return web.json_response({"error": "the event could not be stored; send it again"}, status=503)
            return web.Response()

    async def _pass_on(self, event: JobLifecycleEvent, customer_ids: Sequence[str], received_at: datetime) -> str:
        # Each sender has ids of its own: nobody can have another's event taken for a repeat.
        keys = [(*customer_ids, each) for each in event.ids]
        if self._repeats.knows(keys):
            return "duplicate"
        change = IndeedChange(
            employer_job_id=event.employer_job_id,
            event_id=event.ids[0] if event.ids else None,
            received_at=received_at,
        )
        found = await self._index.lifecycles_of(event.employer_job_id, customer_ids)
        told = [await self._hints.signal(each, INDEED_CHANGED, change) for each in found]
        if not any(told):
            return "unknown_job"
        self._repeats.took(keys)
        logger.info("%s accepted for %s", event.kind, ", ".join(found))
        return "accepted"
