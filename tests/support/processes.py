"""Child processes of tests."""

import asyncio
import itertools
import json
import os
import random
import signal
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

from boardsync.local.processes import python

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]
STOP_WITHIN = 20.0
STARTED: WeakSet[Process] = WeakSet()
_PORTS = itertools.cycle(random.SystemRandom().sample(range(15_000, 32_000), 17_000))
"""Below those that systems give to connections, from 32768 or 49152 on: a port that is free now is so later too."""


def free_port() -> int:
    """Return a port that is free now."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise AssertionError("there is no end to the ports")


async def spawn(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, stdout: int = DEVNULL, stderr: int | None = None
) -> Process:
    """Start a process in the project's folder, in a process group of its own."""
    with _interruptible():
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    STARTED.add(process)
    return process


@contextmanager
def _interruptible() -> Iterator[None]:
    """Have a child listen to SIGINT: tests that run in the background ignore it, and what they start would, too."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


async def end(process: Process, *, number: signal.Signals = signal.SIGTERM) -> int:
    """Stop a process group, by force where it does not end in time; return its exit code."""
    _signal(process, number)
    try:
        return await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        _signal(process, signal.SIGKILL)
        raise


def kill_all() -> None:
    """Kill every process that still runs."""
    for process in STARTED:
        _signal(process, signal.SIGKILL)


def _signal(process: Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


@asynccontextmanager
async def running(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, stdout: int = DEVNULL
) -> AsyncIterator[Process]:
    """Run a process for the length of a block."""
    process = await spawn(command, env=env, stdout=stdout)
    try:
        yield process
    finally:
        await end(process)


@asynccontextmanager
async def running_sandbox() -> AsyncIterator[dict[str, str]]:
    """Run the simulated boards on free ports; yield their addresses."""
    async with running_sandbox_process() as (urls, _):
        yield urls


@asynccontextmanager
async def running_sandbox_process() -> AsyncIterator[tuple[dict[str, str], Process]]:
    """Run the simulated boards on free ports; yield their addresses, and the process."""
    ports = [word for name in ("icims", "linkedin", "indeed", "control") for word in (f"--{name}-port", "0")]
    async with running(python("-m", "sandbox", "--host", HOST, "--quiet", *ports), stdout=PIPE) as process:
        if process.stdout is None:
            raise RuntimeError("started without a pipe")
        urls: dict[str, str] = json.loads(await process.stdout.readline())
        yield urls, process
