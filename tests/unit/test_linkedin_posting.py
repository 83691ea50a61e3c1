"""The posting that closes a job on LinkedIn (seed linkedin-close-jobs)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.linkedin.posting import CLOSING_NOTE, Posting, close_element
from models.problems import Category

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
SEEDS_FIELDS = {
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
"""Those of the seed's sample but `industries`, which iCIMS does not give."""


def test_a_close_sends_the_whole_posting_again() -> None:
    assert close_element(POSTING) == {
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
    assert set(close_element(POSTING)) == SEEDS_FIELDS


def test_a_basic_job_names_no_contract() -> None:
    element = close_element(replace(POSTING, contract_urn=None, listing_type="BASIC"))
    assert "contract" not in element
    assert element["listingType"] == "BASIC"


@pytest.mark.parametrize(("length", "kept"), [(1, 1), (200, 200), (201, 200), (5000, 200)])
def test_a_title_is_cut_to_its_limit(length: int, kept: int) -> None:
    assert close_element(replace(POSTING, title="t" * length))["title"] == "t" * kept


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
    assert close_element(replace(POSTING, description_parts=parts))["description"] == description


@given(st.lists(st.none() | st.text(max_size=50) | st.just("x" * 20_000), max_size=4).map(tuple))
def test_a_description_is_always_of_a_length_that_linkedin_takes(parts: tuple[str | None, ...]) -> None:
    assert 100 <= len(close_element(replace(POSTING, description_parts=parts))["description"]) <= 25_000


@pytest.mark.parametrize(("field", "icims"), [("title", "jobtitle"), ("location", "joblocation")])
def test_a_missing_title_or_location_needs_a_person(field: str, icims: str) -> None:
    posting = replace(POSTING, title=None) if field == "title" else replace(POSTING, location=None)
    with pytest.raises(ProviderError) as caught:
        close_element(posting)
    assert caught.value.problem.category is Category.INVALID_POSTING
    assert not caught.value.problem.retried
    assert icims in caught.value.problem.remedy
