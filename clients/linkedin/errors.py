"""LinkedIn's documented errors (docs/providers/linkedin.md), first match wins."""

import re
from datetime import UTC, datetime, time, timedelta

from clients.errors import ErrorRow, ProviderError, classify
from clients.http import Response
from models.problems import Category

PROVIDER = "LinkedIn"
_TRIES_AGAIN = "Boardsync tries again by itself. If it lasts, check LinkedIn's status page."
_FIX_JOB = "Correct the job in iCIMS, then send the signal `retry`."
_REPORT = "Report it with LinkedIn's own words: Boardsync sent what LinkedIn does not take."
_CREDENTIALS = "Correct client_id and client_secret in [customers.linkedin]; then send `retry`."
_CHILD = (
    "Make sure that the credentials are those of the customer's child application and that LinkedIn has enabled job "
    "posting for it, then send `retry`."
)
DAY_LIMIT = r"\bDAY limit\b"
CONFLICT = r"already closed or does not exist"
DUPLICATE = r"ErrorCode: ?2009\b|\bduplicate\b"
TASK_FAILED = "FAILED"
"""The code of a task that failed: of the cause, LinkedIn gives only words."""

# What time will mend comes first, whatever its words. Then words that may stand in a refused request, a refused
# element or a failed task, without a status. Only what LinkedIn documents ends a try for good.
ERRORS = (
    ErrorRow(
        status=429,
        text=DAY_LIMIT,
        category=Category.RATE_LIMITED,
        reason="LinkedIn's limit for the day is used up.",
        remedy="Boardsync goes on at 00:00 UTC. If the job cannot wait, close it on LinkedIn by hand.",
        cause="day_limit",
    ),
    ErrorRow(
        status=429,
        category=Category.RATE_LIMITED,
        reason="LinkedIn asks to slow down.",
        remedy="Boardsync waits and tries again.",
    ),
    ErrorRow(
        status=999,
        category=Category.RATE_LIMITED,
        reason="LinkedIn's protection against robots turned the call away (999).",
        remedy="Boardsync waits and tries again. If it lasts, ask LinkedIn Support to let the worker's address in.",
    ),
    ErrorRow(
        status=500,
        category=Category.TEMPORARY,
        reason="LinkedIn failed (it also answers so to a value of the wrong type).",
        remedy=_TRIES_AGAIN,
    ),
    ErrorRow(
        status=504,
        category=Category.TEMPORARY,
        reason="LinkedIn gave no answer in time (it also answers so to a request that it cannot read).",
        remedy=_TRIES_AGAIN,
    ),
    ErrorRow(status=range(500, 999), category=Category.TEMPORARY, reason="LinkedIn failed.", remedy=_TRIES_AGAIN),
    ErrorRow(
        status=408,
        category=Category.TEMPORARY,
        reason="LinkedIn did not get the request in time.",
        remedy=_TRIES_AGAIN,
    ),
    ErrorRow(
        status=421,
        category=Category.TEMPORARY,
        reason="The request reached a part of LinkedIn that could not answer it.",
        remedy=_TRIES_AGAIN,
    ),
    ErrorRow(
        text=CONFLICT,
        category=Category.REFUSED,
        reason="LinkedIn says that the job is already closed or does not exist.",
        remedy="Look at the job on LinkedIn; close it there by hand if it is open, then send `confirm`.",
    ),
    ErrorRow(
        text=DUPLICATE,
        category=Category.FED_FROM_ELSEWHERE,
        reason="LinkedIn has this job already, from a feed, the career site or under another id.",
        remedy="Remove the other one, or make external_job_posting_id in [customers.linkedin] equal to its id; then "
        "send `retry`.",
    ),
    ErrorRow(
        text=r"insufficient job slots",
        category=Category.OUT_OF_SLOTS,
        reason="The customer's LinkedIn contract has no job slot left.",
        remedy="Close another job or buy slots in LinkedIn Recruiter, then send `retry`.",
        cause="slots",
    ),
    ErrorRow(
        text=r"insufficient .*budget",
        category=Category.OUT_OF_SLOTS,
        reason="The customer's budget at LinkedIn is used up.",
        remedy="Raise the budget at LinkedIn, then send `retry`.",
        cause="budget",
    ),
    ErrorRow(
        text=r"invalid company apply url",
        category=Category.CONFIGURATION,
        reason="LinkedIn does not accept the address at which candidates apply.",
        remedy="Correct apply_url in [customers.icims]; then send `retry`.",
        cause="apply_url",
    ),
    ErrorRow(
        text=r"companyName`? must be provided",
        category=Category.CONFIGURATION,
        reason="LinkedIn does not know whose job it is.",
        remedy="Check organization_urn in [customers.linkedin] against the onboarding email; then send `retry`.",
        cause="organization",
    ),
    ErrorRow(
        text=r"not authorized to access the jobs for contract",
        category=Category.PERMISSION,
        reason="The LinkedIn application does not belong to the customer's contract.",
        remedy="Check contract_urn and the application's credentials in [customers.linkedin] against the "
        "onboarding email; then send `retry`.",
        cause="contract",
    ),
    ErrorRow(
        text=r"/posterEmail\b",
        category=Category.CONFIGURATION,
        reason="LinkedIn wants the address of the postings' owner, or does not accept it.",
        remedy="Set poster_email in [customers.linkedin]; then send `retry`.",
    ),
    ErrorRow(
        text=r"/companyApplyUrl\b",
        category=Category.CONFIGURATION,
        reason="LinkedIn wants another address at which candidates apply.",
        remedy="Correct apply_url in [customers.icims] or in the rule that sets it, or the job's career portal in "
        "iCIMS; then send `retry`.",
    ),
    ErrorRow(
        text=r"/(integrationContext|company|companyName|companyPageUrl) ::",
        category=Category.CONFIGURATION,
        reason="LinkedIn does not know the organization that the job is listed for.",
        remedy="Check organization_urn in [customers.linkedin], or in the rule that sets it, against the onboarding "
        "email; then send `retry`.",
    ),
    ErrorRow(
        text=r"/listingType\b",
        category=Category.CONFIGURATION,
        reason="LinkedIn does not accept how the job is to be listed.",
        remedy="Check listing_type in [customers.linkedin], or in the rule that sets it; then send `retry`.",
    ),
    ErrorRow(
        text=r"/externalJobPostingId\b",
        category=Category.CONFIGURATION,
        reason="LinkedIn does not accept the id under which the job is posted.",
        remedy="Check external_job_posting_id in [customers.linkedin]; then send `retry`.",
    ),
    ErrorRow(
        text=r"/\w*location\w* ::|seven locations|alternate locations",
        category=Category.INVALID_POSTING,
        reason="LinkedIn does not accept the job's location.",
        remedy=_FIX_JOB,
    ),
    ErrorRow(
        text=r"/contract ::",
        category=Category.CONFIGURATION,
        reason="LinkedIn wants a contract for this job.",
        remedy="Set contract_urn in [customers.linkedin], or listing_type BASIC; then send `retry`.",
        cause="listing_type",
    ),
    ErrorRow(
        text=r"field is required but not found",
        category=Category.INVALID_POSTING,
        reason="LinkedIn misses a field of the posting.",
        remedy="Fill the field that LinkedIn names in iCIMS, then send the signal `retry`.",
    ),
    ErrorRow(
        text=r"cannot be coerced to",
        category=Category.INVALID_POSTING,
        reason="LinkedIn found a value of the wrong type in the posting.",
        remedy=_REPORT,
    ),
    ErrorRow(
        text=r"is not an enum symbol",
        category=Category.INVALID_POSTING,
        reason="LinkedIn does not know a value in the posting, such as the operation or the kind of listing.",
        remedy=_REPORT,
    ),
    ErrorRow(
        text=r"workplaceTypes",
        category=Category.INVALID_POSTING,
        reason="LinkedIn takes exactly one kind of workplace for a job.",
        remedy=_REPORT,
    ),
    ErrorRow(
        text=r"token used in the request (is|has) expired",
        category=Category.CREDENTIALS,
        reason="LinkedIn says that the access token has expired, also of a fresh one.",
        remedy="Check the worker's clock, then send `retry`; if it lasts, ask LinkedIn Support.",
        cause="credentials",
    ),
    ErrorRow(
        status=401,
        category=Category.CREDENTIALS,
        reason="LinkedIn refused the access token, also a fresh one.",
        remedy=_CREDENTIALS,
        cause="credentials",
    ),
    ErrorRow(
        status=402,
        category=Category.OUT_OF_SLOTS,
        reason="The customer's LinkedIn contract has no job slots or budget left.",
        remedy="Free a slot or extend the contract in LinkedIn Recruiter, then send `retry`.",
        cause="slots",
    ),
    ErrorRow(
        status=403,
        text=r"POST /simpleJobPostings|Unpermitted fields",
        category=Category.PERMISSION,
        reason="LinkedIn did not see the header X-Restli-Method, or the application may not post jobs.",
        remedy=f"{_CHILD} A proxy between Boardsync and LinkedIn must pass all headers on.",
        cause="permission",
    ),
    ErrorRow(
        status=403,
        category=Category.PERMISSION,
        reason="The LinkedIn application may not post jobs for this customer.",
        remedy=_CHILD,
        cause="permission",
    ),
    ErrorRow(
        status=404,
        category=Category.CONFIGURATION,
        reason="LinkedIn knows no such address.",
        remedy="Correct api_url and version in [linkedin]; then send `retry`.",
        cause="address",
    ),
    ErrorRow(
        code=TASK_FAILED,
        text=r"internal (server )?error|service unavailable|time-?out|timed out|try again|throttle|rate.?limit",
        category=Category.TEMPORARY,
        reason="LinkedIn failed while it carried out the request.",
        remedy=_TRIES_AGAIN,
    ),
    ErrorRow(
        status=range(400, 500),
        text=r"\bversion\b",
        category=Category.CONFIGURATION,
        reason="LinkedIn does not serve the configured version of its API any more, or not yet.",
        remedy="Set version in [linkedin] to a version that LinkedIn serves; then send `retry`.",
        cause="version",
    ),
    ErrorRow(
        status=414,
        category=Category.UNEXPECTED,
        reason="LinkedIn found the request's address too long.",
        remedy="Report it: Boardsync asked for too many jobs at once.",
    ),
    ErrorRow(
        status=400,
        category=Category.INVALID_POSTING,
        reason="LinkedIn does not accept the posting.",
        remedy=_FIX_JOB,
    ),
    ErrorRow(
        status=422,
        category=Category.INVALID_POSTING,
        reason="LinkedIn does not accept a value in the posting.",
        remedy=_FIX_JOB,
    ),
    ErrorRow(
        code=TASK_FAILED,
        category=Category.REFUSED,
        reason="LinkedIn could not carry out the request.",
        remedy="Read LinkedIn's own words, mend the cause, then send `retry`.",
    ),
    ErrorRow(
        category=Category.UNEXPECTED,
        reason="LinkedIn refused the request for a reason that it does not document.",
        remedy="Boardsync tries again. If it lasts, report it with LinkedIn's own words.",
    ),
)


