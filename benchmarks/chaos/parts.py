"""The processes of a run: started, killed, stopped and continued, and started again where they end by themselves."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.processes import spawn

LOOK_EVERY = 0.3
STARTED_AGAIN_AFTER = 0.5
STOP_WITHIN = 25.0
CANNOT_START = 2
"""The exit code of a process of ours that finds Temporal away, or its configuration wrong, as it starts."""


@dataclass
class Part:
    """A process with a name, and how to start it."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    ours: bool = True
    """Whether it is a part of Boardsync: it may never end by itself."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One fault at a time."""
    down: bool = True
    """It is not to run now."""
    process: Process | None = None

    async def start(self) -> None:
        """Start it; it writes into its log."""
        with self.log.open("ab") as log:
            self.process = await spawn(self.command, env=self.environment, stdout=log.fileno(), stderr=log.fileno())
        self.down = False

    async def kill(self) -> None:
        """Kill it, and what it has started."""
        self.down = True
        if self.process is not None:
            self.send(signal.SIGKILL)
            await self.process.wait()

    async def stop(self) -> None:
        """End it in peace; kill what does not end."""
        self.down = True
        if self.process is None or self.process.returncode is not None:
            return
        self.send(signal.SIGCONT)
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_WITHIN)
        except TimeoutError:
            await self.kill()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and to everything that it has started."""
        if self.process is None or self.process.returncode is not None:
            return
        for pid in (self.process.pid, *descendants(self.process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def ended(self) -> int | None:
        """Return its exit code where it has ended though it is to run."""
        return None if self.down or self.process is None else self.process.returncode


class Parts:
    """All parts, kept running as a service manager does."""

    def __init__(self) -> None:
        """Have none."""
        self._parts: dict[str, Part] = {}
        self.ended_by_itself: list[str] = []
        """Parts of ours that ended though nobody had killed them, with their exit codes."""

    def __getitem__(self, name: str) -> Part:
        """Return a part by its name."""
        return self._parts[name]

    def add(self, part: Part) -> Part:
        """Take a part in."""
        self._parts[part.name] = part
        return part

    async def keep_up(self) -> None:
        """Start again what has ended by itself, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for part in self._parts.values():
                code = part.ended
                if code is None:
                    continue
                if part.ours and code != CANNOT_START:
                    self.ended_by_itself.append(f"{part.name}: code {code} at {time.time():.0f}")
                await asyncio.sleep(STARTED_AGAIN_AFTER)
                async with part.lock:
                    if part.ended is not None:
                        await part.start()

    async def stop(self) -> None:
        """End all, the last one first."""
        for part in reversed(self._parts.values()):
            await part.stop()


def descendants(pid: int) -> list[int]:
    """Return the processes that a process and its children have started; none where `/proc` does not tell."""
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, listed.read_text(encoding="ascii").split()):
                found += [child, *descendants(child)]
    return found
