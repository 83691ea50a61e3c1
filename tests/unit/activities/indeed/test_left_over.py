"""What is left of ours on a job at Indeed: nothing only where a read says so."""

from dataclasses import replace

import pytest

from activities.indeed.fields import digest
from activities.indeed.overlay import (
    NOTHING,
    left_of_overlay,
)
from clients.indeed.reading import EmployerJob, Place
from models.overlay import Overlay, OverlayLocation
from models.states import Live

JOB = EmployerJob("iri", "Nurse", (), (), Live.LIVE)
TRACKING = "https://example.com/jobs/1209?utm_source=indeed"


# --- what is left -------------------------------------------------------------------------------------------


def left(job: EmployerJob, by_hand: Overlay = NOTHING, *, ats: Overlay = NOTHING, **written: Overlay) -> list[str]:
    """Name what is left where these fields were written, each from the overlay given for it."""
    digests = {name: digest(name, each) for name, each in written.items()}
    return left_of_overlay(job, by_hand, digests, ats=ats)


def test_a_job_without_any_of_ours_is_clear() -> None:
    assert left(JOB) == []


@pytest.mark.parametrize("url", [TRACKING, "https://example.com/jobs/1209?utm_source=OLD", "https://x.example/%7Ba"])
@pytest.mark.parametrize("by_hand", [NOTHING, Overlay(tracking_url=TRACKING)])
def test_any_tracking_url_is_left_over_whatever_is_wanted(url: str, by_hand: Overlay) -> None:
    assert left(replace(JOB, tracking_urls=("https://other.example/", url)), by_hand) == ["tracking_url"]


@pytest.mark.parametrize("categories", [("default",), ("other", "spring"), ("",)])
def test_any_campaign_category_is_left_over(categories: tuple[str, ...]) -> None:
    assert left(replace(JOB, campaign_categories=categories)) == ["campaign_categories"]


@pytest.mark.parametrize(
    ("shown", "set_", "there"),
    [
        ("  Nurse ", "Nurse", True),
        ("Registered\u00a0 Nurse", "Registered Nurse", True),
        ("Ko\u0308chin", "K\u00f6chin", True),
        ("R&amp;D Nurse", "R&D Nurse", True),
        ("Nurse (RN)", "Nurse", False),
        ("", "Nurse", False),
    ],
)
def test_a_title_that_we_set_is_left_over_however_it_is_spelled(shown: str, set_: str, *, there: bool) -> None:
    wanted, job = Overlay(title=set_), replace(JOB, title=shown)
    assert left(job, wanted) == (["title"] if there else [])
    assert left(job, title=wanted) == (["title"] if there else [])


def test_a_title_that_nobody_set_is_the_feeds_own() -> None:
    assert left(replace(JOB, title="x" * 75)) == []


def test_all_that_is_left_is_named() -> None:
    job = replace(JOB, tracking_urls=(TRACKING,), campaign_categories=("default",), title="Nurse!")
    assert left(job, Overlay(title="Nurse!")) == ["tracking_url", "campaign_categories", "title"]


BY_HAND = Overlay(
    url="https://example.com/ours",
    description="These thirty characters are of a person.",
    location=OverlayLocation(city_region_postal="Phoenix, AZ 85003"),
    company_name="Ours",
)
SHOWN = replace(
    JOB,
    url="https://example.com/ours",
    description="<p>These thirty characters are of a person.</p>",
    company="Ours",
)
WRITTEN = dict.fromkeys(BY_HAND.names, BY_HAND)


def test_what_people_set_is_left_over_until_it_is_gone() -> None:
    assert left(SHOWN, BY_HAND, **WRITTEN) == ["url", "description", "company_name"]


def test_what_can_be_read_speaks_for_what_cannot() -> None:
    gone = replace(JOB, url="https://ats.example/", description="The words of the ATS.", company="The ATS's")
    assert left(gone, BY_HAND, **WRITTEN) == []


def test_what_cannot_be_read_alone_proves_nothing() -> None:
    hidden = replace(JOB, title=None, company=None)
    assert left(hidden, Overlay(title="Nurse!", company_name="Ours")) == ["title", "company_name"]
    assert left(replace(hidden, title="Nurse"), Overlay(title="Nurse!", company_name="Ours")) == []


def test_a_value_that_the_ats_has_too_is_not_left_over() -> None:
    wanted = BY_HAND.only(("description", "company_name"))
    assert left(SHOWN, wanted, ats=wanted, description=wanted, company_name=wanted) == []


def test_an_older_value_of_ours_is_left_over_too() -> None:
    # Pushed once, edited in the ATS since: neither what is wanted now nor what the ATS has.
    ats = Overlay(description="Something else that the ATS says by now.")
    assert left(SHOWN, ats=ats, description=BY_HAND) == ["description"]


def test_a_location_that_cannot_be_read_proves_nothing_alone() -> None:
    alone = BY_HAND.only(("location",))
    assert left(JOB, alone, location=alone) == ["location"]


@pytest.mark.parametrize("name", ["location", "salary"])
def test_what_is_known_by_its_digest_alone_proves_nothing_unless_the_ats_has_the_same(name: str) -> None:
    job = replace(JOB, place=Place(city="Reno", full_address="Reno, NV"))
    assert left_of_overlay(job, NOTHING, {name: "0123456789abcdef"}) == [name]
    ats = Overlay(location=OverlayLocation(city_region_postal="Reno, NV"))
    assert left_of_overlay(job, NOTHING, {"location": "0123456789abcdef"}, ats=ats) == []
    assert left_of_overlay(job, NOTHING, {name: "0123456789abcdef", "title": "fedcba9876543210"}) == []
