"""Closes on one board while the other answers after twenty seconds: `python -m benchmarks.isolation`.

Half of the customers use LinkedIn alone, half Indeed alone. The jobs of one half are unposted while their board hangs;
then as many of the other half as before, when nothing hung, at least 0.8 times as fast.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.peer import CUSTOMERS, Job, posted
from benchmarks.stack import UNPOSTED, WORKERS, Programs, Stack, running_stack
from models.states import BoardName
from models.temporal import PHASE, RUNNING

ANSWERS_AFTER = 20.0
"""Seconds."""
AT_LEAST = 0.8
FIRST_JOB = 2_000_000
AT_ONCE = 40
LINKEDIN_ALONE, INDEED_ALONE = CUSTOMERS[::2], CUSTOMERS[1::2]
OF = {BoardName.LINKEDIN: LINKEDIN_ALONE, BoardName.INDEED: INDEED_ALONE}


@dataclass(frozen=True, slots=True)
class Round:
    """How closes on a board went."""

    rate: float
    worker_ms: float
    """CPU of the worker for each, what else it did meanwhile included."""
    others: float
    """Cores that programs of others used."""


@dataclass(frozen=True, slots=True)
class Found:
    """Closes on one board without and with another that hangs."""

    hanging: BoardName
    jobs: int
    """Unposted at the board that hangs."""
    without: tuple[Round, Round]
    """Before and after: what the machine does beside weighs on all three alike."""
    meanwhile: Round

    @property
    def ratio(self) -> float:
        """Return the rate meanwhile against that without."""
        return self.meanwhile.rate / self.without_rate

    @property
    def without_rate(self) -> float:
        """Return the rate without."""
        return mean(each.rate for each in self.without)


class Drill:
    """Close jobs of one half of the customers while the other half's board hangs."""

    def __init__(self, running: Stack, closes: int, jobs: int) -> None:
        """Take a running stack; so many `closes` in a round, so many `jobs` at the board that hangs."""
        self._running, self._closes, self._jobs = running, closes, jobs
        self._first = FIRST_JOB

    async def run(self, hanging: BoardName) -> Found:
        """Measure without, with, and without again, and wait until what hung has closed as well."""
        other = next(each for each in OF if each is not hanging)
        await self._close(other)
        before = await self._close(other)
        waiting = await self._hang(hanging)
        meanwhile = await self._close(other)
        await self._running.boards.clear_faults()
        await asyncio.gather(*map(self._running.closed, waiting))
        after = await self._close(other)
        return Found(hanging, len(waiting), (before, after), meanwhile)

    async def _hang(self, board: BoardName) -> Sequence[Job]:
        jobs = await self._post(board, self._jobs)
        slow = {"seconds": ANSWERS_AFTER, "times": None}
        await self._running.boards.fault(board.value, "*", "slow", **slow)
        await self._running.send_each(UNPOSTED, jobs, at_once=AT_ONCE)
        await self._running.until(f"{RUNNING} AND {PHASE.name} = 'closing'", len(jobs))
        # They say so from their start on; none is under way before a worker has taken it up.
        await self._running.until_taken_up()
        await asyncio.sleep(ANSWERS_AFTER)
        return jobs

    async def _close(self, board: BoardName) -> Round:
        jobs = await self._post(board, self._closes)
        programs, began = Programs(self._running), perf_counter()
        await self._running.send_each(UNPOSTED, jobs, at_once=len(jobs), wait=True)
        rate = len(jobs) / (perf_counter() - began)
        return Round(rate, programs.lap(len(jobs))[WORKERS], programs.others)

    async def _post(self, board: BoardName, count: int) -> Sequence[Job]:
        jobs = await posted(self._running.control, 2 * count, first=self._first)
        self._first += 2 * count
        return [each for each in jobs if each[0] in OF[board]]


def each_on_one_board(raw: dict[str, Any]) -> None:
    """Let each customer use one board, and the waits be those of the product."""
    raw["timing"] = {"linkedin_task_after": "1ms"}
    for customer in raw["customers"]:
        for board, customers in OF.items():
            if customer["id"] in customers:
                customer["boards"] = [board.value]


async def measure(closes: int, jobs: int) -> list[Found]:
    """Let each board hang once."""
    async with running_stack(1, each_on_one_board) as running:
        drill = Drill(running, closes, jobs)
        return [await drill.run(hanging) for hanging in OF]


def show(found: Sequence[Found]) -> None:
    """Print the figures.

    Raises SystemExit where closes on a board kept less of their rate.
    """
    table = Table(
        "hangs", "jobs there", "closes/s on the other: before, meanwhile, after", "ratio", "worker, ms", "others"
    )
    for each in found:
        rounds = (each.without[0], each.meanwhile, each.without[1])
        table.add_row(
            each.hanging.label,
            str(each.jobs),
            ", ".join(f"{one.rate:.1f}" for one in rounds),
            f"{each.ratio:.2f} (at least {AT_LEAST})",
            ", ".join(f"{one.worker_ms:.0f}" for one in rounds),
            ", ".join(f"{one.others:.1f}" for one in rounds) + " cores",
        )
    Console(width=140).print(table)
    if any(each.ratio < AT_LEAST for each in found):
        raise SystemExit(1)


def benchmark(
    closes: Annotated[int, typer.Option(help="Closes in each round, on the board that answers.")] = 320,
    jobs: Annotated[
        int, typer.Option(help="Jobs unposted at the board that hangs: more than it has room for.")
    ] = 1_600,
) -> None:
    """Let one board answer after twenty seconds, and measure closes on the other."""
    show(asyncio.run(measure(closes, jobs)))


if __name__ == "__main__":
    typer.run(benchmark)
