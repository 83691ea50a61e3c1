"""A day with more work than iCIMS's quota: every job is closed on it, and iCIMS is told of all by the next."""

import httpx
import pytest
from temporalio.client import Client

from benchmarks.quota import FIRST_JOB, DayTooShortError, Drill, Figures
from config.settings import Settings
from tests.support.boards import Boards, control_of
from tests.support.settings import reporting_settings

JOBS = 9
QUOTA = JOBS * 10 // 3
DAYS = (12.0, 60.0, 300.0)
"""Seconds: a busy machine needs a longer day."""


@pytest.mark.timeout(420)
@pytest.mark.usefixtures("workers")
async def test_a_quota_that_is_too_small_holds_up_no_board_and_reports_are_made_up_for(
    client: Client, sandbox_urls: dict[str, str], boards: Boards
) -> None:
    await boards.set(icims__daily_quota=QUOTA, linkedin__task_seconds=0.1)
    async with control_of(sandbox_urls) as control:
        seen = await drilled(client, reporting_settings(sandbox_urls, report_every="10m"), control)
    assert (seen.off, seen.told, seen.attentions) == (JOBS, JOBS, {})
    assert seen.told_on_the_day < JOBS  # else the quota was no matter
    used = seen.quota_of_the_day["by_operation"]
    assert used["jobboardposts"] <= QUOTA / 2
    assert used.get("job", 0) + used.get("address", 0) <= 2 * JOBS


async def drilled(client: Client, settings: Settings, control: httpx.AsyncClient) -> Figures:
    for number, day in enumerate(DAYS):
        try:
            first = FIRST_JOB + 1000 * number
            return await Drill(client, settings, control, JOBS, first_job=first).run(day, every=0.2)
        except DayTooShortError:
            continue
    raise AssertionError("no day was long enough")
