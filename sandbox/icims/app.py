"""The URLs of iCIMS."""

import re
import uuid
from collections.abc import Callable

from aiohttp import HttpVersion11, web

from sandbox import oauth
from sandbox.calls import Call, Endpoint, RefusalError
from sandbox.clock import seconds_to_midnight
from sandbox.faults.book import JobRef
from sandbox.icims import jobboardposts, replies, search
from sandbox.icims.jobs import IcimsJob, address, profile
from sandbox.world import World

_AUDIENCE = "https://api.icims.com/v1/"
_FIELD_NAME = re.compile(r"[a-z0-9_]+")


def build(world: World) -> web.Application:
    """Return the application that serves iCIMS."""
    app = web.Application(client_max_size=1024**2)
    token = Endpoint("icims", "token", oauth.identify_client, _token, oauth.plain_error)
    app.router.add_post("/oauth/token", token.on(world))
    root = "/customers/{customer}"
    for method, path, operation, identify, handle in (
        ("GET", f"{root}/jobs/{{job}}", "job", _identify_job, _job),
        (
            "GET",
            f"{root}/companies/{{company}}/fields/addresses/{{address}}",
            "address",
            _identify_address,
            _address,
        ),
        ("PATCH", f"{root}/jobboardposts/", "jobboardposts", _identify_report, jobboardposts.report),
        ("GET", f"{root}/search/jobs{{end:/?}}", "search", search.identify, search.jobs),
        ("POST", f"{root}/search/jobs{{end:/?}}", "search", search.identify, search.jobs),
        ("GET", f"{root}/search/portals/{{portal}}{{end:/?}}", "portal", search.identify, search.portal),
        ("POST", f"{root}/search/portals/{{portal}}{{end:/?}}", "portal", search.identify, search.portal),
        ("GET", f"{root}/portals/{{portal}}/{{job}}", "portal_job", _identify_job, search.portal_job),
    ):
        endpoint = Endpoint("icims", operation, identify, _api(handle), replies.plain_error)
        app.router.add_route(method, path, endpoint.on(world))
    app.router.add_route("*", "/{tail:.*}", _nothing_here)
    return app


async def _nothing_here(_: web.Request) -> web.Response:
    return replies.error(404, 2, "Resource not found.")


def _token(call: Call) -> web.Response:
    settings = call.world.settings.icims
    limit = settings.token_requests_per_10_minutes
    key = f"icims.token:{call.customer_id}"
    if not call.world.window.admit(key, limit=limit, seconds=600):
        raise oauth.refusal(429, "too_many_requests", "Too many token requests")
    client_id = oauth.authenticate(call)
    if call.form.get("audience") != _AUDIENCE:
        raise oauth.refusal(403, "access_denied", "Service not enabled within domain: audience")
    token = oauth.issue(call, client_id, settings.token_seconds)
    return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": int(settings.token_seconds)})


def _api(handle: Callable[[Call], web.Response]) -> Callable[[Call], web.Response]:
    """Wrap an API operation in the checks and headers that all of them share."""

    def served(call: Call) -> web.Response:
        try:
            _admit(call)
            response = handle(call)
        except RefusalError as refusal:
            response = refusal.response
        quota = call.world.settings.icims.daily_quota
        used = call.world.daily.used(f"icims:{call.customer_id}")
        response.headers.update(
            {
                "x-transaction": f"{{{uuid.uuid4()}}}",
                "x-ratelimit-limit": str(quota),
                "x-ratelimit-remaining": str(max(0, quota - used)),
                "x-ratelimit-reset": str(seconds_to_midnight(call.now)),
                "cache-control": "no-store",
            }
        )
        return response

    return served


def _admit(call: Call) -> None:
    if call.request.version != HttpVersion11:
        raise replies.refusal(505, 0, "HTTP/1.1 is required.")
    if call.token_state != "valid":
        raise replies.refusal(401, 6, "Invalid Username or Password credentials provided.")
    quota = call.world.settings.icims.daily_quota
    if not call.world.daily.admit(f"icims:{call.customer_id}", limit=quota):
        raise replies.refusal(429, 0, "The daily request limit has been reached.")
    call.world.daily.count(f"icims:{call.customer_id}:{call.operation}")
    if call.request.match_info["customer"] != call.customer_id:
        raise replies.denied("the customer")


def _job(call: Call) -> web.Response:
    url = call.request.match_info
    job = _readable(call.world.icims.get(url["customer"], url["job"]), "Job")
    base = f"{call.request.scheme}://{call.request.host}"
    hidden = call.world.settings.icims.hidden_fields
    return web.json_response(profile(job, base, wanted=_wanted(call), hidden=hidden))


def _wanted(call: Call) -> list[str] | None:
    text = call.request.query.get("fields")
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if not _FIELD_NAME.fullmatch(name):
            raise replies.refusal(400, 4, "Field name must be all lowercase.", field=name)
    return names


def _address(call: Call) -> web.Response:
    url = call.request.match_info
    found = call.world.icims.by_address(url["customer"], url["company"], url["address"])
    return web.json_response(address(_readable(found, "Address").content.location))


def _readable(job: IcimsJob | None, what: str) -> IcimsJob:
    if job is None or job.deleted:
        raise replies.not_found(what)
    if job.hidden:
        raise replies.denied(f"the {what.lower()}")
    return job


def _identify_job(call: Call) -> None:
    call.name_caller()
    call.jobs = (JobRef.of(call.request.match_info["job"]),)


def _identify_address(call: Call) -> None:
    call.name_caller()
    url = call.request.match_info
    if job := call.world.icims.by_address(url["customer"], url["company"], url["address"]):
        call.jobs = (JobRef.of(job.job_id),)


def _identify_report(call: Call) -> None:
    call.name_caller()
    job_id = call.json.get("jobid") if isinstance(call.json, dict) else None
    if isinstance(job_id, str):
        call.jobs = (JobRef.of(job_id),)
