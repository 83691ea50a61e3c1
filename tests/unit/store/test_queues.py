"""Checks and the inbox: claimed by one, in order, given back when their holder is gone, never lost."""

import asyncio
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from store.checks import Check, Checks
from store.database import Store
from store.inbox import Inbox, Waiting
from store.schema import inbox as table
from tests.unit.store.conftest import FakeClock


def event(number: int, job: int, clock: FakeClock, repeat: str | None = None) -> Waiting:
    return Waiting(
        job_key=f"job-1234-{job}",
        kind="ats_event",
        payload=str(number).encode(),
        received_at=clock(),
        repeat_key=repeat,
    )


def check(number: int, clock: FakeClock, **after: float) -> Check:
    return Check(
        customer_id="1",
        job_id=str(number),
        board="indeed",
        run_id="r",
        due_at=clock() + timedelta(**(after or {"hours": 1})),
    )


async def test_a_check_is_claimed_when_it_is_due_by_one_only(store: Store, clock: FakeClock) -> None:
    checks = Checks(store, clock=clock)
    await checks.schedule(check(1, clock), check(2, clock), check(3, clock, hours=24))
    await checks.schedule(check(1, clock))
    assert await checks.claim("a") == ()
    clock.forward(hours=1)
    assert await checks.waiting() == 2
    first = await checks.claim("a", limit=1)
    second = await checks.claim("b")
    assert [each.job_id for each in (*first, *second)] == ["1", "2"]
    assert await checks.claim("c") == ()
    assert await checks.record("a", first[0], "still off", evidence="NOT_LISTED")
    assert not await checks.record("a", first[0], "live again")
    assert not await checks.record("a", second[0], "live again")
    (done,) = await checks.of_job("1", "1")
    assert (done.found, done.evidence, done.done_at, done.attempts) == ("still off", "NOT_LISTED", clock(), 1)


async def test_a_check_whose_holder_is_gone_is_claimed_by_another(store: Store, clock: FakeClock) -> None:
    checks = Checks(store, clock=clock)
    await checks.schedule(check(1, clock))
    clock.forward(hours=1)
    (held,) = await checks.claim("gone")
    clock.forward(minutes=11)
    (again,) = await checks.claim("b")
    assert (again.id, again.attempts) == (held.id, 2)
    assert not await checks.record("gone", held, "still off")
    await checks.give_back("b", again.id, again_at=clock() + timedelta(minutes=5))
    assert await checks.claim("c") == ()
    clock.forward(minutes=5)
    assert len(await checks.claim("c")) == 1


async def test_many_who_claim_at_once_share_the_checks_out(store_url: str, clock: FakeClock) -> None:
    async with Store(store_url, timeout=60) as one, Store(store_url, timeout=60) as other:
        await Checks(one, clock=clock).schedule(*(check(number, clock) for number in range(60)))
        clock.forward(hours=1)
        parts = await asyncio.gather(
            *(Checks((one, other)[number % 2], clock=clock).claim(f"w{number}", limit=10) for number in range(6))
        )
        claimed = [each.id for part in parts for each in part]
        assert len(claimed) == len(set(claimed))
        rest = await Checks(one, clock=clock).claim("rest")
        assert len(claimed) + len(rest) == 60


async def test_events_are_handed_on_in_order_of_receipt_per_job(store: Store, clock: FakeClock) -> None:
    inbox = Inbox(store, clock=clock)
    for number in range(6):
        clock.forward(seconds=1)
        await inbox.put(event(number, number % 2, clock))
    first = await inbox.claim("a", limit=3)
    assert [each.payload for each in first] == [b"0", b"1", b"2"]
    # Both jobs have events with a; what came later for them waits for a.
    assert await inbox.claim("b") == ()
    assert await inbox.delivered("a", first[0].id, first[1].id) == 2
    assert [each.payload for each in await inbox.claim("b")] == [b"3", b"5"]
    await inbox.give_back("a", first[2].id, error="Temporal away")
    assert [each.payload for each in await inbox.claim("c")] == [b"2", b"4"]
    assert (await inbox.backlog()).count == 4
    assert await inbox.waits_for("job-1234-0")


