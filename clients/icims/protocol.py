"""iCIMS's REST API as pure functions (contracts/icims.md, 4.2 and 4.4)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from clients.errors import ErrorRow, ProviderError, classify, unreadable
from clients.http import Request, Response, read_wait
from models.problems import Category

PROVIDER = "iCIMS"
AUDIENCE = "https://api.icims.com/v1/"
JOB_FIELDS = ("jobtitle", "joblocation", "overview", "responsibilities", "qualifications")
_ADDRESS_LINK = re.compile(r"/customers/[0-9]+/companies/([0-9]+)/fields/addresses/([0-9]+)/?$")

_WAITS = "Boardsync waits and tries again."
_ERRORS = (
    ErrorRow(
        status=401,
        category=Category.CREDENTIALS,
        reason="iCIMS refused the credentials.",
        remedy="Correct client_id and client_secret in [customers.icims], restart the worker, send `retry`.",
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
        category=Category.NOT_FOUND,
        reason="iCIMS has no such job.",
        remedy="Close the job on the board by hand, then send the signal `confirm`.",
    ),
    ErrorRow(
        status=403,
        category=Category.PERMISSION,
        reason="iCIMS does not let Boardsync read this job.",
        remedy="Ask iCIMS to give the integration user access to the job, then send `retry`.",
    ),
    ErrorRow(status=429, category=Category.RATE_LIMITED, reason="iCIMS's daily quota is used up.", remedy=_WAITS),
    ErrorRow(status=range(500, 600), category=Category.TEMPORARY, reason="iCIMS failed.", remedy=_WAITS),
    ErrorRow(
        category=Category.UNEXPECTED,
        reason="iCIMS refused the request for an unknown reason.",
        remedy="Boardsync tries again. If it lasts, report it with iCIMS's own words.",
    ),
)


@dataclass(frozen=True, slots=True)
class AddressRef:
    """Where a job's address is found, by ids alone."""

    company_id: str
    address_id: str


@dataclass(frozen=True, slots=True)
class IcimsJob:
    """What Boardsync needs of a job profile. A field that is empty or hidden is null (PROF)."""

    title: str | None
    overview: str | None = None
    responsibilities: str | None = None
    qualifications: str | None = None
    location: str | None = None
    address: AddressRef | None = None


def job_request(api_url: str, customer_id: str, job_id: str) -> Request:
    """Ask for the fields of a job that the boards need."""
    return Request(
        operation="job",
        method="GET",
        url=f"{api_url}/customers/{customer_id}/jobs/{job_id}",
        params=(("fields", ",".join(JOB_FIELDS)),),
        headers={"Accept": "application/json"},
    )


def read_job(response: Response) -> IcimsJob:
    """Read a job profile.

    Raises ProviderError.
    """
    profile = _object(response, "job")
    location = profile.get("joblocation")
    location = location if isinstance(location, dict) else {}
    return IcimsJob(
        title=_text(profile.get("jobtitle")),
        overview=_text(profile.get("overview")),
        responsibilities=_text(profile.get("responsibilities")),
        qualifications=_text(profile.get("qualifications")),
        location=_text(location.get("value")),
        address=_address_ref(location.get("address")),
    )


def address_request(api_url: str, customer_id: str, ref: AddressRef) -> Request:
    """Ask for an address by its ids: the link in the profile is never followed."""
    return Request(
        operation="address",
        method="GET",
        url=f"{api_url}/customers/{customer_id}/companies/{ref.company_id}/fields/addresses/{ref.address_id}",
        headers={"Accept": "application/json"},
    )


def read_address(response: Response) -> str | None:
    """Read an address as `City, State, Country`; null where it names no city.

    Raises ProviderError.
    """
    address = _object(response, "address")
    city = _text(address.get("addresscity"))
    if city is None:
        return None
    parts = [city, _named(address.get("addressstate")), _named(address.get("addresscountry"))]
    return ", ".join(part for part in parts if part)


def _object(response: Response, operation: str) -> dict[str, Any]:
    if response.status != 200:
        raise _error(response, operation)
    try:
        body = response.json()
    except ValueError as error:
        raise unreadable(PROVIDER, operation, "a body that is not JSON") from error
    if not isinstance(body, dict):
        raise unreadable(PROVIDER, operation, "a body that is not an object")
    return body


def _error(response: Response, operation: str) -> ProviderError:
    try:
        first = response.json()["errors"][0]
        code, text = str(first.get("errorCode", "")), str(first.get("errorMessage", ""))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        # The header carries the same: X-Error:<code>[:<field id>]:<detail>
        code, _, text = response.headers.get("x-error", "").partition(":")
    return classify(
        _ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=response.status,
        code=code.strip(),
        text=text,
        retry_after=response.retry_after or _until_quota_resets(response),
    )


def _until_quota_resets(response: Response) -> timedelta | None:
    # x-ratelimit-reset counts the seconds until midnight UTC; it is no epoch (contracts/icims.md, 4.5).
    if response.status != 429:
        return None
    return read_wait(response.headers.get("x-ratelimit-reset", ""), received_at=response.received_at)


def _address_ref(link: object) -> AddressRef | None:
    match = _ADDRESS_LINK.search(link) if isinstance(link, str) else None
    return AddressRef(match[1], match[2]) if match else None


def _named(node: object) -> str | None:
    return _text(node.get("abbrev") or node.get("value")) if isinstance(node, dict) else _text(node)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
