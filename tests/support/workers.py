"""Workers as processes, to be killed."""

from asyncio.subprocess import PIPE, Process
from pathlib import Path

from boardsync.local.processes import python
from tests.support.processes import spawn


async def start_worker(address: str, config: Path) -> Process:
    """Start a worker process and wait until it works."""
    env = {"BOARDSYNC_CONFIG": str(config), "TEMPORAL_ADDRESS": address, "PYTHONPATH": "."}
    process = await spawn(python("worker.py"), env=env, stderr=PIPE)
    assert process.stderr is not None
    while b"working on" not in (line := await process.stderr.readline()):
        assert line, f"the worker ended with code {await process.wait()}"
    return process
