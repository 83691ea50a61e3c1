"""Many open lifecycles: memory, the time of an unpost, a cold restart: `python -m benchmarks.scale`.

With `--into` the figures are kept as JSON, from which `make bench-docs` draws the plots of docs/scaling.md.
"""

import asyncio
import json
import math
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.cpu import memory
from benchmarks.peer import BOARDS, CUSTOMERS, SERVER, Job, posted
from benchmarks.stack import GATEWAY, POSTED, UNPOSTED, WORKERS, Programs, Stack, running_stack, share
from models.temporal import JOB_POSTING, PHASE

FIRST_JOB = 1_000_000
AT_ONCE = 40
FEW = 4
"""Unposts at a time by which the time of one is measured."""


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured with so many workers and open lifecycles."""

    workers: int
    open: int
    posts_a_second: float
    closes_a_second: float
    unpost_p50: float
    unpost_p95: float
    """Seconds from the event's request to the receipt, a few at a time."""
    cold_first: float
    """Seconds from the kill of all workers to the first close by new ones."""
    cold_p95: float
    worker_mb: float
    """Of the largest worker, before the burst."""
    gateway_mb: float
    server_mb: float
    database_mb: float
    """Of Temporal's own file, all jobs so far in it, those that are closed too."""
    post_ms: dict[str, float]
    """CPU for each job that is posted, by program."""
    close_ms: dict[str, float]
    """The same for each close in the burst."""
    others: float
    """Cores that programs of others used in the burst: the machine was not ours alone."""

    @property
    def engine_share(self) -> float:
        """Return Temporal's part of the CPU that it and the workers used in the burst."""
        return self.close_ms[SERVER] / (self.close_ms[SERVER] + self.close_ms[WORKERS])


class Jobs:
    """The jobs that are open in a running stack."""

    def __init__(self, running: Stack) -> None:
        """Begin with none."""
        self._running = running
        self._open: list[Job] = []
        self._posted = 0

    async def open(self, count: int) -> tuple[int, float]:
        """Post jobs until so many are open; return how many were posted, and in how many seconds."""
        more = math.ceil((count - len(self._open)) / len(CUSTOMERS)) * len(CUSTOMERS)
        jobs = await posted(self._running.control, more, first=FIRST_JOB + self._posted)
        self._posted += more
        began = time.perf_counter()
        await self._running.send_each(POSTED, jobs, at_once=AT_ONCE)
        self._open += jobs
        await self._running.until(f"WorkflowType = '{JOB_POSTING}' AND {PHASE.name} = 'open'", len(self._open))
        return more, time.perf_counter() - began

    async def unpost(self, count: int, at_once: int) -> list[float]:
        """Unpost some of the open jobs; return the seconds of each, ascending."""
        jobs, self._open = self._open[-count:], self._open[:-count]
        return await self._running.send_each(UNPOSTED, jobs, at_once=at_once, wait=True)


async def measure(workers: int, counts: Sequence[int], unposts: int, keep: Callable[[Point], None]) -> None:
    """Run the stack with so many workers, and look at it with ever more open lifecycles; keep what was seen."""
    async with running_stack(workers) as running:
        jobs = Jobs(running)
        for count in counts:
            keep(await _point(running, jobs, count, unposts))


async def _point(running: Stack, jobs: Jobs, count: int, unposts: int) -> Point:
    """Measure a few of so many `unposts` at a time, five times as many at once, and the few again after a kill."""
    workers, programs = len(running.workers), Programs(running)
    looks, many = unposts, 5 * unposts
    posts, posting = await jobs.open(count + 2 * looks + many)
    post_ms = programs.lap(posts)
    worker_mb = max(memory(each.pid) for each in running.workers) / 1e6
    gateway_mb, server_mb = memory(running.ids[GATEWAY]) / 1e6, memory(running.ids[SERVER]) / 1e6
    took = await jobs.unpost(looks, FEW)
    programs.lap(looks)
    began = time.perf_counter()
    await jobs.unpost(many, many)
    burst = time.perf_counter() - began
    close_ms = programs.lap(many)
    began = time.perf_counter()
    await running.stop(signal.SIGKILL)
    await running.start(workers)
    first = await jobs.unpost(1, 1)
    cold_first = time.perf_counter() - began
    cold = await jobs.unpost(looks - 1, FEW)
    return Point(
        workers=workers,
        open=count,
        posts_a_second=posts / posting,
        closes_a_second=many / burst,
        unpost_p50=share(took, 0.5),
        unpost_p95=share(took, 0.95),
        cold_first=cold_first,
        cold_p95=share(sorted([*first, *cold]), 0.95),
        worker_mb=worker_mb,
        gateway_mb=gateway_mb,
        server_mb=server_mb,
        database_mb=running.database_bytes / 1e6,
        post_ms=post_ms,
        close_ms=close_ms,
        others=programs.others,
    )


def show(points: Sequence[Point]) -> None:
    """Print the figures."""
    table = Table(
        "workers",
        "open",
        "posts/s",
        "closes/s",
        "unpost p50, p95",
        "cold: first, p95",
        "MB: worker, gateway, server",
        "ms of a close: engine, workers, gateway, boards",
        "others",
    )
    for each in points:
        table.add_row(
            str(each.workers),
            f"{each.open:,}",
            f"{each.posts_a_second:.1f}",
            f"{each.closes_a_second:.1f}",
            f"{each.unpost_p50:.2f} s, {each.unpost_p95:.2f} s",
            f"{each.cold_first:.1f} s, {each.cold_p95:.2f} s",
            f"{each.worker_mb:.0f}, {each.gateway_mb:.0f}, {each.server_mb:.0f}",
            ", ".join(f"{each.close_ms[name]:.0f}" for name in (SERVER, WORKERS, GATEWAY, BOARDS)),
            f"{each.others:.1f} cores",
        )
    Console(width=150).print(table)


def benchmark(
    counts: Annotated[str, typer.Option("--open", help="Open lifecycles, ascending.")] = "1000,3000,10000",
    workers: Annotated[str, typer.Option(help="Worker processes, one run for each.")] = "1,2,4",
    unposts: Annotated[
        int, typer.Option(help="By which the time of one is measured; five times as many at once.")
    ] = 64,
    into: Annotated[Path | None, typer.Option(help="Keep the figures here, as JSON.")] = None,
) -> None:
    """Measure with ever more open lifecycles, and print."""

    def keep(point: Point) -> None:
        show([point])
        if into is not None:
            write(point, into)

    for each in map(int, workers.split(",")):
        asyncio.run(measure(each, sorted(map(int, counts.split(","))), unposts, keep))


def write(point: Point, into: Path) -> None:
    """Keep the figures, in place of earlier ones of as many workers and lifecycles."""
    before = [Point(**each) for each in json.loads(into.read_text(encoding="utf-8"))] if into.exists() else []
    kept = {(each.workers, each.open): each for each in (*before, point)}
    figures = [asdict(kept[key]) for key in sorted(kept)]
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(benchmark)
