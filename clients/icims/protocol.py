"""iCIMS's REST API as pure functions (docs/providers/icims.md)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from clients.errors import ErrorRow, ProviderError, classify, unreadable
from clients.http import Request, Response, read_wait
from models.icims_fields import IcimsFields
from models.problems import Category

PROVIDER = "iCIMS"
AUDIENCE = "https://api.icims.com/v1/"
REPORT_TIME = "%Y-%m-%d %I:%M %p"
"""The date form of `jobboardposts` (docs/providers/icims.md)."""
FOLDER = "folder"
WORDS_AT_MOST = 100
"""Values of one field that are compared with a rule's."""
JOB_NUMBER = "jobid"
"""The job's number ("2016-1123"), which is not its system id."""
_ADDRESS_LINK = re.compile(r"/customers/[0-9]+/companies/([0-9]+)/fields/addresses/([0-9]+)/?$")

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


@dataclass(frozen=True, slots=True)
class AddressRef:
    """Where a job's address is found, by ids alone."""

    company_id: str
    address_id: str


@dataclass(frozen=True, slots=True)
class IcimsJob:
    """What Boardsync needs of a job profile; `None` is a field that iCIMS leaves out, as it is empty or hidden."""

    title: str | None
    overview: str | None = None
    responsibilities: str | None = None
    qualifications: str | None = None
    location: str | None = None
    address: AddressRef | None = None
    number: str | None = None
    company: str | None = None
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the fields say that rules ask for: texts, names and ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """A job's address, as far as iCIMS shows it."""

    city: str
    region: str | None = None
    country: str | None = None
    postal_code: str | None = None
    street: str | None = None

    @property
    def in_words(self) -> str:
        """Return it as `City, State, Country`."""
        return ", ".join(part for part in (self.city, self.region, self.country) if part)


def job_request(
    api_url: str, customer_id: str, job_id: str, fields: IcimsFields | None = None, also: Sequence[str] = ()
) -> Request:
    """Ask for the fields of a job that the boards and rules need."""
    names = fields or IcimsFields()
    wanted = [names.title, names.location, names.overview, names.responsibilities, names.qualifications, JOB_NUMBER]
    wanted += [*([names.company] if names.company else []), *also]
    return _profile_request(api_url, customer_id, job_id, list(dict.fromkeys(wanted)))


def read_job(response: Response, fields: IcimsFields | None = None, also: Sequence[str] = ()) -> IcimsJob:
    """Read a job profile.

    Raises ProviderError.
    """
    names = fields or IcimsFields()
    profile = read_object(response, "job")
    location = profile.get(names.location)
    location = location if isinstance(location, dict) else {}
    return IcimsJob(
        title=_text(profile.get(names.title)),
        overview=_text(profile.get(names.overview)),
        responsibilities=_text(profile.get(names.responsibilities)),
        qualifications=_text(profile.get(names.qualifications)),
        location=_text(location.get("value")),
        address=_address_ref(location.get("address")),
        number=_text(profile.get(JOB_NUMBER)),
        company=_named(profile.get(names.company)) if names.company else None,
        said=_said(profile, also),
    )


def positions_request(
    api_url: str, customer_id: str, job_id: str, fields: IcimsFields, also: Sequence[str] = ()
) -> Request:
    """Ask how many positions a job has, and what rules about hires ask for."""
    return _profile_request(api_url, customer_id, job_id, tuple(dict.fromkeys((fields.positions, *also))))


