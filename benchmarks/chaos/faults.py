"""Carry a plan out on a running stack, and note what was done and when."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from temporalio.service import RPCError

from benchmarks.chaos.evidence import Disturbance
from benchmarks.chaos.plan import BUILDS, Kind, Step
from benchmarks.chaos.stack import Stack
from runtime.deployments import promote, read_deployment

CLEARED_AFTER = 12
"""Faults of boards: those that hit nobody must not heap up."""


class Faults:
    """Do to a stack what a plan says."""

    def __init__(self, stack: Stack) -> None:
        """Take a running stack."""
        self._stack = stack
        self.done: list[Disturbance] = []
        self.boards: Counter[str] = Counter()
        """How often each board failed, was slow or lied, as the sandbox counted it."""
        self._armed = 0

    async def run(self, steps: Sequence[Step]) -> None:
        """Carry out a plan; on return each fault is over."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for step in steps:
                await asyncio.sleep(max(0.0, began + step.at - time.monotonic()))
                group.create_task(self._do(step))
        await self.heal()

    async def heal(self) -> None:
        """Bring everything back."""
        for disk in self._stack.disks.values():
            disk.empty()
        for line in self._stack.lines.values():
            await line.open()
        self._set_clock(0.0)
        await self._clear_boards()

    async def _do(self, step: Step) -> None:
        if step.fault is not None:
            await self._board(step)
            return
        began = time.time()
        match step.kind:
            case Kind.KILL | Kind.PAUSE:
                await self._process(step)
            case Kind.CUT | Kind.HANG | Kind.DELAY:
                await self._line(step)
            case Kind.FULL:
                await self._full(step)
            case Kind.CLOCK:
                self._set_clock(step.by)
                await asyncio.sleep(step.lasts)
                self._set_clock(0.0)
            case Kind.DEPLOY:
                await self._deploy()
        self.done.append(Disturbance(kind=step.kind.value, target=step.target, began=began, ended=time.time()))

    async def _board(self, step: Step) -> None:
        fault = dict(step.fault or {})
        self._armed += 1
        await self._stack.boards.fault(**fault)
        if self._armed % CLEARED_AFTER == 0:
            await self._clear_boards()

    async def _clear_boards(self) -> None:
        for fault in await self._stack.boards.faults():
            self.boards[f"{fault['provider']}: {fault['kind']}"] += fault["fired"]
        await self._stack.boards.clear_faults()

    async def _process(self, step: Step) -> None:
        part = self._stack.parts[step.target]
        async with part.lock:
            if step.kind is Kind.KILL:
                await part.kill()
                await asyncio.sleep(step.lasts)
                await part.start()
                return
            part.send(signal.SIGSTOP)
            try:
                await asyncio.sleep(step.lasts)
            finally:
                part.send(signal.SIGCONT)

    async def _line(self, step: Step) -> None:
        line = self._stack.lines[step.target]
        match step.kind:
            case Kind.CUT:
                line.refuse()
            case Kind.HANG:
                line.fall_silent()
            case _:
                line.be_slow(step.by)
        await asyncio.sleep(step.lasts)
        await line.open()

    async def _full(self, step: Step) -> None:
        disk = self._stack.disks[step.target]
        disk.fill()
        await asyncio.sleep(step.lasts)
        disk.empty()

    def _set_clock(self, by: float) -> None:
        if self._stack.clock is not None:
            self._stack.clock.write_text(f"{by:+.0f}\n", encoding="ascii")

    async def _deploy(self) -> None:
        """Make the other build current, as `boardsync deploy promote` and `rollback` do."""
        # Temporal may be away, or a worker: then the deploy fails, and nothing has changed.
        with suppress(RPCError):
            current = (await read_deployment(self._stack.client)).current
            other = next(build for build in BUILDS.values() if build != current)
            await promote(self._stack.client, other, missing_queues=True)
