"""Work that waits for a transaction goes along with the next one: one commit for all that came meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from store.errors import StoreUnavailable

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST = 100
"""Items in one transaction."""


class Together(Generic[Item, Answer]):
    """Does items at once that come at once. One alone does not wait for others."""

    def __init__(
        self, do: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]], *, deadline: float, most: int = MOST
    ) -> None:
        """Take what does several items, all or none, and returns an answer for each; nobody waits past the deadline."""
        self._deadline = deadline
        self._do = do
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Answer:
        """Do one item; who gives up waiting does not stop it.

        Raises:
            StoreUnavailable: It was not done within the deadline; it may still be.
            Exception: What doing it together with others raised.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="together")
        try:
            async with asyncio.timeout(self._deadline):
                return await answer
        except TimeoutError:
            raise StoreUnavailable("slow") from None

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._one(batch)
        finally:
            self._running = None
            for _, answer in self._waiting:  # only when the loop ends
                answer.cancel()

    async def _one(self, batch: Sequence[tuple[Item, "asyncio.Future[Answer]"]]) -> None:
        try:
            answers = await self._do([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is raised where the item came from
            failed = list(batch)
            if isinstance(error, StoreUnavailable):
                # Nobody waits for one deadline after the other.
                failed += self._waiting
                self._waiting = []
            for _, answer in failed:
                if not answer.done():
                    answer.set_exception(error)
        except asyncio.CancelledError:
            for _, answer in batch:
                answer.cancel()
            raise
        else:
            for (_, answer), each in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(each)
