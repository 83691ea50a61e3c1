"""Customers whose jobs a board cannot tell apart are refused: unposting the one's job would take the other's down."""

from typing import Any

import pytest
from pydantic import ValidationError

from config.settings import Settings
from tests.support.settings import raw_settings

URLS = {name: f"http://{name}.test" for name in ("icims", "linkedin", "indeed")}


def configured(*, indeed: dict[str, Any] | None = None, linkedin: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return two customers at the same places; the second one's sections are changed."""
    raw = raw_settings(URLS)
    first, second = raw["customers"][:2]
    second["boards"] = [name for name, given in (("indeed", indeed), ("linkedin", linkedin)) if given is not None]
    second |= {"indeed": {**first["indeed"], **(indeed or {})}, "linkedin": {**first["linkedin"], **(linkedin or {})}}
    return raw


def test_one_advertiser_and_jobs_that_are_named_alike_are_refused() -> None:
    with pytest.raises(ValidationError, match="customers 1234 and 5678 are one advertiser at Indeed and name"):
        Settings.model_validate(configured(indeed={}))


def test_one_application_at_linkedin_and_jobs_that_are_named_alike_are_refused() -> None:
    raw = configured(linkedin={"external_job_posting_id": "{job_id}"})
    Settings.model_validate(raw)  # the first one's names have its id in them
    raw["customers"][0]["linkedin"]["external_job_posting_id"] = "{job_id}"
    with pytest.raises(ValidationError, match="customers 1234 and 5678 use one LinkedIn application and name"):
        Settings.model_validate(raw)


@pytest.mark.parametrize(
    "indeed",
    [{"job_posting_id": "{customer_id}-{job_id}"}, {"advertiser_id": "another"}, {"client_id": "another"}],
)
def test_what_tells_the_jobs_apart_is_enough(indeed: dict[str, Any]) -> None:
    Settings.model_validate(configured(indeed=indeed))


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ({"legacy_source_id": "a"}, {"legacy_source_id": "b"}, True),
        ({"legacy_source_id": "a"}, {"legacy_source_ids": ["b", "a"]}, False),
        ({"legacy_source_id": "a"}, {"legacy_source_id": None}, False),
    ],
)
def test_sources_tell_the_jobs_apart_where_they_are_others(
    first: dict[str, Any], second: dict[str, Any], *, apart: bool
) -> None:
    raw = configured(indeed=second)
    raw["customers"][0]["indeed"] |= first
    if apart:
        Settings.model_validate(raw)
        return
    with pytest.raises(ValidationError, match="one advertiser"):
        Settings.model_validate(raw)


def test_a_board_that_is_not_used_needs_nothing_of_its_own() -> None:
    raw = configured(indeed={})
    raw["customers"][0]["boards"] = ["linkedin"]
    Settings.model_validate(raw)


@pytest.mark.parametrize(("board", "key"), [("linkedin", "external_job_posting_id"), ("indeed", "job_posting_id")])
def test_an_id_without_the_job_in_it_would_be_that_of_every_job(board: str, key: str) -> None:
    raw = raw_settings(URLS)
    raw["customers"][0][board][key] = "all-{customer_id}"
    with pytest.raises(ValidationError, match=r"must have \{job_id\} in it"):
        Settings.model_validate(raw)
