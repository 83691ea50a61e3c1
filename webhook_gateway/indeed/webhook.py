"""`POST /webhooks/indeed`: signed job events; a lifecycle that knows the job reads it at once.

Any 2xx means delivered to Indeed; what is answered with 4xx or 5xx it sends again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from config.settings import Settings
from models.events import IndeedChange
from webhook_gateway.body import arrive, decode
from webhook_gateway.dispatch import TemporalUnavailable
from webhook_gateway.handover import Door
from webhook_gateway.indeed.events import JobLifecycleEvent, looks_like_an_event, read_event, signed_for
from webhook_gateway.indeed.handover import UNKNOWN_JOB, IndeedHandover
from webhook_gateway.indeed.repeats import Repeats
from webhook_gateway.metrics import UNKNOWN, Book, Seen, counting
from webhook_gateway.payload import parse_object
from webhook_gateway.requests import Arrived, Refused, Unauthorized

BODY_LIMIT = 32 * 1024
"""Bytes: an event is a few hundred, and each customer's secret is compared over all of them."""

logger = logging.getLogger(__name__)


class IndeedWebhook:
    """Authenticate, parse, hand over, answer."""

    def __init__(
        self, settings: Settings, door: Door, book: Book | None = None, repeats: Repeats | None = None
    ) -> None:
        """Serve the customers that have a secret for Indeed's webhooks; `repeats` knows what was taken before."""
        self._customers, self._door, self._book = settings.customers, door, book
        self._repeats = repeats or Repeats()

    async def handle(self, request: web.Request | Arrived) -> web.Response:
        """Answer one event: 200 only once Temporal or the inbox has it."""
        with counting("indeed", self._book) as seen:
            try:
                arrived = seen.arrived = await arrive(request, BODY_LIMIT)
                covered = self._covered(arrived, seen)
                signed = arrived.signed
                event = read_event(parse_object(decode(signed.body, signed.headers), signed.headers))
                if event is None:
                    seen.result = "unknown_type"
                    return web.Response()
                seen.type = event.kind
                seen.result = await self._pass_on(event, covered, arrived.received_at)
            except Refused as refusal:
                seen.refuse(refusal)
                status = 401 if isinstance(refusal, Unauthorized) else 400
                return web.json_response({"error": refusal.reason}, status=status)
            except TemporalUnavailable as error:
                seen.not_stored(error)
                logger.warning("an event of Indeed was not accepted: type %s: %s", seen.type, error)
                return web.json_response({"error": "the event could not be stored; send it again"}, status=503)
            return web.Response()

    def _covered(self, arrived: Arrived, seen: Seen) -> list[str]:
        signed = arrived.signed
        try:
            covered = sorted(signed_for(signed.headers, signed.body, self._customers))
        except Unauthorized:
            seen.plausible = looks_like_an_event(signed.body)
            raise
        seen.authenticated = True
        seen.customer = covered[0] if len(covered) == 1 else UNKNOWN
        return covered

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
        result = await self._door.hand_over(IndeedHandover(customer_ids=tuple(customer_ids), change=change))
        if result != UNKNOWN_JOB:
            self._repeats.took(keys)
        return result
