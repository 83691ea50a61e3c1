"""The posting that LinkedIn wants whole, also to close it (contracts/linkedin.md, section 1)."""

from dataclasses import dataclass
from typing import Any

from clients.errors import ProviderError
from clients.linkedin.errors import PROVIDER
from models.problems import Category, Problem

TITLE_LIMIT = 200
DESCRIPTION_LIMIT = 25_000
DESCRIPTION_MINIMUM = 100
CLOSING_NOTE = (
    "<p>This position is no longer open. The employer has taken the posting down, "
    "and applications are no longer accepted.</p>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A job as LinkedIn takes it."""

    external_job_posting_id: str
    title: str | None
    description_parts: tuple[str | None, ...]
    location: str | None
    apply_url: str
    organization_urn: str
    contract_urn: str | None
    listing_type: str
    listed_at_ms: int
    title_field: str = "jobtitle"
    """The ATS's field that holds the title, to be named where it is missing; likewise below."""
    location_field: str = "joblocation"


def close_element(posting: Posting) -> dict[str, Any]:
    """Build the element that closes a job: the whole posting again, with the operation CLOSE.

    A description that iCIMS hides or leaves too short is filled up, since no member will read it.
    Raises ProviderError (invalid posting) where the title or the location is missing.
    """
    description = "".join(part for part in posting.description_parts if part)[:DESCRIPTION_LIMIT]
    if len(description) < DESCRIPTION_MINIMUM:
        description += CLOSING_NOTE
    return _element(posting, description, "CLOSE")


def _element(posting: Posting, description: str, operation: str) -> dict[str, Any]:
    element = {
        "externalJobPostingId": posting.external_job_posting_id,
        "jobPostingOperationType": operation,
        "title": _needed(posting.title, "title", posting.title_field)[:TITLE_LIMIT],
        "description": description,
        "location": _needed(posting.location, "location", posting.location_field),
        "companyApplyUrl": posting.apply_url,
        "integrationContext": posting.organization_urn,
        "listingType": posting.listing_type,
        "listedAt": posting.listed_at_ms,
    }
    if posting.contract_urn is not None:
        element["contract"] = posting.contract_urn
    return element


def _needed(value: str | None, name: str, field: str) -> str:
    if value is not None:
        return value
    problem = Problem(
        category=Category.INVALID_POSTING,
        reason=f"LinkedIn needs the job's {name}, but iCIMS shows none (field {field}: empty or hidden).",
        remedy=f"Fill the field {field} in iCIMS or let the integration user see it, then send `retry`.",
    )
    raise ProviderError(problem, provider=PROVIDER, operation="submit")
