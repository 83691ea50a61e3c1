"""A write that the lifecycle calls off: one that has left is awaited, one that has not is taken back."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.heartbeats import to_its_end
from clients.leaving import WRITE_BEGUN

CALLED_OFF = [
    ActivityCancellationDetails(cancel_requested=True),
    ActivityCancellationDetails(timed_out=True),
    ActivityCancellationDetails(not_found=True),
]


class Write:
    """Waits for its turn, leaves, and is answered a moment later."""

    def __init__(self) -> None:
        self.turn, self.waits, self.answer = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.done = False

    async def __call__(self) -> str:
        self.waits.set()
        await self.turn.wait()
        begun = WRITE_BEGUN.get()
        assert begun is not None
        begun.set()
        self.waits.set()
        await self.answer.wait()
        self.done = True
        return "taken"


async def started(write: Write) -> tuple[ActivityEnvironment, "asyncio.Future[Any]"]:
    environment = ActivityEnvironment()

    async def step() -> str:
        return await to_its_end(write())

    task = asyncio.ensure_future(environment.run(step))
    await write.waits.wait()
    write.waits.clear()
    return environment, task


@pytest.mark.parametrize("why", CALLED_OFF)
async def test_a_write_that_waits_for_its_turn_is_taken_back(why: ActivityCancellationDetails) -> None:
    write = Write()
    environment, task = await started(write)
    environment.cancel(why)
    with suppress(asyncio.CancelledError):
        await task
    write.turn.set()
    write.answer.set()
    await asyncio.sleep(0)
    assert not write.done
    assert task.cancelled()


@pytest.mark.parametrize("why", CALLED_OFF)
async def test_a_write_that_has_left_is_awaited(why: ActivityCancellationDetails) -> None:
    write = Write()
    environment, task = await started(write)
    write.turn.set()
    await write.waits.wait()
    environment.cancel(why)
    await asyncio.sleep(0)
    write.answer.set()
    assert await task == "taken"


async def test_a_worker_that_stops_breaks_off_even_what_has_left() -> None:
    write = Write()
    environment, task = await started(write)
    write.turn.set()
    await write.waits.wait()
    environment.cancel(ActivityCancellationDetails(worker_shutdown=True))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not write.done