def error(operation: str, *, status: int | None, text: str, response: Response, own_form: bool = True) -> ProviderError:
    """Make the error for a status and a text, wherever in the answer they stood."""
    wait = response.retry_after
    if wait is None and status == 429 and re.search(DAY_LIMIT, text, re.IGNORECASE):
        wait = until_midnight_utc(response.received_at)
    return classify(
        ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=status,
        text=text,
        retry_after=wait,
        own_form=own_form,
    )


def refusal(operation: str, response: Response) -> ProviderError:
    """Make the error for an answer that is no HTTP 200; LinkedIn's own form is an object with `message` or `status`."""
    message, own_form = own_words(response)
    return error(operation, status=response.status, text=message, response=response, own_form=own_form)


def own_words(response: Response) -> tuple[str, bool]:
    """Return LinkedIn's message in an answer, and whether the answer is in LinkedIn's own form."""
    try:
        body = response.json()
    except ValueError:
        return "", False
    if not isinstance(body, dict):
        return "", False
    message, status = body.get("message"), body.get("status")
    words = message if isinstance(message, str) else ""
    return words, bool(words) or type(status) is int


def task_error(text: str) -> ProviderError:
    """Make the error for a failed task, of which LinkedIn gives only words."""
    return classify(ERRORS, provider=PROVIDER, operation="tasks", status=None, code=TASK_FAILED, text=text)


def says(pattern: str, text: str | None) -> bool:
    """Return whether LinkedIn's words say what one of the patterns above looks for."""
    return text is not None and re.search(pattern, text, re.IGNORECASE) is not None


def until_midnight_utc(now: datetime) -> timedelta:
    """Return the time to the reset of LinkedIn's day limits (docs/providers/linkedin.md)."""
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), UTC) - now
