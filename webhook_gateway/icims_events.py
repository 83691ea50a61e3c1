"""iCIMS's events as typed values (seed icims-job-unpost, contracts/icims.md, section 1). Pure."""

import re
from dataclasses import dataclass
from typing import Any

from models.lifecycle import Intent
from webhook_gateway.body import BadRequest

INTENTS = {"JobUnpostToWebEvent": Intent.UNPOSTED}
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IcimsEvent:
    """An event about one job."""

    event_type: str
    customer_id: str
    job_id: str
    user_id: str
    intent: Intent


def read_event(payload: dict[str, Any]) -> IcimsEvent:
    """Read an event; keys that iCIMS may add are passed over, links are not followed.

    Raises BadRequest (400) that names the field.
    """
    event_type = _string(payload, "eventType")
    if event_type not in INTENTS:
        raise BadRequest(400, f"eventType is unknown; known: {', '.join(INTENTS)}")
    return IcimsEvent(
        event_type=event_type,
        customer_id=_id(payload, "customerId"),
        job_id=_id(payload, "systemId"),
        user_id=_id(payload, "userId"),
        intent=INTENTS[event_type],
    )


def _string(payload: dict[str, Any], name: str) -> str:
    if name not in payload:
        raise BadRequest(400, f"{name} is missing")
    value = payload[name]
    if not isinstance(value, str):
        raise BadRequest(400, f"{name} must be a string")
    return value


def _id(payload: dict[str, Any], name: str) -> str:
    value = _string(payload, name)
    if _ID.fullmatch(value) is None:
        raise BadRequest(400, f"{name} must be 1 to 20 digits")
    return value
