"""Servers that all tests of a process share: it is noticed when they die, and no later test waits for them in vain."""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
ANSWERS_WITHIN = 15.0
"""Seconds, on a machine that may be very busy."""


@dataclass
class Servers:
    """What runs, and what could not be started."""

    running: dict[str, tuple[Process, Callable[[], Awaitable[object]]]] = field(default_factory=dict)
    failed: str | None = None

    @asynccontextmanager
    async def shared(
        self,
        name: str,
        starting: AbstractAsyncContextManager[tuple[T, Process]],
        ask: Callable[[T], Awaitable[object]],
    ) -> AsyncIterator[T]:
        """Run a server for all tests; `ask` is a question that a sound one answers."""
        try:
            value, process = await starting.__aenter__()
        except BaseException as error:
            self.failed = f"{name} could not be started: {error!r}"
            raise
        self.running[name] = process, lambda: ask(value)
        try:
            yield value
        finally:
            del self.running[name]
            await starting.__aexit__(None, None, None)

    def broken(self, *, ask: bool) -> str | None:
        """Say which server has died, or where it is asked does not answer."""
        for name, (process, question) in self.running.items():
            if not _lives(process):
                return f"{name} has died, with code {process.returncode}"
            if ask and (silence := _silence(question)) is not None:
                return f"{name} does not answer: {silence!r}"
        return self.failed


def _lives(process: Process) -> bool:
    if process.returncode is not None:
        return False
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:  # reaped, which the event loop has not told its object yet
        return False
    return True


def _silence(question: Callable[[], Awaitable[object]]) -> BaseException | None:
    """Ask in a loop of its own: the tests' loop may be what is broken."""

    async def asked() -> None:
        async with asyncio.timeout(ANSWERS_WITHIN):
            await question()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asked()).exception()


SERVERS = Servers()
