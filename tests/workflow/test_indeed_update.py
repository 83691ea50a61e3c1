"""A posted job at Indeed: what is wanted is set, only what differs, and read back field by field."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.events import IndeedChange
from models.lifecycle import Intent, Lifecycle, Live, Outcome, Phase
from models.overlay import Verdict
from models.problems import Category
from tests.support.boards import Boards
from tests.support.history import events
from tests.support.indeed import indeed_settings, post, running_workers, settles
from tests.support.lifecycles import Handle, eventually, indeed_of, state

MARKED = ("campaign_categories", "tracking_url")
TRACKING = "https://example.com/jobs/{}?utm_source=indeed"


@pytest.fixture
async def settings(client: Client, sandbox_urls: dict[str, str], boards: Boards) -> AsyncIterator[Settings]:
    settings = indeed_settings(sandbox_urls)
    async with running_workers(client, settings):
        yield settings


@pytest.fixture
async def bare(boards: Boards, job: str) -> str:
    """Give a job on which the agency has set nothing yet."""
    await boards.add_job(job, overlay=False)
    return job


async def posted(client: Client, settings: Settings, job: str) -> Handle:
    handle = await post(client, settings, job)
    track = await settles(handle)
    assert track.outcome is Outcome.UPDATED
    return handle


async def overlay(boards: Boards, job: str) -> Any:
    return (await boards.job(job))["indeed"]["overlay_left"]


async def written(boards: Boards, job: str) -> list[list[str]]:
    """Name the fields of each update that was applied; none may have been shown before."""
    records = await boards.records(provider="indeed", operation="update", job_id=job)
    assert [each["repeated"] for each in records if each["repeated"]] == []
    return [each["fields"][job] for each in records if each["fields"]]


async def heard(handle: Handle, what: str, count: int = 1) -> Lifecycle:
    def is_last(seen: Lifecycle) -> bool:
        return bool(seen.received) and (seen.received[-1].what, seen.received[-1].count) == (what, count)

    return await eventually(lambda: state(handle), is_last)


async def in_attention(handle: Handle, category: Category) -> Lifecycle:
    def asks(seen: Lifecycle) -> bool:
        attention = indeed_of(seen).attention
        return attention is not None and attention.category is category

    return await eventually(lambda: state(handle), asks)


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


async def test_every_broken_limit_is_named_and_nothing_is_sent(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    before = await boards.counts(bare)
    await handle.signal("update", {"fields": {"title": "x" * 76, "salary": {"minimum_minor": 1}, "url": "nowhere"}})
    attention = indeed_of(await in_attention(handle, Category.INVALID_POSTING)).attention
    assert attention is not None
    assert all(each in attention.reason for each in ("title: 76", "salary.period: required", "url: must be"))
    assert (await boards.counts(bare))["indeed.update"] == before["indeed.update"]
    await handle.signal("update", {"fields": {"title": "Nurse", "salary": None, "url": None}})
    await eventually(lambda: overlay(boards, bare), lambda found: found.get("title") == "Nurse")
    await settles(handle)
    await handle.terminate()


@pytest.mark.parametrize("kind", ["lost_answer", "http_after", "partial"])
async def test_a_field_that_may_have_landed_is_not_written_again_while_it_is_not_visible(
    client: Client, settings: Settings, boards: Boards, bare: str, kind: str
) -> None:
    await boards.set(indeed__visibility_seconds=0.8)
    await boards.fault("indeed", "update", kind, job_id=bare, fields=["trackingUrl"])
    handle = await post(client, settings, bare)
    track = await settles(handle)
    assert any(each.answered.startswith("in doubt") for each in track.evidence)
    assert set(track.fields.values()) == {Verdict.CONFIRMED}
    both, one, rest = (["campaignCategories", "trackingUrl"], ["trackingUrl"], ["campaignCategories"])
    assert [sorted(each) for each in await written(boards, bare)] == ([one, rest] if kind == "partial" else [both])
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
        seen = await in_attention(handle, Category.NOT_TAKEN)
        track = indeed_of(seen)
        assert track.attention is not None
        assert track.attention.retrying
        assert "what the agency set: campaign_categories." in track.attention.reason
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


async def test_a_refused_update_asks_for_a_person_with_indeeds_words_and_goes_on_after_a_retry(
    client: Client, settings: Settings, boards: Boards
) -> None:
    await boards.set(indeed__error_message_place="top", indeed__error_path=False)
    jobs = [str(62_000 + number) for number in range(len(REFUSALS))]
    for job, (code, message) in zip(jobs, REFUSALS, strict=True):
        await boards.add_job(job, overlay=False)
        times = 2 if code in {"UNAUTHENTICATED", "FORBIDDEN"} else 1
        await boards.fault("indeed", "update", "graphql_error", job_id=job, code=code, message=message, times=times)
    handles = [await post(client, settings, job) for job in jobs]
    for handle, (_, message), category in zip(handles, REFUSALS, CATEGORIES, strict=True):
        attention = indeed_of(await in_attention(handle, category)).attention
        assert attention is not None
        assert message in attention.reason
        assert not attention.retrying
    await boards.clear_faults()
    for handle in handles:
        await handle.signal("retry")
        assert (await settles(handle)).outcome is Outcome.UPDATED
        await handle.terminate()


def hint(id_: str | None = None) -> IndeedChange:
    return IndeedChange(employer_job_id="opaque", event_id=id_, received_at=datetime.now(UTC))


async def test_what_an_edit_in_the_ats_drops_is_set_again_when_indeed_tells(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    await boards.set(indeed__ats_edit="drops_overlay")
    await boards.change_job(bare, title="Edited")
    assert await overlay(boards, bare) == {}
    for _ in range(20):
        await handle.signal("indeed_changed", hint("the same"))
    await eventually(lambda: overlay(boards, bare), lambda found: len(found) == len(MARKED))
    await heard(handle, "signal indeed_changed", 20)
    await settles(handle)
    assert len(await written(boards, bare)) == 2
    assert (await boards.counts(bare))["indeed.update"] == 2
    await handle.terminate()


async def test_hints_of_a_settled_job_cause_a_read_and_nothing_else(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    handle = await posted(client, settings, bare)
    before = await boards.counts(bare)
    for number in range(30):
        await handle.signal("indeed_changed", hint(str(number)))
    await heard(handle, "signal indeed_changed", 30)
    counts = await eventually(lambda: boards.counts(bare), lambda now: now["indeed.node"] > before["indeed.node"])
    seen = await state(handle)
    assert (seen.phase, indeed_of(seen).outcome) == (Phase.OPEN, Outcome.UPDATED)
    assert counts["indeed.update"] == before["indeed.update"]
    await handle.terminate()


async def test_a_hint_makes_a_waiting_read_back_happen_at_once(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    hour = settings.timing.confirm_max * 10_000
    timing = settings.timing.model_copy(update={"confirm_first": hour, "confirm_max": hour, "confirm_within": hour})
    settings = settings.model_copy(update={"timing": timing})
    await boards.set(indeed__visibility_seconds=0.3)
    async with running_workers(client, settings):
        handle = await post(client, settings, bare)
        await eventually(lambda: boards.counts(bare), lambda now: now.get("indeed.node", 0) >= 2)
        await eventually(lambda: boards.job(bare), lambda now: now["indeed"]["overlay_visible"] != {})
        await handle.signal("indeed_changed", hint())
        await settles(handle)
        await handle.terminate()


async def test_a_clear_by_hand_takes_all_off_until_something_new_is_wanted(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await posted(client, settings, job)
    await handle.signal("clear", {"by": "Ana", "reason": "wrong campaign"})
    await eventually(lambda: overlay(boards, job), lambda found: found == {})
    track = await settles(handle)
    assert track.outcome is Outcome.CLEARED
    assert track.held_off
    await handle.signal("indeed_changed", hint("1"))
    seen = await heard(handle, "signal indeed_changed")
    assert await overlay(boards, job) == {}

    await post(client, settings, job)
    await eventually(lambda: overlay(boards, job), lambda found: len(found) == len(MARKED))
    track = await settles(handle)
    assert (track.outcome, track.held_off) == (Outcome.UPDATED, False)

    await handle.signal("clear")
    await eventually(lambda: overlay(boards, job), lambda found: found == {})
    await settles(handle)
    await handle.signal("update", {"fields": {"title": "Nurse"}})
    await eventually(lambda: overlay(boards, job), lambda found: found.get("title") == "Nurse")
    assert seen.intent is Intent.POSTED
    await settles(handle)
    await handle.terminate()


async def test_an_update_of_a_job_that_is_taken_down_is_refused_in_words(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "lie", job_id=job)
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await eventually(lambda: boards.counts(job), lambda counts: counts.get("indeed.clear", 0) == 1)
    await handle.signal("update", {"by": "Ana", "fields": {"title": "Nurse"}})
    words = "signal update refused: the job is taken down, and its changes are cleared; nothing was changed"
    seen = await heard(handle, words)
    assert indeed_of(seen).overrides is None
    await handle.signal("clear", {"by": "Ana"})  # as a retry would: the board lied the first time
    receipt = await handle.result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    assert [each.what for each in receipt.received][-1] == "signal clear"
    assert (await boards.counts(job))["indeed.clear"] == 2
    assert (await boards.counts(job)).get("indeed.update", 0) == 0


async def test_an_unpost_clears_what_was_sent_also_while_it_is_not_visible(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    await boards.set(indeed__visibility_seconds=1.0)
    handle = await post(client, settings, bare)
    await eventually(lambda: overlay(boards, bare), lambda found: found != {})
    await eventually(lambda: state(handle), lambda seen: bool(indeed_of(seen).written))
    await post(client, settings, bare, Intent.UNPOSTED)
    receipt = await handle.result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    assert await boards.writes(bare) == ["indeed.update", "indeed.clear"]
    assert await overlay(boards, bare) == {}


async def test_a_job_renamed_in_the_ats_while_it_is_cleared_is_compared_with_its_new_name(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "delay_visibility", job_id=job, seconds=1.0)
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await eventually(lambda: boards.counts(job), lambda counts: counts.get("indeed.clear", 0) == 1)
    await boards.change_job(job, title="Renamed meanwhile", indeed={"lifecycle": "INACTIVE"})
    track = indeed_of(await handle.result())
    assert (track.outcome, track.posting) == (Outcome.CLEARED, Live.NOT_LIVE)
    assert (await boards.counts(job))["indeed.clear"] == 1


async def test_a_hint_settles_what_waited_for_a_person_without_writing(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    claimed = "the job is claimed by a different advertiser"
    await boards.fault("indeed", "update", "graphql_error", job_id=bare, code="FORBIDDEN", message=claimed)
    handle = await post(client, settings, bare)
    await in_attention(handle, Category.CLAIMED)
    await boards.add_job(bare)  # somebody sets it in Indeed's own pages
    await handle.signal("indeed_changed", hint())
    track = await settles(handle)
    assert (track.outcome, track.attention) == (Outcome.UPDATED, None)
    assert (await boards.counts(bare))["indeed.update"] == 1
    await handle.terminate()


STATUSES = [
    ("organic", "ACTIVE", "organic", Live.LIVE),
    ("sponsored_with_spend", "ACTIVE", "sponsored_with_spend", Live.LIVE),
    ("sponsored_without_spend", "ACTIVE", "sponsored_without_spend", Live.LIVE),
    ("nowhere", "ACTIVE", "nowhere", Live.LIVE),
    ("unclear", "ACTIVE", "unknown", Live.LIVE),
    ("organic", "INACTIVE", "not_live", Live.NOT_LIVE),
    ("organic", "PENDING", "pending", Live.NOT_LIVE),
]


async def test_after_a_clear_it_is_said_how_the_posting_itself_stands_and_since_when(
    client: Client, settings: Settings, boards: Boards
) -> None:
    await boards.set(indeed__global_status_shape="array")
    jobs = await boards.add_jobs(61_000, len(STATUSES))
    began = datetime.now(UTC)
    for job, (search, lifecycle, *_) in zip(jobs, STATUSES, strict=True):
        await boards.change_job(job, indeed={"search_status": search, "lifecycle": lifecycle})
    handles = [await post(client, settings, job, Intent.UNPOSTED) for job in jobs]
    for handle, (_, _, status, live) in zip(handles, STATUSES, strict=True):
        track = indeed_of(await handle.result())
        assert (track.status, track.posting) == (status, live)
        assert track.posting_since is not None
        # A live posting is so since Indeed posted it; another one since it was first read as such.
        assert (track.posting_since < began) is (live is Live.LIVE)


async def test_a_job_that_another_advertiser_holds_is_clear_if_it_shows_nothing_of_ours(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, overlay={"title": "The other agency's title"})
    await boards.change_job(job, indeed={"claimed_by": "advertiser-other"})
    receipt = await (await post(client, settings, job, Intent.UNPOSTED)).result()
    track = indeed_of(receipt)
    assert track.outcome is Outcome.CLEARED
    assert any(
        each.answered.startswith("nothing of ours to clear") and "claimed" in each.answered for each in track.evidence
    )


async def test_a_job_that_another_advertiser_holds_asks_for_a_person_if_it_shows_something_of_ours(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"claimed_by": "advertiser-other"})
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await in_attention(handle, Category.CLAIMED)
    await boards.change_job(job, indeed={"claimed_by": None})
    await handle.signal("retry")
    assert indeed_of(await handle.result()).outcome is Outcome.CLEARED


@pytest.mark.parametrize("answer", ["ok", "NOT_FOUND"])
async def test_a_job_that_was_never_updated_is_clear_whatever_indeed_answers_to_a_clear(
    client: Client, settings: Settings, boards: Boards, bare: str, answer: str
) -> None:
    await boards.set(indeed__clear_unclaimed=answer)
    # The feed spells the title in its own way, so that a clear is tried.
    await boards.add_job(bare, overlay={"title": "Registered Nurse - feed"})
    await boards.change_job(bare, indeed={"claimed_by": None})
    receipt = await (await post(client, settings, bare, Intent.UNPOSTED)).result()
    assert (await overlay(boards, bare) == {}) is (answer == "ok")
    assert indeed_of(receipt).outcome is Outcome.CLEARED


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


@pytest.mark.parametrize("tokens", ["kept", "rotated"])
async def test_three_legged_tokens_are_renewed_as_often_as_needed(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str, tokens: str
) -> None:
    await boards.set(indeed__refresh_tokens=tokens)
    settings = indeed_settings(sandbox_urls, refresh_token="indeed-refresh-1234")
    await boards.fault("indeed", "node", "expire_token", job_id=bare)
    await boards.fault("indeed", "update", "expire_token", job_id=bare)
    async with running_workers(client, settings):
        handle = await posted(client, settings, bare)
        assert (await boards.counts())["indeed.token"] == 3
        await handle.terminate()


async def test_a_dead_refresh_token_asks_for_a_person_and_says_what_to_do(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str
) -> None:
    await boards.set(indeed__refresh_tokens="revoked")
    settings = indeed_settings(sandbox_urls, refresh_token="indeed-refresh-1234")
    async with running_workers(client, settings):
        handle = await post(client, settings, bare)
        attention = indeed_of(await in_attention(handle, Category.CREDENTIALS)).attention
        assert attention is not None
        assert "refresh token" in attention.reason
        assert "Sign in" in attention.remedy
        assert "indeed-refresh" not in attention.model_dump_json()
        await handle.terminate()
