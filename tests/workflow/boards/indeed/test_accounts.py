"""Several applications and advertisers of one customer at Indeed: each job is read and written under its own alone."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from temporalio.client import Client

from activities.providers import Providers
from activities.sweeps.postings import look_at_each
from config.settings import Settings
from models.problems import Category
from models.states import Intent, Outcome, Phase
from models.sweeps import Found
from models.temporal import RETRY
from tests.support.boards import CUSTOMER, Boards
from tests.support.indeed import indeed_settings, post, posted
from tests.support.lifecycles import asks, attention_of, handle, indeed_of
from tests.support.workers import running_workers

BRAND = "indeed-brand"
RULE = {
    "when": {"field": "positiontype", "value": "Per Diem"},
    "client_id": BRAND,
    "client_secret": f"{BRAND}-secret",
    "advertiser_id": f"{BRAND}-advertiser",
}
OURS, FOREIGN = {"client_id": BRAND}, {"claimed_by": None}


@pytest.fixture
async def settings(sandbox_urls: dict[str, str], boards: Boards) -> Settings:
    await boards.add_application(BRAND)
    return indeed_settings(sandbox_urls, rules=[RULE])


@pytest.fixture
async def providers(client: Client, settings: Settings) -> AsyncIterator[Providers]:
    async with running_workers(client, settings) as providers:
        yield providers


async def branded(boards: Boards, job: str, *, both: bool = True, **more: Any) -> tuple[str, ...]:
    """Post a job under the brand and, with `both`, a foreign one that has its id under the first application."""
    await boards.add_job(job, indeed=[OURS, *([FOREIGN] * both)], position_type="Per Diem", linkedin=False, **more)
    return tuple(each["sourced_posting_id"] for each in await boards.postings(job))


async def test_a_job_is_set_and_cleared_under_the_account_of_its_rule_alone(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], providers: Providers
) -> None:
    job, other = next(job_ids), next(job_ids)
    ours, _ = await branded(boards, job, overlay=False)
    await boards.add_job(other, linkedin=False, overlay=False)
    lifecycles = [await posted(client, settings, each) for each in (job, other)]
    (first,) = await boards.postings(other)
    assert await boards.written_postings() == {ours, first["sourced_posting_id"]}
    for each in (job, other):
        await post(client, settings, each, Intent.UNPOSTED)
    for lifecycle in lifecycles:
        assert indeed_of(await lifecycle.result()).outcome is Outcome.CLEARED
    assert await boards.written_postings() == {ours, first["sourced_posting_id"]}


async def test_where_icims_says_nothing_the_one_account_that_has_the_job_decides(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], providers: Providers
) -> None:
    job, twice = next(job_ids), next(job_ids)
    (ours,) = await branded(boards, job, both=False)
    await branded(boards, twice)
    for each in (job, twice):
        await boards.change_job(each, icims={"hidden": True})
        await post(client, settings, each, Intent.UNPOSTED)
    assert indeed_of(await handle(client, job).result()).outcome is Outcome.CLEARED
    seen = await asks(handle(client, twice), indeed_of, Category.CONFIGURATION)
    assert "under several" in attention_of(indeed_of(seen)).reason
    assert await boards.written_postings() == {ours}


async def test_what_is_remembered_decides_where_icims_says_nothing_any_more(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    job = next(job_ids)
    ours, _ = await branded(boards, job)
    async with running_workers(client, settings):
        lifecycle = await posted(client, settings, job)
    await boards.change_job(job, icims={"hidden": True})
    async with running_workers(client, settings):
        await post(client, settings, job, Intent.UNPOSTED)
        assert indeed_of(await lifecycle.result()).outcome is Outcome.CLEARED
    assert await boards.written_postings() == {ours}


async def test_a_job_that_another_rule_is_for_by_now_is_taken_off_where_it_was(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], providers: Providers
) -> None:
    job = next(job_ids)
    (ours,) = await branded(boards, job, both=False)
    lifecycle = await posted(client, settings, job)
    await boards.change_job(job, position_type="Full-Time", indeed={"silent": True})
    await post(client, settings, job, Intent.UNPOSTED)
    assert indeed_of(await lifecycle.result()).outcome is Outcome.CLEARED
    assert await boards.overlays(job) == [{}]
    assert await boards.written_postings() == {ours}


async def test_a_removed_rule_orphans_no_job(
    client: Client, sandbox_urls: dict[str, str], settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    job = next(job_ids)
    (ours,) = await branded(boards, job, both=False)
    async with running_workers(client, settings) as providers:
        lifecycle = await posted(client, settings, job)
        providers.take_up(indeed_settings(sandbox_urls))
        await post(client, settings, job, Intent.UNPOSTED)
        seen = await asks(lifecycle, indeed_of, Category.CONFIGURATION)
        assert f"{BRAND}/{BRAND}-advertiser" in attention_of(indeed_of(seen)).reason
        assert (await boards.overlays(job))[0] != {}
        providers.take_up(settings)
        await lifecycle.signal(RETRY)
        receipt = await lifecycle.result()
    assert (receipt.phase, indeed_of(receipt).outcome) == (Phase.CLOSED, Outcome.CLEARED)
    assert await boards.written_postings() == {ours}


async def test_a_later_look_is_where_the_job_was(
    client: Client, sandbox_urls: dict[str, str], settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    job = next(job_ids)
    await branded(boards, job)
    async with running_workers(client, settings) as providers:
        await (await post(client, settings, job, Intent.UNPOSTED)).result()
        assert providers.stored is not None
        index = {job: await providers.stored.jobs.job(CUSTOMER, job)}
        looked = await look_at_each(providers, CUSTOMER, index)
        assert {job: each.found for job, each in looked.seen.items()} == {job: Found.STILL_LIVE}
        providers.take_up(indeed_settings(sandbox_urls))
        looked = await look_at_each(providers, CUSTOMER, index)
    assert (looked.seen, [each.problem.category for each in looked.errors.values()]) == ({}, [Category.CONFIGURATION])
