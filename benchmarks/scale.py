"""Many open lifecycles: memory, the time of an unpost, a cold restart: `python -m benchmarks.scale`.

Every process is its own: gateway, workers, Temporal's server, simulated boards without limits. With `--into` the
figures are kept as JSON, from which `make bench-docs` draws the plots of docs/scaling.md.
"""

import asyncio
import json
import math
import signal
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import aiohttp
import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.cpu import Watch, memory
from benchmarks.patience import patiently
from benchmarks.peer import BOARDS, CUSTOMERS, SERVER, Job, configured, posted
from boardsync.local.processes import python
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Receipt
from models.states import Phase
from models.temporal import JOB_POSTING, PHASE
from tests.support.gateway import basic
from tests.support.processes import HOST, end, free_port, running_sandbox_process, spawn
from tests.support.temporal import client_of, running_server, server_command
from tests.support.workers import start_worker

FIRST_JOB = 1_000_000
AT_ONCE = 40
LOOKS = 64
"""Unposts by which the time of one is measured, a few at a time."""
FEW = 4
BURST = 320
"""Unposts at once, by which the rate is measured."""


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
    engine_share: float
    """Of the CPU that engine and workers used in the burst."""


class Stack:
    """Running processes, and the jobs that are open in them."""

    def __init__(
        self, client: Client, settings: Settings, control: httpx.AsyncClient, http: aiohttp.ClientSession
    ) -> None:
        """Begin with no job."""
        self.client, self.settings, self.control, self.http = client, settings, control, http
        self.jobs: list[Job] = []
        self.workers: list[Process] = []
        self.gateway = self.server = self.boards = 0
        self._posted = 0

    async def open(self, count: int) -> float:
        """Post jobs until so many are open; return how many a second were."""
        more = math.ceil((count - len(self.jobs)) / len(CUSTOMERS)) * len(CUSTOMERS)
        jobs = await posted(self.control, more, first=FIRST_JOB + self._posted)
        self._posted += more
        began = time.perf_counter()
        await self._each("JobPostToWebEvent", jobs, AT_ONCE)
        self.jobs += jobs
        while await self._open() < len(self.jobs):  # noqa: ASYNC110 -- the server is asked, which sets no event
            await asyncio.sleep(1)
        return more / (time.perf_counter() - began)

    async def _open(self) -> int:
        query = f"WorkflowType = '{JOB_POSTING}' AND {PHASE.name} = 'open'"
        return (await patiently(lambda: self.client.count_workflows(query))).count

    async def unpost(self, count: int, at_once: int) -> list[float]:
        """Unpost some of the open jobs; return the seconds of each."""
        jobs, self.jobs = self.jobs[-count:], self.jobs[:-count]
        return sorted(await self._each("JobUnpostToWebEvent", jobs, at_once, wait=True))

    async def _each(self, kind: str, jobs: Sequence[Job], at_once: int, *, wait: bool = False) -> list[float]:
        slots = asyncio.Semaphore(at_once)

        async def one(job: Job) -> float:
            async with slots:
                began = time.perf_counter()
                await self._send(kind, job)
                if wait:
                    handle = self.client.get_workflow_handle(workflow_id(*job), result_type=Receipt)
                    receipt = await patiently(handle.result)
                    assert receipt.phase is Phase.CLOSED, receipt
                return time.perf_counter() - began

        return await asyncio.gather(*(one(job) for job in jobs))

    async def _send(self, kind: str, job: Job) -> None:
        body = {"customerId": job[0], "systemId": job[1], "userId": "1", "eventType": kind}
        headers = {"Authorization": basic(f"icims-{job[0]}", f"webhook-secret-{job[0]}")}
        async with self.http.post("/webhooks/icims", json=body, headers=headers, allow_redirects=False) as reply:
            # 303 leads iCIMS's user to the job's page.
            assert reply.status in {200, 303}, await reply.text()


