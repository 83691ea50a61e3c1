"""POST simpleJobPostings: create, update, renew and close."""

from typing import Any
from urllib.parse import quote

from aiohttp import web

from sandbox.calls import Call
from sandbox.faults import JobRef
from sandbox.linkedin import replies
from sandbox.linkedin.postings import Outcome, Posting, Task, new_task_urn
from sandbox.linkedin.schema import OPERATIONS, ElementError, Rules, check

_MAX_ELEMENTS = 100
_CONFLICT = "Cannot close job which is already closed or does not exist"


def identify(call: Call) -> None:
    """Note the caller, the jobs and the operations of the request."""
    call.name_caller()
    elements = _elements(call.json) or []
    ids = [element.get("externalJobPostingId") for element in elements]
    call.jobs = tuple(job_ref(call, external_id) for external_id in ids if isinstance(external_id, str))
    asked = [element.get("jobPostingOperationType") for element in elements]
    call.detail = ",".join(name for name in OPERATIONS if name in asked)


def job_ref(call: Call, external_id: str) -> JobRef:
    """Return the job behind an external id."""
    client_id = call.grant.client_id if call.grant else ""
    return JobRef.of(call.world.linkedin.job_id(client_id, external_id), external_id)


def submit(call: Call) -> web.Response:
    """Serve a request that has passed the token and version checks."""
    if call.request.headers.get("X-Restli-Method", "").lower() != "batch_create":
        raise replies.refusal(403, "Not enough permissions to access: POST /simpleJobPostings")
    elements = _checked_elements(call)
    _take_quota(call, len(elements))
    settings = call.world.settings.linkedin
    rules = Rules(
        contract_urn=call.customer.linkedin.contract_urn if call.customer else "",
        strict_close=settings.strict_close,
        refuse_unknown=settings.unknown_fields == "refused",
        now_ms=call.now * 1000,
    )
    # Everything is checked before anything is written: an HTTP error must leave no trace.
    refused = [_refused(call, element, rules) for element in elements]
    results = [
        error.as_json() if error else _accept(call, element) for element, error in zip(elements, refused, strict=True)
    ]
    return web.json_response({"elements": results})


def _elements(body: Any) -> list[dict[str, Any]] | None:
    elements = body.get("elements") if isinstance(body, dict) else None
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        return None
    return elements


def _checked_elements(call: Call) -> list[dict[str, Any]]:
    status = call.world.settings.linkedin.batch_error_status
    elements = _elements(call.json)
    if elements is None:
        raise replies.refusal(400, "The request body must be a JSON object with an array of elements")
    if len(elements) > _MAX_ELEMENTS:
        raise replies.refusal(status, f"Batch size {len(elements)} exceeds the maximum of {_MAX_ELEMENTS} elements")
    ids = [element["externalJobPostingId"] for element in elements if "externalJobPostingId" in element]
    # By text, because a wrong id may be of a type that cannot be hashed.
    if len({str(one) for one in ids}) < len(ids):
        raise replies.refusal(status, "externalJobPostingId must not be repeated within a request")
    return elements


def _take_quota(call: Call, records: int) -> None:
    settings, key = call.world.settings.linkedin, f"linkedin.submit:{call.customer_id}"
    if not call.world.window.admit(key, limit=settings.records_per_minute, seconds=60, cost=records):
        raise replies.protection()
    daily = call.world.daily
    if not daily.admit(f"{key}:records", limit=settings.records_per_day, cost=records):
        raise replies.day_limit()
    if not daily.admit(key, limit=settings.requests_per_day):
        raise replies.day_limit()


def _refused(call: Call, element: dict[str, Any], rules: Rules) -> ElementError | None:
    if error := check(element, rules):
        return error
    job = job_ref(call, element["externalJobPostingId"])
    if fault := call.faults.on_item("element_error", job):
        return ElementError(fault.message, fault.status)
    if element["jobPostingOperationType"] != "CLOSE" or not _is_closed(_posting(call, element), call.now):
        return None
    surface = call.world.settings.linkedin.conflict_surface
    if surface == "http":
        raise replies.refusal(409, _CONFLICT)
    return ElementError(_CONFLICT, 409) if surface == "element" else None


def _accept(call: Call, element: dict[str, Any]) -> dict[str, Any]:
    posting = _posting(call, element)
    job = job_ref(call, element["externalJobPostingId"])
    outcome, message = _outcome(call, element, posting, job)
    settings = call.world.settings.linkedin
    settles_at = call.now + settings.task_seconds
    if outcome == "SUCCEEDED" and not _ignored(call, element, posting, job):
        delay = call.faults.on_item("delay_visibility", job)
        seen_at = settles_at + (delay.seconds if delay else settings.visibility_seconds)
        posting = _write(call, element, posting, settles_at=settles_at, seen_at=seen_at)
    task = Task(
        urn=new_task_urn(),
        client_id=_client_id(call),
        external_id=element["externalJobPostingId"],
        operation=element["jobPostingOperationType"],
        location=element.get("location") or "",
        created_at=call.now,
        settles_at=settles_at,
        outcome=outcome,
        error_message=message,
        posting_number=posting.number if posting else None,
    )
    call.world.linkedin.add_task(task)
    if posting:
        posting.last_task = task.urn
    return {"id": task.urn, "status": 202, "location": f"/simpleJobPostings/{quote(task.urn, safe='')}"}


def _ignored(call: Call, element: dict[str, Any], posting: Posting | None, job: JobRef) -> bool:
    """Return whether the element succeeds without any effect."""
    if call.faults.on_item("lie", job):
        return True
    closed = posting is not None and posting.listed.planned() is False
    reopens = call.world.settings.linkedin.update_of_closed == "reopens"
    return closed and not reopens and element["jobPostingOperationType"] != "CLOSE"


def _outcome(call: Call, element: dict[str, Any], posting: Posting | None, job: JobRef) -> tuple[Outcome, str]:
    settings = call.world.settings.linkedin
    if fault := call.faults.on_item("task_outcome", job):
        return fault.outcome, fault.message
    if element["jobPostingOperationType"] == "CLOSE" and _is_closed(posting, call.now):
        return "FAILED", _CONFLICT
    return settings.task_outcome, settings.task_error_message


def _write(
    call: Call, element: dict[str, Any], posting: Posting | None, *, settles_at: float, seen_at: float
) -> Posting:
    listed = element["jobPostingOperationType"] != "CLOSE"
    location = element.get("location") or ""
    if posting is None:
        posting = call.world.linkedin.put(
            _client_id(call),
            element["externalJobPostingId"],
            location=location,
            now=call.now,
            listed=None,
        )
    call.applied = call.applied or listed or posting.listed.planned() is not False
    posting.location = location or posting.location
    if listed is not posting.listed.planned():
        call.world.webhooks.linkedin.listing_changed(
            posting.client_id, posting, listed=listed, detail=None, delay=seen_at - call.now
        )
    posting.listed.set(listed, true_at=settles_at, visible_at=seen_at)
    posting.detail = None
    return posting


def _is_closed(posting: Posting | None, now: float) -> bool:
    """Return whether a CLOSE has nothing to close; one that is still under way does not count."""
    return posting is None or (posting.listed.truth(now) is False and posting.listed.planned() is False)


def _posting(call: Call, element: dict[str, Any]) -> Posting | None:
    return call.world.linkedin.get(_client_id(call), element["externalJobPostingId"])


def _client_id(call: Call) -> str:
    return call.grant.client_id if call.grant else ""
