"""The URLs of Indeed."""

import math
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from graphql import ExecutionResult, GraphQLError, execute_sync

from sandbox import oauth
from sandbox.calls import Call, Endpoint, RefusalError
from sandbox.clock import utc
from sandbox.faults.book import JobRef
from sandbox.indeed import errors
from sandbox.indeed.context import Context
from sandbox.indeed.document import Document, read
from sandbox.indeed.errors import IndeedError
from sandbox.indeed.resolvers import SCHEMAS
from sandbox.world import World

_SCOPES = frozenset({"employer_access", "employer.hosted_job"})
_KNOWN_SCOPES = _SCOPES | {"offline_access"}
_NOTHING = Document(None, (), ())


def build(world: World) -> web.Application:
    """Return the application that serves Indeed."""
    app = web.Application(client_max_size=16 * 1024**2)
    token = Endpoint("indeed", "token", oauth.identify_client, _token, oauth.plain_error)
    app.router.add_post("/oauth/v2/tokens", token.on(world))
    # The operation is in the body: _identify puts the real one in its place.
    graphql = Endpoint("indeed", "other", _identify, _graphql, _plain_error)
    app.router.add_post("/graphql", graphql.on(world))
    return app


def _plain_error(status: int, message: str) -> web.Response:
    code = "429" if status == 429 else "INTERNAL_SERVER_ERROR"
    shown = {"message": message, "extensions": {"code": code, "message": message}}
    return web.json_response({"errors": [shown]}, status=status)


def _token(call: Call) -> web.Response:
    client_id = oauth.authenticate(call, basic=True, grants=("client_credentials", "refresh_token"))
    if call.form["grant_type"] == "refresh_token":
        return _refreshed(call, client_id)
    scopes = frozenset(call.form.get("scope", "").split())
    if not scopes <= _KNOWN_SCOPES:
        raise oauth.refusal(400, "invalid_scope", "The requested scope is invalid")
    advertiser = call.form.get("employer") or None
    if advertiser and (call.customer is None or advertiser != call.customer.at_indeed(client_id).advertiser_id):
        raise oauth.refusal(400, "invalid_request", "The employer does not belong to the application")
    seconds = call.world.settings.indeed.token_seconds
    token = oauth.issue(call, client_id, seconds, scopes=scopes, advertiser_id=advertiser)
    return web.json_response(
        {
            "access_token": token,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
            "expires_in": int(seconds),
        }
    )


def _refreshed(call: Call, client_id: str) -> web.Response:
    """Answer on behalf of a user who signed in once (3-legged); the user chose the advertiser then."""
    settings, presented = call.world.settings.indeed, call.form.get("refresh_token", "")
    customer = call.customer
    known = customer is not None and call.world.tokens.may_refresh(customer.customer_id, presented)
    if customer is None or not known or settings.refresh_tokens == "revoked":
        raise oauth.refusal(400, "invalid_grant", "The refresh token is invalid, expired or revoked")
    reply: dict[str, Any] = {"scope": " ".join(sorted(_KNOWN_SCOPES)), "token_type": "Bearer"}
    if settings.refresh_tokens == "rotated":
        reply["refresh_token"] = call.world.tokens.rotate(customer.customer_id)
    advertiser = customer.at_indeed(client_id).advertiser_id
    token = oauth.issue(call, client_id, settings.token_seconds, scopes=_KNOWN_SCOPES, advertiser_id=advertiser)
    return web.json_response({**reply, "access_token": token, "expires_in": int(settings.token_seconds)})


def _identify(call: Call) -> None:
    call.name_caller()
    document = _document(call)
    call.operation = next(iter(document.operations), "other")
    if call.operation == "find":
        call.aspects = ("next_page" if document.has_cursor(_variables(call)) else "first_page",)
    state = call.world.indeed
    refs = []
    for one in document.ids(_variables(call)):
        job = state.by_posting(one)
        refs.append(JobRef.of(job.job_id, one, *job.names) if job else JobRef.of(one))
    call.jobs = tuple(refs)


