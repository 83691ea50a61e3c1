"""GET simpleJobPostingTasks and jobPostingStatus."""

from typing import Any

from aiohttp import web

from sandbox.calls import Call
from sandbox.linkedin import replies
from sandbox.linkedin.postings import Posting, Task
from sandbox.linkedin.submit import job_ref

_MAX_QUERY = 4096


def identify_tasks(call: Call) -> None:
    """Set the caller and the jobs of the tasks asked for."""
    call.name_caller()
    known = (call.world.linkedin.task(urn) for urn in call.request.query.getall("ids", []))
    call.jobs = tuple(job_ref(call, task.external_id) for task in known if task)


def identify_status(call: Call) -> None:
    """Set the caller and the jobs asked for."""
    call.name_caller()
    call.jobs = tuple(job_ref(call, one) for one in call.request.query.getall("ids", []))


def tasks(call: Call) -> web.Response:
    """Serve simpleJobPostingTasks."""
    ids = _ids(call)
    _check_number(ids, call.world.settings.linkedin.task_ids_max)
    limit = call.world.settings.linkedin.task_reads_per_day
    if not call.world.daily.admit(f"linkedin.tasks:{call.customer_id}", limit=limit):
        raise replies.day_limit()
    found = {urn: task.as_json(call.now) for urn in ids if (task := _task(call, urn))}
    return _batch(ids, found, "Task")


def status(call: Call) -> web.Response:
    """Serve jobPostingStatus."""
    ids = _ids(call)
    _check_number(ids, call.world.settings.linkedin.status_ids_max)
    limit = call.world.settings.linkedin.status_reads_per_day
    if not call.world.daily.admit(f"linkedin.status:{call.customer_id}", limit=limit):
        raise replies.day_limit()
    client_id = call.grant.client_id if call.grant else ""
    found = {}
    for external_id in ids:
        posting = call.world.linkedin.get(client_id, external_id)
        listed = posting.listed.visible(call.now) if posting else None
        if posting and (listed is not None or call.world.settings.linkedin.new_job_status == "IN_PROGRESS"):
            found[external_id] = _shown(call, posting, listed=listed)
    return _batch(ids, found, "Job posting")


def _ids(call: Call) -> list[str]:
    if len(call.request.rel_url.raw_query_string) > _MAX_QUERY:
        raise replies.refusal(414, "URI Too Long")
    ids = call.request.query.getall("ids", [])
    if not ids:
        raise replies.refusal(400, "Parameter 'ids' is required")
    return list(dict.fromkeys(ids))


def _check_number(ids: list[str], limit: int) -> None:
    if len(ids) > limit:
        raise replies.refusal(400, f"At most {limit} ids are allowed")


def _task(call: Call, urn: str) -> Task | None:
    """Return the task, if it is the caller's own and not forgotten yet."""
    task = call.world.linkedin.task(urn)
    if task is None or call.grant is None or task.client_id != call.grant.client_id:
        return None
    kept_until = task.created_at + call.world.settings.linkedin.task_id_seconds
    return task if call.now < kept_until else None


def _batch(ids: list[str], found: dict[str, dict[str, Any]], what: str) -> web.Response:
    missing = [one for one in ids if one not in found]
    return web.json_response(
        {
            "results": found,
            "statuses": dict.fromkeys(missing, 404),
            "errors": {one: {"status": 404, "message": f"{what} {one} does not exist"} for one in missing},
        }
    )


def _shown(call: Call, posting: Posting, *, listed: bool | None) -> dict[str, Any]:
    plural = "s" if call.world.settings.linkedin.detail_keys == "plural" else ""
    seen = listed and posting.detail is None and call.now < posting.expires_at
    return {
        "externalJobPostingId": posting.external_id,
        "jobPostingInfo": {
            "expireAt": int(posting.expires_at * 1000),
            "listedAt": int(posting.listed_at * 1000),
            "location": posting.location,
            "alternateLocations": None,
            "companyDetails": {"name": call.customer.name if call.customer else None, "pageUrl": None},
            "visibilityTag": None,
        },
        "jobPostingUrl": posting.url,
        "linkedInApplyStatus": posting.apply.status,
        f"linkedInApplyStatusDetail{plural}": posting.apply.as_json() if posting.apply.message else None,
        "listingStatus": "IN_PROGRESS" if listed is None else "LISTED" if seen else "NOT_LISTED",
        f"listingStatusDetail{plural}": posting.detail.as_json() if posting.detail else None,
        "promotionStatus": posting.promotion.status,
        f"promotionStatusDetail{plural}": posting.promotion.as_json() if posting.promotion.message else None,
        "jobCampaign": None,
        "partnerJobCampaign": None,
        "rawLocation": posting.location,
    }
