"""All postings of a job are the job, also those that come up in mid-life; nobody else's is ever written."""

from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.problems import Category
from models.states import BoardName, Intent, Live, Outcome, Phase
from store.database import Store
from store.jobs import Jobs
from tests.support.boards import CUSTOMER, Boards
from tests.support.indeed import hint, indeed_settings, post, posted, settles
from tests.support.lifecycles import asks, eventually, indeed_of, state
from tests.support.workers import running_workers

OLD = {"trackingUrl": "https://example.com/jobs/101?utm_source=OLD", "campaignCategories": ["spring"]}
MARKED = {"campaignCategories", "trackingUrl"}


async def ids(boards: Boards, job: str) -> set[str]:
    return {each["sourced_posting_id"] for each in await boards.postings(job)}


async def test_every_posting_is_cleared_and_read_back(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, indeed=[{}, {"location": "Austin, TX"}, {"overlay": OLD}])
    track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert track.outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}, {}, {}]
    assert [each.live for each in track.postings] == [Live.LIVE] * 3
    assert await boards.written_postings() == await ids(boards, job)


async def test_an_inactive_twin_that_is_older_neither_takes_the_overlay_nor_hides_the_live_one(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    dead = {"lifecycle": "INACTIVE", "posted_after": -1000, "overlay": False}
    await boards.add_job(job, indeed=[dead, {"overlay": False}])
    handle = await posted(client, settings, job)
    old, live = await boards.overlays(job)
    assert (old, set(live)) == ({}, MARKED)
    await post(client, settings, job, Intent.UNPOSTED)
    track = indeed_of(await handle.result())
    assert (track.outcome, [each.live for each in track.postings]) == (Outcome.CLEARED, [Live.LIVE, Live.NOT_LIVE])
    assert await boards.overlays(job) == [{}, {}]


@pytest.mark.parametrize("old", ["INACTIVE", "null", "error"])
async def test_a_job_ingested_anew_in_mid_life_is_found_again_and_set_and_cleared(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str, old: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    timing = settings.timing.model_copy(update={"indeed_check_every": settings.timing.confirm_max})
    settings = settings.model_copy(update={"timing": timing})
    async with running_workers(client, settings):
        handle = await posted(client, settings, bare)
        await boards.reingest(bare, old=old, silent=True)
        overlays = await eventually(lambda: boards.overlays(bare), lambda found: set(found[-1]) == MARKED)
        assert len(overlays) == 2
        await post(client, settings, bare, Intent.UNPOSTED)
        track = indeed_of(await handle.result())
    assert track.outcome is Outcome.CLEARED
    assert (await boards.overlays(bare))[-1] == {}
    assert track.postings[0].live is Live.LIVE


@pytest.mark.parametrize("keeps_overlay", [True, False])
@pytest.mark.parametrize("old", ["INACTIVE", "null"])
async def test_a_job_ingested_anew_while_it_is_cleared_is_not_called_done_by_its_old_posting(
    client: Client, settings: Settings, boards: Boards, job: str, old: str, *, keeps_overlay: bool
) -> None:
    await boards.fault("indeed", "clear", "slow_answer", job_id=job, seconds=1.0)
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await eventually(lambda: boards.overlays(job), lambda found: found == [{}])
    await boards.change_job(job, indeed={"overlay": True, "silent": True})
    await boards.reingest(job, old=old, keeps_overlay=keeps_overlay, silent=True)
    track = indeed_of(await handle.result())
    assert track.outcome is Outcome.CLEARED
    assert (await boards.overlays(job))[-1] == {}
    live = [each for each in await boards.postings(job) if each["live"]]
    assert {each["employer_job_id"] for each in live} <= {each.id for each in track.postings}


async def test_a_twin_that_a_moving_listing_hid_is_found_before_the_job_is_called_done(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    # Newest first: two pages, on the second the older twin; three newer jobs end between them.
    await boards.set(indeed__find_cursors="offset")
    await boards.add_job(job, indeed=[{"posted_after": -10_000}])
    others = await boards.add_jobs(70_000, 300)
    newest = await boards.add_posting(job, posted_after=100_000, overlay=OLD)
    await boards.fault("indeed", "find", "move", ends=others[:2], only="first_page")
    track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert track.outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}, {}]
    assert newest["employer_job_id"] in {each.id for each in track.postings}


@pytest.mark.parametrize("listing", [{}, {"lifecycle": "INACTIVE"}])
async def test_a_job_whose_number_is_anothers_requisition_is_not_found_and_the_other_is_left_alone(
    client: Client, settings: Settings, boards: Boards, job: str, listing: dict[str, Any]
) -> None:
    other = str(int(job) + 500_000)
    await boards.add_job(job, indeed=False)
    await boards.add_job(other, indeed=[{"requisition_id": job, **listing}])
    receipt = await (await post(client, settings, job, Intent.UNPOSTED)).result()
    assert (indeed_of(receipt).outcome, receipt.phase) == (Outcome.NOT_FOUND, Phase.NOT_FOUND)
    assert not any(receipt.proven.values())
    assert await boards.written_postings() == set()
    assert set((await boards.overlays(other))[0]) == MARKED


async def test_jobs_that_share_a_requisition_are_told_apart(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    others = [str(int(job) + number * 100_000) for number in (5, 6)]
    for each in (job, *others):
        await boards.add_job(each, indeed=[{"requisition_id": "R-77"}, {"requisition_id": job}])
    track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert track.outcome is Outcome.CLEARED
    assert await boards.written_postings() == await ids(boards, job)


@pytest.mark.parametrize("configured", [True, False])
async def test_a_posting_without_an_id_is_taken_by_its_requisition_only_where_that_is_configured(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, *, configured: bool
) -> None:
    await boards.add_job(job, indeed=[{"requisition_id": job}])
    await boards.change_job(job, indeed={"job_posting_id": None})
    settings = indeed_settings(sandbox_urls, match_requisition=configured)
    async with running_workers(client, settings):
        track = indeed_of(await (await post(client, settings, job, Intent.UNPOSTED)).result())
    assert track.outcome is (Outcome.CLEARED if configured else Outcome.NOT_FOUND)
    assert bool(await boards.written_postings()) is configured


async def test_a_posting_that_was_given_to_another_job_is_left_alone(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await posted(client, settings, job)
    (mine,) = await boards.postings(job)
    await boards.change_posting(mine["sourced_posting_id"], job_posting_id="another", silent=True)
    await post(client, settings, job, Intent.UNPOSTED)
    # It is live, with what was set on it: whosever it is, it is not gone.
    await asks(handle, indeed_of, Category.CONFIGURATION)
    assert await boards.written_postings() == set()
    await boards.change_posting(mine["sourced_posting_id"], overlay=False, silent=True)
    await handle.signal("retry")
    track = indeed_of(await handle.result())
    assert (track.outcome, [each.live for each in track.postings]) == (Outcome.CLEARED, [Live.UNKNOWN])
    assert await boards.written_postings() == set()


async def test_a_posting_that_a_person_has_taken_off_the_job_is_no_longer_waited_for(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await posted(client, settings, job)
    (mine,) = await boards.postings(job)
    await boards.change_posting(mine["sourced_posting_id"], job_posting_id="another", silent=True)
    await post(client, settings, job, Intent.UNPOSTED)
    await asks(handle, indeed_of, Category.CONFIGURATION)
    async with Store(settings.store.url) as store:
        assert await Jobs(store).unlink(CUSTOMER, job, BoardName.INDEED.value, mine["employer_job_id"])
    await handle.signal("retry")
    assert indeed_of(await handle.result()).outcome is Outcome.GONE
    assert await boards.written_postings() == set()


async def test_what_bears_another_name_holds_up_no_other_posting_of_the_job(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, indeed=[{}, {}])
    handle = await posted(client, settings, job)
    mine, other = await boards.postings(job)
    await boards.change_posting(other["sourced_posting_id"], job_posting_id="another", silent=True)
    await post(client, settings, job, Intent.UNPOSTED)
    await asks(handle, indeed_of, Category.CONFIGURATION)
    cleared, kept = await boards.overlays(job)
    assert (cleared, set(kept)) == ({}, MARKED)
    assert await boards.written_postings() == {mine["sourced_posting_id"]}
    # The ATS takes its new name back: then it is the job's again, and cleared with the job.
    await boards.change_posting(other["sourced_posting_id"], job_posting_id=job, silent=True)
    await handle.signal("retry")
    assert indeed_of(await handle.result()).outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}, {}]


async def test_a_posting_that_is_listed_and_not_shown_keeps_the_job_from_being_called_done(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, indeed=[{}, {"node": "null"}])
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await eventually(lambda: boards.overlays(job), lambda found: found[0] == {})
    hidden = (await boards.postings(job))[1]
    await eventually(lambda: boards.counts(job), lambda counts: counts["indeed.node"] >= 6)
    seen = indeed_of(await state(handle))
    assert seen.outcome is None
    await boards.change_posting(hidden["sourced_posting_id"], node="whole")
    await handle.signal("retry")
    assert indeed_of(await handle.result()).outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}, {}]


async def test_one_posting_that_is_refused_keeps_no_other_from_being_cleared(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, indeed=[{}, {}, {}])
    postings = await boards.postings(job)
    await boards.change_posting(postings[1]["sourced_posting_id"], claimed_by="advertiser-other")
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await asks(handle, indeed_of, Category.CLAIMED)
    first, second, third = await boards.overlays(job)
    assert (first, set(second), third) == ({}, MARKED, {})
    # Nobody tells us when another advertiser lets go: it is tried again by itself.
    await boards.change_posting(postings[1]["sourced_posting_id"], claimed_by=None)
    assert indeed_of(await handle.result()).outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}, {}, {}]


@pytest.mark.parametrize("old", ["INACTIVE", "null"])
async def test_a_hint_of_indeed_has_a_job_that_was_ingested_anew_found_and_set(
    client: Client, settings: Settings, boards: Boards, bare: str, old: str
) -> None:
    handle = await posted(client, settings, bare)
    await boards.reingest(bare, old=old, silent=True)
    await handle.signal("indeed_changed", hint("1"))
    await eventually(lambda: boards.overlays(bare), lambda found: set(found[-1]) == MARKED)
    assert (await settles(handle)).outcome is Outcome.UPDATED
    await handle.terminate()
