"""Job search and the Job Portal API: ids only, in pages, and perhaps from minutes ago.

docs/providers/icims.md, "Job search" and "Job Portal API".
"""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.calls import Call
from sandbox.clock import utc
from sandbox.icims import filters, replies
from sandbox.icims.jobs import IcimsJob, portal_url, profile


def identify(call: Call) -> None:
    """Set the caller."""
    call.name_caller()


def jobs(call: Call) -> web.Response:
    """Serve /customers/{c}/search/jobs."""
    matches = filters.matcher(_search(call), needs_filter=True)
    text = call.world.settings.icims.search_ids == "text"

    def shown(job: IcimsJob) -> dict[str, Any]:
        return {"id": job.job_id if text else int(job.job_id), "self": f"{_root(call)}/jobs/{job.job_id}"}

    return _results(call, "jobs", matches, shown)


def portal(call: Call) -> web.Response:
    """Serve /customers/{c}/search/portals/{portal}: the jobs that a career portal shows."""
    name = _portal(call)
    matches = filters.matcher(_search(call), needs_filter=False)

    def shown(job: IcimsJob) -> dict[str, Any]:
        return {
            "portalUrl": portal_url(job, _owner(call), name),
            "self": f"{_root(call)}/portals/{name}/{job.job_id}",
            "id": int(job.job_id),
            "updatedDate": utc(job.updated_at).strftime("%Y-%m-%d %I:%M %p"),
        }

    return _results(call, f"portals/{name}", lambda job: name in job.portals and matches(job), shown)


def portal_job(call: Call) -> web.Response:
    """Serve /customers/{c}/portals/{portal}/{job}."""
    name, url = _portal(call), call.request.match_info
    job = call.world.icims.get(url["customer"], url["job"])
    if job is None or job.deleted or job.hidden or name not in job.portals:
        raise replies.not_found("Job")
    base = f"{call.request.scheme}://{call.request.host}"
    shown = profile(job, base, wanted=None, hidden=call.world.settings.icims.hidden_fields)
    return web.json_response({**shown, "portalUrl": portal_url(job, _owner(call), name)})


def _results(
    call: Call, what: str, matches: filters.Matcher, shown: Callable[[IcimsJob], dict[str, Any]]
) -> web.Response:
    """Return the first page; jobs that were changed since a cached search are listed as they were."""
    customer_id, state = call.request.match_info["customer"], call.world.icims
    key = (customer_id, what, json.dumps(_search(call), sort_keys=True))
    kept, staleness = state.searches.get(key), _staleness(call)
    if kept is None or staleness == 0 or call.now - kept[0] > staleness * 60:
        found = [job for job in state.of_customer(customer_id) if job.job_id.isdecimal() and not job.hidden]
        page = sorted((job for job in found if matches(job)), key=lambda job: int(job.job_id))
        kept = (call.now, [shown(job) for job in page[: call.world.settings.icims.search_page]])
        state.searches[key] = kept
    return web.json_response({"searchResults": kept[1]})


def _search(call: Call) -> Any:
    """Return the search, from the body or, as a GET has it, from ``searchJson``."""
    if call.request.method != "GET":
        return call.json if call.body.strip() else {}
    try:
        return json.loads(call.request.query.get("searchJson", "{}"))
    except (ValueError, RecursionError):
        return None


def _staleness(call: Call) -> float:
    given = call.request.query.get("staleness")
    if given is None:
        return call.world.settings.icims.search_staleness_minutes
    if not given.isdecimal():
        raise replies.refusal(400, 1, "staleness must be a number of minutes.")
    return float(given)


def _portal(call: Call) -> str:
    name = call.request.match_info["portal"]
    if name not in call.world.settings.icims.portals:
        raise replies.not_found("Portal")
    return name


def _owner(call: Call) -> str:
    return call.customer.name if call.customer else ""


def _root(call: Call) -> str:
    return f"{call.request.scheme}://{call.request.host}/customers/{call.request.match_info['customer']}"
