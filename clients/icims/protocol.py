"""Jobs at iCIMS's REST API, as pure functions (docs/providers/icims.md)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from clients.http import Request, Response
from clients.icims.errors import own_words, read_object
from clients.parsing import whole_number
from models.icims_fields import IcimsFields

AUDIENCE = "https://api.icims.com/v1/"
FOLDER = "folder"
WORDS_AT_MOST = 100
"""Values of one field that are compared with a rule's."""
JOB_NUMBER = "jobid"
"""The job's number ("2016-1123"), which is not its system id."""
_ADDRESS_LINK = re.compile(r"/customers/[0-9]+/companies/([0-9]+)/fields/addresses/([0-9]+)/?$")


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
    if isinstance(value, str):
        value = whole_number(value)
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
    if response.status == 404 and own_words(response)[2]:
        return False
    read_object(response, "portal")
    return True


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


def _address_ref(link: object) -> AddressRef | None:
    match = _ADDRESS_LINK.search(link) if isinstance(link, str) else None
    return AddressRef(match[1], match[2]) if match else None


def _named(node: object) -> str | None:
    return _text(node.get("abbrev") or node.get("value")) if isinstance(node, dict) else _text(node)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
