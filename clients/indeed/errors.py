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
_THROTTLED = r"too.many.requests|rate.?limit|throttl|\b429\b"

ERRORS = (
    ErrorRow(status=429, category=Category.RATE_LIMITED, reason="Indeed asks to slow down.", remedy=_WAITS),
    ErrorRow(
        code="UNAUTHENTICATED",
        category=Category.CREDENTIALS,
        reason="Indeed refused the access token, also a fresh one.",
        remedy="Correct client_id, client_secret and advertiser_id in [customers.indeed], restart the worker, "
        "then send `retry`.",
    ),
    ErrorRow(
        code="FORBIDDEN",
        text=r"claimed by a different advertiser",
        category=Category.CLAIMED,
        reason="Another advertiser, or the employer in Indeed's own pages, has changed this job.",
        remedy="Have the other side clear its updates (an employer: undo the edits in Indeed), check "
        "advertiser_id in [customers.indeed], then send `retry`.",
    ),
    ErrorRow(
        code="FORBIDDEN",
        text=r"moderation",
        category=Category.PERMISSION,
        reason="Indeed has restricted the advertiser as a measure against spam.",
        remedy="Ask your Indeed partner manager to lift the restriction, then send `retry`.",
    ),
    ErrorRow(
        code="FORBIDDEN",
        text=r"missing permissions|Hosted_Job",
        category=Category.PERMISSION,
        reason="The Indeed user behind the credentials may not manage jobs.",
        remedy="Have an admin grant the Hosted_Job permissions in the Indeed account settings, then send `retry`.",
    ),
    # A missing, invalid, expired or under-scoped token reads as FORBIDDEN too (job-sync-api/troubleshoot-errors).
    ErrorRow(
        code="FORBIDDEN",
        category=Category.CREDENTIALS,
        reason="Indeed does not authorise the application, also with a fresh token.",
        remedy="Check that Indeed has enabled the scopes employer_access and employer.hosted_job for the "
        "application and that advertiser_id is right, then send `retry`.",
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
    ErrorRow(code="INTERNAL_SERVER_ERROR", category=Category.TEMPORARY, reason="Indeed failed.", remedy=_LATER),
    ErrorRow(status=range(500, 600), category=Category.TEMPORARY, reason="Indeed failed.", remedy=_LATER),
    ErrorRow(
        status=401,
        category=Category.CREDENTIALS,
        reason="Indeed refused the access token, also a fresh one.",
        remedy="Correct client_id, client_secret and advertiser_id in [customers.indeed], restart the worker, "
        "then send `retry`.",
    ),
    ErrorRow(
        status=403,
        category=Category.CREDENTIALS,
        reason="Indeed does not authorise the application, also with a fresh token.",
        remedy="Check the application's scopes and advertiser_id, then send `retry`.",
    ),
    ErrorRow(
        code="BAD_USER_INPUT",
        category=Category.INVALID_POSTING,
        reason="Indeed finds a value in the request malformed.",
        remedy="Read Indeed's own words, correct the job or the configuration, then send `retry`.",
    ),
    ErrorRow(
        category=Category.REFUSED,
        reason="Indeed refused the request.",
        remedy="Read Indeed's own words, mend the cause, then send `retry`.",
    ),
)


def http_error(operation: str, response: Response) -> ProviderError:
    """Make the error for an answer that is no HTTP 200."""
    return classify(
        ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=response.status,
        text=f"HTTP {response.status}",
        retry_after=response.retry_after,
    )


def graphql_error(operation: str, error: Mapping[str, Any], response: Response) -> ProviderError:
    """Make the error for one entry of `errors`; its message may stand in `extensions`, in both places, or nowhere."""
    extensions = error.get("extensions")
    extensions = extensions if isinstance(extensions, Mapping) else {}
    code = str(extensions.get("code") or "")
    messages = [str(each) for each in (error.get("message"), extensions.get("message")) if each]
    text = " ".join(dict.fromkeys(messages))
    status = extensions.get("status", extensions.get("statusCode"))
    # The shape of a 429 inside `errors` is not documented (docs/providers/indeed.md).
    # BAD_USER_INPUT may echo the job's own text: "Throttle technician" asks nobody to slow down.
    words = f"{code} {status}" if code == "BAD_USER_INPUT" else f"{code} {status} {text}"
    if re.search(_THROTTLED, words, re.IGNORECASE):
        status = 429
    elif not isinstance(status, int):
        status = response.status if response.status != 200 else None
    return classify(
        ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=status,
        code=code,
        text=text,
        retry_after=response.retry_after,
    )


def worst(operation: str, errors: Sequence[Any], response: Response) -> ProviderError:
    """Choose among several errors the one that stops retries, so that none runs in vain."""
    if response.status == 429:
        return http_error(operation, response)
    found = [graphql_error(operation, each if isinstance(each, Mapping) else {}, response) for each in errors]
    return next((each for each in found if not each.problem.retried), found[0])


def is_unknown_field(error: ProviderError) -> bool:
    """Return whether the server's schema lacks a field of the query (graphql-js, graphql-java)."""
    return (
        re.search(r"cannot query field|FieldUndefined|is undefined", error.problem.provider_text, re.IGNORECASE)
        is not None
    )
