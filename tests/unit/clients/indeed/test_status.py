"""How a posting stands in Indeed's search (docs/providers/indeed.md)."""

import itertools

import pytest

from clients.indeed.reading import employer_job, job_status, pay
from models.overlay import Verdict
from models.states import JobStatus
from models.words import JOB_STATUSES, VERDICTS
from tests.unit.clients.indeed.answers import node


def surface(rejected: object, required: object, missing: object) -> dict[str, object]:
    return {"isRejected": rejected, "isSponsorshipRequired": required, "isMissingRequiredSponsorship": missing}


@pytest.mark.parametrize(
    ("rejected", "required", "missing", "status"),
    [
        (False, False, False, JobStatus.ORGANIC),
        (False, True, False, JobStatus.SPONSORED_WITH_SPEND),
        (True, True, True, JobStatus.SPONSORED_WITHOUT_SPEND),
        (None, True, True, JobStatus.SPONSORED_WITHOUT_SPEND),
        (True, False, False, JobStatus.NOWHERE),
        (True, True, False, JobStatus.NOWHERE),
        (None, False, False, JobStatus.UNKNOWN),
        (False, None, False, JobStatus.UNKNOWN),
        (None, None, None, JobStatus.UNKNOWN),
    ],
)
def test_the_four_statuses_come_from_the_booleans(
    rejected: object, required: object, missing: object, status: JobStatus
) -> None:
    assert job_status("ACTIVE", surface(rejected, required, missing)) is status


@pytest.mark.parametrize(
    ("lifecycle", "status"),
    [
        ("INACTIVE", JobStatus.NOT_LIVE),
        ("PENDING", JobStatus.PENDING),
        ("NEW", JobStatus.UNKNOWN),
        (None, JobStatus.UNKNOWN),
        ([], JobStatus.UNKNOWN),
    ],
)
def test_a_posting_that_is_not_active_is_in_no_search_whatever_its_booleans_say(
    lifecycle: object, status: JobStatus
) -> None:
    # The seed's own sample has all three false, and is not live.
    for booleans in itertools.product((True, False, None), repeat=3):
        assert job_status(lifecycle, surface(*booleans)) is status


@pytest.mark.parametrize("many", [True, False])
def test_the_status_is_read_from_the_one_seat(*, many: bool) -> None:
    overall = {"lifecycleStatus": "ACTIVE", "isIndeedApplyActive": True}
    shown = {"globalStatus": [overall] if many else overall, "surfaceStatuses": [surface(False, True, False)]}
    found = node(seatsConnection={"seats": [{"jobPost": {"status": shown}}]})
    assert employer_job(found).status is JobStatus.SPONSORED_WITH_SPEND


@pytest.mark.parametrize("surfaces", [None, [], [None], "x", {}])
def test_without_booleans_the_status_is_unknown(surfaces: object) -> None:
    shown = {"globalStatus": {"lifecycleStatus": "ACTIVE"}, "surfaceStatuses": surfaces}
    found = node(seatsConnection={"seats": [{"jobPost": {"status": shown}}]})
    assert employer_job(found).status is JobStatus.UNKNOWN


@pytest.mark.parametrize("value", [None, 7, [], "2022-13-45", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_whatever_may_be_null_is_null(value: object) -> None:
    names = ("title", "description", "company", "datePostedOnIndeed", "jobLocation", "externalJobPageUrl")
    job = employer_job(node(**{f"jobData__{name}": value for name in names}))
    assert job.posted_at is None
    assert job.place.city is None
    assert job.company in {None, value if isinstance(value, str) else None}


@pytest.mark.parametrize("amount", ["9" * 5000, "1" * 19, "²", "-1", 1.5, True])
def test_an_amount_that_is_no_number_of_64_bits_is_not_known(amount: object) -> None:
    found = pay(node(jobData__salary={"minimumMinor": amount, "maximumMinor": "7"}))
    assert found is not None
    assert (found.minimum_minor, found.maximum_minor) == (None, 7)


def test_there_are_words_for_every_status_and_verdict() -> None:
    assert set(JOB_STATUSES) == set(JobStatus)
    assert set(VERDICTS) == set(Verdict)
