"""Events reach Temporal or the inbox, in order of receipt for each job, whichever of the two is away."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import AwareDatetime

from store.admin import migrate
from store.database import Store
from store.errors import StoreUnavailable
from store.events import Events
from store.inbox import Inbox
from store.sealing import Sealer
from webhook_gateway import handover as module
from webhook_gateway.delivery import AWAY_PAUSES, LOOK_EVERY, Delivery
from webhook_gateway.dispatch import TemporalUnavailable
from webhook_gateway.handover import Door, Handover, NotDeliverable
from webhook_gateway.metrics import KEPT

AT = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


class Note(Handover):
    """An event of a test."""

    sender: ClassVar[str] = "icims"
    kind: ClassVar[str] = "note"

    job: str
    number: int
    at: AwareDatetime = AT

    @property
    def received_at(self) -> datetime:
        return self.at + timedelta(seconds=self.number)

    @property
    def job_key(self) -> str:
        return self.job


class Temporal:
    """Takes events, unless it is told not to."""

    def __init__(self) -> None:
        self.took: list[tuple[str, int]] = []
        self.away = False
        self.refuses: set[str] = set()
        self.hangs = False
        self.tries = 0

    async def __call__(self, note: Note) -> str:
        self.tries += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise TemporalUnavailable("away")
        if note.job in self.refuses:
            raise TemporalUnavailable("refused", of_the_event=True)
        self.took.append((note.job, note.number))
        return "accepted"


@pytest.fixture(scope="module")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("inbox") / "store.db"
    await migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    file = shutil.copy(migrated, tmp_path / "store.db")
    async with Store(f"sqlite:///{file}", timeout=30) as opened:
        yield opened


@pytest.fixture
def temporal() -> Temporal:
    return Temporal()


@pytest.fixture
def make(store: Store, temporal: Temporal) -> Callable[[], tuple[Door, Delivery]]:
    """Make a gateway's way into Temporal."""

    def made() -> tuple[Door, Delivery]:
        inbox = Inbox(store)
        door = Door(inbox)
        door.opens_for(Note, temporal)
        return door, Delivery(door, inbox, Events(store, Sealer(None)))

    return made


Make = Callable[[], tuple[Door, Delivery]]


async def test_what_temporal_takes_is_never_kept(make: Make, store: Store, temporal: Temporal) -> None:
    door, delivery = make()
    assert await door.hand_over(Note(job="a", number=1)) == "accepted"
    assert (await Inbox(store).backlog()).count == 0
    assert await delivery.round() == LOOK_EVERY


async def test_what_it_does_not_take_is_kept_and_delivered_in_order(make: Make, temporal: Temporal) -> None:
    door, delivery = make()
    temporal.away = True
    for number in range(6):
        assert await door.hand_over(Note(job="ab"[number % 2], number=number)) == KEPT
    assert temporal.tries == 1, "once it is known to be away nothing waits for it"
    assert await delivery.round() == AWAY_PAUSES[0]
    assert temporal.tries == 2, "one event at a time is tried"
    temporal.away = False
    while await delivery.round() != LOOK_EVERY:
        pass
    assert [number for job, number in temporal.took if job == "a"] == [0, 2, 4]
    assert [number for job, number in temporal.took if job == "b"] == [1, 3, 5]
    assert await door.hand_over(Note(job="a", number=7)) == "accepted"


async def test_a_newer_event_queues_behind_one_of_its_job_that_waits(make: Make, temporal: Temporal) -> None:
    door, delivery = make()
    temporal.away = True
    await door.hand_over(Note(job="a", number=1))
    temporal.away = False
    other, _ = make()  # another gateway, which has not met the outage
    other.waiting = 1
    assert await other.hand_over(Note(job="a", number=2)) == KEPT
    assert await other.hand_over(Note(job="b", number=3)) == "accepted"
    while await delivery.round() != LOOK_EVERY:
        pass
    assert temporal.took == [("b", 3), ("a", 1), ("a", 2)]


