"""Whether a provider answers at all: by what became of the calls of the last seconds."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from models.problems import Category

LOOKED_BACK = 30.0
"""Seconds after which a call counts for a third of what it did."""
HARDLY = 0.2
"""Of all calls: where fewer are answered, the provider counts as one that does not answer."""
ENOUGH = 2.0
"""Unanswered calls by which it is told: each may have been for many steps."""


@dataclass(slots=True)
class _Calls:
    answered: float = 0.0
    unanswered: float = 0.0
    at: float = 0.0


class Answers:
    """What became of the calls that this process made."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Know of none yet."""
        self._clock = clock
        self._calls: dict[str, _Calls] = {}

    def note(self, provider: str, result: str) -> None:
        """Count a call, by `ok` or the category of what went wrong; a refusal is an answer as well."""
        calls = self._until_now(provider)
        if result == Category.TEMPORARY.value:
            calls.unanswered += 1
        else:
            calls.answered += 1

    def hardly(self, provider: str) -> bool:
        """Return whether hardly any call of the last seconds was answered."""
        calls = self._until_now(provider)
        return calls.unanswered >= ENOUGH and calls.answered < HARDLY * (calls.answered + calls.unanswered)

    def _until_now(self, provider: str) -> _Calls:
        calls, now = self._calls.setdefault(provider, _Calls(at=self._clock())), self._clock()
        kept = math.exp((calls.at - now) / LOOKED_BACK)
        calls.answered, calls.unanswered, calls.at = calls.answered * kept, calls.unanswered * kept, now
        return calls
