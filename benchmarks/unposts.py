"""One client unposts thousands of jobs at once, under the boards' own limits: `python -m benchmarks.unposts`.

What the limits allow is the longer of LinkedIn's closes and Indeed's clears, ten jobs in a request, with two listings.
Every job must be off both boards, without a 429; how many cores the limits would keep busy is told beside.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.peer import BOARDS, CUSTOMERS, SERVER
from benchmarks.stack import GATEWAY, UNPOSTED, WORKERS, Programs, Stack, running_stack
from clients.indeed.client import FINDS, MUTATIONS, WRITES_AT_ONCE
from clients.indeed.search import PAGE_SIZE
from clients.linkedin.client import SUBMISSIONS
from tests.support.rates import most_in_a_second

CLIENT = CUSTOMERS[0]
FIRST_JOB = 6_000_000
AT_ONCE = 100
"""Events of iCIMS under way at a time."""
AT_MOST = 1.2
LIMITS = {
    "linkedin": {"records_per_minute": 60 * SUBMISSIONS.per_second},
    "indeed": {"mutations_per_second": MUTATIONS.per_second, "finds_per_second": FINDS.per_second},
}
Records = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    jobs: int
    took: float
    cpu_ms: dict[str, float]
    """CPU of each program for each job."""
    others: float
    closes: Records
    clears: Records

    @property
    def linkedin(self) -> float:
        """Return the seconds that LinkedIn's limit wants."""
        return self.jobs / SUBMISSIONS.per_second

    @property
    def indeed(self) -> float:
        """Return the seconds that Indeed's limits want: one listing to begin with, and one for the proof."""
        pages = 2 * math.ceil(self.jobs / PAGE_SIZE)
        return self.jobs / WRITES_AT_ONCE / MUTATIONS.per_second + pages / FINDS.per_second

    @property
    def allowed(self) -> float:
        """Return the seconds that the limits want: the boards do not wait for each other."""
        return max(self.linkedin, self.indeed)

    @property
    def cores(self) -> float:
        """Return how many cores our programs and Temporal would use at the rate that the limits allow."""
        ours = sum(self.cpu_ms[name] for name in (SERVER, WORKERS, GATEWAY))
        return ours / 1000 * self.jobs / self.allowed


async def measure(jobs: int, workers: int) -> Figures:
    """Unpost so many jobs of one client."""
    async with running_stack(workers, _waits_of_the_product) as running:
        (await running.control.patch("/settings", json=LIMITS)).raise_for_status()
        body = {"customer_id": CLIENT, "first_job_id": str(FIRST_JOB), "count": jobs}
        (await running.control.post("/jobs/bulk", json=body)).raise_for_status()
        programs, began = Programs(running), perf_counter()
        names = [(CLIENT, str(FIRST_JOB + number)) for number in range(jobs)]
        await running.send_each(UNPOSTED, names, at_once=AT_ONCE)
        await asyncio.gather(*map(running.closed, names))
        took = perf_counter() - began
        cpu_ms = programs.lap(jobs)
        closes, clears = await _records(running, "linkedin", "submit"), await _records(running, "indeed", "clear")
    return Figures(jobs, took, cpu_ms, programs.others, closes, clears)


def _waits_of_the_product(raw: dict[str, Any]) -> None:
    raw["timing"] = {"linkedin_task_after": "1s"}


async def _records(running: Stack, provider: str, operation: str) -> Records:
    return await running.boards.records(provider=provider, operation=operation, customer_id=CLIENT)


def show(figures: Figures) -> None:
    """Print the figures.

    Raises SystemExit where a job was not taken off a board exactly once, or a limit was overrun.
    """
    table = Table("what", "measured")
    table.add_row("jobs closed on both boards", str(figures.jobs))
    table.add_row("took", f"{figures.took:.0f} s, {figures.jobs / figures.took:.1f}/s")
    table.add_row("what the limits allow: LinkedIn, Indeed", f"{figures.linkedin:.0f} s, {figures.indeed:.0f} s")
    table.add_row("ratio", f"{figures.took / figures.allowed:.2f} (at most {AT_MOST})")
    programs = (SERVER, WORKERS, GATEWAY, BOARDS)
    table.add_row("CPU of a job: engine, workers, gateway, boards", _listed(figures.cpu_ms[each] for each in programs))
    table.add_row("cores that the limits would keep busy, boards apart", f"{figures.cores:.1f}")
    table.add_row("cores used by others", f"{figures.others:.1f}")
    sound = True
    for what, records in (("LinkedIn's closes", figures.closes), ("Indeed's clears", figures.clears)):
        jobs = [job for each in records if each["applied"] for job in each["job_ids"]]
        throttled = sum(each["throttled"] for each in records)
        table.add_row(
            f"{what}: requests, jobs in one, most requests in a second, 429s",
            f"{len(records)}, {len(jobs) / len(records):.1f}, {most_in_a_second(list(records))}, {throttled}",
        )
        sound &= len(jobs) == len(set(jobs)) == figures.jobs and not throttled
    Console(width=120).print(table)
    if not sound:
        raise SystemExit(1)


def _listed(milliseconds: Any) -> str:
    return ", ".join(f"{each:.0f}" for each in milliseconds) + " ms"


def benchmark(
    jobs: Annotated[int, typer.Option(help="Jobs that the client unposts.")] = 5_000,
    workers: Annotated[int, typer.Option(help="Worker processes.")] = 2,
) -> None:
    """Unpost thousands of jobs of one client under the boards' limits."""
    show(asyncio.run(measure(jobs, workers)))


if __name__ == "__main__":
    typer.run(benchmark)
