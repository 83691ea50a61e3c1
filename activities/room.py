"""Room for every provider: steps that wait for one that hangs must not take up the whole worker."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.problems import failure
from models.problems import Category, Problem
from models.states import BoardName

FOR_A_PROVIDER = 0.3
"""Of all steps that a worker can have under way at once: the three providers together leave some."""
FOR_A_CUSTOMER = 0.25
"""The same for one customer of a provider, whose credential alone may be what hangs."""
AGAIN_AFTER = timedelta(seconds=10)
AGAIN_A_SECOND = 10
"""Steps without room that come again: each costs the engine and the worker a hundredth of a second, whatever it finds,
and those of thousands of jobs together would leave nothing of two cores for the other providers."""
PROVIDERS = {**{board.value: board.label for board in BoardName}, "icims": "iCIMS"}
"""How the names of a provider's steps begin, and what people call it."""


class Room(Interceptor):
    """Let so many steps of a provider, and of each of its customers, be under way in this process."""

    def __init__(
        self, for_a_provider: int, for_a_customer: int, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Count none yet."""
        self.for_a_provider, self.for_a_customer = for_a_provider, for_a_customer
        self.under_way: Counter[tuple[str, ...]] = Counter()
        self._clock, self._last_again = clock, 0.0

    @classmethod
    def within(cls, steps: int) -> "Room":
        """Share out so many steps of a worker."""
        return cls(for_a_provider=int(FOR_A_PROVIDER * steps), for_a_customer=int(FOR_A_CUSTOMER * steps))

    def again_after(self) -> timedelta:
        """Return after how long a step without room comes again: behind those that have been told so before."""
        now = self._clock()
        self._last_again = max(now + AGAIN_AFTER.total_seconds(), self._last_again + 1 / AGAIN_A_SECOND)
        return timedelta(seconds=self._last_again - now)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """Count what goes on from here."""
        return _Counted(next, self)


class _Counted(ActivityInboundInterceptor):
    def __init__(self, inner: ActivityInboundInterceptor, room: Room) -> None:
        super().__init__(inner)
        self._room = room

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        """Run a step if there is room for it.

        Raises ApplicationError to have it tried again where there is none: it would only wait, in others' way.
        """
        provider = activity.info().activity_type.partition("_")[0]
        if provider not in PROVIDERS:
            return await self.next.execute_activity(input)
        under_way, customer = self._room.under_way, getattr(input.args[0], "customer_id", "")
        if under_way[provider,] >= self._room.for_a_provider:
            raise self._no_room(f"{PROVIDERS[provider]} answers too slowly")
        if under_way[provider, customer] >= self._room.for_a_customer:
            raise self._no_room(f"{PROVIDERS[provider]} answers too slowly to customer {customer}")
        for each in ((provider,), (provider, customer)):
            under_way[each] += 1
        try:
            return await self.next.execute_activity(input)
        finally:
            for each in ((provider,), (provider, customer)):
                under_way[each] -= 1
                if not under_way[each]:
                    del under_way[each]

    def _no_room(self, why: str) -> ApplicationError:
        problem = Problem(
            category=Category.TEMPORARY,
            reason=f"{why}: too many steps wait for it, so this one was not begun. Nothing was sent.",
            remedy="Boardsync tries again by itself. If it lasts, check the provider's status page.",
        )
        return failure(problem, wait=self._room.again_after(), again=True)
