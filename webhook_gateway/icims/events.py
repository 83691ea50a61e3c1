"""iCIMS's events as typed values (docs/providers/icims.md, Event types). Pure.

iCIMS does not send an event again, so all that is certain is taken: only what decides which job and which customer is
meant, and what happened, must be there and agree; who did it, where the job is shown and other decoration may be odd.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from webhook_gateway.icims.links import check_links, is_onboarding, links_of
from webhook_gateway.payload import digits, field
from webhook_gateway.requests import BadRequest, Fault

JobEventKind = Literal["unpost", "post", "look"]
JOB_EVENTS: dict[str, JobEventKind] = {
    "JobUnpostToWebEvent": "unpost",
    "JobPostToWebEvent": "post",
    # A user clicks a posting's link, long after its end too: docs/providers/icims.md, Job Edit.
    "ViewJobWebPostEvent": "look",
}
STATUS_EVENT = "WorkFlowStatusChangeEvent"
STATUS_LIMIT = 200

_ADDRESS = re.compile(r"https?://[\x21-\x7e]{1,1900}", re.IGNORECASE)
_KNOWN = {each.lower(): each for each in [*JOB_EVENTS, STATUS_EVENT]}
# For log and metrics alone, of senders that are not authenticated.
_CLAIM = {
    name: re.compile(rb'"%s"\s{0,8}:\s{0,8}"?([A-Za-z0-9]{1,40})' % name.encode(), re.IGNORECASE)
    for name in ("customerId", "eventType", "systemId", "jobId")
}


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job was posted or unposted, or a posting of it looked at."""

    event_type: str
    customer_id: str
    job_id: str
    user_id: str | None
    kind: JobEventKind
    portal_url: str | None = None
    """Where candidates apply, by the ATS: an address that is passed on and never followed."""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """A candidate's status changed."""

    event_type: str
    customer_id: str
    job_id: str
    workflow_id: str | None
    user_id: str | None
    new_status: str
    old_status: str | None = None
    onboarding: bool = False
    """The workflow is a new hire's, and its ids are no jobs'."""

    @property
    def kind(self) -> Literal["status"]:
        """Return what kind of event it is."""
        return "status"


IcimsEvent = JobEvent | StatusEvent


def read_event(payload: Mapping[str, Any], link_header: str | None = None) -> IcimsEvent:
    """Read an event; keys that iCIMS may add are passed over, links are compared with it and not followed.

    Raises BadRequest that names the field.
    """
    event_type = _event_type(payload)
    if event_type is None:
        known = ", ".join([*JOB_EVENTS, STATUS_EVENT])
        raise BadRequest(Fault.EVENT_TYPE, f"eventType is missing or unknown; known: {known}")
    links = links_of(link_header, payload.get("links"))
    if event_type in JOB_EVENTS:
        job = _job_event(payload, event_type)
        check_links(links, customer_id=job.customer_id, job_id=job.job_id)
        return job
    onboarding = is_onboarding(links)
    status = _status_event(payload, onboarding=onboarding)
    check_links(links, customer_id=status.customer_id, job_id=None if onboarding else status.job_id)
    return status


@dataclass(frozen=True, slots=True)
class Claims:
    """What a payload names, however wrong the rest of it is: for log and metrics alone."""

    customer_id: str | None
    job_id: str | None
    kind: str | None


def claims(payload: Mapping[str, Any]) -> Claims:
    """Return the customer, the job and the kind that a payload names."""
    event_type = _event_type(payload)
    kind = "status" if event_type == STATUS_EVENT else JOB_EVENTS.get(event_type or "")
    job_id = digits(payload.get("jobId" if event_type == STATUS_EVENT else "systemId"))
    return Claims(digits(payload.get("customerId")), job_id, kind)


def claims_in(body: bytes) -> Claims:
    """Return the same of a body that is not to be parsed, as its sender is nobody."""
    return claims({name: match[1].decode() for name, each in _CLAIM.items() if (match := each.search(body[:4096]))})


def _event_type(payload: Mapping[str, Any]) -> str | None:
    value = field(payload, "eventType")
    return _KNOWN.get(value.strip().lower()) if isinstance(value, str) else None


def _job_event(payload: Mapping[str, Any], event_type: str) -> JobEvent:
    return JobEvent(
        event_type=event_type,
        customer_id=_id(payload, "customerId"),
        job_id=_id(payload, "systemId"),
        user_id=_user(payload),
        kind=JOB_EVENTS[event_type],
        portal_url=_portal_url(payload),
    )


def _status_event(payload: Mapping[str, Any], *, onboarding: bool) -> StatusEvent:
    new_status = _status(payload, "newStatus")
    if new_status is None:
        raise BadRequest(Fault.FIELD, f"newStatus must be a text or a number of at most {STATUS_LIMIT} characters")
    return StatusEvent(
        event_type=STATUS_EVENT,
        customer_id=_id(payload, "customerId"),
        job_id=_id(payload, "jobId") if not onboarding else digits(field(payload, "jobId")) or "",
        workflow_id=digits(field(payload, "systemId")),
        user_id=_user(payload),
        new_status=new_status,
        # A candidate's first status has none before it.
        old_status=_status(payload, "oldStatus"),
        onboarding=onboarding,
    )


def _id(payload: Mapping[str, Any], name: str) -> str:
    value = field(payload, name)
    if value is None:
        raise BadRequest(Fault.FIELD, f"{name} is missing")
    found = digits(value)
    if found is None:
        raise BadRequest(Fault.FIELD, f"{name} must be 1 to 20 digits")
    return found


def _user(payload: Mapping[str, Any]) -> str | None:
    try:
        return digits(field(payload, "userId"))
    except BadRequest:
        return None


def _portal_url(payload: Mapping[str, Any]) -> str | None:
    """Return the career portal's address of the job; None where it is none that candidates could open."""
    try:
        value = field(payload, "portalUrl")
    except BadRequest:
        return None
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value.strip()):
        return None
    try:
        parts = urlsplit(value.strip())
        host = parts.hostname
    except ValueError:
        return None
    return value.strip() if host and parts.username is None and parts.password is None else None


def _status(payload: Mapping[str, Any], name: str) -> str | None:
    """Return a status as text, to compare it with configured ones."""
    value = field(payload, name)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    text = (digits(value) or "") if isinstance(value, int | Decimal) else value.strip()
    return text if 0 < len(text) <= STATUS_LIMIT else None
