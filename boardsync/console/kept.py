"""An answer that is kept for some seconds: many visitors of a page cost one question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Ask once for all who want to know at this time. Belongs to one event loop."""

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float, *, meanwhile: float = 0.0) -> None:
        """Keep each answer for so many seconds; a failure is kept for nobody who asks later.

        An answer that is older, but not older than `meanwhile`, is given while a newer one is asked for.
        """
        self._ask, self._seconds, self._meanwhile = ask, seconds, max(meanwhile, seconds)
        self._asking: asyncio.Task[T] | None = None
        self._last: tuple[float, T] | None = None

    async def get(self) -> T:
        """Return the answer, the last one where it is new enough; raise what the asking raised."""
        now = asyncio.get_running_loop().time()
        age = float("inf") if self._last is None else now - self._last[0]
        asking = self._asking
        if asking is None and age > self._seconds:
            asking = self._asking = asyncio.ensure_future(self._run(now))
            asking.add_done_callback(self._ended)
        if self._last is not None and (asking is None or age <= self._meanwhile):
            return self._last[1]
        assert asking is not None, "without an answer, one is asked for"  # noqa: S101
        # A visitor who goes away does not take the answer from the others.
        return await asyncio.shield(asking)

    async def _run(self, began: float) -> T:
        answer = await self._ask()
        self._last = began, answer
        return answer

    def _ended(self, asked: asyncio.Task[T]) -> None:
        self._asking = None
        if not asked.cancelled():
            asked.exception()  # told to those who waited
