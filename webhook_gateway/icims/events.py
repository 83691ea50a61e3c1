"""iCIMS's events as typed values (seeds icims-job-unpost and icims-status-flow-update; contracts/icims.md, 1). Pure."""

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from webhook_gateway.body import BadRequest
from webhook_gateway.icims.links import check_links

JobEventKind = Literal["unpost", "post", "edit"]
JOB_EVENTS: dict[str, JobEventKind] = {
    "JobUnpostToWebEvent": "unpost",
    "JobPostToWebEvent": "post",
    "ViewJobWebPostEvent": "edit",  # as iCIMS's sample has it; its own table names the other two
}
STATUS_EVENT = "WorkFlowStatusChangeEvent"
URL_LIMIT = 2048

_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_STATUS = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f\"<>\\]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A job was posted, unposted or edited."""

    event_type: str
    customer_id: str
    job_id: str
    user_id: str
    kind: JobEventKind
    portal_url: str | None = None
    """Where candidates apply; shown at most, never followed."""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """A candidate's status changed."""

    event_type: str
    customer_id: str
    job_id: str
    workflow_id: str
    person_id: str
    user_id: str
    new_status: str
    old_status: str | None = None


IcimsEvent = JobEvent | StatusEvent


def read_event(payload: dict[str, Any], link_header: str | None = None) -> IcimsEvent:
    """Read an event; keys that iCIMS may add are passed over, links are compared with it and not followed.

    Raises BadRequest (400) that names the field.
    """
    event_type = _string(payload, "eventType")
    event: IcimsEvent
    if event_type in JOB_EVENTS:
        event = _job_event(payload, event_type)
        ids = {"job": event.job_id, "user": event.user_id}
    elif event_type == STATUS_EVENT:
        event = _status_event(payload)
        ids = {
            "applicantworkflow": event.workflow_id,
            "job": event.job_id,
            "person": event.person_id,
            "user": event.user_id,
        }
    else:
        raise BadRequest(400, f"eventType is unknown; known: {', '.join([*JOB_EVENTS, STATUS_EVENT])}")
    check_links(link_header, payload.get("links"), customer_id=event.customer_id, ids=ids)
    return event


def _job_event(payload: dict[str, Any], event_type: str) -> JobEvent:
    return JobEvent(
        event_type=event_type,
        customer_id=_id(payload, "customerId"),
        job_id=_id(payload, "systemId"),
        user_id=_id(payload, "userId"),
        kind=JOB_EVENTS[event_type],
        portal_url=_portal_url(payload),
    )


def _status_event(payload: dict[str, Any]) -> StatusEvent:
    return StatusEvent(
        event_type=STATUS_EVENT,
        customer_id=_id(payload, "customerId"),
        job_id=_id(payload, "jobId"),
        workflow_id=_id(payload, "systemId"),
        person_id=_id(payload, "personId"),
        user_id=_id(payload, "userId"),
        new_status=_status(payload, "newStatus"),
        # A candidate's first status has none before it.
        old_status=_status(payload, "oldStatus") if payload.get("oldStatus") not in (None, "") else None,
    )


def _portal_url(payload: dict[str, Any]) -> str | None:
    # iCIMS's pages write portalUrl and portalURL.
    values = [value for name, value in payload.items() if name.lower() == "portalurl"]
    if not values:
        return None
    if any(value != values[0] for value in values):
        raise BadRequest(400, "portalUrl is given twice, with different values")
    url = values[0]
    if not isinstance(url, str):
        raise BadRequest(400, "portalUrl must be a string")
    if len(url) > URL_LIMIT or _URL.fullmatch(url) is None or not _has_host(url):
        raise BadRequest(400, f"portalUrl must be an http or https URL of at most {URL_LIMIT} characters")
    return url


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


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


def _status(payload: dict[str, Any], name: str) -> str:
    value = _string(payload, name)
    if _STATUS.fullmatch(value) is None:
        raise BadRequest(400, f"{name} must be 1 to 64 letters, digits, hyphens or underscores")
    return value
