"""A try that Temporal has given up sends nothing once the next one has begun in the same process."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.heartbeats import to_its_end
from activities.tries import NewestTry
from clients.leaving import WRITE_BEGUN


class Writing(ActivityInboundInterceptor):
    """A step whose write waits for its turn."""

    def __init__(self) -> None:
        self.waiting, self.turn, self.sent = 0, asyncio.Event(), 0

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        return await to_its_end(self._write())

    async def _write(self) -> str:
        self.waiting += 1
        await self.turn.wait()
        begun = WRITE_BEGUN.get()
        assert begun is not None
        begun.set()
        self.sent += 1
        return "sent"


class Steps:
    def __init__(self) -> None:
        self.tries, self.writing = NewestTry(), Writing()
        self._inbound = self.tries.intercept_activity(self.writing)

    def begin(self, attempt: int, **other: Any) -> "asyncio.Task[Any]":
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, attempt=attempt, **other)
        step = ExecuteActivityInput(fn=print, args=[], executor=None, headers={})
        return asyncio.ensure_future(environment.run(self._inbound.execute_activity, step))

    async def waiting(self, count: int) -> None:
        while self.writing.waiting < count:  # noqa: ASYNC110 -- whatever it takes
            await asyncio.sleep(0)


async def test_only_the_newest_try_of_a_step_sends() -> None:
    steps = Steps()
    tries = []
    for attempt in (1, 2, 3):
        tries.append(steps.begin(attempt))
        await steps.waiting(attempt)
    steps.writing.turn.set()
    for given_up in tries[:2]:
        with pytest.raises(asyncio.CancelledError):
            await given_up
    assert await tries[2] == "sent"
    assert steps.writing.sent == 1
    assert not steps.tries.under_way


@pytest.mark.parametrize("other", [{"activity_id": "2"}, {"workflow_run_id": "2"}, {"workflow_id": "job-2"}])
async def test_other_steps_go_on(other: dict[str, str]) -> None:
    steps = Steps()
    tries = [steps.begin(1), steps.begin(1, **other)]
    await steps.waiting(2)
    steps.writing.turn.set()
    assert await asyncio.gather(*tries) == ["sent", "sent"]
    assert not steps.tries.under_way
