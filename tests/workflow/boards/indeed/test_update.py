"""A posted job at Indeed: what is wanted is set, only what differs, and read back field by field."""

from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.overlay import Verdict
from models.problems import Category
from models.states import Outcome
from tests.support.boards import Boards
from tests.support.history import events
from tests.support.indeed import (
    heard,
    indeed_settings,
    overlay,
    post,
    posted,
    settles,
    written,
)
from tests.support.lifecycles import asks, attention_of, eventually, indeed_of, state
from tests.support.workers import running_workers

MARKED = ("campaign_categories", "tracking_url")
TRACKING = "https://example.com/jobs/{}?utm_source=indeed"


async def test_templates_and_the_atss_own_fields_are_set_and_no_description_reaches_temporal(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    old = "<p>An older text of thirty characters.</p>"
    await boards.add_job(
        job,
        company="Night Clinic",
        overlay={
            "title": "Old",
            "companyName": "Old",
            "description": old,
            "jobLocation": {"cityRegionPostal": "Oakland, CA 94609"},
        },
    )
    settings = indeed_settings(
        sandbox_urls,
        company_field="company",
        url="https://apply.example.com/{job_id}",
        push_fields=["title", "description", "location", "company"],
    )
    async with running_workers(client, settings):
        handle = await posted(client, settings, job)
        track = indeed_of(await state(handle))
        history = await events(handle)
    assert set(track.fields) == {*MARKED, "url", "title", "description", "location", "company_name"}
    assert set(track.fields.values()) == {Verdict.CONFIRMED}
    found = await overlay(boards, job)
    assert (found["title"], found["companyName"]) == ("Registered Nurse", "Night Clinic")
    assert found["jobLocation"] == {"cityRegionPostal": "San Francisco, CA 94110", "streetAddress": "1001 Potrero Ave"}
    assert found["description"].startswith("<p>We are a 300-bed community hospital")
    assert found["descriptionFormatting"] == "HTML"
    assert found["url"] == f"https://apply.example.com/{job}"
    assert not any(b"300-bed" in event.SerializeToString() for event in history)
    await handle.terminate()


async def test_a_job_that_shows_all_that_is_wanted_is_read_once_and_not_written(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await posted(client, settings, job)
    counts = await boards.counts(job)
    assert (counts["indeed.node"], counts.get("indeed.update", 0)) == (1, 0)
    await handle.terminate()


async def test_people_set_fields_and_take_them_back(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    fields: dict[str, Any] = {
        "title": "Night Nurse",
        "company_name": "Night Clinic",
        "tracking_url": "https://example.com/by-hand",
        "location": {"city_region_postal": "Phoenix, AZ 85003"},
        "salary": {"maximum_minor": 9000, "period": "HOUR"},
        "description": "A night shift for a nurse who likes the quiet.",
    }
    await handle.signal("update", {"by": "Ana", "reason": "the client asked", "fields": fields})
    await eventually(lambda: overlay(boards, bare), lambda found: "title" in found)
    track = await settles(handle)
    assert track.outcome is Outcome.UPDATED
    assert set(track.fields.values()) == {Verdict.CONFIRMED}
    found = await overlay(boards, bare)
    assert found["trackingUrl"] == "https://example.com/by-hand"
    # The minimum was not given: left out, Indeed would clear it.
    assert found["salary"] == {"currency": "USD", "minimumMinor": 5200, "maximumMinor": 9000, "period": "HOUR"}

    await handle.signal("update", {"fields": {"title": None, "tracking_url": None, "company_name": "Day Clinic"}})
    await eventually(lambda: overlay(boards, bare), lambda found: found.get("companyName") == "Day Clinic")
    track = await settles(handle)
    found = await overlay(boards, bare)
    assert "title" not in found
    assert found["trackingUrl"] == TRACKING.format(bare)
    assert found["jobLocation"]["cityRegionPostal"] == "Phoenix, AZ 85003"
    assert track.overrides is not None
    assert track.overrides.names == ("description", "location", "salary", "company_name")
    assert "indeed.clear" in await boards.writes(bare)
    await handle.terminate()


UNREADABLE: list[tuple[object, str]] = [
    ({"fields": {"titel": "x"}}, "unknown 'titel' in fields; known: url, "),
    ({"title": "x"}, "unknown 'title' at the top; an overlay's fields go into \"fields\""),
    ({"fields": {"salary": {"minimum": 1}}}, "unknown 'minimum' in salary"),
    ({"fields": {"salary": {"minimum_minor": 52.5}}}, "fields.salary.minimum_minor: Input should be a valid int"),
    ({"fields": "title"}, '"fields" must be an object'),
    ({"fields": {"title": ["secret"]}}, "fields.title: Input should be a valid string"),
    ("{please", "text that looks like an object"),
]


async def test_an_update_that_cannot_be_read_changes_nothing_and_says_why(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await posted(client, settings, job)
    for payload, _ in UNREADABLE:
        await handle.signal("update", payload)
    seen = await eventually(lambda: state(handle), lambda seen: len(seen.received) == 1 + len(UNREADABLE))
    for received, (_, why) in zip(seen.received[1:], UNREADABLE, strict=True):
        assert received.what == "unreadable signal update: nothing was changed"
        assert received.reason is not None
        assert received.reason.startswith(why)
        assert "secret" not in received.reason
    assert await boards.writes(job) == []
    await handle.terminate()


async def test_every_broken_limit_is_named_and_holds_up_no_other_field(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    fields = {"title": "x" * 76, "salary": {"minimum_minor": 1}, "url": "nowhere", "company_name": "Night Clinic"}
    await handle.signal("update", {"fields": fields})
    seen = indeed_of(await asks(handle, indeed_of, Category.INVALID_POSTING))
    reason = attention_of(seen).reason
    assert all(each in reason for each in ("title: 76", "salary.period: required", "url: must be"))
    assert seen.outcome is Outcome.UPDATED
    assert {name for name, found in seen.fields.items() if found is Verdict.CONTRADICTED} == {"title", "salary", "url"}
    assert set(await overlay(boards, bare)) == {"campaignCategories", "trackingUrl", "companyName"}
    await handle.signal("update", {"fields": {"title": "Nurse", "salary": None, "url": None}})
    await eventually(lambda: overlay(boards, bare), lambda found: found.get("title") == "Nurse")
    assert (await settles(handle)).attention is None
    await handle.terminate()


async def test_a_field_that_grows_over_its_limit_leaves_what_was_set_before(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    await handle.signal("update", {"fields": {"title": "Nurse"}})
    await eventually(lambda: overlay(boards, bare), lambda found: found.get("title") == "Nurse")
    await settles(handle)
    await handle.signal("update", {"fields": {"title": "x" * 76}})
    await asks(handle, indeed_of, Category.INVALID_POSTING)
    assert (await overlay(boards, bare))["title"] == "Nurse"
    assert await boards.records(provider="indeed", operation="clear", job_id=bare) == []
    await handle.terminate()


@pytest.mark.parametrize("visible_after", [0.0, 0.8])
@pytest.mark.parametrize("kind", ["lost_answer", "http_after", "partial"])
async def test_an_update_in_doubt_is_read_and_what_is_missing_is_sent_again(
    client: Client, settings: Settings, boards: Boards, bare: str, kind: str, visible_after: float
) -> None:
    await boards.set(indeed__visibility_seconds=visible_after)
    await boards.fault("indeed", "update", kind, job_id=bare, fields=["trackingUrl"])
    handle = await post(client, settings, bare)
    track = await settles(handle)
    assert (track.outcome, set(track.fields.values())) == (Outcome.UPDATED, {Verdict.CONFIRMED})
    both, one, rest = (["campaignCategories", "trackingUrl"], ["trackingUrl"], ["campaignCategories"])
    if not visible_after:
        # What shows is not sent again.
        assert [sorted(each) for each in await written(boards, bare)] == ([one, rest] if kind == "partial" else [both])
    assert set(await overlay(boards, bare)) == {"campaignCategories", "trackingUrl"}
    await handle.terminate()


async def test_a_write_that_never_arrived_is_sent_again(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    await boards.fault("indeed", "update", "drop", job_id=bare)
    handle = await posted(client, settings, bare)
    assert len(await written(boards, bare)) == 1
    await handle.terminate()


async def test_a_field_that_never_takes_asks_for_a_person_and_retry_sends_it_again(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    timing = settings.timing.model_copy(update={"confirm_within": settings.timing.confirm_max * 4})
    settings = settings.model_copy(update={"timing": timing})
    await boards.add_job(bare, overlay={"trackingUrl": TRACKING.format(bare)})
    await boards.fault("indeed", "update", "lie", job_id=bare, times=None)
    async with running_workers(client, settings):
        handle = await post(client, settings, bare)
        seen = await asks(handle, indeed_of, Category.NOT_TAKEN)
        track = indeed_of(seen)
        assert attention_of(track).retrying
        assert "what the agency set: campaign_categories." in attention_of(track).reason
        assert track.fields == {
            "campaign_categories": Verdict.CONTRADICTED,
            "tracking_url": Verdict.CONFIRMED,
        }
        sent = (await boards.counts(bare))["indeed.update"]
        await handle.signal("confirm", {"by": "Ana"})
        await heard(handle, "signal confirm")
        assert (await boards.counts(bare))["indeed.update"] == sent
        await boards.clear_faults()
        await handle.signal("retry", {"by": "Ana"})
        track = await settles(handle)
        assert track.outcome is Outcome.UPDATED
        assert (await boards.counts(bare))["indeed.update"] == sent + 1
        await handle.terminate()


REFUSALS = [
    ("FORBIDDEN", "Advertiser is requesting an update to EJ (id=1), but the job is claimed by a different advertiser."),
    ("FORBIDDEN", "Advertiser is in a restricted moderation status"),
    ("FORBIDDEN", "You are missing permissions for this action. Ask for [Hosted_Job Create]"),
    ("FORBIDDEN", "Client is not authorized"),
    ("UNAUTHENTICATED", "Token expired"),
    ("BAD_USER_INPUT", "title is malformed"),
    ("BAD_REQUEST", "no"),
    ("GRAPHQL_PARSE_FAILED", "Syntax Error"),
]
CATEGORIES = [
    Category.CLAIMED,
    Category.PERMISSION,
    Category.PERMISSION,
    Category.CREDENTIALS,
    Category.CREDENTIALS,
    Category.INVALID_POSTING,
    Category.REFUSED,
    Category.REFUSED,
]


@pytest.mark.usefixtures("refused_for_long")
async def test_a_refused_update_asks_for_a_person_with_indeeds_words_and_goes_on_after_a_retry(
    client: Client, settings: Settings, boards: Boards
) -> None:
    await boards.set(indeed__error_message_place="top", indeed__error_path=False)
    jobs = [str(62_000 + number) for number in range(len(REFUSALS))]
    for job, (code, message) in zip(jobs, REFUSALS, strict=True):
        await boards.add_job(job, overlay=False)
        times = 2 if code in {"UNAUTHENTICATED", "FORBIDDEN"} else 1
        await boards.fault("indeed", "update", "graphql_error", job_id=job, code=code, message=message, times=times)
    handles = []
    for job, (_, message), category in zip(jobs, REFUSALS, CATEGORIES, strict=True):
        # One after the other: a request with several of them would be refused for one, and sent again in halves.
        handles.append(handle := await post(client, settings, job))
        attention = attention_of(indeed_of(await asks(handle, indeed_of, category)))
        assert message in attention.reason
        # Nobody tells when another advertiser lets go, so that is tried again by itself.
        assert attention.retrying is (category is Category.CLAIMED)
    await boards.clear_faults()
    for handle in handles:
        await handle.signal("retry")
        assert (await settles(handle)).outcome is Outcome.UPDATED
        await handle.terminate()


@pytest.mark.parametrize(
    ("salary", "description", "location"),
    [("both", "as_sent", "structured"), ("named", "sanitised", "city_only"), ("plain", "text", "hidden")],
)
async def test_fields_are_confirmed_or_said_to_be_incomparable_in_every_shape(
    client: Client, settings: Settings, boards: Boards, bare: str, salary: str, description: str, location: str
) -> None:
    await boards.set(
        indeed__salary_shape=salary, indeed__description_shape=description, indeed__location_shape=location
    )
    fields: dict[str, Any] = {
        "salary": {"currency": "USD", "minimum_minor": 6000, "maximum_minor": 7000, "period": "HOUR"},
        "description": "<h2>Night nurse</h2><p>We look for <i>you</i> &amp; nobody else.</p>",
        "description_formatting": "HTML",
    }
    if location != "hidden":
        fields["location"] = {"city_region_postal": "Phoenix, AZ 85003"}
    handle = await posted(client, settings, bare)
    await handle.signal("update", {"fields": fields})
    await eventually(lambda: overlay(boards, bare), lambda found: "salary" in found)
    track = await settles(handle)
    assert track.fields["description"] is Verdict.CONFIRMED
    assert track.fields["salary"] is (Verdict.NOT_COMPARABLE if salary == "plain" else Verdict.CONFIRMED)
    proof = {"structured": Verdict.CONFIRMED, "city_only": Verdict.NOT_COMPARABLE, "hidden": None}
    assert track.fields.get("location") is proof[location]
    assert len(await written(boards, bare)) == 2
    await handle.terminate()
