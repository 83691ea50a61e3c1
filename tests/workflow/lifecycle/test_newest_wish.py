"""Of two wishes the one that a gateway received later counts, in whichever order Temporal gets them."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from temporalio.client import Client

from config.settings import Settings
from models.events import AtsEvent, Hire, ManualAction
from models.lifecycle import Lifecycle
from models.states import Intent, Outcome, Phase
from models.temporal import ATS_EVENT
from tests.support.boards import CUSTOMER, Boards
from tests.support.history import events
from tests.support.lifecycles import Handle, event, eventually, handle, in_phase, state
from webhook_gateway.dispatch import Dispatcher

pytestmark = pytest.mark.usefixtures("workers")


def at(received_at: datetime, intent: Intent) -> AtsEvent:
    return event(intent).model_copy(update={"received_at": received_at})


async def arrive(client: Client, settings: Settings, job: str, message: AtsEvent) -> Handle:
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    await Dispatcher(client, settings).ats_event(customer, job, message)
    return handle(client, job)


def late(seen: Lifecycle) -> list[str]:
    return [each.what for each in seen.received if "came late" in each.what]


async def test_an_unpost_that_is_overtaken_by_a_post_takes_nothing_down(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    now = datetime.now(UTC)
    lifecycle = await arrive(client, settings, job, at(now, Intent.POSTED))
    await arrive(client, settings, job, at(now - timedelta(seconds=1), Intent.UNPOSTED))
    seen = await eventually(lambda: state(lifecycle), lambda seen: bool(late(seen)) and seen.phase is Phase.OPEN)
    assert seen.intent is Intent.POSTED
    assert late(seen) == ["JobUnpostToWebEvent came late: a newer wish stands; nothing was changed"]
    assert "linkedin.submit" not in await boards.writes(job)
    assert "indeed.clear" not in await boards.writes(job)
    await lifecycle.terminate()


async def test_a_post_that_comes_late_tells_since_when_the_job_was_posted(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "*", "http", status=503, times=None)
    now, posted = datetime.now(UTC), datetime.now(UTC) - timedelta(seconds=1)
    lifecycle = await arrive(client, settings, job, at(now, Intent.UNPOSTED))
    await arrive(client, settings, job, at(posted, Intent.POSTED))
    seen = await eventually(lambda: state(lifecycle), lambda seen: bool(late(seen)))
    assert (seen.intent, seen.posted_at) == (Intent.UNPOSTED, posted)
    await boards.clear_faults()
    await lifecycle.result()


async def test_a_post_that_is_overtaken_by_a_whole_lifecycle_brings_nothing_back(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    received = datetime.now(UTC)
    await asyncio.sleep(1.2)  # what is told apart are the times at which a gateway received them
    first = await (await arrive(client, settings, job, event(Intent.UNPOSTED))).result()
    writes = await boards.writes(job)
    second = await (await arrive(client, settings, job, at(received, Intent.POSTED))).result()
    assert (second.intent, second.phase) == (Intent.UNPOSTED, Phase.CLOSED)
    assert second.decided == first.decided
    assert [each.what for each in second.received][-1].startswith("JobPostToWebEvent came late")
    assert await boards.writes(job) == writes


async def test_a_post_that_was_only_slow_brings_the_job_back(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await (await arrive(client, settings, job, event(Intent.UNPOSTED))).result()
    received = datetime.now(UTC)
    await asyncio.sleep(1.2)
    lifecycle = await arrive(client, settings, job, at(received, Intent.POSTED))
    seen = await eventually(
        lambda: state(lifecycle),
        lambda seen: seen.boards.indeed is not None and seen.boards.indeed.outcome is Outcome.UPDATED,
    )
    assert (seen.intent, late(seen)) == (Intent.POSTED, [])
    await lifecycle.terminate()


async def asked_for_an_earlier_one(lifecycle: Handle) -> bool:
    steps = [each.activity_task_scheduled_event_attributes.activity_type.name for each in await events(lifecycle)]
    assert "indeed_clear" in steps
    return "lifecycles_earlier" in steps


@pytest.mark.parametrize(
    ("slow", "before", "asks"),
    [
        (timedelta(minutes=1), False, False),
        (timedelta(minutes=31), False, True),
        (timedelta(seconds=0), True, False),
        (timedelta(minutes=1), True, True),
    ],
    ids=[
        "slow, the job's first",
        "so slow that Temporal may have forgotten",
        "prompt, not the first",
        "slow, not the first",
    ],
)
async def test_only_a_slow_event_of_a_job_that_had_a_lifecycle_asks_how_that_ended(
    client: Client, settings: Settings, boards: Boards, job: str, slow: timedelta, before: bool, asks: bool
) -> None:
    if before:
        # Not proven by an earlier receipt that is newer than the slow event: that one was wanted long before.
        await (await arrive(client, settings, job, at(datetime.now(UTC) - timedelta(days=2), Intent.UNPOSTED))).result()
    lifecycle = await arrive(client, settings, job, at(datetime.now(UTC) - slow, Intent.UNPOSTED))
    assert (await lifecycle.result()).phase is Phase.CLOSED
    assert await asked_for_an_earlier_one(lifecycle) is asks


async def test_of_equal_times_the_order_of_arrival_decides(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    now = datetime.now(UTC)
    lifecycle = await arrive(client, settings, job, at(now, Intent.POSTED))
    await arrive(client, settings, job, at(now, Intent.UNPOSTED))
    assert (await lifecycle.result()).intent is Intent.UNPOSTED


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_the_newest_of_three_wins_in_any_order_of_arrival(
    client: Client, settings: Settings, boards: Boards, job: str, order: tuple[int, ...]
) -> None:
    now = datetime.now(UTC)
    wishes = [Intent.POSTED, Intent.UNPOSTED, Intent.POSTED]
    messages = [at(now + timedelta(milliseconds=100 * n), intent) for n, intent in enumerate(wishes)]
    for n in order:
        lifecycle = await arrive(client, settings, job, messages[n])
    seen = await eventually(
        lambda: state(lifecycle), lambda seen: sum(e.count for e in seen.received if "late" not in e.what) >= 3
    )
    assert seen.intent is Intent.POSTED
    assert seen.decided is not None
    assert seen.decided.at == messages[2].received_at
    await lifecycle.terminate()


async def test_a_close_by_hand_is_not_undone_by_a_post_received_before_it_but_by_one_received_after_it(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("indeed", "find", "http", status=503, times=None)  # so that it stays open
    before = datetime.now(UTC)
    lifecycle = await arrive(client, settings, job, at(before, Intent.POSTED))
    await asyncio.sleep(0.2)
    await lifecycle.signal("close", ManualAction(by="Ana"))
    await eventually(lambda: state(lifecycle), lambda seen: seen.intent is Intent.UNPOSTED)
    await lifecycle.signal(ATS_EVENT, at(before + timedelta(milliseconds=100), Intent.POSTED))
    seen = await eventually(lambda: state(lifecycle), lambda seen: bool(late(seen)))
    assert seen.intent is Intent.UNPOSTED
    await lifecycle.signal(ATS_EVENT, event(Intent.POSTED))
    await eventually(lambda: state(lifecycle), lambda seen: seen.intent is Intent.POSTED)
    await lifecycle.terminate()


async def test_a_hire_that_is_overtaken_by_a_post_is_counted_and_closes_nothing(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    now = datetime.now(UTC)
    lifecycle = await arrive(client, settings, job, at(now, Intent.POSTED))
    hire = Hire(key="a" * 32, filled=True)
    message = AtsEvent(event_type="WorkFlowStatusChangeEvent", hire=hire, received_at=now - timedelta(seconds=1))
    await lifecycle.signal(ATS_EVENT, message)
    seen = await eventually(lambda: state(lifecycle), lambda seen: len(seen.hires) == 1 and seen.phase is Phase.OPEN)
    assert (seen.intent, len(late(seen))) == (Intent.POSTED, 1)
    await lifecycle.terminate()


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=2000)], ids=str)
async def test_a_wish_from_a_clock_that_runs_ahead_does_not_win_over_what_comes_later(
    client: Client, settings: Settings, boards: Boards, job: str, ahead: timedelta
) -> None:
    lifecycle = await arrive(client, settings, job, at(datetime.now(UTC) + ahead, Intent.POSTED))
    await in_phase(lifecycle, Phase.OPEN)
    await arrive(client, settings, job, event(Intent.UNPOSTED))
    receipt = await lifecycle.result()
    assert (receipt.phase, receipt.intent) == (Phase.CLOSED, Intent.UNPOSTED)
    assert receipt.decided is not None
    assert receipt.decided.at <= datetime.now(UTC)
