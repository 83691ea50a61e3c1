"""The main job: an unpost is closed on LinkedIn, cleared on Indeed, and read back."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from config.settings import Settings
from models.states import Outcome
from tests.support.boards import Boards
from tests.support.history import billable_actions, events
from tests.support.lifecycles import indeed_of, linkedin_of, send

pytestmark = [pytest.mark.usefixtures("workers"), pytest.mark.sandboxed]


async def test_an_unpost_is_closed_cleared_and_read_back(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    receipt = await (await send(client, settings, job)).result()

    assert linkedin_of(receipt).outcome is Outcome.CLOSED
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    truth = await boards.job(job)
    assert truth["linkedin"]["listed"] is False
    assert truth["indeed"]["overlay_left"] == {}
    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]


async def test_25_identical_unposts_cause_one_close_and_one_clear(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    handles = await asyncio.gather(*(send(client, settings, job) for _ in range(20)))
    await handles[0].result()
    for _ in range(5):
        await (await send(client, settings, job)).result()

    assert sorted(await boards.writes(job)) == ["indeed.clear", "linkedin.submit"]
    counts = await boards.counts(job)
    assert counts["linkedin.submit.CLOSE"] == 1
    assert counts["indeed.clear"] == 1


async def test_a_close_stays_within_the_budget_of_events_and_actions(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    # The demo's own waits, and the sandbox's defaults.
    timing = settings.timing.model_copy(
        update={"linkedin_task_after": timedelta(seconds=1), "confirm_first": timedelta(milliseconds=500)}
    )
    handle = await send(client, settings.model_copy(update={"timing": timing}), job)
    await handle.result()

    history = await events(handle)
    assert len(history) <= 40
    assert billable_actions(history) <= 9
    # All that the store adds is what the worker does within a step of its own, which is one Action.
    assert [each.event_type for each in history].count(EventType.EVENT_TYPE_MARKER_RECORDED) == 1


async def test_a_close_at_a_board_that_is_read_quickly_reads_it_back_within_the_step_that_clears(
    client: Client, settings: Settings, boards: Boards
) -> None:
    timing = settings.timing.model_copy(update={"linkedin_task_after": timedelta(seconds=1)})
    quick = settings.model_copy(update={"timing": timing})
    # Only a listing that was read quickly before is waited for: not the first one, and on a busy machine not each.
    for job in await boards.add_jobs(63_000, 8):
        handle = await send(client, quick, job)
        receipt = await handle.result()
        history = await events(handle)
        steps = [each.activity_task_scheduled_event_attributes.activity_type.name for each in history]
        if "indeed_confirm_cleared" not in steps:
            break
    else:
        pytest.fail("each close took one step more")
    assert len(history) <= 34
    assert billable_actions(history) <= 7
    # The same proofs: what was sent, and after that what was read, and that the listing has no other posting.
    assert indeed_of(receipt).outcome is Outcome.CLEARED
    said = [(each.asked.partition(" (")[0], each.answered) for each in indeed_of(receipt).evidence]
    assert said[-2] == ("Clear the updates", "accepted"), said
    assert (said[-1][0], said[-1][1].partition(";")[0]) == ("Read the job", "nothing of the overlay is left"), said
    assert (await boards.job(job))["indeed"]["overlay_left"] == {}
    calls = await boards.counts(job)
    assert calls["indeed.clear"] == 1
