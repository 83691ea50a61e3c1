"""Workers: in the test's own process, and as processes to be killed."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker, WorkflowRunner

from activities.providers import Providers, open_http
from activities.stored import Stored
from boardsync.local.processes import python
from clients.rate_limit import SharedOut, alone
from config.settings import Settings
from models.temporal import Queue
from tests.support.processes import spawn
from worker import STEPS, UNSANDBOXED, create_workers

READING: set[asyncio.Task[bytes]] = set()
GRACE = timedelta(seconds=1)
"""A call at a simulated board takes milliseconds; what a test left waiting there is called off."""


@asynccontextmanager
async def running_workers(
    client: Client,
    settings: Settings,
    queues: Sequence[Queue] = tuple(Queue),
    *,
    runner: WorkflowRunner = UNSANDBOXED,
    shared_out: SharedOut = alone,
    tells: bool = False,
    build: str | None = None,
    steps: int = STEPS,
    grace: timedelta = GRACE,
) -> AsyncIterator[Providers]:
    """Run workers on all queues, or on those named, for the length of a block.

    `tells` has open lifecycles follow these settings, and those that their providers take up; so many `steps` of
    lifecycles are under way at once. What is under way at the end has `grace` to end by itself.
    """
    async with AsyncExitStack() as stack:
        http, stored = await stack.enter_async_context(open_http()), await stack.enter_async_context(Stored(settings))
        await stored.prepared()
        providers = Providers(settings, http, shared_out, stored=stored)
        workers = create_workers(
            client,
            providers,
            queues,
            workflow_runner=runner,
            grace=grace,
            tells=tells,
            build=build,
            steps=steps,
        )
        for worker in workers:
            _wait_for_workflow_tasks(worker)
            await stack.enter_async_context(worker)
        try:
            yield providers
        finally:
            # All at once: one after the other, each would take its own time to end its polls.
            await asyncio.gather(*(worker.shutdown() for worker in workers))


def _wait_for_workflow_tasks(worker: Worker) -> None:
    """Call no workflow task a deadlock: the SDK breaks off one that lasts two seconds, on a busy machine wrongly.

    Only its debug mode ends that, which relaxes its sandbox too. What never ends meets pytest's timeout.
    """
    if worker._workflow_worker is not None:
        worker._workflow_worker._deadlock_timeout_seconds = None


async def start_worker(address: str, config: Path, *program: str) -> Process:
    """Start a worker process, ours or that of another program, and wait until it works."""
    env = {"BOARDSYNC_CONFIG": str(config), "TEMPORAL_ADDRESS": address, "PYTHONPATH": "."}
    process = await spawn(python(*(program or ("worker.py",))), env=env, stderr=PIPE)
    if process.stderr is None:
        raise RuntimeError("started without a pipe")
    while b"working on" not in (line := await process.stderr.readline()):
        assert line, f"the worker ended with code {await process.wait()}"
    # A pipe that nobody reads fills up: the worker would stand still, and its end would not be seen.
    reading = asyncio.create_task(process.stderr.read())
    READING.add(reading)
    reading.add_done_callback(READING.discard)
    return process
