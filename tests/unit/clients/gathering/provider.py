"""A provider that takes what is gathered, in virtual time."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

from clients.errors import ProviderError
from models.problems import Category, Problem
from tests.support import virtual_time

TEN = 10


def problem(category: Category, *, sent: bool = True, code: str = "") -> ProviderError:
    told = Problem(category=category, reason="no", remedy="none", retry_after=timedelta(0))
    return ProviderError(told, provider="P", operation="o", sent=sent, code=code)


class Provider:
    """Takes so many items at once, and takes its time; items and requests fail as they are told to."""

    def __init__(self, *, most: int = 100, takes: float = 0.1) -> None:
        self.most, self.takes = most, takes
        self.requests: list[list[str]] = []
        self.began: list[float] = []
        self.refused: set[str] = set()
        self.spoilt: dict[str, Category] = {}
        self.failing: ProviderError | None = None
        self.carried_out: Counter[str] = Counter()
        self.side_by_side = self.most_side_by_side = 0

    async def send(self, items: Sequence[str]) -> list[str | ProviderError]:
        self.requests.append(list(items))
        self.began.append(asyncio.get_running_loop().time())
        self.side_by_side += 1
        self.most_side_by_side = max(self.most_side_by_side, self.side_by_side)
        await asyncio.sleep(self.takes)
        self.side_by_side -= 1
        if self.failing is not None:
            raise self.failing
        if len(items) > self.most:
            raise problem(Category.INVALID_POSTING)
        for each in items:
            if each in self.spoilt:
                raise problem(self.spoilt[each])
        self.carried_out.update(each for each in items if each not in self.refused)
        return [problem(Category.CLAIMED) if each in self.refused else f"did {each}" for each in items]

    @property
    def sizes(self) -> list[int]:
        return [len(each) for each in self.requests]


def names(count: int) -> list[str]:
    return [f"n{number}" for number in range(count)]


def in_virtual_time(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        virtual_time.run(test())

    run.__name__ = test.__name__
    return run
