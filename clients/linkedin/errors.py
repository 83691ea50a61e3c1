"""LinkedIn's documented errors (seed linkedin-close-jobs; create-jobs page), first match wins."""

import re
from datetime import UTC, datetime, time, timedelta

from clients.errors import ErrorRow, ProviderError, classify
from clients.http import Response
from models.problems import Category

PROVIDER = "LinkedIn"
_TRIES_AGAIN = "Boardsync tries again by itself. If it lasts, check LinkedIn's status page."
_FIX_JOB = "Correct the job in iCIMS, then send the signal `retry`."
DAY_LIMIT = r"\bDAY limit\b"

ERRORS = (
    ErrorRow(
        status=401,
        category=Category.CREDENTIALS,
        reason="LinkedIn refused the access token, also a fresh one.",
        remedy="Correct client_id and client_secret in [customers.linkedin], restart the worker, send `retry`.",
    ),
    ErrorRow(
        status=402,
        category=Category.OUT_OF_SLOTS,
        reason="The customer's LinkedIn contract has no job slots or budget left.",
        remedy="Free a slot or extend the contract in LinkedIn Recruiter, then send `retry`.",
    ),
    ErrorRow(
        status=403,
        text=r"for contract",
        category=Category.PERMISSION,
        reason="The LinkedIn application does not belong to the customer's contract.",
        remedy="Check contract_urn and the application's credentials in [customers.linkedin] against the "
        "onboarding email, restart the worker, send `retry`.",
    ),
    ErrorRow(
        status=403,
        category=Category.PERMISSION,
        reason="The LinkedIn application may not post jobs for this customer.",
        remedy="Make sure that the credentials are those of the customer's child application and that "
        "LinkedIn has enabled job posting for it, then send `retry`.",
    ),
    ErrorRow(
        status=404,
        category=Category.CONFIGURATION,
        reason="LinkedIn knows no such address.",
        remedy="Correct api_url and version in [linkedin], restart the worker, send `retry`.",
    ),
    ErrorRow(
        status=409,
        category=Category.REFUSED,
        reason="LinkedIn says that the job is already closed or does not exist.",
        remedy="Look at the job on LinkedIn; close it there by hand if it is open, then send `confirm`.",
    ),
    ErrorRow(
        status=414,
        category=Category.UNEXPECTED,
        reason="LinkedIn found the request's address too long.",
        remedy="Report it: Boardsync asked for too many jobs at once.",
    ),
    ErrorRow(
        status=429,
        text=DAY_LIMIT,
        category=Category.RATE_LIMITED,
        reason="LinkedIn's limit for the day is used up.",
        remedy="Boardsync goes on at 00:00 UTC. If the job cannot wait, close it on LinkedIn by hand.",
    ),
    ErrorRow(
        status=429,
        category=Category.RATE_LIMITED,
        reason="LinkedIn asks to slow down.",
        remedy="Boardsync waits and tries again.",
    ),
    ErrorRow(
        status=500,
        category=Category.TEMPORARY,
        reason="LinkedIn failed (it also answers so to a value of the wrong type).",
        remedy=_TRIES_AGAIN,
    ),
    ErrorRow(status=range(500, 600), category=Category.TEMPORARY, reason="LinkedIn failed.", remedy=_TRIES_AGAIN),
    ErrorRow(
        status=422,
        text=r"location",
        category=Category.INVALID_POSTING,
        reason="LinkedIn does not accept the job's location.",
        remedy=_FIX_JOB,
    ),
    ErrorRow(
        status=range(400, 500),
        category=Category.INVALID_POSTING,
        reason="LinkedIn does not accept the posting.",
        remedy=_FIX_JOB,
    ),
    ErrorRow(
        category=Category.REFUSED,
        reason="LinkedIn could not carry out the request.",
        remedy="Read LinkedIn's own words, mend the cause, then send `retry`.",
    ),
)


def error(operation: str, *, status: int | None, text: str, response: Response) -> ProviderError:
    """Make the error for a status and a text, wherever in the answer they stood."""
    wait = response.retry_after
    if wait is None and status == 429 and re.search(DAY_LIMIT, text, re.IGNORECASE):
        wait = until_midnight_utc(response.received_at)
    return classify(ERRORS, provider=PROVIDER, operation=operation, status=status, text=text, retry_after=wait)


def until_midnight_utc(now: datetime) -> timedelta:
    """Give the time to the reset of LinkedIn's day limits (api-guide/concepts/rate-limits)."""
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), UTC) - now
