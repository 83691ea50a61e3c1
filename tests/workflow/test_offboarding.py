"""Leaving a client: every job is cleared and read back, none twice, and the result names each."""

from collections.abc import Iterator

import pytest
from temporalio.client import Client

from models.bulk import Fate
from tests.support.boards import Boards
from tests.support.bulk import offboard

pytestmark = pytest.mark.usefixtures("workers")


async def clears(boards: Boards) -> dict[str, int]:
    """Count the clears that took effect, by job."""
    counted: dict[str, int] = {}
    for record in await boards.records(provider="indeed", operation="clear"):
        for job in record["job_ids"] if record["applied"] else ():
            counted[job] = counted.get(job, 0) + 1
    return counted


async def test_all_jobs_are_cleared_once_and_named(client: Client, boards: Boards, job_ids: Iterator[str]) -> None:
    first = int(next(job_ids)) + 1_000_000
    jobs = await boards.add_jobs(first, 120)
    run = await offboard(client, f"offboarding-{first}", dry_run=False, batch_size=10)
    result = await run.result()
    assert set(jobs) <= set(result.jobs[Fate.CLEARED])
    assert set((await clears(boards)).values()) == {1}
    print(result.counts, result.notes)
