"""Answers of Indeed, as its own page has them and with changes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from clients.errors import ProviderError
from clients.indeed.reading import EmployerJob, Place
from models.problems import Category
from models.states import JobStatus, Live
from tests.support.replies import reply, sample

IRI = "aXJpOi8vYXBpcy5pbmRlZWQuY29tL0VtcGxveWVySm9iLzkxZGU0ZjVhLWE1MWYtNGQ1Ni1iOWI0LWNhMDQzZWVjNDAzMQ=="
GUIDES_JOB = EmployerJob(
    employer_job_id=IRI,
    title="Certified Nursing Assistant CNA",
    campaign_categories=(),
    tracking_urls=(),
    live=Live.NOT_LIVE,
    status=JobStatus.NOT_LIVE,
    description="Anytown Health and Rehabilitation Center in Anytown, USA is a 186-bed center offering a variety of "
    "individualized, health care services for our patients and residents. We are seeking a qualified and committed "
    "team member to join our team.",
    company="Anytown Health and Rehabilitation Center",
    url="http://www.indeed.com/job/certified-nursing-assistant-cna-9354ed892ad3a1b6",
    place=Place(city="Cambridge", country_code="US"),
    posted_at=datetime(2022, 3, 22, 20, 33, 28, tzinfo=UTC),
    job_posting_id="CBA-Anytown-Posting-Id",
    job_requisition_id="CBA-Anytown-Req-Id",
)


def node(**changes: object) -> dict[str, Any]:
    """Return the guide's node with other values at dotted paths."""
    found: dict[str, Any] = json.loads(sample("indeed_node.json"))["data"]["node"]
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = found
        for parent in parents:
            place = place[parent]
        place[last] = value
    return found


def category(read: Any, data: object, *more: int) -> Category:
    with pytest.raises(ProviderError) as caught:
        read(reply({"data": data}), *more)
    return caught.value.problem.category


def listing(jobs: object, page: object) -> dict[str, object]:
    return {"findEmployerJobsPartner": {"employerJobs": jobs, "pageInfo": page, "estimatedTotalResultsCount": 1}}


LAST = {"endCursor": "c", "hasNextPage": False}
