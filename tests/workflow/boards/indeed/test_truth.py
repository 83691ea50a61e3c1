"""What an agency set is ours whatever its value, is cleared without iCIMS, and is missed when it goes."""

from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.overlay import Verdict
from models.problems import Category
from models.states import Intent, Outcome
from tests.support.boards import Boards
from tests.support.indeed import indeed_settings, post, posted, settles
from tests.support.lifecycles import asks, eventually, indeed_of
from tests.support.workers import running_workers

OLD = {
    "trackingUrl": "https://example.com/jobs/101?utm_source=OLD",
    "campaignCategories": ["spring"],
    "companyName": "Another name",
    "url": "https://apply.example.com/old",
}
NO_MARKS: dict[str, Any] = {"tracking_url": None, "campaign_categories": []}
TEMPLATES: list[dict[str, Any]] = [{}, NO_MARKS, {**NO_MARKS, "company_name": "Night Clinic"}]


@pytest.mark.parametrize("urls", ["as_sent", "encoded", "normalised"])
@pytest.mark.parametrize("configured", TEMPLATES, ids=["other templates", "no templates", "only a name"])
@pytest.mark.parametrize(
    "overlay", [OLD, {"trackingUrl": "https://example.com/a b?c={d}"}, {"campaignCategories": ["x"]}]
)
async def test_any_tracking_url_and_category_is_cleared_whatever_is_configured(
    client: Client,
    sandbox_urls: dict[str, str],
    boards: Boards,
    job: str,
    overlay: dict[str, Any],
    configured: dict[str, Any],
    urls: str,
) -> None:
    await boards.set(indeed__url_shape=urls)
    await boards.add_job(job, overlay=overlay)
    settings = indeed_settings(sandbox_urls, **configured)
    async with running_workers(client, settings):
        track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert track.outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}]
    assert await boards.writes(job) == ["indeed.clear"]


@pytest.mark.parametrize(
    "configured", [{"url": "https://apply.example.com/{job_id}"}, {"company_name": "Night Clinic"}]
)
async def test_a_value_without_a_mark_that_an_earlier_lifecycle_set_is_cleared_without_asking(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, configured: dict[str, Any]
) -> None:
    await boards.add_job(job, overlay={"url": "https://apply.example.com/old", "companyName": "Old"})
    settings = indeed_settings(sandbox_urls, **NO_MARKS, **configured)
    async with running_workers(client, settings):
        track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert track.outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}]


@pytest.mark.parametrize("feed", [{}, {"title": "As the feed spells it"}])
async def test_a_title_that_is_the_feeds_own_asks_nobody(
    client: Client, settings: Settings, boards: Boards, job: str, feed: dict[str, Any]
) -> None:
    await boards.set(indeed__title_shape="truncated")
    await boards.add_job(job, title="Registered Nurse " * 6, indeed=[feed])
    track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert (track.outcome, track.attention) == (Outcome.CLEARED, None)
    assert await boards.overlays(job) == [{}]


AWAY: list[dict[str, Any]] = [
    {"fault": ("api", "http", {"status": 503, "times": None})},
    {"fault": ("*", "drop", {"times": None})},
    {"fault": ("token", "http", {"status": 401, "times": None})},
    {"fault": ("api", "slow", {"seconds": 30, "times": None})},
    {"settings": {"icims__daily_quota": 0}},
    {"icims": {"deleted": True}},
    {"icims": {"hidden": True}},
    {"icims": {"hidden_fields": ["jobtitle"]}},
]


@pytest.mark.parametrize("away", AWAY, ids=[str(next(iter(each.values()))) for each in AWAY])
async def test_an_unpost_clears_indeed_whatever_has_become_of_icims(
    client: Client, settings: Settings, boards: Boards, job: str, away: dict[str, Any]
) -> None:
    await boards.add_job(job, indeed=[{}, {"overlay": OLD}])
    if "fault" in away:
        operation, kind, fields = away["fault"]
        await boards.fault("icims", operation, kind, **fields)
    await boards.set(**away.get("settings", {}))
    if "icims" in away:
        await boards.change_job(job, icims=away["icims"])
    track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert (track.outcome, track.attention) == (Outcome.CLEARED, None)
    assert await boards.overlays(job) == [{}, {}]


@pytest.mark.parametrize("how", ["an edit in the ATS", "one posting"])
async def test_an_overlay_that_is_dropped_without_a_word_is_found_by_the_daily_read_and_set_again(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str, how: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    timing = settings.timing.model_copy(update={"indeed_check_every": settings.timing.confirm_max})
    settings = settings.model_copy(update={"timing": timing})
    await boards.add_job(bare, overlay=False, indeed=[{}, {}])
    async with running_workers(client, settings):
        handle = await posted(client, settings, bare)
        if how == "one posting":
            (_, second) = await boards.postings(bare)
            await boards.change_posting(second["sourced_posting_id"], overlay=False, silent=True)
        else:
            await boards.set(indeed__ats_edit="drops_overlay")
            await boards.change_job(bare, title="Edited", indeed={"silent": True})
        await eventually(lambda: boards.overlays(bare), lambda found: all(len(each) == 2 for each in found))
        assert (await settles(handle)).outcome is Outcome.UPDATED
        await handle.terminate()


@pytest.mark.parametrize("intent", list(Intent))
async def test_a_job_that_another_advertiser_lets_go_is_taken_up_again_by_itself(
    client: Client, settings: Settings, boards: Boards, job: str, intent: Intent
) -> None:
    await boards.add_job(job, overlay=intent is Intent.UNPOSTED, indeed=[{"claimed_by": "advertiser-other"}])
    handle = await post(client, settings, job, intent)
    await asks(handle, indeed_of, Category.CLAIMED)
    await boards.change_job(job, indeed={"claimed_by": None, "silent": True})
    if intent is Intent.UNPOSTED:
        track = indeed_of(await handle.result())
        assert track.outcome is Outcome.CLEARED
    else:
        track = await settles(handle)
        assert track.outcome is Outcome.UPDATED
        await handle.terminate()
    assert track.attention is None


@pytest.mark.parametrize("field", ["seatsConnection", "managementUrls"])
async def test_a_job_that_is_whole_but_for_its_status_is_cleared(
    client: Client, settings: Settings, boards: Boards, job: str, field: str
) -> None:
    await boards.fault("indeed", "node", "null_field", fields=[field], job_id=job, times=None)
    track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert track.outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("kind", ["http_after", "http", "lost_answer", "graphql_error"])
async def test_an_update_in_doubt_is_sent_again_soon_however_long_accepted_ones_are_left_alone(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str, kind: str, times: int
) -> None:
    settings = indeed_settings(sandbox_urls)
    hours = settings.timing.write_again_after * 10_000
    timing = settings.timing.model_copy(update={"write_again_after": hours})
    settings = settings.model_copy(update={"timing": timing})
    await boards.set(indeed__visibility_seconds=2.0)
    await boards.fault("indeed", "update", kind, job_id=bare, times=times)
    async with running_workers(client, settings):
        handle = await post(client, settings, bare)
        track = await settles(handle)
        assert track.outcome is Outcome.UPDATED
        assert set(track.fields.values()) == {Verdict.CONFIRMED}
        await handle.terminate()
