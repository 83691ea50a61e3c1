"""What iCIMS's refusals mean, and how its answers are opened (docs/providers/icims.md)."""

from datetime import timedelta
from typing import Any

from clients.errors import ErrorRow, ProviderError, classify
from clients.http import Response, object_of, read_wait
from models.problems import Category

PROVIDER = "iCIMS"
_WAITS = "Boardsync waits and tries again."
ERRORS = (
    ErrorRow(
        status=401,
        category=Category.CREDENTIALS,
        reason="iCIMS refused the credentials.",
        remedy="Correct client_id and client_secret in [customers.icims]; then send `retry`.",
        cause="credentials",
    ),
    ErrorRow(
        status=404,
        code="3",
        category=Category.PERMISSION,
        reason="iCIMS does not let Boardsync read this job.",
        remedy="Ask iCIMS to give the integration user access to the job, then send `retry`.",
    ),
    ErrorRow(
        status=404,
        code="2",
        category=Category.NOT_FOUND,
        reason="iCIMS has no such job.",
        remedy="If the job is to go, send `close`: that needs nothing of iCIMS. If it is to stay, look for it in "
        "iCIMS, then send `retry`.",
    ),
    ErrorRow(
        status=403,
        category=Category.PERMISSION,
        reason="iCIMS does not let Boardsync read this job.",
        remedy="Ask iCIMS to give the integration user access to the job, then send `retry`.",
    ),
    ErrorRow(
        status=429,
        category=Category.RATE_LIMITED,
        reason="iCIMS's quota is used up; the boards are served without it.",
        remedy=_WAITS,
    ),
    ErrorRow(status=range(500, 600), category=Category.TEMPORARY, reason="iCIMS failed.", remedy=_WAITS),
    ErrorRow(
        category=Category.UNEXPECTED,
        reason="iCIMS refused the request for an unknown reason.",
        remedy="Boardsync tries again. If it lasts, report it with iCIMS's own words.",
    ),
)


def read_object(response: Response, operation: str) -> dict[str, Any]:
    """Read a body that is an object.

    Raises ProviderError.
    """
    if response.status != 200:
        raise refused(response, operation)
    return object_of(response, PROVIDER, operation)


def refused(response: Response, operation: str) -> ProviderError:
    """Return what a refusal means."""
    code, text, own_form = own_words(response)
    return classify(
        ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=response.status,
        code=code,
        text=text,
        retry_after=response.retry_after or (resets_in(response) if response.status == 429 else None),
        own_form=own_form,
    )


def own_words(response: Response) -> tuple[str, str, bool]:
    """Return iCIMS's error code and message, and whether the answer is in iCIMS's own form at all."""
    try:
        first = response.json()["errors"][0]
        return str(first["errorCode"]).strip(), str(first.get("errorMessage", "")), True
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        # The header carries the same: X-Error:<code>[:<field id>]:<detail>
        code, _, text = response.headers.get("x-error", "").partition(":")
        return code.strip(), text, bool(code.strip())


def resets_in(response: Response) -> timedelta | None:
    """Return how long it is until the day's quota begins anew.

    `x-ratelimit-reset` counts the seconds until midnight UTC; it is no epoch (docs/providers/icims.md).
    """
    return read_wait(response.headers.get("x-ratelimit-reset", ""), received_at=response.received_at)
