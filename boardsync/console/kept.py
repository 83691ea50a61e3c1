"""An answer that is kept for some seconds: many visitors of a page cost one question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Kept(Generic[T_co]):
    """Ask once for all who want to know at this time. Belongs to one event loop."""

    def __init__(self, ask: Callable[[], Awaitable[T_co]], seconds: float, *, meanwhile: float = 0.0) -> None:
        """Keep each answer for so many seconds; a failure is kept for nobody who asks later.

        An answer that is older, but not older than `meanwhile`, is given while a newer one is asked for.
        """
        self._ask, self._seconds, self._meanwhile = ask, seconds, max(meanwhile, seconds)
        self._asking: asyncio.Task[T_co] | None = None
        self._last: tuple[float, T_co] | None = None
        self.failure: BaseException | None = None
        """What the asking raised that ended last."""

    async def get(self, within: float | None = None) -> T_co:
        """Return the answer, a newer one if it comes within so many seconds; raise what the asking raised.

        Raises TimeoutError where there is none by then; the asking goes on.
        """
        age, asking = self.begin()
        known = self._last if asking is None or age <= self._meanwhile else None
        if known is not None and (asking is None or within is None):
            return known[1]
        assert asking is not None, "without an answer, one is asked for"  # noqa: S101
        try:
            # A visitor who goes away does not take the answer from the others.
            async with asyncio.timeout(within):
                return await asyncio.shield(asking)
        except Exception:
            if known is None:
                raise
            return known[1]

    def begin(self) -> tuple[float, asyncio.Task[T_co] | None]:
        """Ask where the last answer is old; return its age, and the asking that is under way."""
        now = asyncio.get_running_loop().time()
        age = float("inf") if self._last is None else now - self._last[0]
        if self._asking is None and age > self._seconds:
            self._asking = asyncio.ensure_future(self._run(now))
            self._asking.add_done_callback(self._ended)
        return age, self._asking

    async def stop(self) -> None:
        """Ask no longer."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _run(self, began: float) -> T_co:
        answer = await self._ask()
        self._last = began, answer
        return answer

    def _ended(self, asked: asyncio.Task[T_co]) -> None:
        self._asking = None
        if not asked.cancelled():
            self.failure = asked.exception()