async def measure(workers: int, counts: Sequence[int]) -> list[Point]:
    """Run the stack with so many workers, and look at it with ever more open lifecycles."""
    async with AsyncExitStack() as stack:
        urls, sandbox = await stack.enter_async_context(running_sandbox_process())
        port, listen = free_port(), free_port()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        command = server_command(port, database=folder / "temporal.db")
        address, server = await stack.enter_async_context(running_server(command, port))
        client = await client_of(address)
        control = await stack.enter_async_context(
            httpx.AsyncClient(base_url=urls["control"], trust_env=False, timeout=60)
        )
        settings = await configured(urls, control, folder, listen=f"{HOST}:{listen}")
        env = {"BOARDSYNC_CONFIG": str(folder / "boardsync.toml"), "TEMPORAL_ADDRESS": address, "PYTHONPATH": "."}
        gateway = await spawn(python("-m", "webhook_gateway"), env={**env, "BOARDSYNC_LOG_LEVEL": "ERROR"})
        stack.push_async_callback(end, gateway)
        http = await stack.enter_async_context(aiohttp.ClientSession(f"http://{HOST}:{listen}"))
        running = Stack(client, settings, control, http)
        running.gateway, running.server, running.boards = gateway.pid, server.pid, sandbox.pid
        await _ready(http)
        try:
            await _start(running, workers, address, folder)
            return [await _point(running, workers, count, address, folder) for count in counts]
        finally:
            await _stop(running, signal.SIGTERM)


async def _point(running: Stack, workers: int, count: int, address: str, folder: Path) -> Point:
    posts = await running.open(count + 2 * LOOKS + BURST)
    worker_mb = max(memory(each.pid) for each in running.workers) / 1e6
    gateway_mb, server_mb = memory(running.gateway) / 1e6, memory(running.server) / 1e6
    took = await running.unpost(LOOKS, FEW)
    watch = Watch(
        {SERVER: running.server, BOARDS: running.boards} | {str(each.pid): each.pid for each in running.workers}
    )
    began = time.perf_counter()
    await running.unpost(BURST, BURST)
    rate = BURST / (time.perf_counter() - began)
    used = watch.lap()
    engine, boards = used[SERVER], used[BOARDS]
    began = time.perf_counter()
    await _stop(running, signal.SIGKILL)
    await _start(running, workers, address, folder)
    first = await running.unpost(1, 1)
    cold_first = time.perf_counter() - began
    cold = await running.unpost(LOOKS - 1, FEW)
    return Point(
        workers=workers,
        open=count,
        posts_a_second=posts,
        closes_a_second=rate,
        unpost_p50=_share(took, 0.5),
        unpost_p95=_share(took, 0.95),
        cold_first=cold_first,
        cold_p95=_share(sorted([*first, *cold]), 0.95),
        worker_mb=worker_mb,
        gateway_mb=gateway_mb,
        server_mb=server_mb,
        engine_share=engine / (sum(used.values()) - boards),
    )


async def _start(running: Stack, workers: int, address: str, folder: Path) -> None:
    running.workers = [await start_worker(address, folder / "boardsync.toml") for _ in range(workers)]


async def _stop(running: Stack, number: signal.Signals) -> None:
    for worker in running.workers:
        await end(worker, number=number)


async def _ready(http: aiohttp.ClientSession) -> None:
    while True:
        with suppress(aiohttp.ClientConnectorError):
            async with http.get("/healthz") as reply:
                return reply.raise_for_status()
        await asyncio.sleep(0.2)


def _share(ascending: Sequence[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


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
        "engine",
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
            f"{each.engine_share:.0%}",
        )
    Console().print(table)


def benchmark(
    counts: Annotated[str, typer.Option("--open", help="Open lifecycles, ascending.")] = "1000,3000,10000",
    workers: Annotated[str, typer.Option(help="Worker processes, one run for each.")] = "1,2",
    into: Annotated[Path | None, typer.Option(help="Keep the figures here, as JSON.")] = None,
) -> None:
    """Measure with ever more open lifecycles, and print."""
    points: list[Point] = []
    for each in map(int, workers.split(",")):
        points += asyncio.run(measure(each, sorted(map(int, counts.split(",")))))
        show(points)
        if into is not None:
            into.write_text(json.dumps([asdict(point) for point in points], indent=1) + "\n")


if __name__ == "__main__":
    typer.run(benchmark)
