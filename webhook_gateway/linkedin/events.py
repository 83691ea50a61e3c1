"""LinkedIn's notifications as typed values (docs/providers/linkedin.md, Notifications). Pure.

LinkedIn's pages spell the same key in several ways, so keys are compared without regard to case, and every
spelling of them is taken. A notification is a hint: what of it cannot be read is left out, as the job is read anyway.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.customers import Customer
from config.values import job_id_in
from models.events import LinkedInStatus, StatusDetail
from models.texts import linkedin_page
from webhook_gateway.payload import digits
from webhook_gateway.requests import BadRequest, Fault

JOB_POSTING_STATUS, RESYNC_JOBS = "JOB_POSTING_STATUS", "RESYNC_JOBS"
TEXT_LIMIT = 500
WORD_LIMIT = 64
ID_LIMIT = 200
"""Characters of externalJobPostingId in the older schema."""

_APPLICATION = re.compile(r"(?:urn:li:developerApplication:)?([0-9]{1,20})", re.IGNORECASE)
_SYMBOL = re.compile(r"\s*([A-Z][A-Z0-9_]{1,63})\s*(?::|$)")
_LISTING = ("listingstatus", "listedstatus")
_APPLY = ("linkedinapplystatus",)
_PROMOTION = ("promotionstatus",)


@dataclass(frozen=True, slots=True)
class StatusNotice:
    """JOB_POSTING_STATUS: a job's status changed."""

    application: str
    """The number in developerApplicationUrn: it tells whose job it is, and is checked against who signed."""
    external_id: str
    status: LinkedInStatus


@dataclass(frozen=True, slots=True)
class ResyncNotice:
    """RESYNC_JOBS: LinkedIn wants jobs again."""

    application: str
    external_ids: tuple[str, ...]
    all_open: bool
    received_at: datetime
    unreadable: int = 0
    """Ids that no posting can have."""


Notice = StatusNotice | ResyncNotice


def read_notice(payload: dict[str, Any], received_at: datetime) -> Notice | None:
    """Read a notification; None for a type that this version does not know.

    Raises BadRequest (400) that names the field.
    """
    fields = _lowered(payload)
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise BadRequest(Fault.EVENT_TYPE, "type is missing or not a string")
    match kind.strip().upper():
        case "JOB_POSTING_STATUS":
            posting = external_id(fields.get("externaljobpostingid"))
            if posting is None:
                reason = f"externalJobPostingId is missing or not a string of 1 to {ID_LIMIT} characters"
                raise BadRequest(Fault.FIELD, reason)
            return StatusNotice(_application(fields), posting, _read_status(fields, received_at))
        case "RESYNC_JOBS":
            return _read_resync(fields, received_at)
    return None


def job_id_of(customer: Customer, external_id: str) -> str | None:
    """Return the job of a customer that is posted under an external id; None where none can be."""
    if customer.linkedin is None:
        return None
    return job_id_in(external_id, customer.linkedin.external_job_posting_id, customer_id=customer.id)


def _read_status(fields: Mapping[str, Any], received_at: datetime) -> LinkedInStatus:
    info = fields.get("jobpostinginfo")
    both = {**(_lowered(info) if isinstance(info, dict) else {}), **fields}
    return LinkedInStatus(
        listing=_status(both, _LISTING),
        apply=_status(both, _APPLY),
        promotion=_status(both, _PROMOTION),
        url=linkedin_page(both.get("jobpostingurl")),
        received_at=received_at,
    )


def _read_resync(fields: Mapping[str, Any], received_at: datetime) -> ResyncNotice:
    everything = fields.get("syncallopenjobs")
    all_open = everything is True or (isinstance(everything, str) and everything.strip().lower() == "true")
    given = fields.get("externaljobpostingids")
    listed = given if isinstance(given, list) else [given] if given is not None else []
    ids = [external_id(each) for each in listed]
    known = tuple(dict.fromkeys(each for each in ids if each is not None))
    # The good ones count; where none of them is, LinkedIn is to know that it was not understood.
    if not known and not all_open and given != []:
        reason = "externalJobPostingIds must list ids, or syncAllOpenJobs be true"
        raise BadRequest(Fault.FIELD, reason)
    return ResyncNotice(_application(fields), known, all_open, received_at, unreadable=ids.count(None))


def _status(fields: Mapping[str, Any], names: tuple[str, ...]) -> StatusDetail | None:
    given = [fields.get(name) for name in names]
    word = next((each for each in given if isinstance(each, str) and each.strip()), None)
    details = [
        each for name in names for key in (f"{name}detail", f"{name}details") for each in _objects(fields.get(key))
    ]
    if word is None and not details:
        return None
    messages = [text for each in details if (text := _text(each.get("statusmessage"), TEXT_LIMIT)) is not None]
    symbols = [match[1] for text in messages if (match := _SYMBOL.match(text)) is not None]
    return StatusDetail(
        status=_text(word, WORD_LIMIT) or "UNKNOWN",
        code=_first(_code(each.get("errorcode")) for each in details),
        type=_first(_text(each.get("errortype"), WORD_LIMIT) for each in details),
        name=symbols[0] if symbols else None,
        message=_text("; ".join(messages), TEXT_LIMIT),
    )


def _application(fields: Mapping[str, Any]) -> str:
    value = fields.get("developerapplicationurn")
    text = digits(value) or (value if isinstance(value, str) else "")
    found = _APPLICATION.fullmatch(text.strip())
    if found is None:
        reason = "developerApplicationUrn is missing or not a urn:li:developerApplication:{number}"
        raise BadRequest(Fault.FIELD, reason)
    return found[1]


def external_id(value: object) -> str | None:
    """Return an externalJobPostingId, a string by the schema, a number in a sample of the official SDK."""
    if not isinstance(value, str):
        return digits(value)
    return value if 1 <= len(value) <= ID_LIMIT else None


def _lowered(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in payload.items()}


def _objects(value: object) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [_lowered(each) for each in listed if isinstance(each, dict)]


def _text(value: object, limit: int) -> str | None:
    if not isinstance(value, str):
        return None
    line = " ".join(value.split())
    return (line if len(line) <= limit else line[: limit - 1] + "…") or None


def _code(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.strip().isdigit():
        value = int(value) if len(value) < 10 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else None


def _first(values: Any) -> Any:
    return next((each for each in values if each is not None), None)
