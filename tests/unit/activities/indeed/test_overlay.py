"""What is wanted on a job at Indeed, what is to be sent, and what is left of it."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from activities.indeed.fields import digest
from activities.indeed.overlay import (
    Plan,
    broken_limits,
    needs_number,
    plan,
    wanted_overlay,
    with_both_bounds,
)
from clients.indeed.reading import EmployerJob, Pay
from config.customers import CustomerIndeed
from models.overlay import Overlay, OverlayLocation, OverlaySalary, Verdict, WrittenField, violations
from models.problems import Category
from models.states import Live
from tests.support.replies import sample

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
JOB = EmployerJob("iri", "Nurse", (), (), Live.LIVE)
TRACKING = "https://example.com/jobs/1209?utm_source=indeed"
EXAMPLE = tomllib.loads(sample("boardsync.toml").decode())["customers"][0]["indeed"]
SETTINGS = CustomerIndeed.model_validate({**EXAMPLE, "campaign_categories": ["default", "spring"]})


def overlay(settings: CustomerIndeed = SETTINGS, **more: Any) -> Overlay:
    return wanted_overlay(settings, customer_id="1234", job_id="1209", **more)


# --- what is wanted -----------------------------------------------------------------------------------------


def test_what_people_set_goes_before_the_ats_and_this_before_the_templates() -> None:
    settings = SETTINGS.model_copy(update={"company_name": "Template {job_id}", "url": "https://t.example/{job_id}"})
    pushed = Overlay(title="ATS", company_name="ATS", description="<p>of the ATS</p>", description_formatting="HTML")
    by_hand = Overlay(title="By hand", description="Plain words of a person, with a < in them.")
    assert overlay(settings, pushed=pushed, by_hand=by_hand) == Overlay(
        url="https://t.example/1209",
        tracking_url=TRACKING,
        campaign_categories=("default", "spring"),
        title="By hand",
        company_name="ATS",
        description="Plain words of a person, with a < in them.",
    )


def test_the_formatting_alone_may_be_set_over_another_ones_text() -> None:
    base = Overlay(description="x", description_formatting="HTML")
    assert Overlay(description_formatting="TEXT").over(base).description_formatting == "TEXT"


def test_an_address_with_the_jobs_number_is_wanted_once_the_number_is_known() -> None:
    settings = SETTINGS.model_copy(update={"url": "https://example.com/{job_number}"})
    assert needs_number(settings)
    assert not needs_number(SETTINGS)
    assert overlay(settings).url is None
    assert overlay(settings, job_number="2026-7").url == "https://example.com/2026-7"


LONG = "x" * 30
BROKEN = [
    ({"title": "x" * 76}, "title: 76 characters, 1 to 75 are allowed"),
    ({"title": " "}, "title: 1 characters, 1 to 75 are allowed"),
    ({"company_name": "x" * 201}, "company_name: 201 characters, 1 to 200 are allowed"),
    ({"description": "x" * 29}, "description: 29 characters, at least 30 are needed"),
    ({"description": "x" * 20_001}, "description: 20001 characters of text, at most 20000 are allowed"),
    (
        {"description": "x" * 29, "description_formatting": "HTML"},
        "description: 29 characters, at least 30 are needed",
    ),
    (
        {"description": "é" * 32_501, "description_formatting": "HTML"},
        "description: 65002 bytes of HTML, at most 65000 are allowed",
    ),
    ({"description_formatting": "HTML"}, "description_formatting: only together with a description"),
    ({"url": "example.com/x"}, "url: must be a whole http or https address"),
    ({"tracking_url": "ftp://example.com"}, "tracking_url: must be a whole http or https address"),
    ({"tracking_url": "https://"}, "tracking_url: must be a whole http or https address"),
    ({"tracking_url": "https://a b"}, "tracking_url: must be a whole http or https address"),
    ({"tracking_url": "https://[x"}, "tracking_url: must be a whole http or https address"),
    ({"campaign_categories": ()}, "campaign_categories: at least one, and none empty"),
    ({"campaign_categories": ("a", " ")}, "campaign_categories: at least one, and none empty"),
    ({"location": OverlayLocation(street_address="x")}, "location.city_region_postal: required with a location"),
    (
        {"salary": OverlaySalary(minimum_minor=1)},
        "salary.period: required with a salary, one of HOUR, DAY, WEEK, MONTH, YEAR, SHIFT, TASK, MILE",
    ),
    (
        {"salary": OverlaySalary(period="HOUR", currency="usd")},
        "salary.currency: must be an ISO 4217 code such as USD",
    ),
    (
        {"salary": OverlaySalary(period="HOUR", minimum_minor=-1)},
        f"salary.minimum_minor: must be a whole number from 0 to {2**63 - 1}",
    ),
    (
        {"salary": OverlaySalary(period="HOUR", maximum_minor=2**63)},
        f"salary.maximum_minor: must be a whole number from 0 to {2**63 - 1}",
    ),
    (
        {"salary": OverlaySalary(period="HOUR", minimum_minor=2, maximum_minor=1)},
        "salary.minimum_minor: must not be above maximum_minor",
    ),
]


@pytest.mark.parametrize(("fields", "words"), BROKEN, ids=[words[:40] for _, words in BROKEN])
def test_each_broken_limit_is_named_with_what_is_allowed(fields: dict[str, Any], words: str) -> None:
    assert violations(Overlay(**fields)) == [words]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "x" * 75, "company_name": "x" * 200},
        {"description": "x" * 30},
        {"description": "é" * 20_000, "description_formatting": "TEXT"},
        {"description": "é" * 32_500, "description_formatting": "HTML"},
        {"salary": OverlaySalary(period="YEAR", currency="EUR", minimum_minor=0, maximum_minor=2**63 - 1)},
        {"salary": OverlaySalary(period="MILE")},
        {"location": OverlayLocation(city_region_postal="Phoenix")},
    ],
)
def test_values_at_the_limits_pass(fields: dict[str, Any]) -> None:
    assert violations(Overlay(**fields)) == []
    assert broken_limits(Overlay(**fields)) is None


def test_all_broken_limits_are_told_at_once_and_no_value_is_repeated() -> None:
    problem = broken_limits(Overlay(title="secret" * 20, tracking_url="secret", company_name=""))
    assert problem is not None
    assert problem.category is Category.INVALID_POSTING
    assert all(name in problem.reason for name in ("title", "tracking_url", "company_name"))
    assert "secret" not in problem.reason


# --- what is to be sent -------------------------------------------------------------------------------------

AGAIN_AFTER = timedelta(minutes=15)
OTHER = replace(JOB, employer_job_id="other")


def sent(name: str, wanted: Overlay, *, before: timedelta = timedelta(0)) -> dict[str, WrittenField]:
    return {name: WrittenField(digest=digest(name, wanted), at=NOW - before)}


def planned(
    wanted: Overlay, *jobs: EmployerJob, written: dict[str, WrittenField] | None = None, distrust: bool = False
) -> Plan:
    return plan(jobs, wanted, written or {}, NOW, AGAIN_AFTER, distrust=distrust)


@pytest.mark.parametrize(
    ("urls", "categories", "missing"),
    [
        ((), (), ("campaign_categories", "tracking_url")),
        ((TRACKING,), (), ("campaign_categories",)),
        (("https://other.example/", TRACKING), ("spring", "other", "default"), ()),
        ((), ("default",), ("campaign_categories", "tracking_url")),
        ((), ("spring", "default"), ("tracking_url",)),
    ],
)
def test_only_what_a_job_does_not_show_yet_is_sent(
    urls: tuple[str, ...], categories: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    step = planned(overlay(), replace(JOB, tracking_urls=urls, campaign_categories=categories))
    assert step.send == ({"iri": missing} if missing else {})
    assert step.done is not bool(missing)
    assert set(step.fields) == {"campaign_categories", "tracking_url"}


WANTED = Overlay(title="Nurse (RN)")


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ({}, True),
        (sent("title", WANTED), False),
        (sent("title", WANTED, before=AGAIN_AFTER), True),
        (sent("title", Overlay(title="Another")), True),
    ],
    ids=["never", "just now", "long ago", "another value"],
)
def test_what_was_accepted_is_left_alone_until_its_time_has_come(
    written: dict[str, WrittenField], *, again: bool
) -> None:
    step = planned(WANTED, JOB, written=written)
    assert step.fields == {"title": Verdict.PENDING}
    assert step.send == ({"iri": ("title",)} if again else {})
    assert not step.done


def test_each_posting_is_sent_what_it_lacks_and_a_field_stands_as_on_the_worst() -> None:
    shows = replace(JOB, employer_job_id="shows", title="Nurse (RN)")
    step = planned(WANTED, shows, OTHER)
    assert (step.send, step.fields, step.done) == ({"other": ("title",)}, {"title": Verdict.PENDING}, False)
    assert planned(WANTED, shows, replace(shows, employer_job_id="too")).done


def test_an_unreadable_field_is_sent_once_and_never_called_through() -> None:
    job = replace(JOB, title=None)
    assert planned(WANTED, job).send == {"iri": ("title",)}
    step = planned(WANTED, job, written=sent("title", WANTED))
    assert (step.send, step.fields, step.done) == ({}, {"title": Verdict.UNREADABLE}, False)


def test_what_cannot_be_compared_is_through_once_indeed_has_accepted_it() -> None:
    wanted = Overlay(url="https://example.com/1")
    job = replace(JOB, url="http://www.indeed.com/job/nurse-9354ed892ad3a1b6")
    assert planned(wanted, job).send == {"iri": ("url",)}
    step = planned(wanted, job, written=sent("url", wanted))
    assert (step.fields, step.done) == ({"url": Verdict.NOT_COMPARABLE}, True)


def test_nothing_shown_counts_while_a_clear_is_under_way() -> None:
    job = replace(JOB, title="Nurse (RN)")
    assert planned(WANTED, job, distrust=True).send == {"iri": ("title",)}
    assert planned(WANTED, job, written=sent("title", WANTED), distrust=True).done


@pytest.mark.parametrize(
    ("wanted", "pay", "sends"),
    [
        ({"minimum_minor": 1}, None, (1, None)),
        ({"minimum_minor": 1}, Pay(maximum_minor=9), (1, 9)),
        ({"maximum_minor": 9}, Pay(minimum_minor=1, maximum_minor=5), (1, 9)),
        ({"minimum_minor": 1, "currency": "USD"}, Pay(maximum=Decimal("68.5")), (1, 6850)),
        ({"minimum_minor": 1, "currency": "JPY"}, Pay(maximum=Decimal(68)), (1, 68)),
        ({"minimum_minor": 1}, Pay(currency="KWD", maximum=Decimal(68)), (1, 68_000)),
        ({"minimum_minor": 1}, Pay(maximum=Decimal(68)), None),
        ({"minimum_minor": 1, "maximum_minor": 2}, Pay(maximum=Decimal(68)), (1, 2)),
        ({}, Pay(minimum_minor=1, maximum_minor=2), (1, 2)),
    ],
)
def test_a_salary_is_sent_with_both_bounds(
    wanted: dict[str, Any], pay: Pay | None, sends: tuple[int | None, int | None] | None
) -> None:
    found = with_both_bounds(OverlaySalary(period="HOUR", **wanted), pay)
    assert (found and (found.minimum_minor, found.maximum_minor)) == sends
