"""The posting that closes a job on LinkedIn (seed linkedin-close-jobs)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.linkedin.posting import CLOSING_NOTE, Posting, company_field, element
from models.problems import Category
from models.states import Operation

POSTING = Posting(
    external_job_posting_id="1234-1209",
    title="Registered Nurse",
    description_parts=("<p>" + "x" * 100 + "</p>",),
    location="San Francisco, California",
    apply_url="https://jobs-1234.icims.com/jobs/1209/job",
    organization_urn="urn:li:organization:5678",
    contract_urn="urn:li:contract:91011",
    listing_type="PREMIUM",
    listed_at_ms=1_793_000_000_000,
)
CLOSE = Operation.CLOSE
READ_BY_MEMBERS = [Operation.CREATE, Operation.UPDATE, Operation.RENEW]
GUIDES_FIELDS = {
    "listingType",
    "companyApplyUrl",
    "contract",
    "externalJobPostingId",
    "description",
    "listedAt",
    "title",
    "integrationContext",
    "location",
    "jobPostingOperationType",
}
"""Those of LinkedIn's sample but `industries`, which iCIMS does not give."""


def test_a_close_sends_the_whole_posting_again() -> None:
    assert element(POSTING, CLOSE) == {
        "externalJobPostingId": "1234-1209",
        "jobPostingOperationType": "CLOSE",
        "title": "Registered Nurse",
        "description": POSTING.description_parts[0],
        "location": "San Francisco, California",
        "companyApplyUrl": "https://jobs-1234.icims.com/jobs/1209/job",
        "integrationContext": "urn:li:organization:5678",
        "contract": "urn:li:contract:91011",
        "listingType": "PREMIUM",
        "listedAt": 1_793_000_000_000,
    }
    assert set(element(POSTING, CLOSE)) == GUIDES_FIELDS


def test_a_basic_job_names_no_contract() -> None:
    built = element(replace(POSTING, listing_type="BASIC"), CLOSE)
    assert "contract" not in built
    assert built["listingType"] == "BASIC"


@pytest.mark.parametrize("operation", READ_BY_MEMBERS)
def test_every_operation_sends_the_whole_posting(operation: Operation) -> None:
    assert element(POSTING, operation) == element(POSTING, CLOSE) | {"jobPostingOperationType": operation.value}


@pytest.mark.parametrize("operation", list(Operation))
def test_what_is_configured_or_known_is_sent_with_every_operation(operation: Operation) -> None:
    known = replace(POSTING, job_code="2016-1123", poster_email="ana@example.com", workplace_type="remote")
    built = element(known, operation)
    assert built["workplaceTypes"] == ["remote"]
    assert (built["companyJobCode"], built["posterEmail"]) == ("2016-1123", "ana@example.com")


@pytest.mark.parametrize(("version", "field"), [(None, "integrationContext"), ("202604", "company")])
def test_the_organization_is_named_as_the_version_of_the_api_does(version: str | None, field: str) -> None:
    built = element(replace(POSTING, company_field=company_field(version)), CLOSE)
    assert built[field] == "urn:li:organization:5678"
    assert len({"integrationContext", "company"} & set(built)) == 1


@pytest.mark.parametrize("operation", READ_BY_MEMBERS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"description_parts": ("a" * 99,)}, "shows 99"),
        ({"description_parts": (None, None)}, "shows 0"),
        ({"description_parts": ("a" * 12_501, "b" * 12_500)}, "has 25001"),
        ({"title": "t" * 201}, "has 201"),
    ],
)
def test_nothing_is_filled_up_or_cut_that_members_read(
    operation: Operation, change: dict[str, object], words: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        element(replace(POSTING, **change), operation)  # type: ignore[arg-type]
    problem = caught.value.problem
    assert problem.category is Category.INVALID_POSTING
    assert words in problem.reason
    assert ("jobtitle" if "title" in change else "overview, responsibilities, qualifications") in problem.remedy


@pytest.mark.parametrize(("length", "operation"), [(100, Operation.CREATE), (25_000, Operation.UPDATE)])
def test_a_description_may_be_as_short_and_as_long_as_linkedin_takes(length: int, operation: Operation) -> None:
    assert element(replace(POSTING, description_parts=("d" * length,)), operation)["description"] == "d" * length


@pytest.mark.parametrize(("length", "kept"), [(1, 1), (200, 200), (201, 200), (5000, 200)])
def test_a_title_is_cut_to_its_limit(length: int, kept: int) -> None:
    assert element(replace(POSTING, title="t" * length), CLOSE)["title"] == "t" * kept


@pytest.mark.parametrize(
    ("parts", "description"),
    [
        (("a" * 60, None, "b" * 60), "a" * 60 + "b" * 60),
        (("a" * 100,), "a" * 100),
        (("a" * 99,), "a" * 99 + CLOSING_NOTE),
        ((None, None, None), CLOSING_NOTE),
        ((), CLOSING_NOTE),
        (("a" * 24_999, "bcd"), "a" * 24_999 + "b"),
    ],
)
def test_a_description_joins_its_parts_and_is_filled_up_where_it_is_short(
    parts: tuple[str | None, ...], description: str
) -> None:
    assert element(replace(POSTING, description_parts=parts), CLOSE)["description"] == description


@given(st.lists(st.none() | st.text(max_size=50) | st.just("x" * 20_000), max_size=4).map(tuple))
def test_a_description_is_always_of_a_length_that_linkedin_takes(parts: tuple[str | None, ...]) -> None:
    assert 100 <= len(element(replace(POSTING, description_parts=parts), CLOSE)["description"]) <= 25_000


@pytest.mark.parametrize(("field", "icims"), [("title", "jobtitle"), ("location", "joblocation")])
@pytest.mark.parametrize("operation", [each for each in Operation if each is not CLOSE])
def test_a_missing_title_or_location_of_what_members_read_needs_a_person(
    field: str, icims: str, operation: Operation
) -> None:
    posting = replace(POSTING, title=None) if field == "title" else replace(POSTING, location=None)
    with pytest.raises(ProviderError) as caught:
        element(posting, operation)
    assert caught.value.problem.category is Category.INVALID_POSTING
    assert not caught.value.problem.retried
    assert icims in caught.value.problem.remedy


def test_a_job_is_closed_although_the_ats_says_nothing_of_it() -> None:
    unknown = replace(POSTING, title=None, location=None, description_parts=(None, None, None), job_code=None)
    built = element(unknown, CLOSE)
    assert (built["title"], built["location"]) == ("Closed position", "United States")
    assert "no longer open" in built["description"]
    assert len(built["description"]) >= 100
    assert "companyJobCode" not in built


def test_a_close_keeps_what_is_known() -> None:
    built = element(replace(POSTING, title=None, location="Oakland, CA"), CLOSE)
    assert (built["title"], built["location"]) == ("Closed position", "Oakland, CA")
