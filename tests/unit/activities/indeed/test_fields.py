"""Indeed reformats what it takes: each field is compared in its own way, and what cannot be told is not guessed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.indeed.fields import digest, shown_digests, verdict
from clients.indeed.reading import EmployerJob, Pay, Place
from models.overlay import FIELDS, Overlay, OverlayLocation, OverlaySalary, Verdict
from models.states import Live

JOB = EmployerJob("iri", "Nurse", (), (), Live.LIVE)
CONFIRMED, CONTRADICTED = Verdict.CONFIRMED, Verdict.CONTRADICTED
UNREADABLE, NOT_COMPARABLE = Verdict.UNREADABLE, Verdict.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("wanted", "shown", "found"),
    [
        ("Nurse", "Nurse", CONFIRMED),
        ("Nurse", " Nurse\n", CONFIRMED),
        ("R&D Nurse", "R&amp;D Nurse", CONFIRMED),
        ("Ko\u0308chin", "K\u00f6chin", CONFIRMED),
        ("NURSE", "Nurse", CONTRADICTED),
        ("Nurse", "Nurse (RN)", CONTRADICTED),
        ("Nurse", None, UNREADABLE),
    ],
)
def test_titles_and_names(wanted: str, shown: str | None, found: Verdict) -> None:
    assert verdict("title", Overlay(title=wanted), replace(JOB, title=shown)) is found
    assert verdict("company_name", Overlay(company_name=wanted), replace(JOB, company=shown)) is found


HTML = "<h2>About the role</h2><p>Join our team &amp; build it.</p><ul><li>Salary</li><li>Remote</li></ul>"


@pytest.mark.parametrize(
    ("formatting", "wanted", "shown", "found"),
    [
        ("HTML", HTML, HTML, CONFIRMED),
        ("HTML", HTML, HTML.replace("<h2>", "<p><b>").replace("</h2>", "</b></p>"), CONFIRMED),
        ("HTML", HTML, "About the role\n\nJoin our team & build it.\n• Salary\n• Remote", CONFIRMED),
        ("HTML", HTML + "<script>alert(1)</script>", HTML, CONFIRMED),
        ("HTML", HTML, HTML.replace("build", "break"), CONTRADICTED),
        ("HTML", HTML, None, UNREADABLE),
        (
            "TEXT",
            "We need you - today.\nSalary < 10 & more",
            "We need you — today. Salary &lt; 10 &amp; more",
            CONFIRMED,
        ),
        ("TEXT", "We need “you”.", '<p>We need "you".</p>', CONFIRMED),
        (None, "We need you.", "We need you!", CONTRADICTED),
        (None, "Pay: 15.50", "Pay: 1550", CONTRADICTED),
        (None, "example.com", "example.com", CONFIRMED),
    ],
)
def test_descriptions_are_compared_by_their_words(
    formatting: Any, wanted: str, shown: str | None, found: Verdict
) -> None:
    overlay = Overlay(description=wanted, description_formatting=formatting)
    assert verdict("description", overlay, replace(JOB, description=shown)) is found


@pytest.mark.parametrize(
    ("wanted", "street", "place", "found"),
    [
        ("Phoenix, AZ 85003", None, Place(city="Phoenix", postal_code="85003"), CONFIRMED),
        ("Phoenix, AZ 85003", None, Place(city="PHOENIX", full_address="1 Sunny Lane, Phoenix, AZ 85003"), CONFIRMED),
        ("Phoenix, AZ 85003", "1 Sunny Lane", Place("Phoenix", "85003", "US", "1 Sunny Lane, Phoenix"), CONFIRMED),
        ("Phoenix, AZ 85003", "1 Sunny Lane, Phoenix", Place("Phoenix", "85003", None, "1 sunny lane"), CONFIRMED),
        ("Phoenix, AZ 85003", "1 Sunny Ln", Place("Phoenix", "85003", None, "1 Sunny Lane"), NOT_COMPARABLE),
        ("Phoenix, AZ 85003", "1 Sunny Lane", Place("Phoenix", "85003"), NOT_COMPARABLE),
        ("Phoenix", None, Place(city="Phoenix"), CONFIRMED),
        ("Phoenix, AZ", None, Place(city="Phoenix", full_address="Phoenix, AZ, USA"), CONFIRMED),
        ("Phoenix, AZ", None, Place(city="Phoenix"), NOT_COMPARABLE),
        ("Phoenix, AZ", None, Place(city="Phoenix", full_address="Phoenix, Arizona"), NOT_COMPARABLE),
        ("London, SW1A 1AA", None, Place(city="London", postal_code="sw1a1aa"), CONFIRMED),
        ("Phoenix, AZ 85003", None, Place(city="Phoenix", postal_code="85004"), CONTRADICTED),
        ("Phoenix, AZ 85003", None, Place(city="Oakland", postal_code="94609"), CONTRADICTED),
        ("New York, NY 10001", None, Place(city="New York City", postal_code="10001"), NOT_COMPARABLE),
        ("10115 Berlin", None, Place(city="Berlin", postal_code="10115"), NOT_COMPARABLE),
        ("Phoenix, AZ 85003", None, Place(country_code="US"), UNREADABLE),
        ("Phoenix, AZ 85003", None, Place(full_address="somewhere"), NOT_COMPARABLE),
    ],
)
def test_locations_are_taken_apart_by_indeed(wanted: str, street: str | None, place: Place, found: Verdict) -> None:
    overlay = Overlay(location=OverlayLocation(city_region_postal=wanted, street_address=street))
    assert verdict("location", overlay, replace(JOB, place=place)) is found


FULL = {"currency": "USD", "minimum_minor": 5200, "maximum_minor": 6800}
NAMED = Pay(period="HOUR", currency="USD", minimum_minor=5200, maximum_minor=6800)
PLAIN = Pay(period="HOUR", minimum=Decimal("52.0"), maximum=Decimal(68))


@pytest.mark.parametrize(
    ("wanted", "pay", "found"),
    [
        (FULL, NAMED, CONFIRMED),
        ({"maximum_minor": 6800}, NAMED, CONFIRMED),
        (FULL, replace(NAMED, period="hourly"), CONFIRMED),
        (FULL, replace(NAMED, period="YEAR"), CONTRADICTED),
        (FULL, replace(NAMED, currency="EUR"), CONTRADICTED),
        (FULL, replace(NAMED, minimum_minor=5199), CONTRADICTED),
        (FULL, replace(NAMED, maximum_minor=None), CONTRADICTED),
        (FULL, replace(NAMED, period=None), NOT_COMPARABLE),
        (FULL, PLAIN, NOT_COMPARABLE),  # no currency is told
        ({"minimum_minor": 5200, "maximum_minor": 6800}, PLAIN, CONFIRMED),
        ({"minimum_minor": 5200}, replace(PLAIN, minimum=Decimal(5200)), NOT_COMPARABLE),  # in an unknown unit
        ({"minimum_minor": 5200}, replace(PLAIN, minimum=Decimal(53)), CONTRADICTED),
        ({"minimum_minor": 5200}, replace(PLAIN, minimum=None), CONTRADICTED),
        ({"minimum_minor": 52, "currency": "JPY"}, replace(PLAIN, currency="JPY"), CONFIRMED),
        (FULL, None, CONTRADICTED),
    ],
)
def test_salaries_differ_in_names_and_units(wanted: dict[str, Any], pay: Pay | None, found: Verdict) -> None:
    overlay = Overlay(salary=OverlaySalary(period="HOUR", **wanted))
    assert verdict("salary", overlay, replace(JOB, pay=pay)) is found


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("https://example.com/jobs/1", CONFIRMED),
        ("HTTPS://Example.COM:443/jobs/1", CONFIRMED),
        ("https://example.com/jobs/2", CONTRADICTED),
        ("http://www.indeed.com/job/nurse-9354ed892ad3a1b6", NOT_COMPARABLE),
        ("https://notindeed.com/job/1", CONTRADICTED),
        ("https://[", CONTRADICTED),
        (None, UNREADABLE),
    ],
)
def test_urls(shown: str | None, found: Verdict) -> None:
    assert verdict("url", Overlay(url="https://example.com/jobs/1"), replace(JOB, url=shown)) is found


def test_one_tracking_url_is_written_and_a_list_is_read() -> None:
    wanted = Overlay(tracking_url="https://example.com/1", campaign_categories=("b", "a"))
    job = replace(JOB, tracking_urls=("https://x.example/", "https://example.com/1"), campaign_categories=("a", "c"))
    assert verdict("tracking_url", wanted, job) is CONFIRMED
    assert verdict("tracking_url", wanted, JOB) is CONTRADICTED
    assert verdict("campaign_categories", wanted, job) is CONTRADICTED
    job = replace(job, campaign_categories=("c", "a", "b"))
    assert verdict("campaign_categories", wanted, job) is CONFIRMED


def test_a_digest_tells_nothing_and_is_that_of_the_value_as_shown() -> None:
    wanted = Overlay(title="Nurse", description=HTML, description_formatting="HTML", url="https://example.com/1")
    job = replace(
        JOB, description="About the role Join our team & build it. Salary Remote", url="https://EXAMPLE.com/1"
    )
    for name in ("title", "description", "url"):
        assert digest(name, wanted) in shown_digests(name, job)
        assert len(digest(name, wanted)) == 16
    assert digest("title", wanted) != digest("title", Overlay(title="NURSE"))
    assert shown_digests("description", JOB) == set()


TEXTS = st.text(max_size=80)
JOBS = st.builds(
    EmployerJob,
    employer_job_id=st.just("i"),
    title=st.none() | TEXTS,
    campaign_categories=st.lists(TEXTS, max_size=2).map(tuple),
    tracking_urls=st.lists(TEXTS, max_size=2).map(tuple),
    live=st.just(Live.LIVE),
    description=st.none() | TEXTS,
    company=st.none() | TEXTS,
    url=st.none() | TEXTS,
    place=st.builds(Place, st.none() | TEXTS, st.none() | TEXTS, st.none() | TEXTS, st.none() | TEXTS),
    pay=st.none() | st.builds(Pay, TEXTS, TEXTS, st.none() | st.integers(), st.none() | st.integers()),
)
OVERLAYS = st.builds(
    Overlay,
    url=TEXTS,
    campaign_categories=st.lists(TEXTS, max_size=2).map(tuple),
    tracking_url=TEXTS,
    title=TEXTS,
    description=TEXTS,
    description_formatting=st.sampled_from([None, "TEXT", "HTML"]),
    location=st.builds(OverlayLocation, city_region_postal=TEXTS, street_address=st.none() | TEXTS),
    salary=st.builds(OverlaySalary, currency=st.none() | TEXTS, minimum_minor=st.none() | st.integers(), period=TEXTS),
    company_name=TEXTS,
)


@given(OVERLAYS, JOBS)
@settings(deadline=None)
def test_any_value_against_any_job_has_a_verdict(overlay: Overlay, job: EmployerJob) -> None:
    for name in FIELDS:
        assert verdict(name, overlay, job) in {CONFIRMED, CONTRADICTED, UNREADABLE, NOT_COMPARABLE}
        assert digest(name, overlay)
        assert isinstance(shown_digests(name, job), set)
