"""`make chaos`, or `python -m benchmarks.chaos`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.chaos.running import Size, chaos
from benchmarks.chaos.table import table
from runtime.process import run_quickly


def benchmark(
    minutes: Annotated[float, typer.Option(help="For how long events are sent and faults come.")] = 5.0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same faults and the same events.")] = 20261126,
    seeds: Annotated[int, typer.Option(help="Runs, each with the next seed.")] = 1,
    at_once: Annotated[int, typer.Option(help="Jobs that are on their way side by side.")] = 32,
    events: Annotated[int, typer.Option(help="About so many words are said of a job.")] = 60,
    history: Annotated[
        int, typer.Option(help="Events of a history after which a workflow goes on in a new run.")
    ] = 100,
    into: Annotated[
        Path | None,
        typer.Option(help="A folder for the figures of each run, and for what is known of jobs that were wronged."),
    ] = None,
) -> None:
    """Break every part at random under load; fail where an invariant was broken."""
    broken = 0

    async def run() -> None:
        nonlocal broken
        for each in range(seed, seed + seeds):
            found = await chaos(each, Size(minutes=minutes, at_once=at_once, events=events, history=history), into=into)
            Console(width=180).print(table(found))
            broken += len(found.violations)

    run_quickly(run())
    if broken:
        raise SystemExit(1)


if __name__ == "__main__":
    typer.run(benchmark)