def read_said(response: Response, also: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Read what fields say that rules ask for.

    Raises ProviderError.
    """
    return _said(read_object(response, "job"), also)


def _said(profile: Mapping[str, Any], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {name: words for name in names if (words := tuple(_words(profile.get(name))))}


def _words(value: object) -> Iterator[str]:
    """Return the texts of a field: of a list all, of a node its name, abbreviation and id."""
    if isinstance(value, list):
        for each in value[:WORDS_AT_MOST]:
            yield from _words(each)
    elif isinstance(value, dict):
        for key in ("value", "abbrev", "id", "formattedvalue"):
            yield from _words(value.get(key))
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, str | int | float) and (text := str(value).strip()):
        yield text


def read_positions(response: Response, fields: IcimsFields) -> int | None:
    """Read the number of positions; `None` where the field is empty, hidden or no number.

    Raises ProviderError.
    """
    value = read_object(response, "job").get(fields.positions)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


@dataclass(frozen=True, slots=True)
class Folder:
    """The status of a job: the list of them is the customer's own."""

    id: str | None
    name: str | None


def folder_request(api_url: str, customer_id: str, job_id: str) -> Request:
    """Ask for a job's folder."""
    return _profile_request(api_url, customer_id, job_id, (FOLDER,))


def read_folder(response: Response) -> Folder | None:
    """Read a job's folder; `None` where iCIMS hides it.

    Raises ProviderError.
    """
    node = read_object(response, "job").get(FOLDER)
    if not isinstance(node, dict):
        return Folder(None, name) if (name := _text(node)) else None
    found = Folder(_text(node.get("id")), _text(node.get("value")))
    return found if found.id or found.name else None


def portal_job_request(api_url: str, customer_id: str, portal: str, job_id: str) -> Request:
    """Ask for a job as a career portal shows it."""
    return Request(
        operation="portal",
        method="GET",
        url=f"{api_url}/customers/{customer_id}/portals/{quote(portal, safe='')}/{job_id}",
        headers={"Accept": "application/json"},
    )


def read_portal_job(response: Response) -> bool:
    """Read whether a career portal shows a job.

    Raises ProviderError.
    """
    if response.status == 404 and _own_words(response)[2]:
        return False
    read_object(response, "portal")
    return True


@dataclass(frozen=True, slots=True)
class BoardPost:
    """How a job stands on a board, for iCIMS's Source tab."""

    name: str
    external_id: str
    status: str
    start: datetime
    end: datetime


def report_request(
    api_url: str, customer_id: str, job_id: str, distributor_id: str, posts: Sequence[BoardPost]
) -> Request:
    """Report how a job stands on every board: all of them, each time (docs/providers/icims.md)."""
    boards = [
        {
            "jobboard": {"value": post.name, "externalid": post.external_id},
            "status": post.status,
            "startdate": post.start.strftime(REPORT_TIME),
            "enddate": post.end.strftime(REPORT_TIME),
        }
        for post in posts
    ]
    return Request(
        operation="report",
        method="PATCH",
        url=f"{api_url}/customers/{customer_id}/jobboardposts/",
        headers={"Accept": "application/json"},
        body={"jobid": job_id, "jobdistributor": {"id": distributor_id}, "jobboards": boards},
    )


def read_report(response: Response) -> None:
    """Check that iCIMS took a report; what it answers on success is not documented, but no API answers a web page.

    Raises ProviderError.
    """
    if not 200 <= response.status < 300:
        raise _error(response, "report")
    if response.body.lstrip()[:1] == b"<":
        # Something in front of iCIMS answered in its place: the report is sent again, which does no harm.
        raise unreadable(PROVIDER, "report", "a web page", status=response.status)


@dataclass(frozen=True, slots=True)
class Quota:
    """What an answer says of the day's requests."""

    left: int
    limit: int
    resets_in: timedelta | None = None
    """Until midnight UTC, as iCIMS counts it."""


def read_quota(response: Response) -> Quota | None:
    """Read how many requests of the day's limit are left; `None` where the headers are missing or make no sense."""
    try:
        left, limit = (int(response.headers[f"x-ratelimit-{name}"]) for name in ("remaining", "limit"))
    except (KeyError, ValueError):
        return None
    if not 0 <= left <= limit or limit == 0:
        return None
    return Quota(left, limit, _resets_in(response))


def _profile_request(api_url: str, customer_id: str, job_id: str, fields: Sequence[str]) -> Request:
    return Request(
        operation="job",
        method="GET",
        url=f"{api_url}/customers/{customer_id}/jobs/{job_id}",
        params=(("fields", ",".join(fields)),),
        headers={"Accept": "application/json"},
    )


def address_request(api_url: str, customer_id: str, ref: AddressRef) -> Request:
    """Ask for an address by its ids: the link in the profile is never followed."""
    return Request(
        operation="address",
        method="GET",
        url=f"{api_url}/customers/{customer_id}/companies/{ref.company_id}/fields/addresses/{ref.address_id}",
        headers={"Accept": "application/json"},
    )


def read_address(response: Response) -> PostalAddress | None:
    """Read an address in its parts; `None` where it names no city.

    Raises ProviderError.
    """
    address = read_object(response, "address")
    city = _text(address.get("addresscity"))
    if city is None:
        return None
    return PostalAddress(
        city=city,
        region=_named(address.get("addressstate")),
        country=_named(address.get("addresscountry")),
        postal_code=_text(address.get("addresszip")),
        street=_text(address.get("addressstreet1")),
    )


def read_object(response: Response, operation: str) -> dict[str, Any]:
    """Read a body that is an object.

    Raises ProviderError.
    """
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
    code, text, own_form = _own_words(response)
    return classify(
        ERRORS,
        provider=PROVIDER,
        operation=operation,
        status=response.status,
        code=code,
        text=text,
        retry_after=response.retry_after or (_resets_in(response) if response.status == 429 else None),
        own_form=own_form,
    )


def _own_words(response: Response) -> tuple[str, str, bool]:
    """Return iCIMS's error code and message, and whether the answer is in iCIMS's own form at all."""
    try:
        first = response.json()["errors"][0]
        return str(first["errorCode"]).strip(), str(first.get("errorMessage", "")), True
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        # The header carries the same: X-Error:<code>[:<field id>]:<detail>
        code, _, text = response.headers.get("x-error", "").partition(":")
        return code.strip(), text, bool(code.strip())


def _resets_in(response: Response) -> timedelta | None:
    # x-ratelimit-reset counts the seconds until midnight UTC; it is no epoch (docs/providers/icims.md).
    return read_wait(response.headers.get("x-ratelimit-reset", ""), received_at=response.received_at)


def _address_ref(link: object) -> AddressRef | None:
    match = _ADDRESS_LINK.search(link) if isinstance(link, str) else None
    return AddressRef(match[1], match[2]) if match else None


def _named(node: object) -> str | None:
    return _text(node.get("abbrev") or node.get("value")) if isinstance(node, dict) else _text(node)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
