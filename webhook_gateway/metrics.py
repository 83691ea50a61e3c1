"""What the gateway counts, for Prometheus."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest

EVENTS = Counter(
    "boardsync_webhook_events",
    "Webhook events by sender, type and result",
    ("sender", "type", "result"),
)
"""Labels come from fixed sets, never from a payload: `unknown` stands for a type that no module knows."""


async def metrics(_: web.Request) -> web.Response:
    """Answer a scrape."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
