"""A signal in words: who told a lifecycle what, and why. Pure."""

from typing import Any

from models.temporal import (
    ATS_EVENT,
    CLEAR,
    CLOSE,
    CONFIRM,
    INDEED_CHANGED,
    LINKEDIN_RESYNC,
    LINKEDIN_STATUS,
    RETRY,
    UPDATE,
)

BY_HAND = frozenset({CLOSE, CLEAR, CONFIRM, RETRY, UPDATE})

_INTENTS = {"unposted": "unposted the job", "posted": "posted the job"}
_ASPECTS = {"listing": "listing", "apply": "LinkedIn Apply", "promotion": "promotion"}


def signal_in_words(name: str, said: Any) -> str:
    """Write one sentence; whatever a person sent may be of any form."""
    fields = said if isinstance(said, dict) else {}
    if name in BY_HAND:
        return _by_hand(name, said, fields)
    match name:
        case _ if name == ATS_EVENT:
            return _ats_event(fields)
        case _ if name == LINKEDIN_STATUS:
            return _linkedin_status(fields)
        case _ if name == LINKEDIN_RESYNC:
            return "LinkedIn asked for the job to be sent again."
        case _ if name == INDEED_CHANGED:
            return "Indeed said that the job changed."
    return f"The signal {name} came."


def _by_hand(name: str, said: Any, fields: dict[str, Any]) -> str:
    who = fields.get("by") or (said if isinstance(said, str) and said else "Somebody")
    told = fields.get("fields")
    what = f" of {', '.join(map(str, told))}" if isinstance(told, dict) and told else ""
    why = f": {fields['reason']}" if fields.get("reason") else "."
    return f"{who} sent `{name}`{what}{why}"


def _ats_event(fields: dict[str, Any]) -> str:
    hire = fields.get("hire")
    if isinstance(hire, dict):
        what = "reported a hire" if hire.get("filled") else "took a hire back"
    elif fields.get("edited"):
        what = "edited the posting"
    else:
        what = _INTENTS.get(str(fields.get("intent")), "sent an event")
    who = f", user {fields['user_id']}" if fields.get("user_id") else ""
    return f"iCIMS {what} ({fields.get('event_type', 'event of unknown type')}{who})."


def _linkedin_status(fields: dict[str, Any]) -> str:
    told = []
    for key, label in _ASPECTS.items():
        detail = fields.get(key)
        if isinstance(detail, dict):
            name = f" ({detail['name']})" if detail.get("name") else ""
            told.append(f"{label} {detail.get('status')}{name}")
    return f"LinkedIn notified: {', '.join(told) or 'a change'}."