async def test_several_gateways_deliver_each_event_once(make: Make, temporal: Temporal) -> None:
    door, delivery = make()
    temporal.away = True
    for number in range(300):
        await door.hand_over(Note(job=str(number % 100), number=number))
    temporal.away = False
    deliveries = [delivery, *(make()[1] for _ in range(3))]

    async def deliver(each: Delivery) -> None:
        while await each.round() != LOOK_EVERY:
            pass

    await asyncio.gather(*(deliver(each) for each in deliveries))
    await deliver(delivery)  # what the others gave back at their end
    assert sorted(number for _, number in temporal.took) == list(range(300))
    for job in range(100):
        numbers = [number for name, number in temporal.took if name == str(job)]
        assert numbers == sorted(numbers)


async def test_an_event_that_is_refused_for_itself_holds_up_no_other_job(
    make: Make, store: Store, temporal: Temporal
) -> None:
    door, delivery = make()
    temporal.refuses = {"bad"}
    assert await door.hand_over(Note(job="bad", number=1)) == KEPT
    assert not door.away
    assert await door.hand_over(Note(job="bad", number=2)) == KEPT
    assert await door.hand_over(Note(job="good", number=3)) == "accepted"
    await delivery.round()
    assert await delivery.round() == LOOK_EVERY, "it is not tried at once again"
    backlog = await Inbox(store).backlog()
    assert (backlog.count, backlog.error) == (2, "refused")
    assert temporal.took == [("good", 3)]


async def test_what_no_version_here_knows_stays_and_says_why(make: Make, store: Store) -> None:
    door, delivery = make()
    other = Door(Inbox(store))

    class Newer(Note):
        kind: ClassVar[str] = "newer"

    async def away(_: Newer) -> str:
        raise TemporalUnavailable("away")

    other.opens_for(Newer, away)
    await other.hand_over(Newer(job="a", number=1))
    await delivery.round()
    assert (await Inbox(store).backlog()).error == "this version does not know the kind newer"
    (waiting,) = await Inbox(store, clock=lambda: datetime.now(UTC) + timedelta(hours=1)).claim("look")
    with pytest.raises(NotDeliverable):
        await door.deliver(waiting)


async def test_temporal_that_is_silent_has_three_seconds(
    make: Make, temporal: Temporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert module.WITHIN == 3.0
    assert module.WITHIN + module.KEPT_WITHIN < 10
    monkeypatch.setattr(module, "WITHIN", 0.01)
    door, _ = make()
    temporal.hangs = True
    assert await door.hand_over(Note(job="a", number=1)) == KEPT
    assert door.away


@pytest.mark.parametrize("failing", ["put", "waits_for"])
async def test_without_the_store_temporal_takes_events_as_ever(
    make: Make, temporal: Temporal, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    async def fails(*_: Any) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(Inbox, failing, fails)
    door, _ = make()
    door.waiting = 1
    assert await door.hand_over(Note(job="a", number=1)) == "accepted"
    door.away = failing == "put"
    assert await door.hand_over(Note(job="a", number=2)) == "accepted"
    assert not door.away


async def test_with_both_away_the_sender_is_told(
    make: Make, temporal: Temporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:
        raise StoreUnavailable("full")

    monkeypatch.setattr(Inbox, "put", fails)
    door, _ = make()
    temporal.away = True
    for _ in range(2):
        with pytest.raises(TemporalUnavailable):
            await door.hand_over(Note(job="a", number=1))


async def test_what_was_delivered_is_not_delivered_again_where_it_cannot_be_marked(
    make: Make, store: Store, temporal: Temporal, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, delivery = make()
    temporal.away = True
    await door.hand_over(Note(job="a", number=1))
    temporal.away = False

    async def fails(*_: Any) -> int:
        raise StoreUnavailable("locked")

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "delivered", fails)
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await delivery.round()
    await delivery.round()
    assert temporal.took == [("a", 1)]
    assert (await Inbox(store).backlog()).count == 0


async def test_a_delivery_that_is_stopped_gives_back_what_it_has_not_tried(
    make: Make, store: Store, temporal: Temporal
) -> None:
    door, delivery = make()
    temporal.away = True
    await door.hand_over(Note(job="a", number=1))
    delivery.stop()
    await delivery.round()
    assert len(await Inbox(store).claim("another")) == 1
