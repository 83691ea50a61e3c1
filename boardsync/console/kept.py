"""An answer that is kept for some seconds: many visitors of a page cost one question."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Ask once for all who want to know at this time. Belongs to one event loop."""

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        """Keep each answer for so many seconds; a failure is kept for nobody who asks later."""
        self._ask, self._seconds = ask, seconds
        self._asked_at = 0.0
        self._answer: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """Return the answer, the last one where it is new enough; raise what the asking raised."""
        now = asyncio.get_running_loop().time()
        answer = self._answer
        ended_badly = answer is not None and answer.done() and (answer.cancelled() or answer.exception() is not None)
        if answer is None or ended_badly or (answer.done() and now - self._asked_at > self._seconds):
            self._asked_at = now
            answer = self._answer = asyncio.ensure_future(self._run())
        # A visitor who goes away does not take the answer from the others.
        return await asyncio.shield(answer)

    async def _run(self) -> T:
        return await self._ask()
