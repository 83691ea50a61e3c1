"""The one clock of the sandbox: every delay, expiry and limit is computed from it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time, and a way to wait; tests bring a clock of their own."""

    def time(self) -> float:
        """Return seconds since the epoch."""

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""

    def advance(self, seconds: float) -> None:
        """Move the time forward, without waiting."""

    def restart(self) -> None:
        """Go back to the time that passes by itself."""


class SystemClock:
    """The wall time at start plus the time passed since, so that a corrected host clock moves no delay.

    What is advanced comes on top; waits stay real.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self._advanced = 0.0

    def time(self) -> float:
        """Return seconds since the epoch."""
        return self._offset + self._advanced + time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await asyncio.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move the time forward, without waiting."""
        self._advanced += seconds

    def restart(self) -> None:
        """Go back to the time that passes by itself."""
        self._advanced = 0.0


def utc(at: float) -> datetime:
    """Return an epoch time as an aware datetime."""
    return datetime.fromtimestamp(at, UTC)


def seconds_to_midnight(at: float) -> int:
    """Return the whole seconds left until 00:00 UTC, at least 1."""
    now = utc(at)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return max(1, round((midnight - now).total_seconds()))
