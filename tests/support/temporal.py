"""A real Temporal dev server as a child process.

`WorkflowEnvironment.start_local` is not used: it ends the interpreter with SIGABRT every other time.
"""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from boardsync.local.stack import temporal_executable
from models.temporal import SEARCH_ATTRIBUTES, type_name
from runtime.connection import TemporalUnreachable, connect
from tests.support.processes import HOST, free_port, running

READY_WITHIN = 30.0
FAILS_AGAIN_AFTER = timedelta(seconds=2)
"""The timeout of a step of a workflow that is to fail: the SDK tells the server of the first failure only, and then has
it wait for an answer in vain, 10 s each time."""

SETTINGS = (
    "system.forceSearchAttributesCacheRefreshOnRead=true",
    # Else the server ends a stopping worker's polls, misses one that has just begun, and the worker waits 11 s for it.
    "frontend.enableCancelWorkerPollsOnShutdown=false",
    # A run is deleted only once both queues have noted that its end was told, which they do every half minute.
    'history.transferProcessorUpdateAckInterval="500ms"',
    'history.visibilityProcessorUpdateAckInterval="500ms"',
)


@asynccontextmanager
async def running_temporal(
    *,
    port: int | None = None,
    database: Path | None = None,
    dynamic_config: Sequence[str] = (),
    ui_port: int | None = None,
    provisioned: bool = True,
) -> AsyncIterator[str]:
    """Run a dev server; yield its address."""
    port = port or free_port()
    command = server_command(
        port, database=database, dynamic_config=dynamic_config, ui_port=ui_port, provisioned=provisioned
    )
    async with running_server(command, port) as (address, _):
        yield address


@asynccontextmanager
async def running_server(command: Sequence[str], port: int) -> AsyncIterator[tuple[str, Process]]:
    """Run a dev server by its command; yield its address, and the process."""
    async with running(command) as process:
        address = f"{HOST}:{port}"
        await client_of(address)
        yield address, process


def server_command(
    port: int,
    *,
    database: Path | None = None,
    dynamic_config: Sequence[str] = (),
    ui_port: int | None = None,
    provisioned: bool = True,
) -> list[str]:
    """Return the command that runs a dev server."""
    command = [temporal_executable(), "server", "start-dev", "--ip", HOST, "--port", str(port), "--log-level", "error"]
    command += ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
    command += ["--db-filename", str(database)] if database is not None else []
    for key in SEARCH_ATTRIBUTES if provisioned else ():
        command += ["--search-attribute", f"{key.name}={type_name(key)}"]
    for value in (*SETTINGS, *dynamic_config):
        command += ["--dynamic-config-value", value]
    return command


async def client_of(address: str) -> Client:
    """Connect as soon as the server answers."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + READY_WITHIN
    while True:
        try:
            client = await connect(address=address)
            await client.service_client.check_health()
        except (RPCError, TemporalUnreachable):
            if loop.time() > give_up:
                raise
            await asyncio.sleep(0.05)
        else:
            return client


async def end_all(client: Client) -> None:
    """Terminate what still runs: the workers of the next test would go on with it, on boards that are new."""
    running = [each async for each in client.list_workflows("ExecutionStatus = 'Running'")]
    await asyncio.gather(*(_end(client, each.id, each.run_id) for each in running))


async def _end(client: Client, workflow_id: str, run_id: str) -> None:
    try:
        await client.get_workflow_handle(workflow_id, run_id=run_id).terminate("the test has ended")
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:  # it has ended by itself
            raise
