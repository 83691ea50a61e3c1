"""A whole listing of one employer at Indeed's own rate: time, memory, longest stall: `python -m benchmarks.listing`.

In a process that does nothing else, so that all memory is the listing's. What is found must be every job, once.
"""

import asyncio
import gc
import math
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import perf_counter, thread_time
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from activities.providers import Providers, open_http
from benchmarks.cpu import memory, seconds
from clients.indeed.client import FINDS
from clients.indeed.search import PAGE_SIZE
from runtime.beside import beside
from tests.support.boards import CUSTOMER, Boards
from tests.support.processes import running_sandbox
from tests.support.settings import sandbox_settings

FIRST_JOB = 3_000_000
TICK = 0.005
LONGEST_STALL = 0.1
"""Seconds for which a listing may keep a worker from all else; after 2 s Temporal calls a workflow deadlocked."""


@dataclass(slots=True)
class Figures:
    """What was measured."""

    jobs: int
    took: float = 0.0
    cpu: float = 0.0
    kept_mb: float = 0.0
    """What a worker keeps of it, to answer who asks later."""
    again_mb: float = 0.0
    """The most while another one is read and this one is kept."""
    stall: float = 0.0

    @property
    def allowed(self) -> float:
        """Return the seconds that Indeed's rate wants for the pages."""
        return math.ceil(self.jobs / PAGE_SIZE) / FINDS.per_second


class Stalls:
    """The longest stretch of this thread's CPU in which nothing else got its turn, whatever else the machine does."""

    def __init__(self) -> None:
        """Look at nothing yet."""
        self.longest = 0.0

    async def watch(self) -> None:
        """Look until called off."""
        while True:
            began = thread_time()
            await asyncio.sleep(TICK)
            self.longest = max(self.longest, thread_time() - began)


async def measure(jobs: int) -> Figures:
    """List all jobs twice."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        control = await stack.enter_async_context(
            httpx.AsyncClient(base_url=urls["control"], trust_env=False, timeout=120)
        )
        boards = Boards(control)
        await boards.add_jobs(FIRST_JOB, jobs)
        http = await stack.enter_async_context(open_http())
        (client,) = Providers(sandbox_settings(urls), http).indeed_accounts(CUSTOMER)
        figures, stalls = Figures(jobs), Stalls()
        # What a first call needs anyway.
        await client.page(client.searches[0])
        before = _megabytes()
        async with beside(stalls.watch()):
            began, cpu = perf_counter(), seconds(os.getpid())
            assert not (await client.directory.find("nobody")).postings
            figures.took, figures.cpu = (perf_counter() - began) / 2, (seconds(os.getpid()) - cpu) / 2
            figures.kept_mb = _megabytes() - before
            reading = asyncio.create_task(client.directory.listing())
            while not reading.done():
                figures.again_mb = max(figures.again_mb, memory(os.getpid()) / 1e6 - before)
                await asyncio.sleep(0.1)
        figures.stall = stalls.longest
        listing = reading.result()
        assert listing.complete
        assert {str(FIRST_JOB + number) for number in range(jobs)} <= set(listing.by_posting_id)
        return figures


def _megabytes() -> float:
    gc.collect()
    return memory(os.getpid()) / 1e6


def show(figures: Figures) -> None:
    """Print the figures."""
    table = Table("what", "measured")
    table.add_row("jobs, pages", f"{figures.jobs:,}, {math.ceil(figures.jobs / PAGE_SIZE)}")
    table.add_row(
        "time, against what Indeed's rate allows", f"{figures.took:.1f} s, {figures.took / figures.allowed:.2f}"
    )
    table.add_row("CPU", f"{figures.cpu:.1f} s, {1000 * figures.cpu / figures.jobs:.2f} ms for each job")
    table.add_row("memory kept; most while read again", f"{figures.kept_mb:.0f} MB; {figures.again_mb:.0f} MB")
    table.add_row("longest stall", f"{1000 * figures.stall:.0f} ms (at most {1000 * LONGEST_STALL:.0f} ms)")
    Console().print(table)


def benchmark(jobs: Annotated[int, typer.Option(help="Jobs of the employer.")] = 20_000) -> None:
    """List all jobs of one employer, and measure."""
    show(asyncio.run(measure(jobs)))


if __name__ == "__main__":
    typer.run(benchmark)
