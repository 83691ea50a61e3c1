"""What the store remembers of a job at Indeed counts: IRIs linked by hand, and values that earlier lifecycles set."""

import pytest
from temporalio.client import Client

from models.states import Intent, Outcome
from tests.support.boards import CUSTOMER, Boards
from tests.support.indeed import indeed_settings, overlay, post, settles
from tests.support.lifecycles import eventually, indeed_of, state
from tests.support.store import opened
from tests.support.workers import running_workers


@pytest.fixture
async def bare(boards: Boards, job: str) -> str:
    await boards.add_job(job, overlay=False)
    return job


async def test_what_an_earlier_lifecycle_set_is_cleared_by_one_that_knows_nothing_of_it(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, bare: str
) -> None:
    settings = indeed_settings(sandbox_urls, tracking_url=None, campaign_categories=())
    async with running_workers(client, settings):
        first = await post(client, settings, bare)
        await settles(first)
        await first.signal("update", {"by": "Ana", "fields": {"company_name": "Another Name"}})
        await eventually(lambda: overlay(boards, bare), bool)
        await settles(first)
        await first.terminate()
        second = await post(client, settings, bare, Intent.UNPOSTED)
        receipt = await second.result()
    assert await overlay(boards, bare) == {}
    assert indeed_of(receipt).outcome is Outcome.CLEARED


async def test_postings_that_were_found_are_in_the_index(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    async with running_workers(client, settings):
        lifecycle = await post(client, settings, job)
        await settles(lifecycle)
        iri = (await boards.job(job))["indeed"]["employer_job_id"]
        async with opened(settings) as stored:
            assert await stored.jobs.jobs_of("indeed", iri) == ((CUSTOMER, job),)
        await lifecycle.terminate()


async def test_a_posting_linked_by_hand_is_read_though_no_listing_has_it(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    await boards.change_job(job, indeed={"listing": "unlisted", "silent": True})
    iri = (await boards.job(job))["indeed"]["employer_job_id"]
    async with opened(settings) as stored:
        await stored.jobs.link(CUSTOMER, job, "indeed", iri)
    async with running_workers(client, settings):
        lifecycle = await post(client, settings, job, Intent.UNPOSTED)
        receipt = await lifecycle.result()
    assert [each.id for each in indeed_of(receipt).postings] == [iri]
    assert indeed_of(receipt).outcome is Outcome.CLEARED


async def test_what_is_known_is_cleared_at_once_and_only_a_listing_proves_that_it_is_all(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = indeed_settings(sandbox_urls)
    await boards.add_job(job, indeed=[{}, {}])
    known, other = await boards.postings(job)
    async with opened(settings) as stored:
        await stored.jobs.link(CUSTOMER, job, "indeed", known["employer_job_id"])
    await boards.fault("indeed", "find", "http", status=503, times=None)
    async with running_workers(client, settings):
        lifecycle = await post(client, settings, job, Intent.UNPOSTED)
        await eventually(lambda: boards.overlays(job), lambda left: left[0] == {})
        assert (await boards.overlays(job))[1] != {}
        seen = indeed_of(await state(lifecycle))
        assert seen.outcome is None
        await boards.clear_faults()
        receipt = await lifecycle.result()
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    assert {each.id for each in indeed_of(receipt).postings} == {known["employer_job_id"], other["employer_job_id"]}
    assert await boards.overlays(job) == [{}, {}]
