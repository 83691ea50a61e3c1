"""The URLs of LinkedIn."""

import re
from collections.abc import Callable

from aiohttp import web

from sandbox import oauth
from sandbox.calls import Call, Endpoint
from sandbox.customers import LINKEDIN_PARENT
from sandbox.linkedin import reads, registry, replies, submit
from sandbox.world import World

_VERSION = re.compile(r"20\d{2}(0[1-9]|1[0-2])(\.\d{2})?")
_MAX_URL = 8192


def build(world: World) -> web.Application:
    """Return the application that serves LinkedIn."""
    app = web.Application(client_max_size=8 * 1024**2)
    token = Endpoint("linkedin", "token", oauth.identify_client, _token, oauth.plain_error)
    app.router.add_post("/oauth/v2/accessToken", token.on(world))
    for method, path, operation, identify, handle in (
        ("POST", "simpleJobPostings", "submit", submit.identify, submit.submit),
        ("GET", "simpleJobPostingTasks", "tasks", reads.identify_tasks, reads.tasks),
        ("GET", "jobPostingStatus", "status", reads.identify_status, reads.status),
    ):
        endpoint = Endpoint("linkedin", operation, identify, _api(method, handle), replies.plain_error)
        app.router.add_route(method, f"/v2/{path}", endpoint.on(world))
        if operation != "status":  # was never versioned: partners call it under /v2 only
            app.router.add_route(method, f"/rest/{path}", endpoint.on(world))
    for method, operation, handle in (("GET", "webhooks", registry.find), ("POST", "revalidate", registry.act)):
        endpoint = Endpoint("linkedin", operation, registry.identify, _parents(handle), replies.plain_error)
        app.router.add_route(method, "/v2/developerWebhooks", endpoint.on(world))
    app.router.add_route("*", "/{tail:.*}", _nothing_here)
    return app


async def _nothing_here(request: web.Request) -> web.Response:
    return replies.plain_error(404, f"Resource {request.path.rsplit('/', 1)[-1]} does not exist")


def _token(call: Call) -> web.Response:
    if "client_secret" in call.request.query:
        raise oauth.refusal(400, "invalid_request", "The client secret must not be in the URL")
    client_id = oauth.authenticate(call, parents={LINKEDIN_PARENT.client_id: LINKEDIN_PARENT.client_secret})
    seconds = call.world.settings.linkedin.token_seconds
    token = oauth.issue(call, client_id, seconds)
    return web.json_response({"access_token": token, "expires_in": int(seconds)})


def _api(method: str, handle: Callable[[Call], web.Response]) -> Callable[[Call], web.Response]:
    """Wrap an API operation in the checks that all of them share."""

    def served(call: Call) -> web.Response:
        if len(call.request.raw_path) > _MAX_URL:
            raise replies.refusal(414, "URI Too Long")
        _check_token(call, method)
        if call.request.path.startswith("/rest/"):
            _check_version(call)
        return handle(call)

    return served


def _parents(handle: Callable[[Call], web.Response]) -> Callable[[Call], web.Response]:
    """Wrap an operation of the parent application in the check of its token."""

    def served(call: Call) -> web.Response:
        _check_life(call)
        return handle(call)

    return served


def _check_life(call: Call) -> None:
    if call.token_state == "expired":
        text = call.world.settings.linkedin.expired_token_text
        raise replies.refusal(401, f"The token used in the request {text}")
    if call.token_state != "valid":
        raise replies.refusal(401, "Invalid access token")


def _check_token(call: Call, method: str) -> None:
    _check_life(call)
    if call.customer is None:
        name = call.request.path.rsplit("/", 1)[-1]
        raise replies.refusal(403, f"Not enough permissions to access: {method} {name}")


def _check_version(call: Call) -> None:
    version = call.request.headers.get("LinkedIn-Version")
    if version is None:
        text = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
        raise replies.refusal(400, text, code="VERSION_MISSING")
    if not _VERSION.fullmatch(version):
        raise replies.refusal(426, f"Requested version {version} is not active", code="NONEXISTENT_VERSION")
