"""Leaving a client: what its listing says, leaves out or breaks off, and all of it is cleared once."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from temporalio.client import Client

from models.bulk import Fate
from models.problems import Category
from tests.support.boards import Boards
from tests.support.bulk import SEEDED, clears, named, offboard, progress, refused
from tests.support.indeed import indeed_settings
from tests.support.lifecycles import eventually
from tests.support.workers import running_workers


async def test_a_job_that_is_set_meanwhile_is_found_by_the_next_listing(
    client: Client, boards: Boards, name: str
) -> None:
    await boards.fault("indeed", "nodes", "slow", seconds=0.5, after=1)
    run = await offboard(client, name, dry_run=False)
    await eventually(lambda: progress(run), lambda seen: seen.of_about is not None)
    await boards.add_job("1000001")
    assert named(await run.result(), Fate.CLEARED) == SEEDED | {"1000001"}


async def test_a_place_in_the_listing_that_is_gone_has_it_read_from_its_beginning(
    client: Client, boards: Boards, name: str
) -> None:
    jobs = set(await boards.add_jobs(1_000_000, 130))
    refusal: dict[str, Any] = {"code": "BAD_USER_INPUT", "message": "The cursor is not valid.", "after": 1}
    await boards.fault("indeed", "find", "graphql_error", **refusal)
    result = await (await offboard(client, name)).result()
    assert named(result, Fate.WOULD_CLEAR) == jobs | SEEDED
    assert result.counts == {Fate.WOULD_CLEAR: 135}


async def test_every_posting_of_a_job_is_cleared_and_one_that_is_refused_is_named(
    client: Client, boards: Boards, name: str
) -> None:
    await boards.add_job("801", indeed=[{}, {"lifecycle": "INACTIVE", "posted_after": -1000}, {}])
    await boards.add_job("802", indeed=[{}, {"claimed_by": "advertiser-other"}])
    result = await (await offboard(client, name, dry_run=False, batch_size=4)).result()
    assert await boards.overlays("801") == [{}, {}, {}]
    assert [bool(each) for each in await boards.overlays("802")] == [False, True]
    assert refused(result) == {Category.CLAIMED: {"802"}}
    assert named(result, Fate.CLEARED) >= SEEDED | {"801"}


async def running_with(client: Client, urls: dict[str, str], stack: AsyncExitStack, **indeed: Any) -> None:
    await stack.enter_async_context(running_workers(client, indeed_settings(urls, **indeed)))


async def test_where_what_is_set_leaves_no_mark_every_listed_job_is_cleared_once(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job_ids: Iterator[str]
) -> None:
    await boards.add_job(
        "801", indeed=[{"overlay": {"companyName": "Ours"}}, {"overlay": {"url": "https://o.example"}}]
    )
    await boards.add_job("802", overlay=False)
    async with AsyncExitStack() as stack:
        unmarked: dict[str, Any] = {"tracking_url": None, "campaign_categories": [], "company_name": "Ours"}
        await running_with(client, sandbox_urls, stack, **unmarked)
        dry = await (await offboard(client, f"offboarding-{next(job_ids)}")).result()
        result = await (await offboard(client, f"offboarding-{next(job_ids)}", dry_run=False)).result()
    assert named(dry, Fate.WOULD_CLEAR) == named(result, Fate.CLEARED) == SEEDED | {"801", "802"}
    assert await boards.overlays("801") == [{}, {}]
    clears_sent = await boards.records(provider="indeed", operation="clear")
    assert len(clears_sent) == len(SEEDED) + 3


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_listing_without_any_job_is_said_and_is_not_nothing_to_do(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job_ids: Iterator[str], *, dry_run: bool
) -> None:
    async with AsyncExitStack() as stack:
        await running_with(client, sandbox_urls, stack, legacy_source_id="no-such-source")
        run = await offboard(client, f"offboarding-{next(job_ids)}", dry_run=dry_run)
        (note,) = (await run.result()).notes
    assert "lists no job at all" in note
    assert "legacy_source_id" in note


async def test_a_listing_that_ends_early_is_said(client: Client, boards: Boards, name: str) -> None:
    await boards.add_jobs(1_000_000, 130)
    await boards.fault("indeed", "find", "empty_page", only="next_page", times=None)
    (note,) = (await (await offboard(client, name)).result()).notes
    assert "100 entries" in note
    assert "about 135" in note


async def test_a_cursor_that_dies_in_the_midst_of_clearing_has_all_cleared_once(
    client: Client, boards: Boards, name: str
) -> None:
    jobs = set(await boards.add_jobs(1_000_000, 130))
    dead: dict[str, Any] = {"code": "BAD_USER_INPUT", "message": "The cursor is not valid.", "only": "next_page"}
    await boards.fault("indeed", "find", "graphql_error", **dead, times=2)
    result = await (await offboard(client, name, dry_run=False, batch_size=10)).result()
    assert named(result, Fate.CLEARED) == jobs | SEEDED
    assert result.counts == {Fate.CLEARED: len(jobs | SEEDED)}
    assert set((await clears(boards)).values()) == {1}
    assert result.notes == ()
