"""Child processes: started, watched, restarted when they die, stopped in reverse order."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

READY_WITHIN = 60.0
STOP_WITHIN = 22.0
"""Seconds: a worker finishes what is under way within 20."""
LONGEST_RESTART_WAIT = 10.0

LogLine = Callable[[str, str], None]
"""Takes a child's name and a line that it printed."""


class ChildFailed(Exception):  # noqa: N818 -- told to the user as it is
    """A child did not become ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process to run, and how to tell that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]]


class Supervisor:
    """Run children; one that dies is started again, sooner or later by how often it died."""

    def __init__(self, log: LogLine) -> None:
        """Run nothing yet."""
        self._log = log
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._watchers: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self, child: Child) -> None:
        """Start a child and wait until it is ready.

        Raises ChildFailed where it dies or does not answer in time.
        """
        self._running[child.name] = await self._spawn(child)
        self._watchers.append(asyncio.create_task(self._watch(child)))
        loop = asyncio.get_running_loop()
        give_up = loop.time() + READY_WITHIN
        while not await child.ready():
            if self._running[child.name].returncode is not None:
                raise ChildFailed(f"{child.name} ended at once: see its last lines above")
            if loop.time() > give_up:
                raise ChildFailed(f"{child.name} did not become ready within {READY_WITHIN:.0f} s")
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop all, the last started first; kill what does not end in time."""
        self._stopping = True
        for name in reversed(self._running):
            await _end(self._running[name])
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)

    def process_id(self, name: str) -> int:
        """Return the process id of a running child."""
        return self._running[name].pid

    async def _spawn(self, child: Child) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *child.command,
            env={**os.environ, **child.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C must reach this process only, which stops the children in order.
            start_new_session=True,
        )

    async def _watch(self, child: Child) -> None:
        wait = 0.5
        while True:
            process = self._running[child.name]
            await self._pump(child.name, process)
            code = await process.wait()
            if self._stopping:
                return
            self._log(child.name, f"ended with code {code}; starting it again in {wait:g} s")
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_RESTART_WAIT)
            self._running[child.name] = await self._spawn(child)

    async def _pump(self, name: str, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            raise RuntimeError("started without a pipe")
        # readline() would stop at a line longer than its buffer.
        pending = b""
        while chunk := await process.stdout.read(64 * 1024):
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                self._log(name, line.decode("utf-8", "replace").rstrip())
        if pending:
            self._log(name, pending.decode("utf-8", "replace").rstrip())


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def python(*arguments: str) -> list[str]:
    """Return the command that runs this interpreter, its output unbuffered."""
    return [sys.executable, "-u", *arguments]
