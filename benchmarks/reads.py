"""What it costs to read posted jobs again that nobody asked about: `python -m benchmarks.reads`.

By default each open job is read once a day on each board. Here that is every few seconds, so that the CPU of one read
can be told: with many jobs it is what most of a cluster's work is.
"""

import asyncio
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.peer import BOARDS, CUSTOMERS, SERVER, posted
from benchmarks.stack import GATEWAY, POSTED, WORKERS, Programs, Stack, running_stack
from models.base import workflow_id
from models.temporal import PHASE, RUNNING

FIRST_JOB = 7_000_000
AT_ONCE = 40
FROM_HISTORIES = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, for each read of one job on one board."""

    jobs: int
    reads: int
    seconds: float
    cpu_ms: dict[str, float]
    events: float
    """That a read adds to the lifecycle's history."""
    requests: float
    """HTTP requests to the boards: jobs that are read at about the same time share one."""
    others: float


async def measure(jobs: int, every: int, seconds: float) -> Figures:
    """Open so many jobs, and let each be read on both boards every so many seconds."""

    def often(raw: dict[str, Any]) -> None:
        raw["timing"] = {"linkedin_check_every": f"{every}s", "indeed_check_every": f"{every}s"}

    async with running_stack(1, often) as running:
        names = await posted(running.control, jobs, first=FIRST_JOB)
        await running.send_each(POSTED, names, at_once=AT_ONCE)
        await running.until(f"{RUNNING} AND {PHASE.name} = 'open'", len(names))
        ids = [workflow_id(*each) for each in names[:FROM_HISTORIES]]
        programs = Programs(running)
        before = await _done(running, ids), await _requests(running)
        await asyncio.sleep(seconds)
        cpu = programs.lap(1)
        after = await _done(running, ids), await _requests(running)
        share = len(names) / len(ids)
        reads = (after[0][0] - before[0][0]) * share
        return Figures(
            jobs=len(names),
            reads=round(reads),
            seconds=seconds,
            cpu_ms={name: each / reads for name, each in cpu.items()},
            events=(after[0][1] - before[0][1]) * share / reads,
            requests=(after[1] - before[1]) / reads,
            others=programs.others,
        )


async def _done(running: Stack, ids: list[str]) -> tuple[int, int]:
    """Return how many steps some lifecycles have done, and how many events they have."""
    steps = events = 0
    for each in ids:
        async for event in running.client.get_workflow_handle(each).fetch_history_events():
            events += 1
            steps += event.HasField("activity_task_completed_event_attributes")
    return steps, events


async def _requests(running: Stack) -> int:
    found = [
        await running.boards.records(provider=provider, operation=operation)
        for provider, operation in (("linkedin", "status"), ("indeed", "node"), ("indeed", "nodes"), ("indeed", "find"))
    ]
    return sum(map(len, found))


def show(figures: Figures) -> None:
    """Print the figures."""
    table = Table("what", "measured")
    table.add_row("open jobs, reads, seconds", f"{figures.jobs}, {figures.reads}, {figures.seconds:.0f}")
    programs = (SERVER, WORKERS, GATEWAY, BOARDS)
    cpu = ", ".join(f"{figures.cpu_ms[name]:.1f}" for name in programs)
    table.add_row("CPU of a read: engine, worker, gateway, boards", f"{cpu} ms")
    table.add_row("events of a read", f"{figures.events:.1f}")
    table.add_row("requests to the boards for a read", f"{figures.requests:.2f}")
    table.add_row("cores used by others", f"{figures.others:.1f}")
    Console().print(table)


def benchmark(
    jobs: Annotated[int, typer.Option(help=f"Open jobs, of {len(CUSTOMERS)} customers.")] = 96,
    every: Annotated[int, typer.Option(help="Seconds between two reads of a job on a board.")] = 20,
    seconds: Annotated[float, typer.Option(help="For which the reads are counted.")] = 60,
    into: Annotated[Path | None, typer.Option(help="Keep the figures here, as JSON.")] = None,
) -> None:
    """Measure what a read costs that nobody asked for."""
    figures = asyncio.run(measure(jobs, every, seconds))
    show(figures)
    if into is not None:
        into.write_text(json.dumps(asdict(figures), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(benchmark)
