"""What of the agency's overlay a job at Indeed still shows."""

import tomllib
from dataclasses import replace

import pytest

from activities.overlay import left_of_overlay, missing_of_overlay, wanted_overlay
from clients.indeed.protocol import EmployerJob, Overlay
from config.customers import CustomerIndeed
from models.lifecycle import Live
from tests.unit.replies import sample

JOB = EmployerJob("iri", "Nurse", (), (), Live.LIVE)
TRACKING = "https://example.com/jobs/1209?utm_source=indeed"
EXAMPLE = tomllib.loads(sample("boardsync.toml").decode())["customers"][0]["indeed"]
SETTINGS = CustomerIndeed.model_validate({**EXAMPLE, "campaign_categories": ["default", "spring"]})


def left(job: EmployerJob, settings: CustomerIndeed = SETTINGS, *, title: str | None = "Nurse") -> list[str]:
    overlay = wanted_overlay(settings, customer_id="1234", job_id="1209")
    return left_of_overlay(job, overlay, ats_title=title)


def test_a_job_without_any_of_ours_is_clear() -> None:
    assert left(JOB) == []


@pytest.mark.parametrize(
    ("urls", "fields"),
    [
        ((TRACKING,), ["trackingUrl"]),
        (("https://other.example/", TRACKING), ["trackingUrl"]),
        (("https://other.example/",), []),
        (("https://example.com/jobs/{job_id}?utm_source=indeed",), []),
        ((TRACKING.replace("1209", "12090"),), []),
    ],
)
def test_our_tracking_url_of_this_very_job_is_left_over(urls: tuple[str, ...], fields: list[str]) -> None:
    assert left(replace(JOB, tracking_urls=urls)) == fields


@pytest.mark.parametrize(
    ("categories", "fields"),
    [
        (("default",), ["campaignCategories"]),
        (("other", "spring"), ["campaignCategories"]),
        (("other",), []),
        (("Default",), []),
    ],
)
def test_any_of_our_categories_is_left_over(categories: tuple[str, ...], fields: list[str]) -> None:
    assert left(replace(JOB, campaign_categories=categories)) == fields


@pytest.mark.parametrize(
    ("shown", "ats", "same"),
    [
        ("Nurse", "Nurse", True),
        ("  nurse ", "NURSE", True),
        ("Registered\u00a0 Nurse", "Registered Nurse", True),
        ("Ko\u0308chin", "K\u00f6chin", True),
        ("Gro\u00dfküchenhilfe", "GROSSKÜCHENHILFE", True),
        ("Nurse (RN)", "Nurse", False),
        ("", "Nurse", False),
        ("Nurse", None, True),
        (None, "Nurse", True),
    ],
)
def test_a_title_other_than_the_ats_title_is_left_over(shown: str | None, ats: str | None, *, same: bool) -> None:
    assert left(replace(JOB, title=shown), title=ats) == ([] if same else ["title"])


def test_all_that_is_left_is_named() -> None:
    job = replace(JOB, tracking_urls=(TRACKING,), campaign_categories=("default",), title="Nurse!")
    assert left(job) == ["trackingUrl", "campaignCategories", "title"]


def test_a_customer_with_no_overlay_leaves_nothing() -> None:
    bare = SETTINGS.model_copy(update={"tracking_url": None, "campaign_categories": ()})
    assert left(replace(JOB, tracking_urls=(TRACKING,), campaign_categories=("default",)), bare) == []


@pytest.mark.parametrize(
    ("urls", "categories", "missing"),
    [
        ((), (), Overlay(TRACKING, ("default", "spring"))),
        ((TRACKING,), (), Overlay(None, ("default", "spring"))),
        (("https://other.example/", TRACKING), ("spring", "other", "default"), Overlay()),
        ((), ("default",), Overlay(TRACKING, ("default", "spring"))),
        ((), ("spring", "default"), Overlay(TRACKING, None)),
    ],
)
def test_only_what_a_job_does_not_show_yet_is_missing(
    urls: tuple[str, ...], categories: tuple[str, ...], missing: Overlay
) -> None:
    overlay = wanted_overlay(SETTINGS, customer_id="1234", job_id="1209")
    job = replace(JOB, tracking_urls=urls, campaign_categories=categories)
    assert missing_of_overlay(job, overlay) == missing


def test_an_overlay_sends_only_the_fields_that_are_set() -> None:
    assert Overlay().metadata() == {}
    assert Overlay(TRACKING).metadata() == {"trackingUrl": TRACKING}
    assert Overlay(None, ("a",)).metadata() == {"campaignCategories": ["a"]}
