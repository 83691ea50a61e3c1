"""SIGKILL at any moment loses nothing; SIGTERM stops cleanly."""

import asyncio
import signal
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from models.states import Outcome
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, eventually, handle, indeed_of, linkedin_of, send
from tests.support.processes import end
from tests.support.settings import raw_settings, sandbox_settings, write_toml
from tests.support.sizes import size
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import start_worker

JOBS, KILLS, CALLS_IN_A_LIFE = size(6, 20), size(4, 30), 10


async def all_closed(handles: list[Handle]) -> bool:
    seen = await asyncio.gather(*(each.describe() for each in handles))
    return all(each.status is WorkflowExecutionStatus.COMPLETED for each in seen)


async def calls(boards: Boards) -> int:
    return sum((await boards.counts()).values())


@pytest.mark.timeout(300)
async def test_killing_the_worker_again_and_again_while_jobs_close_ends_with_all_closed(
    boards: Boards, sandbox_urls: dict[str, str], tmp_path: Path
) -> None:
    config = tmp_path / "boardsync.toml"
    waits = {"call_timeout": "2s"}
    write_toml(config, raw_settings(sandbox_urls, **waits))
    settings = sandbox_settings(sandbox_urls, **waits)
    # What was taken is shown at once: a close that LinkedIn does not show yet is rightly sent again after a kill.
    await boards.set(linkedin__task_seconds=0, linkedin__visibility_seconds=0)
    jobs = await boards.add_jobs(80_000, JOBS)
    kills = 0
    async with running_temporal() as address:
        client = await client_of(address)
        worker = await start_worker(address, config)
        handles = [await send(client, settings, each) for each in jobs]

        async def at_work(before: int) -> bool:
            return await calls(boards) >= before + CALLS_IN_A_LIFE or await all_closed(handles)

        while kills < KILLS and not await all_closed(handles):
            await eventually(partial(at_work, await calls(boards)), bool, within=60, every=0.02)
            await end(worker, number=signal.SIGKILL)
            kills += 1
            worker = await start_worker(address, config)
        receipts = [await each.result() for each in handles]
        await end(worker)

    assert kills >= 3
    assert {linkedin_of(each).outcome for each in receipts} == {Outcome.CLOSED}
    assert {indeed_of(each).outcome for each in receipts} == {Outcome.CLEARED}
    for each in jobs:
        assert sorted(await boards.writes(each)) == ["indeed.clear", "linkedin.submit"]


async def test_sigterm_lets_the_call_under_way_finish(
    client: Client, temporal: str, boards: Boards, sandbox_urls: dict[str, str], job: str, tmp_path: Path
) -> None:
    config = tmp_path / "boardsync.toml"
    write_toml(config, raw_settings(sandbox_urls))
    await boards.fault("linkedin", "submit", "slow", seconds=3.0)
    worker = await start_worker(temporal, config)
    await send(client, sandbox_settings(sandbox_urls), job)
    # The fault has fired once LinkedIn has the close, and its answer is under way.
    await eventually(boards.faults, lambda found: [each["fired"] for each in found] == [1])
    assert await end(worker) == 0
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1

    worker = await start_worker(temporal, config)
    await handle(client, job).result()
    await end(worker)
    assert (await boards.counts(job))["linkedin.submit.CLOSE"] == 1
