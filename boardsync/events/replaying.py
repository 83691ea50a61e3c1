"""Try a refused event again: by the gateway's own code and the configuration of now, as of when it came."""

import json

from aiohttp import web
from temporalio.client import Client

from config.settings import Settings
from models.base import Model
from store.events import LoggedEvent
from store.sealing import NotOpenable, NotSealable
from webhook_gateway.book import again
from webhook_gateway.requests import Arrived
from webhook_gateway.senders import Senders, create_senders
from webhook_gateway.stored import Stored


class Replayed(Model):
    """What became of one event."""

    id: int
    taken: bool
    words: str


async def replay(client: Client, settings: Settings, stored: Stored, event_id: int) -> Replayed:
    """Verify and read a refused event anew and hand it to Temporal; a newer wish for its job stands all the same.

    Raises StoreUnavailable.
    """
    event = await stored.events.one(event_id)
    if event is None:
        return Replayed(id=event_id, taken=False, words="there is no such event")
    arrived = await _arrived(stored, event)
    if isinstance(arrived, str):
        return Replayed(id=event_id, taken=False, words=arrived)
    reply = await _answer(create_senders(client, settings, stored, keeps=False), event, arrived)
    if reply.status >= 400:
        return Replayed(id=event_id, taken=False, words=f"refused again, {reply.status}: {_reason(reply)}")
    await stored.events.replayed(event_id)
    return Replayed(id=event_id, taken=True, words=f"taken, as received {event.at:%F %T} UTC")


async def _arrived(stored: Stored, event: LoggedEvent) -> Arrived | str:
    """Return the request as it arrived, or why it cannot be tried."""
    if event.replayed_at is not None:
        return f"it was replayed already, {event.replayed_at:%F %T} UTC"
    try:
        found = await stored.events.replay(event.id)
    except (NotSealable, NotOpenable) as error:
        return str(error)
    if found is None:
        return "it was not kept: only refused events are, sealed by [store] key, for 30 days"
    return again(event, found)


async def _answer(senders: Senders, event: LoggedEvent, arrived: Arrived) -> web.Response:
    match event.sender:
        case "icims":
            return await senders.icims.handle(arrived)
        case "linkedin":
            return await senders.linkedin.handle(arrived)
        case _:
            return await senders.indeed.handle(arrived)


def _reason(reply: web.Response) -> str:
    """Return the reason in whichever form its sender is told."""
    try:
        said = json.loads(reply.text or "")
    except ValueError:
        return "no reason was given"
    error = said.get("error", said.get("errorMessage"))
    return str(error.get("debugErrorMessage") if isinstance(error, dict) else error)
