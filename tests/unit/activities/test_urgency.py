"""The priority of a step in Temporal is the urgency of its calls."""

from dataclasses import replace

import pytest
from temporalio import activity
from temporalio.common import Priority
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.urgency import Urgent
from clients.urgency import UNHURRIED, URGENCY
from models.temporal import Urgency


class Last(ActivityInboundInterceptor):
    def __init__(self) -> None:
        pass

    async def execute_activity(self, input: ExecuteActivityInput) -> int:  # noqa: A002 -- the SDK's name
        return URGENCY.get()


@pytest.mark.parametrize("key", [*Urgency, None])
async def test_a_step_hands_its_priority_on(key: Urgency | None) -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, priority=Priority(priority_key=key))

    async def step() -> int:
        activity.heartbeat()
        asked = ExecuteActivityInput(fn=step, args=[], executor=None, headers={})
        found: int = await Urgent().intercept_activity(Last()).execute_activity(asked)
        return found

    assert await environment.run(step) == (key or Urgency.UPDATE)


def test_a_check_is_what_nobody_waits_for() -> None:
    assert Urgency.CHECK == UNHURRIED == max(Urgency)
    assert URGENCY.get() == Urgency.UPDATE
