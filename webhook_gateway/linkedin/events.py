"""LinkedIn's notifications as typed values (seed linkedin-job-status-notifications; contracts/linkedin.md, 5 and 10).

Pure. LinkedIn's pages spell the same key in several ways, so keys are compared without regard to case, and every
spelling of them is taken. A notification is a hint: what of it cannot be read is left out, as the job is read anyway.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.customers import Customer
from models.events import LinkedInStatus, StatusDetail
from webhook_gateway.body import BadRequest

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


Notice = StatusNotice | ResyncNotice


def read_notice(payload: dict[str, Any], received_at: datetime) -> Notice | None:
    """Read a notification; None for a type that this version does not know.

    Raises BadRequest (400) that names the field.
    """
    fields = _lowered(payload)
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise BadRequest(400, "type is missing or not a string")
    match kind.strip().upper():
        case "JOB_POSTING_STATUS":
            status = _read_status(fields, received_at)
            return StatusNotice(_application(fields), _external_id(fields.get("externaljobpostingid")), status)
        case "RESYNC_JOBS":
            return _read_resync(fields)
    return None


def job_id_of(customer: Customer, external_id: str) -> str | None:
    """Return the job of a customer that is posted under an external id; None where none can be."""
    if customer.linkedin is None:
        return None
    parts = re.split(r"(\{customer_id\}|\{job_id\})", customer.linkedin.external_job_posting_id)
    pattern, named = "", False
    for part in parts:
        if part == "{customer_id}":
            pattern += re.escape(customer.id)
        elif part == "{job_id}":
            pattern += "(?P=job)" if named else "(?P<job>[0-9]{1,20})"
            named = True
        else:
            pattern += re.escape(part)
    found = re.fullmatch(pattern, external_id) if named else None
    return found["job"] if found is not None else None


def _read_status(fields: Mapping[str, Any], received_at: datetime) -> LinkedInStatus:
    info = fields.get("jobpostinginfo")
    both = {**(_lowered(info) if isinstance(info, dict) else {}), **fields}
    return LinkedInStatus(
        listing=_status(both, _LISTING),
        apply=_status(both, _APPLY),
        promotion=_status(both, _PROMOTION),
        received_at=received_at,
    )


def _read_resync(fields: Mapping[str, Any]) -> ResyncNotice:
    all_open, ids = fields.get("syncallopenjobs") is True, fields.get("externaljobpostingids")
    if ids is None and all_open:
        ids = []
    if not isinstance(ids, list):
        raise BadRequest(400, "externalJobPostingIds must be a list, or syncAllOpenJobs be true")
    return ResyncNotice(_application(fields), tuple(_external_id(each) for each in ids), all_open)


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
    found = _APPLICATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise BadRequest(400, "developerApplicationUrn is missing or not a urn:li:developerApplication:{number}")
    return found[1]


def _external_id(value: object) -> str:
    # A string by the schema, a number in a sample of the official SDK.
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**20 else None
    if not isinstance(value, str) or not 1 <= len(value) <= ID_LIMIT:
        raise BadRequest(400, f"an externalJobPostingId is missing or not a string of 1 to {ID_LIMIT} characters")
    return value


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
