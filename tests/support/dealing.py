"""Deal the tests to the processes so that all are busy to the end, and the cores too.

Tests that wait, for lifecycles and servers, go between tests that only compute. Drills, which take minutes and run many
processes of their own, come one after the other, and none comes late. At the end only short tests are left, which
compute. pytest-xdist gives each process one stretch of the list, and what is left to whoever is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

import pytest

T = TypeVar("T")
COMPUTING = ("tests/unit/", "tests/sandbox/")
DRILL_LIMIT = 180.0
"""Seconds that only drills may take."""


class Kind(Enum):
    """What a test does with its time."""

    DRILLS = auto()
    WAITS = auto()
    COMPUTES = auto()


BEGIN_WITHIN = {Kind.DRILLS: 0.6, Kind.WAITS: 0.85, Kind.COMPUTES: 1.0}
"""The part of a stretch in which each kind comes."""


@dataclass(frozen=True)
class Module(Generic[T]):
    """The tests of a module stay together: they share fixtures."""

    tests: Sequence[T]
    kind: Kind


def dealt(modules: Sequence[Module[T]], processes: int) -> list[T]:
    """Return the tests in the order of the stretches of so many processes."""
    hands: list[list[tuple[float, Module[T]]]] = [[] for _ in range(processes)]
    for kind in Kind:
        found = [module for module in modules if module.kind is kind]
        for number, module in enumerate(found):
            # Last, those that only compute fill up the smallest hand.
            hand = min(hands, key=_count) if kind is Kind.COMPUTES else hands[number % processes]
            hand.append((BEGIN_WITHIN[kind] * number / len(found), module))
    return [test for hand in hands for _, module in sorted(hand, key=lambda each: each[0]) for test in module.tests]


def _count(hand: Sequence[tuple[float, Module[T]]]) -> int:
    return sum(len(module.tests) for _, module in hand)


def deal(items: list[pytest.Item], processes: int) -> None:
    """Order what was collected."""
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    items[:] = dealt([Module(tests, _kind(name, tests)) for name, tests in modules.items()], processes)


def _kind(name: str, tests: Sequence[pytest.Item]) -> Kind:
    if any(mark.args and mark.args[0] >= DRILL_LIMIT for test in tests for mark in test.iter_markers("timeout")):
        return Kind.DRILLS
    return Kind.COMPUTES if name.startswith(COMPUTING) else Kind.WAITS
