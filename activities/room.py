"""Room for every provider: steps that wait for one that hangs must not take up the whole worker."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.answers import Answers
from activities.problems import failure
from models.problems import Category, Problem
from models.states import BoardName

FOR_A_PROVIDER = 0.3
"""Of all steps that a worker can have under way at once: the three providers together leave some."""
FOR_A_CUSTOMER = 0.25
"""The same for one customer of a provider, whose credential alone may be what hangs."""
FOR_A_SILENT_ONE = 0.025
"""The same for a provider that answers hardly any call: whatever waits for it will be tried again and again."""
AGAIN_AFTER, AT_THE_LATEST = timedelta(seconds=10), timedelta(minutes=15)
AGAIN_A_SECOND = 5
"""Steps that come again where there is no room or no answer: each try costs the engine and the worker a hundredth of a
second or three, whatever it finds, and those of thousands of jobs would leave nothing of two cores for the others."""
PROVIDERS = {**{board.value: board.label for board in BoardName}, "icims": "iCIMS"}
"""How the names of a provider's steps begin, and what people call it."""


class Room(Interceptor):
    """Let so many steps of a provider, and of each of its customers, be under way in this process."""

    def __init__(
        self,
        for_a_provider: int,
        for_a_customer: int,
        for_a_silent_one: int = 0,
        *,
        answers: Answers | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Count none yet; by the `answers` it is told which provider is silent."""
        self.for_a_provider, self.for_a_customer = for_a_provider, for_a_customer
        self._for_a_silent_one, self._answers = for_a_silent_one, answers
        self.under_way: Counter[tuple[str, ...]] = Counter()
        self._clock, self._last_again = clock, 0.0

    @classmethod
    def within(cls, steps: int, answers: Answers) -> "Room":
        """Share out so many steps of a worker."""
        return cls(
            int(FOR_A_PROVIDER * steps), int(FOR_A_CUSTOMER * steps), int(FOR_A_SILENT_ONE * steps), answers=answers
        )

    def is_silent(self, provider: str) -> bool:
        """Return whether a provider answers hardly any call, and enough steps wait for it by now."""
        enough = self.under_way[provider,] >= self._for_a_silent_one
        return enough and self._answers is not None and self._answers.hardly(PROVIDERS[provider])

    def why_not(self, provider: str, customer: str) -> str | None:
        """Return why there is no room for one step more."""
        if self.under_way[provider,] >= self.for_a_provider or self.is_silent(provider):
            return f"{PROVIDERS[provider]} answers too slowly"
        if self.under_way[provider, customer] >= self.for_a_customer:
            return f"{PROVIDERS[provider]} answers too slowly to customer {customer}"
        return None

    def again_after(self) -> timedelta:
        """Return after how long a step comes again: behind those that have been told so before."""
        now = self._clock()
        self._last_again = max(now + AGAIN_AFTER.total_seconds(), self._last_again + 1 / AGAIN_A_SECOND)
        self._last_again = min(self._last_again, now + AT_THE_LATEST.total_seconds())
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
        customer = getattr(input.args[0], "customer_id", "")
        why = self._room.why_not(provider, customer)
        if why is not None:
            raise self._no_room(why)
        keys = ((provider,), (provider, customer))
        self._room.under_way.update(keys)
        try:
            return await self.next.execute_activity(input)
        except ApplicationError as error:
            if error.type != Category.TEMPORARY.value or error.non_retryable or not self._room.is_silent(provider):
                raise
            raise self._one_by_one(error) from None
        finally:
            for each in keys:
                self._room.under_way[each] -= 1
                if not self._room.under_way[each]:
                    del self._room.under_way[each]

    def _one_by_one(self, error: ApplicationError) -> ApplicationError:
        return ApplicationError(
            error.message,
            *error.details,
            type=error.type,
            next_retry_delay=max(self._room.again_after(), error.next_retry_delay or AGAIN_AFTER),
            category=error.category,
        )

    def _no_room(self, why: str) -> ApplicationError:
        problem = Problem(
            category=Category.TEMPORARY,
            reason=f"{why}: too many steps wait for it, so this one was not begun. Nothing was sent.",
            remedy="Boardsync tries again by itself. If it lasts, check the provider's status page.",
        )
        return failure(problem, wait=self._room.again_after(), again=True)
