"""That a job is not at Indeed is believed only where Indeed proves it, and proves nothing of what is on it."""

from typing import Any

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.problems import Category
from models.states import Intent, Outcome, Phase
from tests.support.boards import Boards
from tests.support.indeed import indeed_settings, post, posted, settles
from tests.support.lifecycles import asks, eventually, indeed_of, state
from tests.support.workers import running_workers


async def test_a_job_that_indeed_never_showed_is_not_found_which_proves_nothing(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, indeed=False)
    receipt = await (await post(client, settings, job, Intent.UNPOSTED)).result()
    track = indeed_of(receipt)
    assert (track.outcome, track.proven, receipt.phase) == (Outcome.NOT_FOUND, False, Phase.NOT_FOUND)


@pytest.mark.parametrize("how", [{"node": "null"}, {"node": "error"}])
async def test_a_job_that_was_set_and_is_neither_shown_nor_listed_any_more_is_gone(
    client: Client, settings: Settings, boards: Boards, job: str, how: dict[str, Any]
) -> None:
    handle = await posted(client, settings, job)
    await boards.change_job(job, indeed={**how, "listing": "unlisted", "silent": True})
    await post(client, settings, job, Intent.UNPOSTED)
    receipt = await handle.result()
    assert (indeed_of(receipt).outcome, receipt.phase) == (Outcome.GONE, Phase.CLOSED)


@pytest.mark.parametrize("node", ["null", "error"])
async def test_a_job_that_is_listed_and_not_shown_is_not_called_gone(
    client: Client, settings: Settings, boards: Boards, job: str, node: str
) -> None:
    handle = await posted(client, settings, job)
    await boards.change_job(job, indeed={"node": node, "silent": True})
    await post(client, settings, job, Intent.UNPOSTED)
    await eventually(lambda: boards.counts(job), lambda counts: counts["indeed.node"] > 4)
    assert indeed_of(await state(handle)).outcome is None
    await boards.change_job(job, indeed={"node": "whole", "silent": True})
    assert indeed_of(await handle.result()).outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}]


async def test_a_job_that_is_unlisted_and_shown_by_its_id_is_cleared(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await posted(client, settings, job)
    await boards.change_job(job, indeed={"listing": "unlisted", "silent": True})
    await post(client, settings, job, Intent.UNPOSTED)
    assert indeed_of(await handle.result()).outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}]


@pytest.mark.parametrize("seen_before", [True, False])
async def test_a_source_that_lists_nothing_is_a_fault_of_the_configuration_and_closes_nothing(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, *, seen_before: bool
) -> None:
    if seen_before:
        right = indeed_settings(sandbox_urls)
        async with running_workers(client, right):
            await posted(client, right, job)
    wrong = indeed_settings(sandbox_urls, legacy_source_id="no-such-source")
    if seen_before:
        await boards.change_job(job, indeed={"node": "null", "silent": True})
    async with running_workers(client, wrong):
        handle = await post(client, wrong, job, Intent.UNPOSTED)
        seen = await asks(handle, indeed_of, Category.CONFIGURATION)
        attention = indeed_of(seen).attention
        assert attention is not None
        assert "legacy_source_id" in attention.remedy
        assert indeed_of(seen).outcome is None
        await handle.terminate()


async def test_a_crawled_job_is_not_found_under_the_default_feed_types_and_cleared_under_its_own(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    await boards.change_job(job, indeed={"feed_type": "CRAWLED_FROM_WEB"})
    for feeds, outcome in (([], Outcome.NOT_FOUND), (["CRAWLED_FROM_WEB"], Outcome.CLEARED)):
        settings = indeed_settings(sandbox_urls, feed_types=feeds)
        async with running_workers(client, settings):
            receipt = await (await post(client, settings, job, Intent.UNPOSTED)).result()
        assert indeed_of(receipt).outcome is outcome
        assert indeed_of(receipt).proven is (outcome is Outcome.CLEARED)
    assert await boards.overlays(job) == [{}]


@pytest.mark.parametrize(("ends", "arrives"), [(10, 0), (10, 10), (1, 0), (2, 5)])
async def test_a_job_that_a_moving_listing_hides_is_found_all_the_same(
    client: Client, settings: Settings, boards: Boards, job: str, ends: int, arrives: int
) -> None:
    await boards.set(indeed__find_cursors="offset")
    jobs = await boards.add_jobs(71_000, 250)
    newest_first = jobs[::-1]
    hidden = newest_first[100]
    await boards.fault("indeed", "find", "move", ends=newest_first[:ends], arrives=arrives, only="first_page")
    track = indeed_of(await (await post(client, settings, hidden, Intent.UNPOSTED)).result())
    assert track.outcome is Outcome.CLEARED
    assert await boards.overlays(hidden) == [{}]


async def test_a_cursor_that_dies_has_the_listing_begun_anew_for_all_who_wait(
    client: Client, settings: Settings, boards: Boards
) -> None:
    jobs = await boards.add_jobs(72_000, 150)
    dead: dict[str, Any] = {"code": "BAD_USER_INPUT", "message": "The cursor is not valid.", "only": "next_page"}
    await boards.fault("indeed", "find", "graphql_error", **dead, times=2)
    handles = [await post(client, settings, each, Intent.UNPOSTED) for each in jobs[:40]]
    for job, handle in zip(jobs, handles, strict=False):
        track = indeed_of(await handle.result())
        assert track.outcome is Outcome.CLEARED
        assert not any("refused" in each.answered for each in track.evidence)
        assert await boards.overlays(job) == [{}]


@pytest.mark.parametrize("kind", ["empty_page", "null_place", "null_data"])
async def test_a_listing_with_something_missing_proves_no_absence(
    client: Client, settings: Settings, boards: Boards, job: str, kind: str
) -> None:
    await boards.add_job(job, indeed=False)
    if kind == "null_place":
        await boards.change_job("1242", indeed={"listing": "null"})
    elif kind == "null_data":
        await boards.fault("indeed", "find", "null_field", fields=["jobData"], times=None)
    else:
        await boards.add_jobs(73_000, 120)
        await boards.fault("indeed", "find", "empty_page", only="next_page", times=None)
    handle = await post(client, settings, job, Intent.UNPOSTED)
    await eventually(boards.counts, lambda counts: counts.get("indeed.find", 0) >= 8)
    assert indeed_of(await state(handle)).outcome is None
    await boards.clear_faults()
    await boards.change_job("1242", indeed={"listing": "listed"})
    assert indeed_of(await handle.result()).outcome is Outcome.NOT_FOUND


async def test_a_posted_job_is_looked_for_until_its_feed_has_brought_it(
    client: Client, settings: Settings, boards: Boards, bare: str
) -> None:
    await boards.add_job(bare, indeed=False)
    handle = await post(client, settings, bare)
    await eventually(boards.counts, lambda counts: counts.get("indeed.find", 0) >= 2)
    await boards.add_posting(bare, overlay=False)
    assert (await settles(handle)).outcome is Outcome.UPDATED
    await handle.terminate()
