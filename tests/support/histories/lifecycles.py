"""Scenarios of one job: its lifecycle, what is told of it, and the cause that several jobs wait for."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from models.causes import cause_id
from models.events import Hire, LinkedInStatus, StatusDetail
from models.problems import Category
from models.states import Intent, Phase
from models.temporal import LINKEDIN_STATUS
from tests.support.boards import CUSTOMER
from tests.support.histories.world import World
from tests.support.lifecycles import asks, event, eventually, handle, in_phase, linkedin_of, state
from webhook_gateway.dispatch import Dispatcher

NOW = partial(datetime.now, UTC)
LISTED = StatusDetail(status="LISTED")
NO_SLOTS = {"status": 402, "body": {"message": "no slots"}}


async def closed(world: World) -> None:
    """A job that both boards let go of at once."""
    await (await world.send(await world.job("closed"))).result()


async def posted_and_closed(world: World) -> None:
    """A job whose fields are set, changed by hand and by an edit, and then taken off."""
    lifecycle = await world.send(job := await world.job("posted"), Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await lifecycle.signal("update", {"by": "Ben", "fields": {"title": "Night Nurse"}})
    await eventually(lambda: state(lifecycle), lambda seen: len(seen.received) > 1 and seen.phase is Phase.OPEN)
    await world.send(job, Intent.POSTED)
    await eventually(lambda: state(lifecycle), lambda seen: len(seen.received) > 2 and seen.phase is Phase.OPEN)
    await (await world.send(job)).result()


async def attention_and_retry(world: World) -> None:
    """A refusal that a person mends."""
    job = await world.job("attention")
    await world.boards.fault("linkedin", "submit", "http", job_id=job, status=400, body={"message": "odd"}, times=None)
    lifecycle = await world.send(job)
    await in_phase(lifecycle, Phase.ATTENTION)
    await world.boards.clear_faults()
    await lifecycle.signal("confirm", {"by": "Ana"})
    await lifecycle.signal("retry", {"by": "Ana", "reason": "corrected"})
    await lifecycle.result()


async def common_cause(world: World) -> None:
    """Two jobs that wait for the same, one of which gets through."""
    jobs = [await world.job("cause") for _ in range(2)]
    for each in jobs:
        await world.boards.fault("linkedin", "submit", "http", job_id=each, times=None, **NO_SLOTS)
    lifecycles = [await world.send(each) for each in jobs]
    for lifecycle in lifecycles:
        await asks(lifecycle, linkedin_of, Category.OUT_OF_SLOTS)
        await eventually(partial(state, lifecycle), lambda seen: bool(seen.waits))
    await world.boards.clear_faults()
    await world.client.get_workflow_handle(cause_id(CUSTOMER, "linkedin.slots")).signal("retry")
    await asyncio.gather(*(each.result() for each in lifecycles))


async def lying_board(world: World) -> None:
    """A board that says that it has cleared, and has not: still open when it is recorded."""
    job = await world.job("lying-board")
    await world.boards.fault("indeed", "clear", "lie", job_id=job, times=None)
    await in_phase(await world.send(job), Phase.ATTENTION)


async def superseded(world: World) -> None:
    """Intents that overtake each other."""
    job = await world.job("superseded")
    await world.boards.fault("linkedin", "submit", "slow", job_id=job, seconds=1.0)
    for number, intent in enumerate((Intent.UNPOSTED, Intent.POSTED, Intent.UNPOSTED), start=1):
        lifecycle = await world.send(job, intent)
        await _heard(world, job, number)
    await lifecycle.result()


async def hired_and_reported(world: World) -> None:
    """Hires that fill the job, and the ATS that is told how the boards stand."""
    settings = world.configured(report=True)
    job = await world.job("hired")
    hire = Hire(key="0123456789abcdef", filled=True, close_when="all_positions_filled")
    for number, message in enumerate(
        (event(Intent.POSTED), event(Intent.POSTED).model_copy(update={"intent": None, "hire": hire})), start=1
    ):
        await Dispatcher(world.client, settings).ats_event(settings.customers[0], job, message)
        await _heard(world, job, number)
    await handle(world.client, job).result()


async def cancelled(world: World) -> None:
    """A lifecycle that somebody cancels in Temporal."""
    lifecycle = await world.send(await world.job("cancelled"), Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await lifecycle.cancel()
    await eventually(lifecycle.describe, lambda seen: seen.close_time is not None)


async def listed_again(world: World) -> None:
    """A job that LinkedIn lists again after its close: a new lifecycle takes up how the earlier one ended."""
    job = await world.job("listed-again")
    await (await world.send(job)).result()
    await world.boards.change_job(job, linkedin={"listed": True, "silent": True})
    await (await world.send(job)).result()


async def unread_when_listed_again(world: World) -> None:
    """A closed job that LinkedIn lists again, and that cannot be read until a person has been asked."""
    job = await world.job("unread")
    await (await world.send(job)).result()
    await world.boards.change_job(job, linkedin={"listed": True, "silent": True})
    await world.boards.fault("linkedin", "status", "expire_token", job_id=job, times=None)
    customer, back = world.settings.customers[0], LinkedInStatus(listing=LISTED, after_close=True, received_at=NOW())
    await Dispatcher(world.client, world.settings).listed_again(customer, job, back)
    lifecycle = handle(world.client, job)
    await asks(lifecycle, linkedin_of, Category.CREDENTIALS)
    await world.boards.clear_faults()
    await lifecycle.signal(LINKEDIN_STATUS, LinkedInStatus(listing=LISTED, received_at=NOW()))
    await lifecycle.result()


async def owed_an_answer(world: World) -> None:
    """A hire whose number of positions iCIMS does not tell, until the job is unposted."""
    job = await world.job("owed")
    await world.boards.add_job(job, positions=2)
    lifecycle = await world.send(job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await world.boards.fault("icims", "job", "slow", job_id=job, seconds=600.0)
    hire = Hire(key="0123456789abcdef", filled=True, close_when="all_positions_filled")
    message = event(Intent.POSTED).model_copy(update={"intent": None, "hire": hire})
    await Dispatcher(world.client, world.settings).ats_event(world.settings.customers[0], job, message)
    await eventually(world.boards.faults, lambda seen: seen[-1]["fired"] == 1)
    for _ in range(20):
        await lifecycle.signal("retry", {"by": "Ana"})
    await (await world.send(job)).result()
    await world.boards.clear_faults()


async def _heard(world: World, job: str, count: int) -> None:
    await eventually(
        lambda: state(handle(world.client, job)),
        lambda seen: sum(each.count for each in seen.received) >= count,
    )


SCENARIOS: tuple[Callable[[World], Awaitable[None]], ...] = (
    closed,
    posted_and_closed,
    attention_and_retry,
    common_cause,
    lying_board,
    superseded,
    hired_and_reported,
    cancelled,
    listed_again,
    unread_when_listed_again,
    owed_an_answer,
)
