"""What the gateway counts, for Prometheus, and what its log lines are about."""

import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from runtime.logs import EVENT_ID, Seldom
from webhook_gateway.connections import RECEIVED_AT, Connection
from webhook_gateway.requests import Arrived, HungUp, Refused, Unauthorized

logger = logging.getLogger(__name__)

UNKNOWN = "unknown"
KEPT = "kept"
"""The result of an event that waits in the inbox until Temporal takes it."""
TYPES = {
    "icims": ("post", "unpost", "look", "status", UNKNOWN),
    "linkedin": ("JOB_POSTING_STATUS", "RESYNC_JOBS", "challenge", UNKNOWN),
    "indeed": ("job.updated", "lifecycle_event", UNKNOWN),
}
RESULTS = {
    "icims": ("accepted", "ignored", "duplicate", KEPT),
    "linkedin": ("accepted", "reopened", "answered", "unknown_job", "unknown_application", "unknown_type", KEPT),
    "indeed": ("accepted", "duplicate", "unknown_job", "unknown_type", KEPT),
}
NOT_TAKEN = ("refused", "unauthorized", "unavailable", "hung_up", "failed")

EVENTS = Counter(
    "boardsync_webhook_events",
    "Webhook events by sender, type and result",
    ("sender", "type", "result"),
)
"""Labels come from fixed sets, never from a payload: `unknown` stands for a type that no module knows."""
# There from the start, at 0: Prometheus sees no increase in a counter that begins at 1.
for _sender, _types in TYPES.items():
    for _type in _types:
        for _result in (*RESULTS[_sender], *NOT_TAKEN):
            EVENTS.labels(_sender, _type, _result)

REFUSALS = Counter(
    "boardsync_webhook_refusals",
    "Webhook events that were refused: 400, 401 and what is not set up; a customer is named only if it is configured",
    ("sender", "customer", "type", "reason"),
)

HANDOVER = Histogram(
    "boardsync_handover_seconds",
    "Time that Temporal took to store an event, or to fail to",
    ("sender",),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0),
)

_seldom = Seldom(logger)


@dataclass(slots=True)
class Seen:
    """What became of one event."""

    sender: str
    type: str = UNKNOWN
    customer: str = UNKNOWN
    """A configured customer's id; until a sender is authenticated, the one that it claims to be."""
    authenticated: bool = False
    """Until then anybody may have sent it."""
    result: str = "failed"
    """`failed` only where our own code did."""
    reason: str | None = None
    """Why it was not taken, for the event log."""
    arrived: Arrived | None = None
    """The request, once it was read to its end."""
    claimed_customer: str | None = None
    """The customer's id as it was sent, configured or not: digits."""
    job_id: str | None = None
    status: str | None = None
    """The candidate status that an authenticated event names."""
    plausible: bool = False
    """It has the form of its sender's events: where the credentials are wrong, the fault may be ours."""

    def refuse(self, refused: Refused) -> None:
        """Count and log a refusal: iCIMS does not send an event again, so each is worth a look."""
        self.result = "unauthorized" if isinstance(refused, Unauthorized) else "refused"
        self.reason = f"{refused.fault.value}: {refused.reason}"
        REFUSALS.labels(self.sender, self.customer, self.type, refused.fault.value).inc()
        say = "refused an event of %s: customer %s, type %s: %s"
        values = (self.sender, self.customer, self.type, refused.reason)
        # Whoever is not authenticated could fill the log.
        if self.authenticated:
            logger.warning(say, *values, extra={"customer_id": self.customer, "reason": refused.fault.value})
        else:
            _seldom.warning(f"{self.result}, {self.sender}", say, *values)

    def not_stored(self, error: Exception) -> None:
        """Note that neither Temporal nor the inbox took it."""
        self.result, self.reason = "unavailable", str(error)


class Book(Protocol):
    """Where it is written down what became of each event."""

    def note(self, seen: Seen) -> None:
        """Write one down; never waits, never fails."""
        ...


@contextmanager
def counting(sender: str, book: Book | None = None) -> Iterator[Seen]:
    """Count one event, as what the block says that it saw, and write it down."""
    seen = Seen(sender)
    try:
        yield seen
    except HungUp:
        seen.result = "hung_up"
        raise
    finally:
        EVENTS.labels(sender, seen.type, seen.result).inc()
        if book is not None:
            book.note(seen)


@contextmanager
def handing_over(sender: str) -> Iterator[None]:
    """Measure a call that hands an event to Temporal, whether or not it succeeds."""
    began = time.perf_counter()
    try:
        yield
    finally:
        HANDOVER.labels(sender).observe(time.perf_counter() - began)


@web.middleware
async def name_the_event(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Give each request an id, which every log line about it carries, and the time at which its first byte came."""
    connection = request.protocol if isinstance(request.protocol, Connection) else None
    request[RECEIVED_AT] = connection.request_begins() if connection is not None else datetime.now(UTC)
    EVENT_ID.set(uuid.uuid4().hex)
    try:
        return await handler(request)
    except HungUp:
        return web.Response(status=400)  # for nobody: the connection is gone
    finally:
        if connection is not None:
            connection.request_ends()


async def metrics(_: web.Request) -> web.Response:
    """Answer a scrape."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
