"""The real waits, hours and days of them, on the time-skipping server."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.client import Client, WorkflowExecutionStatus

from config.settings import Settings, TimingSection
from models.lifecycle import Lifecycle, Receipt
from models.problems import Category
from models.states import BoardState, Intent, Outcome, Phase
from models.temporal import SEARCH_ATTRIBUTES
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, attention_of, eventually, indeed_of, linkedin_of, send, state
from tests.support.processes import free_port, running
from tests.support.temporal import client_of
from tests.support.workers import running_workers


@pytest.fixture
async def skipping(settings: Settings, boards: Boards) -> AsyncIterator[Client]:
    """Connect to a server whose clock a test moves, with workers; the boards' own clock stays, so they act at once."""
    await boards.set(linkedin__task_seconds=0, linkedin__visibility_seconds=0)
    port = free_port()
    executable = str(Path(sys.executable).with_name("temporal-test-server"))
    async with running([executable, str(port)]):
        client = await client_of(f"127.0.0.1:{port}")
        # Not by the product's own registration: this server cannot list what it has, and gives times back as numbers.
        keywords = dict.fromkeys((key.name for key in SEARCH_ATTRIBUTES), IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
        await client.operator_service.add_search_attributes(AddSearchAttributesRequest(search_attributes=keywords))
        async with running_workers(client, settings):
            yield client


@pytest.fixture
def usual(settings: Settings) -> Settings:
    """Return settings with the waits of production."""
    return settings.model_copy(update={"timing": TimingSection()})


async def pass_time(client: Client, wait: timedelta) -> None:
    request = SleepRequest(duration=Duration(seconds=int(wait.total_seconds())))
    await client.service_client.test_service.unlock_time_skipping_with_sleep(request)


async def passes_until(client: Client, probe: Callable[[], Awaitable[bool]], *, within: timedelta) -> None:
    """Let time pass in steps, with a moment for the workers in each.

    The clock runs on while a worker answers, so one long sleep may end short of the retry that the test waits for,
    and nothing would move the clock to it. The bounds are therefore wide: the tests are about what comes first.
    """
    step = timedelta(minutes=15)
    for _ in range(within // step):
        if await probe():
            return
        await pass_time(client, step)
        await asyncio.sleep(0.05)
    assert await probe(), f"not within {within}"


async def completes(client: Client, handle: Handle, *, within: timedelta) -> Receipt:
    async def completed() -> bool:
        return (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    await passes_until(client, completed, within=within)
    return await handle.result()


async def reaches(client: Client, handle: Handle, phase: Phase, *, within: timedelta) -> Lifecycle:
    async def reached() -> bool:
        return (await state(handle)).phase is phase

    await passes_until(client, reached, within=within)
    return await state(handle)


async def test_linkedins_task_is_not_read_before_five_minutes_have_passed(
    skipping: Client, usual: Settings, boards: Boards, job: str
) -> None:
    handle = await send(skipping, usual, job)
    await eventually(
        lambda: state(handle),
        lambda seen: linkedin_of(seen).state is BoardState.CONFIRMING,
    )
    await pass_time(skipping, timedelta(minutes=4, seconds=50))
    assert (await boards.counts(job)).get("linkedin.tasks", 0) == 0
    receipt = await completes(skipping, handle, within=timedelta(hours=12))
    assert linkedin_of(receipt).outcome is Outcome.CLOSED


async def test_a_failing_board_asks_for_attention_after_four_hours_and_is_retried_on(
    skipping: Client, usual: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "status", "http", status=500, times=None)
    handle = await send(skipping, usual, job)
    await pass_time(skipping, timedelta(hours=3, minutes=30))
    seen = await state(handle)
    assert seen.phase is Phase.CLOSING
    seen = await reaches(skipping, handle, Phase.ATTENTION, within=timedelta(hours=12))
    assert attention_of(linkedin_of(seen)).category is Category.TEMPORARY
    assert attention_of(linkedin_of(seen)).retrying

    await boards.clear_faults()
    receipt = await completes(skipping, handle, within=timedelta(hours=12))
    assert linkedin_of(receipt).attention is None


async def test_a_board_that_still_shows_the_job_asks_for_attention_after_a_day(
    skipping: Client, usual: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "clear", "lie", times=None)
    handle = await send(skipping, usual, job)
    # The day counts from the clear: it must have been sent before the clock is moved.
    await eventually(lambda: state(handle), lambda seen: indeed_of(seen).submitted)
    await pass_time(skipping, timedelta(hours=23))
    seen = await reaches(skipping, handle, Phase.CLOSING, within=timedelta(minutes=5))
    assert indeed_of(seen).state is BoardState.CONFIRMING
    seen = await reaches(skipping, handle, Phase.ATTENTION, within=timedelta(hours=24))
    assert attention_of(indeed_of(seen)).category is Category.STILL_SHOWN
    await handle.terminate()


async def test_a_job_that_linkedin_closes_without_a_word_is_found_within_a_day(
    skipping: Client, usual: Settings, boards: Boards, job: str
) -> None:
    handle = await send(skipping, usual, job, Intent.POSTED)
    await eventually(lambda: state(handle), lambda seen: seen.phase is Phase.OPEN)
    await boards.change_job(job, linkedin={"listed": False})
    await pass_time(skipping, timedelta(hours=19))
    assert (await state(handle)).phase is Phase.OPEN
    seen = await reaches(skipping, handle, Phase.ATTENTION, within=timedelta(hours=12))
    assert attention_of(linkedin_of(seen)).category is Category.CLOSED_BY_BOARD
    await handle.terminate()


async def test_linkedins_day_limit_is_waited_out(skipping: Client, usual: Settings, boards: Boards, job: str) -> None:
    message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    await boards.fault("linkedin", "submit", "http", status=429, body={"message": message, "status": 429})
    handle = await send(skipping, usual, job)
    await eventually(boards.counts, lambda counts: counts.get("429", 0) == 1)
    receipt = await completes(skipping, handle, within=timedelta(hours=48))
    assert linkedin_of(receipt).outcome is Outcome.CLOSED
