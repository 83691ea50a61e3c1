"""An event loop whose time passes at once: waits of hours take no time, and every run is the same."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Skipping(selectors.SelectSelector):
    """Instead of waiting, let the loop's time pass."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout > 0:
            self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time is what its waits have let pass."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        # As for real, time never stands still: a wait too short to be told from none ends all the same.
        self._skipping.now += 1e-7
        return self._skipping.now


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run something in virtual time, beside whatever loop runs for real."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
