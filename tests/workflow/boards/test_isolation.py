"""A board that hangs holds up no other: it never takes all the steps that a worker can have under way."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from temporalio.client import Client

from activities import room
from config.settings import Settings
from models.states import BoardState, Outcome
from tests.support.boards import Boards
from tests.support.lifecycles import eventually, indeed_of, linkedin_of, send, state
from tests.support.workers import running_workers

JOBS = 24
STEPS = 14
"""Fewer than the jobs: each has a step that waits for the board that hangs."""


async def test_steps_that_wait_for_a_hanging_board_leave_room_for_the_others(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "AGAIN_AFTER", timedelta(seconds=1))  # when a step that found no room looks again
    jobs = [next(job_ids) for _ in range(JOBS)]
    for each in jobs:
        await boards.add_job(each)
    await boards.fault("linkedin", "*", "slow", seconds=30, times=None)
    async with running_workers(client, settings, steps=STEPS):
        for lifecycle in [await send(client, settings, each) for each in jobs]:
            seen = await eventually(partial(state, lifecycle), lambda seen: indeed_of(seen).state is BoardState.SETTLED)
            assert indeed_of(seen).outcome is Outcome.CLEARED
            assert linkedin_of(seen).state is not BoardState.SETTLED
