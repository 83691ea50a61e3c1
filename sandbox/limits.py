"""Request limits: a sliding window and a count that starts anew at 00:00 UTC."""

from collections import defaultdict, deque

from sandbox.clock import Clock, utc


class SlidingWindow:
    """Admit at most so many in any period of so many seconds, for each key on its own.

    What is refused does not count, so that a caller who waits is served.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, key: str, *, limit: int, seconds: float, cost: int = 1) -> bool:
        """Count ``cost`` and return True, or return False when that would exceed ``limit``."""
        now = self._clock.time()
        admitted = self._admitted[key]
        while admitted and admitted[0] <= now - seconds:
            admitted.popleft()
        if len(admitted) + cost > limit:
            return False
        admitted.extend([now] * cost)
        return True


class DailyCount:
    """Count per key and UTC day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._day = ""
        self._counts: defaultdict[str, int] = defaultdict(int)

    def used(self, key: str) -> int:
        """Return what was counted today."""
        today = utc(self._clock.time()).date().isoformat()
        if today != self._day:
            self._day = today
            self._counts.clear()
        return self._counts[key]

    def count(self, key: str) -> None:
        """Count one, without a limit."""
        self.used(key)
        self._counts[key] += 1

    def admit(self, key: str, *, limit: int, cost: int = 1) -> bool:
        """Count ``cost`` and return True, or return False when that would exceed ``limit``."""
        if self.used(key) + cost > limit:
            return False
        self._counts[key] += cost
        return True
