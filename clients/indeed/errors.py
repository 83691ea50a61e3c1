"""Indeed's documented errors (docs/providers/indeed.md), first match wins."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from clients.errors import ErrorRow, ProviderError, classify
from clients.http import Response
from models.problems import Category

PROVIDER = "Indeed"
_WAITS = "Boardsync waits and tries again."
_LATER = "Boardsync tries again by itself. If it lasts, contact your Indeed partner manager."
STATUS_PART = "seatsConnection"
"""The part of a job that says how it stands in search; the rest is whole without it."""
_REPORT = "Report it with Indeed's own words: Boardsync sent what Indeed does not take."
_THROTTLED = r"too.many.requests|rate.?limit|throttl|\b429\b"
_KINDS = ("code", "classification", "category", "type", "errorType", "errorCode")
"""Where servers of GraphQL write what kind of error it is; Indeed documents the first two."""

ERRORS = (
    ErrorRow(status=429, category=Category.RATE_LIMITED, reason="Indeed asks to slow down.", remedy=_WAITS),
    ErrorRow(
        code="UNAUTHENTICATED",
        category=Category.CREDENTIALS,
        reason="Indeed refused the access token, also a fresh one.",
        remedy="Correct client_id, client_secret and advertiser_id in [customers.indeed]; then send `retry`.",
        cause="credentials",
    ),
    ErrorRow(
        code="FORBIDDEN",
        text=r"claimed by a different advertiser",
        category=Category.CLAIMED,
        reason="Another advertiser, or the employer in Indeed's own pages, has changed this job.",
        remedy="Have the other side clear its updates (an employer: undo the edits in Indeed), check "
        "advertiser_id in [customers.indeed]; Boardsync tries again by itself, `retry` at once.",
    ),
    ErrorRow(
        code="FORBIDDEN",
        text=r"moderation",
        category=Category.PERMISSION,
        reason="Indeed has restricted the advertiser as a measure against spam.",
        remedy="Ask your Indeed partner manager to lift the restriction, then send `retry`.",
        cause="restricted",
    ),
    ErrorRow(
        code="FORBIDDEN",
        text=r"missing permissions|Hosted_Job",
        category=Category.PERMISSION,
        reason="The Indeed user behind the credentials may not manage jobs.",
        remedy="Have an admin grant the Hosted_Job permissions in the Indeed account settings, then send `retry`.",
        cause="permissions",
    ),
    # A missing, invalid, expired or under-scoped token reads as FORBIDDEN too (job-sync-api/troubleshoot-errors).
    ErrorRow(
        code="FORBIDDEN",
        category=Category.CREDENTIALS,
        reason="Indeed does not authorise the application, also with a fresh token.",
        remedy="Check that Indeed has enabled the scopes employer_access and employer.hosted_job for the "
        "application and that advertiser_id is right, then send `retry`.",
        cause="credentials",
    ),
    ErrorRow(
        code="NOT_FOUND",
        category=Category.NOT_FOUND,
        reason="Indeed does not find the job, or the advertiser may not see it.",
        remedy="Check advertiser_id and job_posting_id in [customers.indeed] and the job on Indeed, then send `retry`.",
    ),
    ErrorRow(
        code="DOWNSTREAM_SERVICE_ERROR",
        category=Category.TEMPORARY,
        reason="A service behind Indeed failed.",
        remedy=_LATER,
    ),
    ErrorRow(
        code="SERVICE_UNAVAILABLE",
        category=Category.TEMPORARY,
        reason="Indeed is not available for the moment.",
        remedy=_LATER,
    ),
    # What graphql-java calls a field whose data could not be fetched, for whatever reason.
    ErrorRow(
        code="DataFetchingException",
        category=Category.TEMPORARY,
        reason="Indeed could not fetch the data.",
        remedy=_LATER,
    ),
    ErrorRow(code="INTERNAL_SERVER_ERROR", category=Category.TEMPORARY, reason="Indeed failed.", remedy=_LATER),
    ErrorRow(status=range(500, 600), category=Category.TEMPORARY, reason="Indeed failed.", remedy=_LATER),
    ErrorRow(
        status=401,
        category=Category.CREDENTIALS,
        reason="Indeed refused the access token, also a fresh one.",
        remedy="Correct client_id, client_secret and advertiser_id in [customers.indeed]; then send `retry`.",
        cause="credentials",
    ),
    ErrorRow(
        status=403,
        category=Category.CREDENTIALS,
        reason="Indeed does not authorise the application, also with a fresh token.",
        remedy="Check the application's scopes and advertiser_id, then send `retry`.",
        cause="credentials",
    ),
    ErrorRow(
        code="BAD_USER_INPUT",
        category=Category.INVALID_POSTING,
        reason="Indeed finds a value in the request malformed.",
        remedy="Read Indeed's own words, correct the job or the configuration, then send `retry`.",
    ),
    ErrorRow(
        code="BAD_REQUEST",
        category=Category.REFUSED,
        reason="Indeed refused the request as malformed.",
        remedy=_REPORT,
    ),
    ErrorRow(
        code="GRAPHQL_PARSE_FAILED",
        category=Category.REFUSED,
        reason="Indeed could not read the request.",
        remedy=_REPORT,
    ),
    ErrorRow(
        category=Category.UNEXPECTED,
        reason="Indeed refused the request for a reason that it does not document.",
        remedy="Boardsync tries again. If it lasts, report it with Indeed's own words.",
    ),
)


def http_error(operation: str, response: Response) -> ProviderError:
    """Make the error for an answer that is no HTTP 200 and no GraphQL, which is Indeed's own form."""
    return classify(
        ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=response.status,
        text=f"HTTP {response.status}",
        retry_after=response.retry_after,
        own_form=False,
    )


