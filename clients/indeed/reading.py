"""What an EmployerJob says (docs/providers/indeed.md). Nearly everything in it may be null."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from clients.errors import unreadable
from clients.indeed.errors import PROVIDER
from clients.parsing import is_damaged, plausible, whole_number
from models.states import JobStatus, Live


@dataclass(frozen=True, slots=True)
class Place:
    """A location as Indeed shows it: taken apart, whatever was sent."""

    city: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    full_address: str | None = None


@dataclass(frozen=True, slots=True)
class Pay:
    """A salary as Indeed shows it. `minimum` and `maximum` are those whose unit the guide does not name."""

    period: str | None = None
    currency: str | None = None
    minimum_minor: int | None = None
    maximum_minor: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EmployerJob:
    """A job as Indeed shows it: the ATS's data with the overlay on it."""

    employer_job_id: str
    title: str | None
    campaign_categories: tuple[str, ...]
    tracking_urls: tuple[str, ...]
    live: Live
    status: JobStatus = JobStatus.UNKNOWN
    description: str | None = None
    company: str | None = None
    url: str | None = None
    place: Place = Place()
    pay: Pay | None = None
    posted_at: datetime | None = None
    job_posting_id: str | None = None
    """By which the ATS knows the job; `None` where it gave none, or Indeed crawled the job."""
    job_requisition_id: str | None = None
    """The ATS's number of the opening, which several jobs may share."""


@dataclass(frozen=True, slots=True)
class Managed:
    """What Indeed tells of a job for people alone; no lifecycle asks for it, so none fails for it."""

    manage_url: str | None = None
    """Where the employer looks at the job in Indeed's own pages."""
    call_to_action: str | None = None
    """What Indeed asks the employer to do about it, in Indeed's words."""


def managed(node: object) -> Managed:
    """Read what is for people; whatever is not there is left out."""
    seen = _object(node)
    return Managed(
        manage_url=_text(_object(seen.get("managementUrls")).get("viewJob")),
        call_to_action=_text(_first(_seat(seen).get("externalPartnerCallToAction")).get("imageAltText")),
    )


def employer_job(node: object) -> EmployerJob:
    """Read an employer job.

    Raises ProviderError where it does not show its overlay, or not which job it is.
    """
    if not isinstance(node, dict) or not isinstance(node.get("id"), str):
        raise unreadable(PROVIDER, "node", "a node that is no employer job")
    data = _object(node.get("jobData"))
    metadata = _object(data.get("externalPostingMetadata"))
    if not metadata:
        raise unreadable(PROVIDER, "node", "an employer job without its data")
    job_posting_id = name_of(metadata.get("jobPostingId"))
    if is_damaged(node["id"]) or is_damaged(job_posting_id):
        raise unreadable(PROVIDER, "node", "an employer job with half a character in its ids")
    lifecycle, surface = _seat_status(node)
    return EmployerJob(
        employer_job_id=node["id"],
        title=_text(data.get("title")),
        campaign_categories=_strings(metadata, "campaignCategories"),
        tracking_urls=_strings(metadata, "trackingUrls"),
        live=_live(lifecycle),
        status=job_status(lifecycle, surface),
        description=_text(data.get("description")),
        company=_text(data.get("company")),
        url=_text(data.get("externalJobPageUrl")),
        place=_place(_object(data.get("jobLocation"))),
        posted_at=moment(data.get("datePostedOnIndeed")),
        job_posting_id=job_posting_id,
        job_requisition_id=name_of(metadata.get("jobRequisitionId")),
    )


def whole_but_for_status(node: object) -> bool:
    """Return whether a job shows all but how it stands in search: an error beside it is then about that alone."""
    data = _object(_object(node).get("jobData"))
    texts = (data.get(name) for name in ("title", "description", "company"))
    metadata = _object(data.get("externalPostingMetadata"))
    shown = all(isinstance(each, str) for each in texts) and bool(metadata)
    return shown and _seat_status(_object(node))[0] is None


def liveness(node: dict[str, Any]) -> Live:
    """Return whether a job is live on Indeed, as far as it shows that."""
    return _live(_seat_status(node)[0])


def name_of(value: object) -> str | None:
    """Read an id of the ATS; `None` where there is none."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def pay(node: object) -> Pay | None:
    """Read the salary of an employer job, by whichever names it came; `None` where Indeed shows none."""
    data = _object(_object(node).get("jobData"))
    salary = data.get("salary")
    if not isinstance(salary, dict):
        return None
    return Pay(
        period=_text(salary.get("period")),
        currency=_text(salary.get("currency")),
        minimum_minor=_whole(salary.get("minimumMinor")),
        maximum_minor=_whole(salary.get("maximumMinor")),
        minimum=_number(salary.get("min")),
        maximum=_number(salary.get("max")),
    )


def job_status(lifecycle: object, surface: Mapping[str, Any]) -> JobStatus:
    """Derive how a posting stands in search (section 3): the order of the questions matters."""
    if lifecycle != "ACTIVE":
        known = {"PENDING": JobStatus.PENDING, "INACTIVE": JobStatus.NOT_LIVE}
        return known.get(str(lifecycle), JobStatus.UNKNOWN)
    rejected, required, missing = (
        surface.get(name) for name in ("isRejected", "isSponsorshipRequired", "isMissingRequiredSponsorship")
    )
    if missing is True:
        return JobStatus.SPONSORED_WITHOUT_SPEND
    if rejected is True:
        return JobStatus.NOWHERE
    if required is True:
        return JobStatus.SPONSORED_WITH_SPEND
    if rejected is False and required is False and missing is False:
        return JobStatus.ORGANIC
    return JobStatus.UNKNOWN


def _seat_status(node: dict[str, Any]) -> tuple[object, dict[str, Any]]:
    """Find the status of the one seat; `globalStatus` is an object in the schema, an array in the guide's sample."""
    status = _object(_seat(node).get("status"))
    shown = status.get("globalStatus")
    overall = _first(shown) if isinstance(shown, list) else _object(shown)
    return overall.get("lifecycleStatus"), _first(status.get("surfaceStatuses"))


def _seat(node: dict[str, Any]) -> dict[str, Any]:
    return _object(_first(_object(node.get("seatsConnection")).get("seats")).get("jobPost"))


def _live(lifecycle: object) -> Live:
    if lifecycle == "ACTIVE":
        return Live.LIVE
    # What is pending may come up at any time: it is no proof that a posting is gone.
    return Live.NOT_LIVE if lifecycle == "INACTIVE" else Live.UNKNOWN


def _place(location: dict[str, Any]) -> Place:
    return Place(
        city=_text(location.get("city")),
        postal_code=_text(location.get("postalCode")),
        country_code=_text(location.get("countryCode")),
        full_address=_text(location.get("fullAddress")),
    )


def _strings(metadata: dict[str, Any], name: str) -> tuple[str, ...]:
    values = metadata.get(name)
    if not isinstance(values, list):
        # Non-null in the schema: without it nothing can be said of the overlay.
        raise unreadable(PROVIDER, "node", f"no {name}")
    return tuple(str(each) for each in values)


def _first(values: object) -> dict[str, Any]:
    return _object(values[0]) if isinstance(values, list) and values else {}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


def _whole(value: object) -> int | None:
    # GraphQL servers write 64-bit integers as strings where JSON numbers would lose digits.
    if isinstance(value, str):
        return whole_number(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """Read a moment, in UTC where no zone is given; `None` where it is none, or none that a job can have."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if read is None:
        return None
    return plausible(read if read.tzinfo else read.replace(tzinfo=UTC))
