"""What was taken already: a bounded memory of event ids, for each process."""

from collections import OrderedDict
from collections.abc import Iterable

KEPT = 10_000


class Repeats:
    """Know the newest event ids; what is forgotten, or known to another gateway only, is taken once more."""

    def __init__(self, kept: int = KEPT) -> None:
        """Know nothing yet."""
        self._kept = kept
        self._known: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def knows(self, keys: Iterable[tuple[str, ...]]) -> bool:
        """Return whether one of the keys was taken."""
        return any(key in self._known for key in keys)

    def took(self, keys: Iterable[tuple[str, ...]]) -> None:
        """Remember keys, once Temporal has what came with them."""
        for key in keys:
            self._known[key] = None
            self._known.move_to_end(key)
        while len(self._known) > self._kept:
            self._known.popitem(last=False)
