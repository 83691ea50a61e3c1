"""The whole product as processes of its own: gateway, workers, Temporal's server, simulated boards without limits."""

import asyncio
import math
import os
import signal
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from benchmarks.cpu import Watch, busy
from benchmarks.patience import patiently
from benchmarks.peer import BOARDS, SERVER, Job, configured
from boardsync.local.processes import python
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Receipt
from models.states import Phase
from models.temporal import Queue
from tests.support.boards import Boards
from tests.support.gateway import basic
from tests.support.processes import HOST, end, free_port, running_sandbox_process, spawn
from tests.support.temporal import client_of, running_server, server_command
from tests.support.workers import start_worker

IN_MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108 -- a folder of its own is made
"""Where the files lie if it is there: a disk that others use too would be measured instead."""
DATABASE, CONFIG = "temporal.db", "boardsync.toml"
WORKERS, GATEWAY, DRIVER = "workers", "gateway", "driver"
"""The driver is this program: it sends the events and waits for the receipts."""
WAITS = 400
"""For receipts at a time: Temporal lets a namespace have 1,200 long polls, those of its workers among them."""
POSTED, UNPOSTED = "JobPostToWebEvent", "JobUnpostToWebEvent"


class Stack:
    """The running processes, and what iCIMS would send them."""

    def __init__(
        self, client: Client, settings: Settings, control: httpx.AsyncClient, http: aiohttp.ClientSession, folder: Path
    ) -> None:
        """Take what runs already; workers are started with `start`."""
        self.client, self.settings, self.control, self.http, self.folder = client, settings, control, http, folder
        self.boards = Boards(control)
        self.workers: list[Process] = []
        self.ids: dict[str, int] = {}
        self._waits = asyncio.Semaphore(WAITS)

    @property
    def database_bytes(self) -> int:
        """Return how large Temporal's own file is."""
        return sum(each.stat().st_size for each in self.folder.glob(f"{DATABASE}*"))

    async def start(self, workers: int) -> None:
        """Start so many workers, which have nothing in their caches."""
        address = self.client.service_client.config.target_host
        self.workers = [await start_worker(address, self.folder / CONFIG) for _ in range(workers)]

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End all workers."""
        for worker in self.workers:
            await end(worker, number=number)

    async def send(self, kind: str, job: Job) -> None:
        """Send an event of iCIMS to the gateway."""
        body = {"customerId": job[0], "systemId": job[1], "userId": "1", "eventType": kind}
        headers = {"Authorization": basic(f"icims-{job[0]}", f"webhook-secret-{job[0]}")}
        async with self.http.post("/webhooks/icims", json=body, headers=headers, allow_redirects=False) as reply:
            # 303 leads iCIMS's user to the job's page.
            assert reply.status in {200, 303}, await reply.text()

    async def closed(self, job: Job) -> None:
        """Wait until a job is off its boards."""
        async with self._waits:
            receipt = await self._receipt(job)
        assert receipt.phase is Phase.CLOSED, receipt

    async def _receipt(self, job: Job) -> Receipt:
        handle = self.client.get_workflow_handle(workflow_id(*job), result_type=Receipt)
        while True:
            try:
                return await patiently(handle.result)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            # The gateway's inbox has the event, as Temporal did not take it soon.
            await asyncio.sleep(0.5)

    async def send_each(self, kind: str, jobs: Sequence[Job], *, at_once: int, wait: bool = False) -> list[float]:
        """Send events, so many at once; return the seconds of each, ascending, with `wait` to the receipt."""
        slots = asyncio.Semaphore(at_once)

        async def one(job: Job) -> float:
            async with slots:
                began = perf_counter()
                await self.send(kind, job)
                if wait:
                    await self.closed(job)
                return perf_counter() - began

        return sorted(await asyncio.gather(*map(one, jobs)))

    async def count(self, query: str) -> int:
        """Return how many workflows a visibility query finds."""
        return (await patiently(lambda: self.client.count_workflows(query))).count

    async def until(self, query: str, count: int) -> None:
        """Wait until it finds so many."""
        while await self.count(query) < count:  # noqa: ASYNC110 -- the server is asked, which sets no event
            await asyncio.sleep(0.5)

    async def until_taken_up(self) -> None:
        """Wait until no lifecycle waits for a worker."""
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=TaskQueue(name=Queue.JOB_POSTINGS.value),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            report_stats=True,
        )
        while True:
            seen = await patiently(lambda: self.client.workflow_service.describe_task_queue(request))
            if not seen.stats.approximate_backlog_count:
                return
            await asyncio.sleep(0.5)


class Programs:
    """The CPU of all that runs; what was used by none of it was used by others."""

    def __init__(self, running: Stack) -> None:
        """Begin now."""
        self._workers = [str(each.pid) for each in running.workers]
        self._watch = Watch({each: int(each) for each in self._workers} | running.ids | {DRIVER: os.getpid()})
        self._busy, self._at = busy(), perf_counter()
        self.others = 0.0
        """Cores that programs of others used in the last lap, on average: the machine was not ours alone."""

    def lap(self, jobs: int) -> dict[str, float]:
        """Return the milliseconds that each program has used for each of so many jobs since the last lap."""
        used = self._watch.lap()
        before, self._busy = self._busy, busy()
        began, self._at = self._at, perf_counter()
        self.others = max(0.0, (self._busy - before - sum(used.values())) / (self._at - began))
        workers = sum(used.pop(each) for each in self._workers)
        return {name: 1000 * each / jobs for name, each in {WORKERS: workers, **used}.items()}


@asynccontextmanager
async def running_stack(
    workers: int, change: Callable[[dict[str, Any]], None] = lambda raw: None
) -> AsyncIterator[Stack]:
    """Run everything, with so many workers and a configuration that was changed, for the length of a block."""
    async with AsyncExitStack() as stack:
        urls, sandbox = await stack.enter_async_context(running_sandbox_process())
        port, listen = free_port(), free_port()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=IN_MEMORY)))
        command = server_command(port, database=folder / DATABASE)
        address, server = await stack.enter_async_context(running_server(command, port))
        client = await client_of(address)
        control = await stack.enter_async_context(
            httpx.AsyncClient(base_url=urls["control"], trust_env=False, timeout=60)
        )
        settings = await configured(urls, control, folder, listen=f"{HOST}:{listen}", change=change)
        env = {"BOARDSYNC_CONFIG": str(folder / CONFIG), "TEMPORAL_ADDRESS": address, "PYTHONPATH": "."}
        gateway = await spawn(python("-m", "webhook_gateway"), env={**env, "BOARDSYNC_LOG_LEVEL": "ERROR"})
        stack.push_async_callback(end, gateway)
        http = await stack.enter_async_context(aiohttp.ClientSession(f"http://{HOST}:{listen}"))
        running = Stack(client, settings, control, http, folder)
        running.ids = {SERVER: server.pid, BOARDS: sandbox.pid, GATEWAY: gateway.pid}
        await _ready(http)
        try:
            await running.start(workers)
            yield running
        finally:
            await running.stop()


async def _ready(http: aiohttp.ClientSession) -> None:
    while True:
        with suppress(aiohttp.ClientConnectorError):
            async with http.get("/healthz") as reply:
                return reply.raise_for_status()
        await asyncio.sleep(0.2)


def share(ascending: Sequence[float], part: float) -> float:
    """Return the value below which so large a part of them lies."""
    return ascending[min(len(ascending) - 1, math.floor(part * len(ascending)))]