def _document(call: Call) -> Document:
    query = call.json.get("query") if isinstance(call.json, dict) else None
    shape = call.world.settings.indeed.salary_shape
    return read(query, shape) if isinstance(query, str) else _NOTHING


def _variables(call: Call) -> dict[str, Any]:
    variables = call.json.get("variables") if isinstance(call.json, dict) else None
    return variables if isinstance(variables, dict) else {}


def _graphql(call: Call) -> web.Response:
    document = _document(call)
    if call.request.content_type != "application/json" or (document.node is None and not document.errors):
        raise _refusal(call, IndeedError("BAD_REQUEST", "The body must be a GraphQL request in JSON."), status=400)
    if error := _unauthorized(call):
        raise _refusal(call, error)
    if document.node is None or document.errors:
        shown = errors.as_json(document.errors, call.world.settings.indeed)
        return web.json_response({"errors": shown})
    _take_quota(call, document)
    context = Context(call)
    result = execute_sync(
        SCHEMAS[context.settings.salary_shape],
        document.node,
        context_value=context,
        variable_values=_variables(call),
        operation_name=call.json.get("operationName"),
    )
    return web.json_response(_shown(context, result))


def _unauthorized(call: Call) -> IndeedError | None:
    state, grant = call.token_state, call.grant
    if state == "expired" and call.world.settings.indeed.expired_token_as == "FORBIDDEN":
        return IndeedError("FORBIDDEN", errors.UNAUTHORIZED_CLIENT)
    if state != "valid" or grant is None:
        return IndeedError("UNAUTHENTICATED", "The access token is missing, malformed or expired.")
    if not grant.scopes >= _SCOPES:
        return IndeedError("FORBIDDEN", errors.UNAUTHORIZED_CLIENT)
    if grant.advertiser_id is None:
        return IndeedError("FORBIDDEN", errors.MISSING_PERMISSIONS)
    return None


def _refusal(call: Call, error: IndeedError, *, status: int = 200) -> RefusalError:
    shown = errors.as_json([error], call.world.settings.indeed)
    return RefusalError(web.json_response({"errors": shown}, status=status))


def _take_quota(call: Call, document: Document) -> None:
    """Refuse what is too fast: updates and clears share one limit, searches have their own."""
    settings, window = call.world.settings.indeed, call.world.window
    operations = document.operations
    client = call.grant.client_id if call.grant else ""
    for kind, cost, limit in (
        ("mutations", operations.count("update") + operations.count("clear"), settings.mutations_per_second),
        ("finds", operations.count("find"), settings.finds_per_second),
    ):
        if cost and not window.admit(f"indeed.{kind}:{client}", limit=limit, seconds=1, cost=cost):
            raise _too_fast(call)


def _too_fast(call: Call) -> RefusalError:
    settings = call.world.settings.indeed
    call.throttled = True
    status = 429 if settings.throttle_shape == "http" else 200
    refusal = _refusal(call, IndeedError("429", "Too Many Requests"), status=status)
    if settings.retry_after == "seconds":
        refusal.response.headers["Retry-After"] = "1"
    elif settings.retry_after == "date":
        free_at = utc(math.ceil(call.now + 1))
        refusal.response.headers["Retry-After"] = format_datetime(free_at, usegmt=True)
    return refusal


def _shown(context: Context, result: ExecutionResult) -> dict[str, Any]:
    found = [*(result.errors or ()), *context.extra_errors]
    for error in found:
        if error.original_error and not isinstance(error.original_error, GraphQLError):
            raise error.original_error  # a fault of the sandbox itself must not pass for one of Indeed's
    data: Any = result.data
    if context.settings.global_status_shape == "array":
        data = _with_arrays(data)
    shown = {"errors": errors.as_json(found, context.settings)} if found else {}
    return {"data": data, **shown}


def _with_arrays(value: Any) -> Any:
    """Return the data with every globalStatus object in an array, as in a sample of the guide."""
    if isinstance(value, list):
        return [_with_arrays(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: [one] if name == "globalStatus" and one is not None else _with_arrays(one) for name, one in value.items()
    }
