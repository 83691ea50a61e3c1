"""POST simpleJobPostings: create, update, renew and close."""

from typing import Any
from urllib.parse import quote

from aiohttp import web

from sandbox.calls import Call
from sandbox.faults.book import JobRef
from sandbox.linkedin import replies
from sandbox.linkedin.postings import Detail, Outcome, Posting, Task, new_task_urn
from sandbox.linkedin.schema import OPERATIONS, ElementError, Rules, bad_apply_url, check

_MAX_ELEMENTS = 100
_NO_METHOD = {
    "permissions": "Not enough permissions to access: POST /simpleJobPostings",
    "unpermitted": "Unpermitted fields present in REQUEST_BODY: "
    "Data Processing Exception while processing fields [/elements]",
}
_DUPLICATE = "ErrorCode:2009 The job is a duplicate of another job"
_CONFLICT = "Cannot close job which is already closed or does not exist"


def identify(call: Call) -> None:
    """Set the caller, the jobs and the operations of the request."""
    call.name_caller()
    elements = _elements(call.json) or []
    ids = [element.get("externalJobPostingId") for element in elements]
    call.jobs = tuple(job_ref(call, external_id) for external_id in ids if isinstance(external_id, str))
    asked = [element.get("jobPostingOperationType") for element in elements]
    call.aspects = tuple(name for name in OPERATIONS if name in asked)
    call.detail = ",".join(call.aspects)


def job_ref(call: Call, external_id: str) -> JobRef:
    """Return the job behind an external id."""
    client_id = call.grant.client_id if call.grant else ""
    return JobRef.of(call.world.linkedin.job_id(client_id, external_id), external_id)


def submit(call: Call) -> web.Response:
    """Serve a request that has passed the token and version checks."""
    if call.request.headers.get("X-Restli-Method", "").lower() != "batch_create":
        raise replies.refusal(403, _NO_METHOD[call.world.settings.linkedin.missing_method_text])
    if call.json is None:
        raise replies.refusal(504, "Gateway Timeout")
    elements = _checked_elements(call)
    _take_quota(call, len(elements))
    settings = call.world.settings.linkedin
    rules = Rules(
        contract_urn=call.customer.linkedin.contract_urn if call.customer else "",
        strict_close=settings.strict_close,
        refuse_unknown=settings.unknown_fields == "refused",
        apply_url_surface=settings.apply_url_surface,
        now_ms=call.now * 1000,
    )
    # Everything is checked before anything is written: an HTTP error must leave no trace.
    refused = [_refused(call, element, rules) for element in elements]
    _check_purse(call, [element for element, error in zip(elements, refused, strict=True) if error is None])
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


def _check_purse(call: Call, elements: list[dict[str, Any]]) -> None:
    """Raise where the contract cannot pay for what is promoted; an update or a close costs nothing."""
    settings, contract = call.world.settings.linkedin, call.customer.linkedin.contract_urn if call.customer else ""
    paid = [one for one in elements if one.get("listingType") == "PREMIUM"]
    new = [one for one in paid if one["jobPostingOperationType"] in {"CREATE", "RENEW"}]
    if new and not settings.budget_left:
        raise replies.refusal(402, f"Insufficient lifetime budget for contract = {contract} for purchase flow")
    if not new or settings.job_slots is None:
        return
    used = sum(posting.holds_slot(call.now) for posting in call.world.linkedin.of_client(_client_id(call)))
    if used + len(new) > settings.job_slots:
        raise replies.refusal(402, f"Insufficient job slots for contract = {contract} for purchase flow")


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
    outcome, message, takes_effect = _outcome(call, element, posting, job)
    settings = call.world.settings.linkedin
    slow = call.faults.on_item("slow_task", job)
    settles_at = call.now + settings.task_seconds + (slow.seconds if slow else 0)
    if takes_effect and not _ignored(call, element, posting, job):
        delay = call.faults.on_item("delay_visibility", job)
        seen_at = settles_at + (delay.seconds if delay else settings.visibility_seconds)
        posting = _write(call, element, posting, settles_at=settles_at, seen_at=seen_at)
        withheld = call.faults.on_item("withhold", job)
        posting.detail = Detail("NOT_LISTED", 1001, "CUSTOMER_ERROR", withheld.message) if withheld else None
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


def _outcome(call: Call, element: dict[str, Any], posting: Posting | None, job: JobRef) -> tuple[Outcome, str, bool]:
    """Return how the task ends, with which words, and whether it changes the listing."""
    settings = call.world.settings.linkedin
    if fault := call.faults.on_item("task_outcome", job):
        return fault.outcome, fault.message, fault.takes_effect or fault.outcome == "SUCCEEDED"
    if element["jobPostingOperationType"] == "CLOSE" and _is_closed(posting, call.now):
        return "FAILED", _CONFLICT, False
    if settings.apply_url_surface == "task" and (message := bad_apply_url(element)):
        return "FAILED", message, False
    if element["jobPostingOperationType"] == "CREATE" and _is_duplicate(call, element, posting):
        return "FAILED", _DUPLICATE, False
    return settings.task_outcome, settings.task_error_message, settings.task_outcome == "SUCCEEDED"


def _is_duplicate(call: Call, element: dict[str, Any], posting: Posting | None) -> bool:
    """Return whether the job is there already: under the same id, or from another source by its job code."""
    if call.world.settings.linkedin.duplicate_create == "taken":
        return False
    others = [one for one in call.world.linkedin.of_client(_client_id(call)) if one is not posting]
    same = [one for one in others if one.job_code is not None and one.job_code == element.get("companyJobCode")]
    alike = same + ([posting] if posting is not None else [])
    return any(one.listed.planned() is not False and call.now < one.expires_at for one in alike)


def _write(
    call: Call, element: dict[str, Any], posting: Posting | None, *, settles_at: float, seen_at: float
) -> Posting:
    operation = element["jobPostingOperationType"]
    listed = operation != "CLOSE"
    location = element.get("location") or ""
    if posting is None:
        posting = call.world.linkedin.put(
            _client_id(call),
            element["externalJobPostingId"],
            location=location,
            now=call.now,
            listed=None,
        )
    if listed is not posting.listed.planned():
        call.world.webhooks.linkedin.listing_changed(posting, listed=listed, delay=seen_at - call.now)
    call.applied = call.applied or listed or posting.listed.planned() is not False
    posting.location = location or posting.location
    posting.premium = element.get("listingType") == "PREMIUM"
    posting.sent = {key: value for key, value in element.items() if key not in {"title", "description"}}
    if operation != "CLOSE":
        posting.workplace = (element.get("workplaceTypes") or ["on-site"])[0]
    posting.job_code = element.get("companyJobCode") or posting.job_code
    if operation in {"CREATE", "RENEW"}:
        posting.begin(call.now)
    posting.listed.set(listed, true_at=settles_at, visible_at=seen_at)
    return posting


def _is_closed(posting: Posting | None, now: float) -> bool:
    """Return whether a CLOSE has nothing to close; one that is still under way does not count."""
    return posting is None or (posting.listed.truth(now) is False and posting.listed.planned() is False)


def _posting(call: Call, element: dict[str, Any]) -> Posting | None:
    return call.world.linkedin.get(_client_id(call), element["externalJobPostingId"])


def _client_id(call: Call) -> str:
    return call.grant.client_id if call.grant else ""
