"""A write that the lifecycle calls off: one that has left is awaited, one that has not is taken back."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment

from activities.heartbeats import to_its_end, with_heartbeats
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


async def test_a_step_that_waits_tells_with_each_heartbeat_what_its_next_try_is_to_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("activities.heartbeats.EVERY", 0.01)
    beats: list[tuple[Any, ...]] = []
    enough = asyncio.Event()

    def beat(*details: Any) -> None:
        beats.append(details)
        if len(beats) == 3:
            enough.set()

    environment = ActivityEnvironment()
    environment.on_heartbeat = beat
    await environment.run(partial(with_heartbeats, enough.wait(), "CREATE"))
    assert beats == [("CREATE",)] * 3


@pytest.mark.parametrize(("waited", "beats"), [(timedelta(0), 0), (timedelta(minutes=1), 1)])
async def test_a_step_that_has_waited_for_room_hears_at_once_whether_it_is_called_off(
    waited: timedelta, beats: int
) -> None:
    heard: list[tuple[Any, ...]] = []
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, started_time=datetime.now(UTC) - waited)
    environment.on_heartbeat = lambda *details: heard.append(details)
    await environment.run(partial(with_heartbeats, asyncio.sleep(0)))
    assert len(heard) == beats
