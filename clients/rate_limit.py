"""A provider's limit on calls a second, held exactly, however long a call or its answer takes."""

import asyncio
import math
import time
from bisect import bisect_right, insort
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from clients.errors import ProviderError
from clients.urgency import URGENCY

WINDOW = 1.0
TRUSTED = 0.8
"""Of the shortest time that a call ever took: no later one is shorter, give or take."""
RENEW_AFTER = 0.5
"""Of the time for which a share is held: what is left of it outlives a while without answers."""
KNOWN_AFTER = 100
"""Calls after which that time is trusted."""
LITTLE = 4
"""A fourth of the limit is asked for at once: the next calls need not ask, and others hardly miss it; who holds so much
that less is left gives it back."""
IDLE = 1.0
"""Seconds without anybody waiting after which a large share is given back."""
SPREAD = 0.8
"""Of the even distance between two calls: nearly even, with room to catch up."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a provider allows to one credential."""

    name: str
    per_second: int
    label: str
    """As people read of it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """How many calls may count at once, for how long."""

    count: int
    valid_for: float = math.inf
    """Seconds from the moment of asking."""
    ask_again_after: float = 0.0
    """Seconds after which there may be more."""


class Grants(Protocol):
    """Shares a limit out among all who call with one credential."""

    async def reserve(self, wanted: int, *, callers: int, using: int) -> Grant:
        """Ask for a share, anew, as the present one runs out, or to give back what is not wanted any more.

        So many `callers` call side by side. Until it is answered, they use no more than `using`.
        Raises ProviderError where nobody can tell.
        """


@dataclass(frozen=True, slots=True)
class Alone:
    """The whole limit: for a process that alone uses the credential."""

    per_second: int

    async def reserve(self, wanted: int, *, callers: int, using: int) -> Grant:
        """Return everything, for good."""
        return Grant(self.per_second)


SharedOut = Callable[[Limit, str], Grants]
"""Return this process's share of a limit, by the id of the credential for which it holds."""


def alone(limit: Limit, credential: str) -> Grants:
    """Have the whole limit for this process."""
    return Alone(limit.per_second)