def graphql_error(operation: str, error: Mapping[str, Any], response: Response) -> ProviderError:
    """Make the error for one entry of `errors`; its message may stand in `extensions`, in both places, or nowhere."""
    extensions = error.get("extensions")
    extensions = extensions if isinstance(extensions, Mapping) else {}
    kinds = [text for place in (extensions, error) for name in _KINDS if (text := _kind(place.get(name)))]
    code = kinds[0] if kinds else ""
    messages = [str(each) for each in (error.get("message"), extensions.get("message")) if each]
    text = " ".join(dict.fromkeys(messages))
    status = _status(extensions, code, kinds, text)
    if status is None and response.status != 200:
        status = response.status
    return classify(
        ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=status,
        code=code,
        text=text,
        retry_after=response.retry_after,
    )


def _status(extensions: Mapping[str, Any], code: str, kinds: Sequence[str], text: str) -> int | None:
    given = extensions.get("status", extensions.get("statusCode"))
    # The shape of a 429 inside `errors` is not documented (docs/providers/indeed.md).
    # BAD_USER_INPUT may echo the job's own text: "Throttle technician" asks nobody to slow down.
    words = [*kinds, str(given)] if code == "BAD_USER_INPUT" else [*kinds, str(given), text]
    if re.search(_THROTTLED, " ".join(words), re.IGNORECASE):
        return 429
    return given if type(given) is int else None


def _kind(value: object) -> str:
    # `classification` is a word, or an object that has one (docs/providers/indeed.md).
    named = value.get("type") if isinstance(value, Mapping) else value
    return str(named) if isinstance(named, str | int) and not isinstance(named, bool) else ""


def worst(operation: str, errors: Sequence[Any], response: Response) -> ProviderError:
    """Choose among several errors the one that stops retries, so that none runs in vain."""
    if response.status == 429:
        return http_error(operation, response)
    found = [graphql_error(operation, each if isinstance(each, Mapping) else {}, response) for each in errors]
    return next((each for each in found if not each.problem.retried), found[0])


def not_about_status(errors: Sequence[Any]) -> list[Any]:
    """Return the errors that are about more than how a job stands in search, which is an optional part of it."""
    return [each for each in errors if STATUS_PART not in (_path(each) or ())]


def has_path(error: Any) -> bool:
    """Return whether an error says what it is about; Job Update's examples do not (docs/providers/indeed.md)."""
    return _path(error) is not None


def _path(error: Any) -> list[Any] | None:
    path = error.get("path") if isinstance(error, Mapping) else None
    return path if isinstance(path, list) and path else None


def is_dead_cursor(error: ProviderError) -> bool:
    """Return whether a listing cannot go on at its cursor, and has to begin anew."""
    return (
        error.code == "BAD_USER_INPUT" and re.search(r"cursor", error.problem.provider_text, re.IGNORECASE) is not None
    )


def is_unknown_field(error: ProviderError) -> bool:
    """Return whether the server's schema lacks a field of the query (graphql-js, graphql-java)."""
    return (
        re.search(r"cannot query field|FieldUndefined|is undefined", error.problem.provider_text, re.IGNORECASE)
        is not None
    )
