"""Jobs that are taken down at about the same time share requests, and each has its own outcome and its own proof."""

import asyncio
from collections.abc import Iterator

from temporalio.client import Client

from config.settings import Settings
from models.problems import Category
from models.states import Outcome, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import asks, indeed_of, linkedin_of, send
from tests.support.workers import running_workers

JOBS = 24


async def test_many_closes_share_requests_and_one_that_fails_is_its_own(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str]
) -> None:
    jobs = [next(job_ids) for _ in range(JOBS)]
    refused, lost, *_ = jobs
    for each in jobs:
        await boards.add_job(each)
    for provider in ("linkedin", "indeed"):
        await boards.fault(provider, "api", "slow", seconds=0.2, times=None)
    words = "Caller is not authorized to access the jobs for contract"
    await boards.fault("linkedin", "submit", "element_error", job_id=refused, status=403, message=words, times=None)
    await boards.fault("linkedin", "submit", "lost_answer", job_id=lost)
    handles = [await send(client, settings, each) for each in jobs]
    async with running_workers(client, settings):
        receipts = await asyncio.gather(*(each.result() for each in handles[1:]))
        asking = await asks(handles[0], linkedin_of, Category.PERMISSION)
        await handles[0].terminate()

    assert {each.phase for each in receipts} == {Phase.CLOSED}
    assert {linkedin_of(each).outcome for each in receipts} == {Outcome.CLOSED}
    assert {indeed_of(each).outcome for each in receipts} == {indeed_of(asking).outcome} == {Outcome.CLEARED}
    written = [await boards.writes(each) for each in jobs]
    # Whatever was sent again, every job was closed and cleared once.
    assert [sorted(each) for each in written[1:]] == [["indeed.clear", "linkedin.submit"]] * (JOBS - 1)
    assert [(await boards.job(each))["linkedin"]["listed"] for each in jobs] == [True, *[False] * (JOBS - 1)]
    assert [await boards.overlays(each) for each in jobs] == [[{}]] * JOBS
    # Each job is read before and after.
    for provider, operation, alone in (("linkedin", "submit", 1), ("linkedin", "status", 2), ("indeed", "clear", 1)):
        assert len(await boards.records(provider=provider, operation=operation)) < alone * JOBS
    assert len(await boards.records(provider="indeed", operation="nodes")) > 0
