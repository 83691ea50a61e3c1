"""Many items in few requests: each item's result is its own, and the size finds itself."""

import re
from collections.abc import Awaitable, Callable, Sequence

from clients.errors import ProviderError
from clients.indeed.results import ItemResult

LARGEST = 10
"""Items in one request to begin with; how many Indeed takes is not documented (docs/providers/indeed.md)."""
TOO_MANY = r"too many|at most|no more than|maximum|exceed|limit|batch|size|length"

Send = Callable[[Sequence[str]], Awaitable[Sequence[ItemResult]]]
"""Sends some items and returns their results in their order; raises ProviderError where it has none of them."""


class Batches:
    """Send items in requests of a size that Indeed has not refused yet."""

    def __init__(self, largest: int = LARGEST) -> None:
        """Begin with the largest size."""
        self.size = largest

    async def run(self, ids: Sequence[str], send: Send) -> dict[str, ItemResult]:
        """Send all items, each once, and return the result of each; a failed request is that of each of its items."""
        waiting = list(dict.fromkeys(ids))
        results: dict[str, ItemResult] = {}
        while waiting:
            some, waiting = waiting[: self.size], waiting[self.size :]
            results |= await self._send(some, send)
        return results

    async def _send(self, ids: Sequence[str], send: Send) -> dict[str, ItemResult]:
        try:
            results = dict(zip(ids, await send(ids), strict=True))
        except ProviderError as error:
            if len(ids) > 1 and error.code == "BAD_USER_INPUT":
                return await self._in_halves(ids, send, error)
            return {each: ItemResult(accepted=False, error=error) for each in ids}
        if len(ids) > 1:
            # An error that may be any item's: each on its own tells, and to set the same value again is no harm.
            for each in [each for each, result in results.items() if not (result.accepted or result.attributed)]:
                results |= await self._send([each], send)
        return results

    async def _in_halves(self, ids: Sequence[str], send: Send, error: ProviderError) -> dict[str, ItemResult]:
        """Send an unfit batch again: either it was too large, or one item of it spoils it for the others."""
        half = (len(ids) + 1) // 2
        if re.search(TOO_MANY, error.problem.provider_text, re.IGNORECASE):
            self.size = min(self.size, half)
        return await self._send(ids[:half], send) | await self._send(ids[half:], send)
