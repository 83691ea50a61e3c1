"""The posting that LinkedIn wants whole, also to close it (docs/providers/linkedin.md)."""

from dataclasses import dataclass
from typing import Any

from clients.errors import ProviderError
from clients.linkedin.errors import PROVIDER
from models.problems import Category, Problem
from models.states import Operation

TITLE_LIMIT = 200
DESCRIPTION_LIMIT = 25_000
DESCRIPTION_MINIMUM = 100
CLOSING_NOTE = (
    "<p>This position is no longer open. The employer has taken the posting down, "
    "and applications are no longer accepted.</p>"
)
CLOSING_TITLE = "Closed position"
CLOSING_LOCATION = "United States"
"""A country alone is a location that LinkedIn documents; no member sees the one of a job that is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A job as LinkedIn takes it."""

    external_job_posting_id: str
    title: str | None
    description_parts: tuple[str | None, ...]
    location: str | None
    apply_url: str
    company_field: str = "integrationContext"
    """How this version of the API calls the organization; the same for every operation on a job."""
    organization_urn: str
    contract_urn: str | None
    listing_type: str
    listed_at_ms: int
    job_code: str | None = None
    """The job's number in the ATS, by which LinkedIn knows the same job from another source."""
    poster_email: str | None = None
    workplace_type: str | None = None
    title_field: str = "jobtitle"
    """The ATS's field that holds the title, to be named where it is missing; likewise below."""
    location_field: str = "joblocation"
    description_fields: tuple[str, ...] = ("overview", "responsibilities", "qualifications")


def company_field(version: str | None) -> str:
    """Name the field of the organization: `company` since the API has versions (LinkedIn's SDK), before otherwise."""
    return "company" if version else "integrationContext"


def element(posting: Posting, operation: Operation) -> dict[str, Any]:
    """Build the element that creates, updates, renews or closes a job: always the whole posting.

    Of a job that is closed, what is not known is filled with neutral words, and what is too long is cut, since no
    member will read it; of any other it is not.
    Raises ProviderError (invalid posting), naming the ATS's field, where a value is missing or has a wrong length.
    """
    closing = operation is Operation.CLOSE
    built = {
        "externalJobPostingId": posting.external_job_posting_id,
        "jobPostingOperationType": operation.value,
        "title": _closing_title(posting) if closing else _title(posting),
        "description": _closing_description(posting) if closing else _description(posting),
        "location": _closing_location(posting)
        if closing
        else _needed(posting.location, "location", posting.location_field),
        "companyApplyUrl": posting.apply_url,
        posting.company_field: posting.organization_urn,
        "listingType": posting.listing_type,
        "listedAt": posting.listed_at_ms,
    }
    optional = {
        "contract": posting.contract_urn if posting.listing_type == "PREMIUM" else None,
        "companyJobCode": posting.job_code,
        "posterEmail": posting.poster_email,
        "workplaceTypes": [posting.workplace_type] if posting.workplace_type is not None else None,
    }
    return built | {name: value for name, value in optional.items() if value is not None}


def _closing_title(posting: Posting) -> str:
    return (posting.title or CLOSING_TITLE)[:TITLE_LIMIT]


def _closing_location(posting: Posting) -> str:
    return posting.location or CLOSING_LOCATION


def _closing_description(posting: Posting) -> str:
    description = _joined(posting)[:DESCRIPTION_LIMIT]
    return description if len(description) >= DESCRIPTION_MINIMUM else description + CLOSING_NOTE


def _title(posting: Posting) -> str:
    title = _needed(posting.title, "title", posting.title_field)
    if len(title) > TITLE_LIMIT:
        raise _unfit(
            f"LinkedIn takes titles of at most {TITLE_LIMIT} characters; this one has {len(title)}.",
            f"Shorten the field {posting.title_field} in iCIMS, then send `retry`.",
        )
    return title


def _description(posting: Posting) -> str:
    description, fields = _joined(posting), ", ".join(posting.description_fields)
    if len(description) < DESCRIPTION_MINIMUM:
        raise _unfit(
            f"LinkedIn wants a description of at least {DESCRIPTION_MINIMUM} characters; iCIMS shows "
            f"{len(description)} (fields {fields}: empty, short or hidden).",
            f"Write the description in iCIMS (fields {fields}) or let the integration user see it, then send `retry`.",
        )
    if len(description) > DESCRIPTION_LIMIT:
        raise _unfit(
            f"LinkedIn takes descriptions of at most {DESCRIPTION_LIMIT} characters; this one has {len(description)} "
            f"(fields {fields} together).",
            f"Shorten the description in iCIMS (fields {fields}), then send `retry`.",
        )
    return description


def _joined(posting: Posting) -> str:
    return "".join(part for part in posting.description_parts if part)


def _needed(value: str | None, name: str, field: str) -> str:
    if value is not None:
        return value
    raise _unfit(
        f"LinkedIn needs the job's {name}, but iCIMS shows none (field {field}: empty or hidden).",
        f"Fill the field {field} in iCIMS or let the integration user see it, then send `retry`.",
    )


def _unfit(reason: str, remedy: str) -> ProviderError:
    problem = Problem(category=Category.INVALID_POSTING, reason=reason, remedy=remedy)
    return ProviderError(problem, provider=PROVIDER, operation="submit")
