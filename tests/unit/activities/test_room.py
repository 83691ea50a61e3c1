"""A provider that hangs takes up no more of a worker than its own part."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.answers import Answers
from activities.problems import failure
from activities.room import AGAIN_A_SECOND, AGAIN_AFTER, AT_THE_LATEST, Room
from models.calls.icims import IcimsWanted
from models.problems import Category, Problem


class Hanging(ActivityInboundInterceptor):
    """The steps themselves: they wait until they are let go."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.ends_with: Exception | None = None

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        await self.let_go.wait()
        if self.ends_with is not None:
            raise self.ends_with
        return "done"


class Steps:
    def __init__(self, room: Room) -> None:
        self.room, self.hanging = room, Hanging()
        self._inbound = room.intercept_activity(self.hanging)

    async def run(self, activity_type: str, customer_id: str = "1") -> Any:
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, activity_type=activity_type)
        call = IcimsWanted(customer_id=customer_id, job_id="1209")
        step = ExecuteActivityInput(fn=print, args=[call], executor=None, headers={})
        return await environment.run(self._inbound.execute_activity, step)

    def begin(self, activity_type: str, customer_id: str = "1") -> "asyncio.Task[Any]":
        return asyncio.create_task(self.run(activity_type, customer_id))

    async def are_under_way(self, count: int) -> None:
        while self.room.under_way["linkedin",] < count:  # noqa: ASYNC110 -- a counter, which sets no event
            await asyncio.sleep(0)


async def refused(step: Any) -> str:
    with pytest.raises(ApplicationError) as caught:
        await step
    assert not caught.value.non_retryable
    assert caught.value.next_retry_delay is not None
    return str(caught.value)


async def test_one_provider_that_hangs_leaves_room_for_the_others_and_gets_its_own_back() -> None:
    steps = Steps(Room(for_a_provider=3, for_a_customer=3))
    under_way = [steps.begin("linkedin_close", str(n)) for n in range(3)]
    await asyncio.sleep(0)
    assert "LinkedIn answers too slowly" in await refused(steps.run("linkedin_watch", "9"))
    under_way += [steps.begin("indeed_find"), steps.begin("icims_report"), steps.begin("store_receipt")]
    await asyncio.sleep(0)
    steps.hanging.let_go.set()
    assert await asyncio.gather(*under_way, steps.run("indeed_clear")) == ["done"] * 7
    assert await steps.run("linkedin_close") == "done"
    assert not steps.room.under_way


async def test_one_customer_whose_credential_hangs_leaves_room_for_the_others() -> None:
    steps = Steps(Room(for_a_provider=5, for_a_customer=2))
    under_way = [steps.begin("indeed_find", "1") for _ in range(2)]
    await asyncio.sleep(0)
    assert "to customer 1:" in await refused(steps.run("indeed_clear", "1"))
    under_way.append(steps.begin("indeed_clear", "2"))
    steps.hanging.let_go.set()
    assert await asyncio.gather(*under_way) == ["done"] * 3


async def test_a_step_that_is_called_off_gives_its_room_back() -> None:
    steps = Steps(Room(for_a_provider=1, for_a_customer=1))
    step = steps.begin("linkedin_close")
    await asyncio.sleep(0)
    step.cancel()
    await asyncio.wait([step])
    steps.hanging.let_go.set()
    assert await steps.run("linkedin_close") == "done"


def test_steps_without_room_come_again_one_after_the_other_however_many_they_are() -> None:
    room = Room(1, 1, clock=lambda: 1_000.0)
    waits = [room.again_after().total_seconds() for _ in range(5 * AGAIN_A_SECOND + 1)]
    assert waits[0] == AGAIN_AFTER.total_seconds()
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(AGAIN_AFTER.total_seconds() + 5)


def test_once_those_have_come_the_next_one_waits_no_longer_than_the_first() -> None:
    now = 1_000.0
    room = Room(1, 1, clock=lambda: now)
    for _ in range(5 * AGAIN_A_SECOND):
        room.again_after()
    now += 60
    assert room.again_after() == AGAIN_AFTER


def test_however_many_they_are_the_last_one_comes_again_after_a_quarter_of_an_hour() -> None:
    room = Room(1, 1, clock=lambda: 1_000.0)
    waits = [room.again_after() for _ in range(100_000)]
    assert max(waits) == waits[-1] == AT_THE_LATEST


NOT_ANSWERED = Problem(category=Category.TEMPORARY, reason="LinkedIn did not answer in time.", remedy="Wait.")
REFUSED = Problem(category=Category.CREDENTIALS, reason="LinkedIn refused the secret.", remedy="Mend it.")


def unanswered(answers: Answers) -> None:
    for _ in range(9):
        answers.note("LinkedIn", Category.TEMPORARY.value)


async def test_where_a_provider_is_silent_only_a_few_more_are_let_in_and_others_as_ever() -> None:
    answers = Answers()
    steps = Steps(Room(100, 100, 2, answers=answers))
    under_way = [steps.begin("linkedin_close") for _ in range(3)]
    await steps.are_under_way(3)
    unanswered(answers)
    assert "LinkedIn answers too slowly" in await refused(steps.run("linkedin_close"))
    under_way.append(steps.begin("indeed_clear"))
    steps.hanging.let_go.set()
    assert await asyncio.gather(*under_way) == ["done"] * 4
    assert await steps.run("linkedin_close") == "done", "few are under way now"


async def ended(problem: Problem, *, silent: bool) -> list[timedelta | None]:
    """Return when three steps of LinkedIn come again that have all met with a problem; two of them are a crowd."""
    answers = Answers()
    steps = Steps(Room(100, 100, 2, answers=answers))
    under_way = [steps.begin("linkedin_close") for _ in range(3)]
    await steps.are_under_way(3)
    if silent:
        unanswered(answers)
    steps.hanging.ends_with = failure(problem)
    steps.hanging.let_go.set()
    errors = await asyncio.gather(*under_way, return_exceptions=True)
    assert [(each.message, each.details, each.type) for each in errors if isinstance(each, ApplicationError)] == [
        (problem.reason, (problem,), problem.category.value)
    ] * 3
    return [each.next_retry_delay for each in errors if isinstance(each, ApplicationError)]


async def test_steps_that_a_silent_provider_has_not_answered_come_again_one_by_one() -> None:
    first, second, last = await ended(NOT_ANSWERED, silent=True)
    assert first is not None
    assert second is not None
    assert AGAIN_AFTER <= first < second
    assert last is None, "it was alone by then, and tries whether the provider answers again"


async def test_steps_of_a_provider_that_answers_others_come_again_as_temporal_says() -> None:
    assert await ended(NOT_ANSWERED, silent=False) == [None] * 3


async def test_a_refusal_does_not_wait_for_a_silent_provider() -> None:
    assert await ended(REFUSED, silent=True) == [None] * 3
