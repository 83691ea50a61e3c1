"""An employer job as GraphQL shows it: the ATS's record with the overlay laid over it."""

import html
import re
from typing import Any

from sandbox.clock import utc
from sandbox.content import Location, Salary
from sandbox.indeed import iris, urls
from sandbox.indeed.jobs import EmployerJob
from sandbox.indeed.overlay import Overlay
from sandbox.settings import IndeedSettings

# What a job's standing in search means for its booleans: rejected, sponsorship required, sponsorship missing.
_SEARCH: dict[str, tuple[bool | None, bool, bool]] = {
    "organic": (False, False, False),
    "sponsored_with_spend": (False, True, False),
    "sponsored_without_spend": (True, True, True),
    "nowhere": (True, False, False),
    "unclear": (None, False, False),
}


TITLE_LENGTH = 75
"""The most that an update takes, and all that a truncated title shows."""

_UNSAFE = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)[^>]*>", re.IGNORECASE)


def employer_job(job: EmployerJob, overlay: Overlay, settings: IndeedSettings) -> dict[str, Any]:
    """Return the job as the source of the resolvers."""
    spelling = settings.iri_spelling
    iri = job.iri(spelling)
    cursor = iris.encode("JobPost", job.employer_uuid, spelling)
    return {
        "__typename": "EmployerJob",
        "id": iri,
        "jobData": {**_job_data(job, overlay, settings), **dict.fromkeys(settings.null_fields)},
        "managementUrls": {"viewJob": f"https://employers.indeed.com/jobs/view?employerJobId={iri}"},
        "seatsConnection": {
            "pageInfo": {
                "endCursor": cursor,
                "startCursor": cursor,
                "hasNextPage": False,
                "hasPreviousPage": False,
            },
            "seats": [{"jobPost": job_post(job, spelling)}],
        },
    }


def job_post(job: EmployerJob, spelling: iris.Spelling) -> dict[str, Any]:
    """Return the job's one seat."""
    rejected, required, missing = _SEARCH[job.search_status]
    return {
        "__typename": "JobPost",
        "id": iris.encode("JobPost", job.employer_uuid, spelling),
        "externalPartnerCallToAction": lambda _info, input=None: [_call_to_action(job, input or {})],  # noqa: A006
        "status": {
            "globalStatus": {"lifecycleStatus": job.lifecycle, "isIndeedApplyActive": False},
            "surfaceStatuses": [
                {
                    "isRejected": rejected,
                    "isSponsorshipRequired": required,
                    "isMissingRequiredSponsorship": missing,
                }
            ],
        },
    }


def _job_data(job: EmployerJob, overlay: Overlay, settings: IndeedSettings) -> dict[str, Any]:
    base = job.base
    posted = utc(job.posted_at).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "title": _title(overlay.title or base.title, settings),
        "description": _description(overlay.description or base.description, settings.description_shape),
        "company": overlay.companyName or base.company,
        "dateCreated": posted,
        "datePostedOnIndeed": posted,
        "jobLocation": _location(job.location(overlay), settings.location_shape),
        "salary": _salary(overlay.salary or base.salary),
        "externalJobPageUrl": urls.shown(
            overlay.url or job.feed_url or f"https://careers.example.com/jobs/{job.job_id}", settings.url_shape
        ),
        "externalPostingMetadata": {
            "jobPostingId": job.job_posting_id,
            "jobRequisitionId": job.requisition_id,
            "campaignCategories": list(overlay.campaignCategories or ()),
            "trackingUrls": [urls.shown(overlay.trackingUrl, settings.url_shape)] if overlay.trackingUrl else [],
            "rawInputLocation": base.location.text,
            "isIntegratedJob": job.feed_type == "INTEGRATED_FROM_PARTNER",
        },
    }


def _title(text: str, settings: IndeedSettings) -> str:
    return text[:TITLE_LENGTH] if settings.title_shape == "truncated" else text


def _description(text: str, shape: str) -> str:
    """Return a description as Indeed may give it back: as it came, without what is unsafe, or as plain text."""
    if shape == "as_sent":
        return text
    safe = _UNSAFE.sub("", text)
    if shape == "sanitised":
        return _TAG.sub(lambda tag: f"<{tag[1]}{'b' if tag[2].lower()[0] == 'h' else tag[2].lower()}>", safe)
    return html.unescape(_TAG.sub(lambda tag: "\n\u2022 " if tag[2].lower() == "li" and not tag[1] else "\n", safe))


def _location(location: Location, shape: str) -> dict[str, Any] | None:
    if shape == "hidden":
        return None
    whole = shape == "structured"
    return {
        "countryCode": location.country,
        "city": location.city,
        "postalCode": (location.zip or None) if whole else None,
        "fullAddress": f"{location.street}, {location.text}" if whole and location.street else None,
    }


def _salary(salary: Salary | None) -> dict[str, Any] | None:
    if salary is None:
        return None
    least = None if salary.minimumMinor is None else salary.minimumMinor / 100
    most = None if salary.maximumMinor is None else salary.maximumMinor / 100
    return {
        "min": least,
        "max": most,
        "period": salary.period,
        "currency": salary.currency,
        "minimumMinor": salary.minimumMinor,
        "maximumMinor": salary.maximumMinor,
        "minimumMajor": least,
        "maximumMajor": most,
    }


def _call_to_action(job: EmployerJob, asked: dict[str, Any]) -> dict[str, str]:
    live = job.lifecycle == "ACTIVE" and not _SEARCH[job.search_status][0]
    image, text, name = (
        ("searchable", "Live on Indeed", "SEARCHABLE")
        if live
        else ("not_searchable", "Update needed on Indeed", "NOT_SEARCHABLE")
    )
    locale = str(asked.get("locale") or "en-US").replace("-", "_")
    return {
        "imageUrl": f"https://dlogqfjusi9uq.cloudfront.net/cta/{locale}/{image}.svg",
        "imageAltText": text,
        "statusName": name,
    }