async def test_the_same_event_is_kept_once(store: Store, clock: FakeClock) -> None:
    inbox = Inbox(store, clock=clock)
    await asyncio.gather(*(inbox.put(event(number, 1, clock, f"e{number}")) for number in (1, 1, 2)))
    await inbox.put(event(1, 1, clock, "e1"))
    assert len(await inbox.claim("a")) == 2


async def test_an_event_whose_holder_is_gone_is_handed_on_by_another(store: Store, clock: FakeClock) -> None:
    inbox = Inbox(store, clock=clock)
    await inbox.put(event(1, 1, clock))
    (held,) = await inbox.claim("gone")
    clock.forward(seconds=30)
    assert await inbox.renew("gone", [held.id]) == {held.id}
    clock.forward(seconds=45)
    assert await inbox.claim("b") == ()
    clock.forward(seconds=30)
    (again,) = await inbox.claim("b")
    assert again.attempts == 2
    assert await inbox.renew("gone", [held.id]) == set()
    assert await inbox.delivered("gone", held.id) == 0
    assert await inbox.delivered("b", held.id) == 1
    assert (await inbox.backlog()).count == 0
    clock.forward(hours=1)
    assert await inbox.forget(timedelta(minutes=30)) == 1


async def test_an_event_given_back_for_later_keeps_its_job_waiting(store: Store, clock: FakeClock) -> None:
    inbox = Inbox(store, clock=clock)
    for number, job in ((1, 1), (2, 1), (3, 2)):
        await inbox.put(event(number, job, clock))
    one, two, _ = await inbox.claim("a")
    await inbox.give_back("a", one.id, error="away", again_at=clock() + timedelta(seconds=5))
    await inbox.give_back("a", two.id, error="behind another")
    assert await inbox.claim("b") == ()
    clock.forward(seconds=61)
    assert [each.payload for each in await inbox.claim("b")] == [b"1", b"2", b"3"]


async def test_several_gateways_hand_on_everything_once_and_in_order(store_url: str, clock: FakeClock) -> None:
    handed: list[tuple[str, int]] = []
    async with Store(store_url, timeout=60) as one, Store(store_url, timeout=60) as other:
        first = Inbox(one, clock=clock)
        await asyncio.gather(*(first.put(event(number, number % 17, clock)) for number in range(300)))

        async def gateway(name: str, store: Store) -> None:
            inbox = Inbox(store, clock=clock)
            while (await inbox.backlog()).count:
                for each in await inbox.claim(name, limit=23):
                    handed.append((each.job_key, int(each.payload)))
                    await inbox.delivered(name, each.id)

        await asyncio.gather(*(gateway(f"g{number}", (one, other)[number % 2]) for number in range(4)))
    assert len(handed) == len({number for _, number in handed}) == 300
    for job in range(17):
        order = [number for key, number in handed if key == f"job-1234-{job}"]
        assert order == sorted(order)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["deliver", "give back", "vanish"])), max_size=25))
async def test_whatever_gateways_do_no_event_is_lost_or_overtaken(
    store: Store, clock: FakeClock, steps: list[tuple[int, str]]
) -> None:
    inbox = Inbox(store, clock=clock)
    async with store.writing() as connection:
        await connection.execute(delete(table))
    handed: dict[str, list[int]] = {}
    for number, (job, _) in enumerate(steps):
        clock.forward(seconds=1)
        await inbox.put(event(number, job, clock))
    for at, (_, step) in enumerate([*steps, (0, "deliver"), (0, "deliver")]):
        claimed = await inbox.claim(f"g{at}", limit=3 if at < len(steps) else 1000)
        if step == "deliver":
            for each in claimed:
                handed.setdefault(each.job_key, []).append(int(each.payload))
            await inbox.delivered(f"g{at}", *(each.id for each in claimed))
        elif step == "give back":
            await inbox.give_back(f"g{at}", *(each.id for each in claimed), error="x")
        else:
            clock.forward(seconds=61)
        if at == len(steps):
            clock.forward(seconds=61)
    assert sum(len(order) for order in handed.values()) == len(steps)
    assert all(order == sorted(order) for order in handed.values())
