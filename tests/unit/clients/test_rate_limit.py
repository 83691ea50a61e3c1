"""A limit is never exceeded in any second, whatever is slow or dies; and it is used. In virtual time."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.rate_limit import Grant, Grants, Limit, RateLimiter
from clients.urgency import URGENCY
from models.pace import Lease, Reserve
from models.problems import Category, Problem
from tests.support import virtual_time
from tests.support.rates import most_in_a_second, per_second
from workflows.pace import leases as shares

TWENTY = Limit("test", 20, "twenty")
EPOCH = datetime(2026, 11, 24, tzinfo=UTC)
Delay = Callable[[], float]


def now() -> float:
    return asyncio.get_running_loop().time()


class Server:
    """A provider: it counts a call at some moment between its sending and its answer.

    What every call takes is taken by the first one, too; later ones may take any time longer.
    """

    def __init__(self, there: Delay, back: Delay, *, always: float = 0.0) -> None:
        self.calls: list[dict[str, float]] = []
        self._there, self._back, self._always = there, back, always

    async def call(self) -> None:
        first = not self.calls
        await asyncio.sleep(self._always / 2 + (0.0 if first else self._there()))
        self.calls.append({"at": now()})
        await asyncio.sleep(self._always / 2 + (0.0 if first else self._back()))


class Shared:
    """What the workflow `Pace` does, with the way there and back."""

    def __init__(self, delay: Delay) -> None:
        self.leases: tuple[Lease, ...] = ()
        self.asks = 0
        self._delay = delay

    def holder(self, name: str) -> Grants:
        return _Holder(self, name)

    async def reserve(self, ask: Reserve) -> Grant:
        await asyncio.sleep(self._delay())
        self.asks += 1
        self.leases, share = shares.reserve(self.leases, ask, EPOCH + timedelta(seconds=now()))
        await asyncio.sleep(self._delay())
        return Grant(share.count, share.valid_for, share.ask_again_after)


class _Holder:
    def __init__(self, shared: Shared, name: str) -> None:
        self._shared, self._name, self._asks, self._took = shared, name, 0, 0.0

    async def reserve(self, wanted: int, *, callers: int, using: int) -> Grant:
        self._asks += 1
        ask = Reserve(
            holder=self._name,
            number=self._asks,
            wanted=wanted,
            callers=callers,
            using=using,
            per_second=TWENTY.per_second,
            answer_takes=self._took,
        )
        began = now()
        share = await self._shared.reserve(ask)
        self._took = now() - began
        return share


async def keep_calling(pace: RateLimiter, server: Server, until: float, *, cost: int = 1) -> None:
    while now() < until:
        async with pace.turn(cost):
            await asyncio.gather(*(server.call() for _ in range(cost)))


def pace_of(grants: Grants | None = None) -> RateLimiter:
    return RateLimiter(TWENTY, grants, clock=now)


def steady(seconds: float) -> Delay:
    return lambda: seconds


def test_one_process_uses_the_limit_and_no_more() -> None:
    async def main() -> Server:
        server = Server(steady(0), steady(0), always=0.2)
        pace = pace_of()
        await asyncio.gather(*(keep_calling(pace, server, 60) for _ in range(20)))
        return server

    calls = virtual_time.run(main()).calls
    assert most_in_a_second(calls) <= 20
    # What every call takes costs little, once it is known.
    assert per_second(calls[200:]) >= 19


def test_what_counts_as_several_calls_is_counted_so() -> None:
    async def main() -> Server:
        server, pace = Server(steady(0.02), steady(0.02)), pace_of()
        batches = [keep_calling(pace, server, 60, cost=6) for _ in range(3)]
        await asyncio.gather(*batches, *(keep_calling(pace, server, 60) for _ in range(2)))
        return server

    calls = virtual_time.run(main()).calls
    assert most_in_a_second(calls) <= 20
    assert per_second(calls) >= 16


def test_what_counts_as_more_than_the_share_goes_all_the_same_and_is_made_up_for() -> None:
    async def main() -> Server:
        server, shared = Server(steady(0.02), steady(0.02)), Shared(steady(0.02))
        paces = [pace_of(shared.holder(name)) for name in "abcd"]
        await asyncio.gather(*(keep_calling(each, server, 120, cost=9) for each in paces for _ in range(2)))
        return server

    calls = virtual_time.run(main()).calls
    # A share is 5: a second may see one batch too many of each, a minute no more than the limit and those few.
    in_a_minute = max(sum(at <= each["at"] < at + 60 for each in calls) for at in range(60))
    assert in_a_minute <= 60 * 20 + 4 * (9 - 5)
    assert per_second(calls) >= 13


def test_the_urgent_go_first_and_who_gives_up_holds_up_nobody() -> None:
    async def main() -> list[str]:
        pace, went = pace_of(), []

        async def call(name: str, urgency: int) -> None:
            URGENCY.set(urgency)
            async with pace.turn():
                went.append(name)

        update = [asyncio.create_task(call(f"update {number}", 3)) for number in range(60)]
        await asyncio.sleep(0.5)
        before = len(went)
        close = [asyncio.create_task(call(f"close {number}", 1)) for number in range(6)]
        await asyncio.sleep(0.01)
        for each in (*update[40:50], close[2], close[4]):
            each.cancel()
        await asyncio.gather(*update, *close, return_exceptions=True)
        assert before < 40
        return went[before : before + 6]

    # One may stand in the turnstile already.
    assert [each for each in virtual_time.run(main()) if "close" in each] == [f"close {each}" for each in (0, 1, 3, 5)]


def test_two_processes_use_the_limit_and_no_more() -> None:
    async def main() -> tuple[Server, Shared]:
        chance = random.Random(1)  # noqa: S311 -- no secret depends on it
        server = Server(lambda: chance.uniform(0.01, 0.05), lambda: chance.uniform(0.01, 0.05))
        shared = Shared(steady(0.02))
        paces = [pace_of(shared.holder(name)) for name in ("a", "b")]
        await asyncio.gather(*(keep_calling(pace, server, 60) for pace in paces for _ in range(6)))
        return server, shared

    server, shared = virtual_time.run(main())
    assert most_in_a_second(server.calls) <= 20
    assert per_second(server.calls) >= 18
    # About one ask a second for each of them.
    assert shared.asks <= 130


def test_who_goes_on_alone_soon_has_the_whole_limit() -> None:
    async def main() -> Server:
        server, shared = Server(steady(0.01), steady(0.01)), Shared(steady(0.01))
        leaving, staying = (pace_of(shared.holder(name)) for name in ("leaving", "staying"))
        await asyncio.gather(
            *(keep_calling(leaving, server, 10) for _ in range(6)),
            *(keep_calling(staying, server, 40) for _ in range(6)),
        )
        return server

    calls = virtual_time.run(main()).calls
    assert most_in_a_second(calls) <= 20
    assert per_second([each for each in calls if each["at"] > 16]) >= 19


def test_a_share_of_the_dead_comes_back() -> None:
    async def main() -> Server:
        server, shared = Server(steady(0.01), steady(0.01)), Shared(steady(0.01))
        paces = [pace_of(shared.holder(name)) for name in ("dying", "staying")]
        tasks = [[asyncio.create_task(keep_calling(pace, server, 40)) for _ in range(6)] for pace in paces]
        await asyncio.sleep(10)
        for task in tasks[0]:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks[0])
        await asyncio.gather(*tasks[1])
        return server

    calls = virtual_time.run(main()).calls
    assert most_in_a_second(calls) <= 20
    assert per_second([each for each in calls if each["at"] > 18]) >= 19


def test_isolated_calls_ask_once_each() -> None:
    async def main() -> Shared:
        server, shared = Server(steady(0.05), steady(0.05)), Shared(steady(0.01))
        pace = pace_of(shared.holder("a"))
        for _ in range(5):
            async with pace.turn():
                await server.call()
            await asyncio.sleep(30)
        return shared

    assert virtual_time.run(main()).asks == 5


def test_who_cannot_learn_its_share_sends_nothing() -> None:
    class Unreachable:
        async def reserve(self, wanted: int, *, callers: int, using: int) -> Grant:
            problem = Problem(
                category=Category.TEMPORARY, reason=f"no answer to {wanted} beside {using}", remedy="wait"
            )
            raise ProviderError(problem, provider="Temporal", operation="reserve")

    async def main() -> None:
        pace = pace_of(Unreachable())
        for _ in range(3):
            with pytest.raises(ProviderError, match="no answer"):
                async with pace.turn():
                    pytest.fail("sent")

    virtual_time.run(main())


DELAYS = st.sampled_from([0.0, 0.001, 0.02, 0.2, 0.9, 2.5])
WORKER = st.tuples(st.integers(1, 12), st.floats(0, 20), st.floats(0.5, 20), st.booleans())
"""How many streams, when it begins, how long it works, whether it dies amid that."""


@settings(max_examples=60, deadline=None)
@given(
    st.lists(WORKER, min_size=1, max_size=4),
    st.lists(DELAYS, min_size=1, max_size=6),
    st.lists(DELAYS, min_size=1, max_size=4),
    st.sampled_from([0.0, 0.05, 0.3]),
    st.integers(0, 2**32),
)
def test_whatever_is_slow_begins_or_dies_no_second_is_overfull(
    workers: list[tuple[int, float, float, bool]],
    delays: list[float],
    asking: list[float],
    always: float,
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- no secret depends on it

    async def worker(shared: Shared, server: Server, name: str, plan: tuple[int, float, float, bool]) -> None:
        streams, begins, lasts, dies = plan
        await asyncio.sleep(begins)
        pace = pace_of(shared.holder(name))
        tasks = [asyncio.create_task(keep_calling(pace, server, begins + lasts)) for _ in range(streams)]
        if dies:
            await asyncio.sleep(lasts / 2)
            for task in tasks:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def main() -> Server:
        # A call of the dead may still be on its way, but not for longer than the leases allow for.
        server = Server(lambda: min(chance.choice(delays), 0.3), lambda: chance.choice(delays), always=always)
        shared = Shared(lambda: chance.choice(asking))
        await asyncio.gather(*(worker(shared, server, f"w{number}", plan) for number, plan in enumerate(workers)))
        return server

    assert most_in_a_second(virtual_time.run(main()).calls) <= 20
