"""Waiting is waiting: neither a day that runs out nor a long Retry-After makes Boardsync call a board in a hurry."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from config.settings import Settings
from models.bulk import Fate
from models.events import Hire
from models.problems import Category
from models.states import BoardName, Intent
from models.temporal import RESUME, RETRY
from tests.support.boards import Boards
from tests.support.bulk import asked_by, offboard
from tests.support.lifecycles import (
    asks,
    attention_of,
    customer_of,
    event,
    eventually,
    handle,
    indeed_of,
    linkedin_of,
    send,
    state,
)
from tests.support.settings import sandbox_settings
from webhook_gateway.dispatch import Dispatcher

pytestmark = pytest.mark.usefixtures("workers")

TOO_LONG = {"Retry-After": "86400"}
"""More than any step may last in these tests."""


@pytest.fixture
async def name(client: Client, job_ids: Iterator[str]) -> AsyncIterator[str]:
    """Name a run, and leave none behind."""
    name = f"offboarding-{next(job_ids)}"
    yield name
    run = client.get_workflow_handle(name)
    if (await run.describe()).status is WorkflowExecutionStatus.RUNNING:
        await run.terminate()


@pytest.mark.parametrize(
    ("board", "calls", "most"),
    # After the write, as it should be gone, and at the deadline; at Indeed within the step that clears, too.
    [(BoardName.INDEED, ("clear", "node"), 4), (BoardName.LINKEDIN, ("submit", "status"), 3)],
    ids=["indeed", "linkedin"],
)
async def test_a_board_is_not_read_in_a_hurry_as_the_deadline_comes(
    client: Client,
    sandbox_urls: dict[str, str],
    boards: Boards,
    job: str,
    board: BoardName,
    calls: tuple[str, str],
    most: int,
) -> None:
    write, read = calls
    # The next read is always due later than the deadline.
    settings = sandbox_settings(
        sandbox_urls, confirm_within="2s", confirm_first="1500ms", confirm_max="1500ms", linkedin_task_after="1ms"
    )
    await boards.set(linkedin__task_seconds=0)
    await boards.fault(board, write, "lie", times=None)
    lifecycle = await send(client, settings, job)
    board_of = linkedin_of if board is BoardName.LINKEDIN else indeed_of
    track = board_of(await asks(lifecycle, board_of, Category.STILL_SHOWN))
    asked_at = attention_of(track).since.timestamp()
    # It is sent once more as people are asked: what they waited for began with the first one.
    sent_at = (await boards.records(provider=board, operation=write, job_id=job))[0]["at"]
    assert asked_at - sent_at >= settings.timing.confirm_within.total_seconds()
    reads = [each["at"] for each in await boards.records(provider=board, operation=read, job_id=job)]
    meanwhile = [at for at in reads if sent_at <= at <= asked_at]
    assert len(meanwhile) <= most, f"from {sent_at} to {asked_at}: {meanwhile}"
    await lifecycle.terminate()


async def test_positions_are_not_asked_for_before_icims_wants_to_be_asked(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = sandbox_settings(sandbox_urls, attention_after="10s")
    await boards.fault("icims", "job", "http", status=429, headers=TOO_LONG, job_id=job, times=None)
    hire = Hire(key="0123456789abcdef", filled=True, close_when="all_positions_filled")
    hired = event().model_copy(update={"event_type": "StatusChangeEvent", "intent": None, "hire": hire})
    await Dispatcher(client, settings).ats_event(customer_of(settings), job, hired)
    lifecycle = handle(client, job)
    seen = await eventually(lambda: state(lifecycle), lambda seen: seen.attention is not None)
    assert attention_of(seen).category is Category.RATE_LIMITED
    await asyncio.sleep(0.5)
    assert (await boards.counts(job))["429"] <= 1
    await boards.clear_faults()
    await lifecycle.signal(RETRY, {"by": "Ana"})
    assert (await lifecycle.result()).intent is Intent.UNPOSTED


async def test_a_run_over_many_jobs_waits_as_long_as_the_board_asks(
    client: Client, settings: Settings, boards: Boards, name: str
) -> None:
    jobs = await boards.add_jobs(1_100_000, 3)
    await boards.fault("indeed", "nodes", "http", status=429, headers=TOO_LONG, times=None)
    run = await offboard(client, name, dry_run=False)
    assert (await asked_by(run)).category is Category.RATE_LIMITED
    await asyncio.sleep(0.5)
    assert (await boards.counts())["429"] <= 2
    await boards.clear_faults()
    await run.signal(RESUME, {"by": "Ana"})
    result = await run.result()
    # A lifecycle that another test left may clear its own job meanwhile: that one is clear when it is listed.
    names = [name for named in result.jobs.values() for name in named]
    assert set(jobs) <= set(result.jobs[Fate.CLEARED])
    assert len(names) == len(set(names)) == sum(result.counts.values())
