"""What the gateway counts, for Prometheus, and what its log lines are about."""

import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from runtime.logs import EVENT_ID

EVENTS = Counter(
    "boardsync_webhook_events",
    "Webhook events by sender, type and result",
    ("sender", "type", "result"),
)
"""Labels come from fixed sets, never from a payload: `unknown` stands for a type that no module knows."""

HANDOVER = Histogram(
    "boardsync_handover_seconds",
    "Time that Temporal took to store an event, or to fail to",
    ("sender",),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0),
)


@dataclass(slots=True)
class Seen:
    """What became of one event."""

    type: str = "unknown"
    result: str = "failed"
    """`failed` only where our own code did."""


@contextmanager
def counting(sender: str) -> Iterator[Seen]:
    """Count one event, as what the block says that it saw."""
    seen = Seen()
    try:
        yield seen
    finally:
        EVENTS.labels(sender, seen.type, seen.result).inc()


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
    """Return each request an id, which every log line about it carries."""
    EVENT_ID.set(uuid.uuid4().hex)
    return await handler(request)


async def metrics(_: web.Request) -> web.Response:
    """Answer a scrape."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