class _Turnstile:
    """Let one through at a time: the most urgent of those who wait."""

    def __init__(self) -> None:
        self._free = True
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def passing(self, urgency: int) -> AsyncIterator[None]:
        if self._free:
            self._free = False
        else:
            await self._handed_on(urgency)
        try:
            yield
        finally:
            self._hand_on()

    async def _handed_on(self, urgency: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (urgency, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        while self._waiting:
            *_, turn = heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free = True


class RateLimiter:
    """Let calls go so that the provider counts no more than its limit in any second.

    The provider counts a call at some moment between its sending and its answer. So a call counts here from its
    sending until a second after its answer, less the time that every call takes: so no delay on the way can break
    the limit, and only what varies of the delays costs some of it.
    """

    def __init__(
        self, limit: Limit, grants: Grants | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask for nothing yet; without `grants` this process has the limit for itself."""
        self._limit, self._clock = limit.per_second, clock
        self._grants = grants or Alone(limit.per_second)
        self._grant = Grant(0, valid_for=0.0)
        self._asked_at = -math.inf
        self._was_cut = False
        self._asking: asyncio.Task[None] | None = None
        self._under_way = 0
        self._cooling: list[float] = []
        self._calls = 0
        self._shortest = math.inf
        self._next_at = self._last_at = -math.inf
        self._waiting = 0
        self._turnstile = _Turnstile()
        self._news = asyncio.Event()

    @asynccontextmanager
    async def turn(self, cost: int = 1) -> AsyncIterator[None]:
        """Wait for a turn, the urgent before others; the block is the call itself, from its sending to its answer.

        It counts as `cost` calls. One that counts as more than the share goes when no other counts, and the next ones
        wait the longer for that.
        Raises ProviderError where the limit's share cannot be learnt.
        """
        self._waiting += cost
        try:
            async with self._turnstile.passing(URGENCY.get()):
                share = await self._wait(cost)
        finally:
            self._waiting -= cost
        began = self._clock()
        try:
            yield
        finally:
            self._answered(began, self._clock(), cost, share)

    async def _wait(self, cost: int) -> int:
        """Return the share that there is at the turn."""
        while (delay := self._delay(cost)) > 0:
            self._news.clear()
            if self._asking is not None and self._asking.done():
                asked, self._asking = self._asking, None
                asked.result()
            elif self._asking is None and self._must_ask(cost):
                self._asking = asyncio.create_task(self._ask(self._wanted(cost)))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), delay)
        self._under_way += cost
        self._next_at = self._clock() + cost * SPREAD * WINDOW / self._limit
        return max(1, self._held(self._clock()))

    def _fits(self, cost: int, now: float) -> bool:
        held = self._held(now)
        return self._counting + min(cost, max(1, held)) <= held

    def _delay(self, cost: int) -> float:
        """Return after how long, at the latest, there is something to be done: let the next call go, or ask."""
        now = self._clock()
        del self._cooling[: bisect_right(self._cooling, now)]
        if self._fits(cost, now):
            return self._next_at - now
        may_ask_at = self._asked_at + self._grant.ask_again_after
        soon = [each - now for each in (may_ask_at, *self._cooling[:1]) if each > now]
        return min(soon, default=WINDOW)

    def _must_ask(self, cost: int) -> bool:
        now = self._clock()
        if self._was_cut:
            # Others wait to hear that this is known.
            return True
        if not self._fits(cost, now):
            return self._held(now) < self._limit and now >= self._asked_at + self._grant.ask_again_after
        return now > self._asked_at + RENEW_AFTER * self._grant.valid_for

    def _wanted(self, cost: int) -> int:
        held = self._held(self._clock())
        wanted = max(self._counting + self._waiting, -(-self._limit // LITTLE))
        # Where all is used and more is wanted, a few asks are to find out how much.
        return min(self._limit, wanted if self._counting + cost <= held else max(wanted, 2 * held))

    async def _ask(self, wanted: int) -> None:
        asked_at = self._clock()
        using = min(self._held(asked_at), wanted)
        self._grant = replace(self._grant, count=using)
        try:
            self._grant = await self._grants.reserve(wanted, callers=self._waiting + self._under_way, using=using)
            self._asked_at = asked_at
            self._was_cut = self._grant.count < using
        finally:
            self._news.set()

    def _give_back(self) -> None:
        """Let others have a large share that is not used any more, before it runs out."""
        now = self._clock()
        # The timers of earlier calls come here too; a loop's own clock may be a millisecond behind.
        busy = self._waiting or self._under_way or (self._asking is not None and not self._asking.done())
        much = self._held(now) > self._limit - self._limit / LITTLE
        if not busy and now - self._last_at > 0.9 * IDLE and much:
            self._asking = asyncio.create_task(self._ask_for_nothing())

    async def _ask_for_nothing(self) -> None:
        with suppress(ProviderError):  # the share then runs out by itself
            await self._ask(0)

    @property
    def _counting(self) -> int:
        return self._under_way + len(self._cooling)

    def _held(self, now: float) -> int:
        return self._grant.count if now < self._asked_at + self._grant.valid_for else 0

    def _answered(self, began: float, ended: float, cost: int, share: int) -> None:
        self._under_way -= cost
        self._calls += 1
        self._shortest, self._last_at = min(self._shortest, ended - began), ended
        trusted = TRUSTED * self._shortest if self._calls > KNOWN_AFTER else 0.0
        for number in range(cost):
            insort(self._cooling, ended + WINDOW * (1 + number // share) - trusted)
        self._news.set()
        if self._waiting == 0:
            asyncio.get_running_loop().call_later(IDLE, self._give_back)
