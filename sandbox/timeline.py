"""A value that becomes true at one moment and visible to readers at another."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Change(Generic[T]):
    value: T
    true_at: float
    visible_at: float


class Timeline(Generic[T]):
    """Keep the changes of a value; nothing runs in the background, readers pass the present time.

    ``set`` may plan ahead: a change in the future counts only once its time has come.
    """

    def __init__(self, initial: T, *, since: float = 0.0) -> None:
        self._changes = [_Change(initial, since, since)]

    def set(self, value: T, *, true_at: float, visible_at: float) -> None:
        """Record that the value changes at ``true_at`` and that readers see it from ``visible_at``."""
        self._changes.append(_Change(value, true_at, visible_at))

    def truth(self, now: float) -> T:
        """Return the value as it is, whoever can see it."""
        return self._newest([change for change in self._changes if change.true_at <= now])

    def visible(self, now: float) -> T:
        """Return the value as a reader gets it."""
        return self._newest([change for change in self._changes if change.visible_at <= now])

    def planned(self) -> T:
        """Return the value once everything accepted so far has taken effect."""
        return self._newest(self._changes)

    def changes(self, now: float) -> list[tuple[float, T]]:
        """Return every value that has been true, with the moment from which it was, oldest first."""
        past = [change for change in self._changes if change.true_at <= now]
        return [(change.true_at, change.value) for change in sorted(past, key=lambda change: change.true_at)]

    def _newest(self, changes: list[_Change[T]]) -> T:
        # What became true last counts, in whichever order it was asked for; of equals the one asked for last.
        return max(reversed(changes), key=lambda change: change.true_at, default=self._changes[0]).value
