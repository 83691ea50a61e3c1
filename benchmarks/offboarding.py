"""Leave a client with many jobs, two worker processes, one killed twice: `python -m benchmarks.offboarding`."""

import asyncio
import math
import signal
import tempfile
import time
from contextlib import AsyncExitStack
from functools import partial
from operator import le
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from clients.indeed.client import FINDS, MUTATIONS
from clients.indeed.search import PAGE_SIZE
from models.bulk import BulkResult, Fate
from runtime.provisioning import register_search_attributes
from tests.support.boards import Boards
from tests.support.bulk import Run, offboard, progress
from tests.support.lifecycles import eventually
from tests.support.processes import end, running_sandbox
from tests.support.rates import most_in_a_second, per_second
from tests.support.settings import raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import start_worker

Records = list[dict[str, Any]]
FIRST_JOB = 600_000
SEEDED = 5
"""Jobs that the sandbox brings along."""


async def main(count: int, batch_size: int) -> None:
    """Run the stack, leave, print."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        address = await stack.enter_async_context(running_temporal())
        client = await client_of(address)
        await register_search_attributes(client)
        boards = Boards(await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False)))
        await boards.add_jobs(FIRST_JOB, count)
        config = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "boardsync.toml"
        write_toml(config, raw_settings(urls))
        workers = [await start_worker(address, config) for _ in range(2)]
        began = time.monotonic()
        run = await offboard(client, "offboarding-benchmark", dry_run=False, batch_size=batch_size)
        for share in (0.25, 0.5):
            await eventually(partial(cleared, run), partial(le, share * count), within=3_600)
            await end(workers[1], number=signal.SIGKILL)
            workers[1] = await start_worker(address, config)
        result = await run.result()
        took = time.monotonic() - began
        for worker in workers:
            await end(worker)
        show(
            result,
            took,
            batch_size,
            await boards.records(provider="indeed", operation="clear"),
            await boards.records(provider="indeed", operation="find"),
        )


async def cleared(run: Run) -> int:
    """Count the jobs that are cleared."""
    return (await progress(run)).counts.get(Fate.CLEARED, 0)


def show(result: BulkResult, took: float, batch_size: int, clears: Records, finds: Records) -> None:
    """Print the figures, and fail where a promise was broken."""
    jobs = [job for record in clears if record["applied"] for job in record["job_ids"]]
    requests = math.ceil(result.counts[Fate.CLEARED] / batch_size)
    pages = 2 * math.ceil(result.counts[Fate.CLEARED] / PAGE_SIZE)
    allowed = requests / MUTATIONS.per_second + pages / FINDS.per_second
    table = Table("what", "measured")
    table.add_row("jobs cleared and read back", str(result.counts[Fate.CLEARED]))
    table.add_row("took", f"{took:.1f} s")
    table.add_row(f"what the limits allow: {requests} clears, {pages} pages", f"{allowed:.1f} s")
    table.add_row("ratio", f"{took / allowed:.3f} (budget: 1.10)")
    table.add_row("clears a second: mean, most", f"{per_second(clears):.2f}, {most_in_a_second(clears)}")
    table.add_row("searches a second: most", str(most_in_a_second(finds)))
    table.add_row("429s", str(sum(record["throttled"] for record in (*clears, *finds))))
    table.add_row("jobs cleared twice", str(len(jobs) - len(set(jobs))))
    Console().print(table)


def benchmark(
    jobs: Annotated[int, typer.Option(help="Jobs on which something is set.")] = 2_000,
    batch_size: Annotated[int, typer.Option(help="Jobs in one request.")] = 1,
) -> None:
    """Leave a client with two workers, one of them killed twice."""
    asyncio.run(main(jobs, batch_size))


if __name__ == "__main__":
    typer.run(benchmark)
