"""What goes wrong and when, drawn from a seed. Pure: the same seed, length and abilities give the same plan."""

import random
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from benchmarks.soak_faults import PROVIDERS, draw
from models.base import Model

GATEWAYS = ("gateway-0", "gateway-1")
WORKERS = ("worker-0", "worker-1")
BUILDS = {"worker-0": "chaos+aaaaaaaaaaaa", "worker-1": "chaos+bbbbbbbbbbbb"}
"""The build that each worker says it is: an upgrade or a rollback makes the other one current."""
TEMPORAL, STORE = "temporal", "store"

CALM_EVERY, CALM_FOR = 40.0, 8.0
"""Seconds: now and then nothing fails, so that a repeat has no excuse."""
FIRST_AT, CALM_AT_END = 3.0, 3.0
GAP = (1.0, 5.0)
BOARD_GAP = (0.3, 1.2)


class Kind(StrEnum):
    """What is done to a part."""

    KILL = "killed (SIGKILL)"
    PAUSE = "stopped and continued (SIGSTOP, SIGCONT)"
    CUT = "line cut"
    HANG = "line silent"
    DELAY = "line slow"
    FULL = "disk full"
    CLOCK = "clock set wrong"
    DEPLOY = "other build made current"
    BOARD = "board fails, is slow or lies"


class Ability(StrEnum):
    """What a machine can do."""

    POSTGRESQL = "postgresql"
    """The store is a PostgreSQL server of its own; else it is an SQLite file."""
    DISK = "disk"
    """A small file system can be mounted, and filled."""
    CLOCK = "clock"
    """libfaketime is installed."""


class Step(Model):
    """One fault: `seconds` after the beginning, `lasts` seconds long."""

    at: float
    kind: Kind
    target: str
    lasts: float = 0.0
    by: float = 0.0
    """Seconds: of a delay, or by which a clock is wrong."""
    fault: Mapping[str, Any] | None = None
    """What the sandbox is told."""


LIES: Sequence[Mapping[str, Any]] = (
    {"provider": "linkedin", "operation": "submit", "kind": "lie"},
    {"provider": "indeed", "operation": "update", "kind": "lie"},
    {"provider": "indeed", "operation": "clear", "kind": "lie"},
    {"provider": "linkedin", "operation": "submit", "kind": "task_outcome", "outcome": "PROCESSED"},
    {"provider": "linkedin", "operation": "submit", "kind": "slow_task", "seconds": 2.0},
    {"provider": "linkedin", "operation": "submit", "kind": "delay_visibility", "seconds": 2.0},
    {"provider": "indeed", "operation": "update", "kind": "delay_visibility", "seconds": 2.0},
    {"provider": "indeed", "operation": "clear", "kind": "delay_visibility", "seconds": 2.0},
    {"provider": "indeed", "operation": "find", "kind": "empty_page"},
)
LIE_SHARE = 0.15


def processes(abilities: frozenset[Ability]) -> tuple[str, ...]:
    """Return the processes that can be killed and stopped."""
    return (*GATEWAYS, *WORKERS, TEMPORAL, *((STORE,) if Ability.POSTGRESQL in abilities else ()))


def lines(abilities: frozenset[Ability]) -> tuple[str, ...]:
    """Return the lines between two parts, named `from:to`; boards are reached by all workers over one line each."""
    servers = (TEMPORAL, STORE) if Ability.POSTGRESQL in abilities else (TEMPORAL,)
    ours = tuple(f"{part}:{server}" for part in (*GATEWAYS, *WORKERS) for server in servers)
    return (*ours, *(f"workers:{provider}" for provider in PROVIDERS))


def plan(seed: int, seconds: float, abilities: frozenset[Ability]) -> tuple[Step, ...]:
    """Return the faults of a run of so many seconds, in the order in which they begin."""
    parts, boards = random.Random(f"{seed}/parts"), random.Random(f"{seed}/boards")  # noqa: S311 -- to be drawn again
    steps = [
        *(_part_fault(parts, at, abilities) for at in _moments(parts, seconds, GAP)),
        *(_board_fault(boards, at) for at in _moments(boards, seconds, BOARD_GAP)),
    ]
    return tuple(sorted(steps, key=lambda step: (step.at, step.target)))


def _moments(rng: random.Random, seconds: float, gap: tuple[float, float]) -> list[float]:
    found, at = [], FIRST_AT
    while at < seconds - CALM_AT_END:
        if at % CALM_EVERY < CALM_EVERY - CALM_FOR:
            found.append(at)
        at = round(at + rng.uniform(*gap), 2)
    return found


def _part_fault(rng: random.Random, at: float, abilities: frozenset[Ability]) -> Step:
    kinds = {Kind.KILL: 5, Kind.PAUSE: 3, Kind.CUT: 3, Kind.HANG: 2, Kind.DELAY: 1, Kind.DEPLOY: 1}
    kinds |= {Kind.FULL: 1} if Ability.DISK in abilities else {}
    kinds |= {Kind.CLOCK: 1} if Ability.CLOCK in abilities else {}
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    lasts, by = round(rng.uniform(0.3, 4.0), 2), 0.0
    match kind:
        case Kind.KILL | Kind.PAUSE:
            target = rng.choice(processes(abilities))
        case Kind.CUT | Kind.HANG | Kind.DELAY:
            target, by = rng.choice(lines(abilities)), round(rng.uniform(0.05, 0.5), 2)
        case Kind.FULL:
            target = rng.choice((TEMPORAL, STORE))
        case Kind.CLOCK:
            target, by = WORKERS[1], rng.choice((-86_400.0, -3_600.0, -60.0, 60.0, 3_600.0, 86_400.0))
        case _:
            target, lasts = "deployment", 0.0
    return Step(at=at, kind=kind, target=target, lasts=lasts, by=by if kind in {Kind.DELAY, Kind.CLOCK} else 0.0)


def _board_fault(rng: random.Random, at: float) -> Step:
    lies = rng.random() < LIE_SHARE
    fault = {**rng.choice(LIES), "times": rng.randint(1, 3)} if lies else dict(draw(rng, hangs=True))
    return Step(at=at, kind=Kind.BOARD, target=str(fault["provider"]), fault=fault)
