"""The newest intent wins while LinkedIn is still at work on an older one, in whichever order it finishes."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.lifecycle import Receipt
from models.problems import Category
from models.states import Intent, Outcome, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, asks, attention_of, eventually, linkedin_of, send, state
from tests.support.linkedin import (
    created,
    creating,
    edit,
    linkedin_workers,
    resync,
    settles,
    submits,
    watching,
)


@pytest.fixture
def settings(sandbox_urls: dict[str, str]) -> Settings:
    return creating(sandbox_urls)


@pytest.fixture
async def creators(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    """Run workers against a LinkedIn that shows a change as soon as its task has ended, unless a test delays that."""
    async with linkedin_workers(client, settings, boards):
        await boards.set(linkedin__visibility_seconds=0)
        yield


async def until_submitted(boards: Boards, job: str, *operations: str) -> None:
    await eventually(lambda: submits(boards, job), lambda seen: seen == list(operations))


async def is_closed_for_good(handle: Handle, boards: Boards, job: str) -> Receipt:
    receipt = await handle.result()
    assert receipt.intent is Intent.UNPOSTED
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    truth = (await boards.job(job))["linkedin"]
    assert (truth["listed"], truth["will_be_listed"]) == (False, False)
    return receipt


@pytest.mark.usefixtures("creators")
async def test_an_unpost_during_a_resync_ends_closed(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    await boards.set(linkedin__update_of_closed="reopens")
    first, late = jobs = [next(job_ids), next(job_ids)]
    handles = await asyncio.gather(*(created(client, settings, boards, job) for job in jobs))
    await boards.fault("linkedin", "submit", "slow_task", seconds=1.0, job_id=late)
    for job, handle in zip(jobs, handles, strict=True):
        await resync(handle)
        await until_submitted(boards, job, "UPDATE")
        await send(client, settings, job)
    for job, handle in zip(jobs, handles, strict=True):
        await is_closed_for_good(handle, boards, job)
    assert await submits(boards, first) == ["UPDATE", "CLOSE"]
    assert (await submits(boards, late))[:2] == ["UPDATE", "CLOSE"]


@pytest.mark.usefixtures("creators")
async def test_an_unpost_while_an_update_is_being_submitted_closes_after_it(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handle = await created(client, settings, boards, job)
    await boards.fault("linkedin", "submit", "slow", seconds=0.7, job_id=job)
    await edit(handle)
    # Once iCIMS was read, the update is on its way.
    await eventually(lambda: boards.counts(job), lambda seen: seen.get("icims.address", 0) == 1)
    await send(client, settings, job)
    await is_closed_for_good(handle, boards, job)
    assert await submits(boards, job) == ["UPDATE", "CLOSE"]


@pytest.mark.usefixtures("creators")
async def test_an_unpost_during_an_update_that_linkedin_shows_late_ends_closed(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = creating(sandbox_urls, linkedin_task_after="2s")
    await boards.set(linkedin__update_of_closed="reopens")
    handle = await created(client, settings, boards, job)
    # The close is done before the update, and LinkedIn shows what the update did only after its task has ended.
    await boards.fault("linkedin", "submit", "slow_task", seconds=4.0, job_id=job)
    await boards.fault("linkedin", "submit", "delay_visibility", seconds=1.5, job_id=job)
    await resync(handle)
    await until_submitted(boards, job, "UPDATE")
    await send(client, settings, job)
    await is_closed_for_good(handle, boards, job)


@pytest.mark.usefixtures("creators")
@pytest.mark.parametrize("answer", ["seen", "lost"])
async def test_an_unpost_while_the_job_is_created_ends_closed_even_where_the_answer_was_lost(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str, answer: str
) -> None:
    settings = creating(sandbox_urls, linkedin_task_after="1500ms")
    await boards.add_job(job, linkedin=False, indeed=False)
    await boards.fault("linkedin", "submit", "slow_task", seconds=0.7, job_id=job)
    if answer == "lost":
        await boards.fault("linkedin", "submit", "lost_answer", job_id=job)
    handle = await send(client, settings, job, Intent.POSTED)
    await eventually(lambda: boards.counts(job), lambda seen: seen.get("linkedin.submit.CREATE", 0) == 1)
    await send(client, settings, job)
    receipt = await is_closed_for_good(handle, boards, job)
    assert (await boards.counts(job))["linkedin.submit.CREATE"] == 1
    # What the test is about: LinkedIn's word on the creation reached the lifecycle in the one case only.
    accepted = [each for each in linkedin_of(receipt).evidence if each.asked.startswith("Create ")]
    assert bool(accepted) is (answer == "seen")


@pytest.mark.usefixtures("creators")
async def test_a_post_during_a_close_ends_listed_where_jobs_are_created(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    working, submitting = jobs = [next(job_ids), next(job_ids)]
    handles = await asyncio.gather(*(created(client, settings, boards, job) for job in jobs))
    await boards.fault("linkedin", "submit", "slow_task", seconds=0.7, job_id=working)
    await boards.fault("linkedin", "submit", "slow", seconds=0.7, job_id=submitting)
    for job in jobs:
        await send(client, settings, job)
    await until_submitted(boards, working, "CLOSE")
    await eventually(lambda: state(handles[1]), lambda seen: seen.phase is Phase.CLOSING)
    for job in jobs:
        await send(client, settings, job, Intent.POSTED)
    for job, handle in zip(jobs, handles, strict=True):
        await settles(handle, Outcome.LIVE)
        truth = (await boards.job(job))["linkedin"]
        assert (truth["listed"], truth["will_be_listed"]) == (True, True)
        await handle.terminate()
    assert await submits(boards, working) == ["CLOSE", "CREATE"]


@pytest.mark.usefixtures("creators")
async def test_a_post_during_a_close_that_linkedin_shows_late_ends_listed(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = creating(sandbox_urls, linkedin_task_after="4s")
    handle = await created(client, settings, boards, job)
    await boards.fault("linkedin", "submit", "delay_visibility", seconds=3.0, job_id=job)
    await send(client, settings, job)
    await until_submitted(boards, job, "CLOSE")
    await send(client, settings, job, Intent.POSTED)
    await settles(handle, Outcome.LIVE)
    truth = (await boards.job(job))["linkedin"]
    await handle.terminate()
    assert (truth["listed"], truth["will_be_listed"]) == (True, True)
    assert await submits(boards, job) == ["CLOSE", "CREATE"]


async def test_a_post_during_a_close_needs_the_feed_where_jobs_are_watched(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = watching(sandbox_urls)
    async with linkedin_workers(client, settings, boards):
        await boards.set(linkedin__visibility_seconds=0)
        await boards.fault("linkedin", "submit", "slow_task", seconds=0.7, job_id=job)
        handle = await send(client, settings, job)
        await until_submitted(boards, job, "CLOSE")
        await send(client, settings, job, Intent.POSTED)
        found = attention_of(linkedin_of(await asks(handle, linkedin_of, Category.CLOSED_BY_BOARD)))
        assert "Boardsync had closed it" in found.reason
        assert "feed" in found.remedy
        await boards.change_job(job, linkedin={"listed": True})
        assert (await settles(handle, Outcome.LIVE)).attention is None
        assert await submits(boards, job) == ["CLOSE"]
        await handle.terminate()


@pytest.mark.usefixtures("creators")
async def test_an_edit_while_the_job_is_created_is_sent_after_it(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.add_job(job, linkedin=False, indeed=False)
    await boards.fault("linkedin", "submit", "slow_task", seconds=0.5, job_id=job)
    handle = await send(client, settings, job, Intent.POSTED)
    await until_submitted(boards, job, "CREATE")
    await boards.change_job(job, location="Austin, TX 78701")
    await edit(handle)
    await settles(handle, Outcome.UPDATED)
    assert await submits(boards, job) == ["CREATE", "UPDATE"]
    assert (await boards.job(job))["linkedin"]["location"].startswith("Austin")
    await handle.terminate()


async def test_a_close_that_waits_is_taken_back_when_the_job_is_posted_again(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = watching(sandbox_urls)
    async with linkedin_workers(client, settings, boards):
        await boards.fault("linkedin", "status", "slow", job_id=job, seconds=8.0)
        lifecycle = await send(client, settings, job)
        await eventually(boards.faults, lambda seen: seen[0]["fired"] == 1)
        await send(client, settings, job, Intent.POSTED)
        assert (await settles(lifecycle, Outcome.LIVE)).attention is None
        assert await submits(boards, job) == []
        await lifecycle.terminate()
