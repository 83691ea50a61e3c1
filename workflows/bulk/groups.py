"""The jobs of a run: taken up in small groups, side by side, and then awaited until each is proven."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from temporalio import workflow

from workflows.bulk.run import BulkRun, Stopping


class Keyed(Protocol):
    """A job of a run."""

    @property
    def key(self) -> str:
        """Tell it from the others."""


Item = TypeVar("Item")
Job = TypeVar("Job", bound=Keyed)
Awaited = TypeVar("Awaited", bound=Keyed)


class Groups(ABC, Generic[Job, Awaited]):
    """Jobs that are to be done, and those that were asked for and are not proven yet."""

    group: int
    """Jobs in a group: a pause or a crash concerns no more than these."""
    streams: int
    """Groups that are taken up side by side."""

    def __init__(self, run: BulkRun) -> None:
        """Begin with no job."""
        self._run = run
        self._to_do: deque[tuple[Job, ...]] = deque()
        self._in_hand: dict[str, Job] = {}
        self._awaited: dict[str, Awaited] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @abstractmethod
    async def _take_up(self, group: tuple[Job, ...]) -> None:
        """Do a group of jobs, and have those awaited that were asked for.

        Raises Stopping where nothing was begun.
        """

    @abstractmethod
    async def _watch(self, awaited: Sequence[Awaited]) -> None:
        """Take note of one or more of these jobs, by `_settle`.

        Raises Stopping.
        """

    # --- what a run does with it ----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin."""
        self._tasks += [asyncio.create_task(self._stream()) for _ in range(self.streams)]

    def add(self, jobs: Iterable[Job]) -> None:
        """Have jobs done."""
        self._to_do += grouped(list(jobs), self.group)

    def wait_for(self, jobs: Iterable[Awaited]) -> None:
        """Have jobs watched until they are proven."""
        for group in grouped(list(jobs), self.group):
            self._awaited |= {each.key: each for each in group}
            self._tasks.append(asyncio.create_task(self._until_settled([each.key for each in group])))

    def has(self, key: str) -> bool:
        """Return whether a job is under way."""
        return key in self._in_hand or key in self._awaited or any(key == each.key for each in self.to_do)

    @property
    def to_do(self) -> tuple[Job, ...]:
        """Return the jobs with which nothing was begun."""
        return tuple(each for group in self._to_do for each in group)

    @property
    def in_hand(self) -> tuple[Job, ...]:
        """Return the jobs that are being done."""
        return tuple(self._in_hand.values())

    @property
    def awaited(self) -> tuple[Awaited, ...]:
        """Return the jobs that are not proven yet."""
        return tuple(self._awaited.values())

    @property
    def busy(self) -> bool:
        """Return whether any job is not done."""
        return bool(self._to_do or self._in_hand or self._awaited)

    @property
    def hungry(self) -> bool:
        """Return whether a stream will soon be without work."""
        return len(self._to_do) < self.streams

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait, unless the history has grown long.

        Raises Stopping, and what a task died of: a bug must show, not hang.
        """
        suggested = workflow.info().is_continue_as_new_suggested
        await workflow.wait_condition(lambda: condition() or suggested() or self._broken())
        for task in self._tasks:
            if task.done():
                task.result()
        self._tasks = [task for task in self._tasks if not task.done()]
        if suggested():
            self._run.stopping = True
            raise Stopping

    async def stop(self) -> None:
        """Let what is in hand finish and call off the watching: the run is stopping."""
        for task in self._tasks:
            await task

    # --- the tasks ------------------------------------------------------------------------------------------

    async def _stream(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._to_do) or self._run.stopping)
            if self._run.stopping:
                return
            if not self._to_do:
                # All streams wake at once, and another one was quicker.
                continue
            group = self._to_do.popleft()
            self._in_hand |= {each.key: each for each in group}
            try:
                await self._take_up(group)
            except Stopping:
                self._to_do.appendleft(group)
                return
            finally:
                for each in group:
                    del self._in_hand[each.key]
                self._run.publish()

    async def _until_settled(self, keys: Sequence[str]) -> None:
        while left := [self._awaited[key] for key in keys if key in self._awaited]:
            try:
                await self._watch(left)
            except Stopping:
                return
            self._run.publish()

    def _settle(self, key: str) -> Awaited:
        return self._awaited.pop(key)

    def _broken(self) -> bool:
        return any(task.done() and task.exception() is not None for task in self._tasks)


def grouped(items: Sequence[Item], size: int) -> list[tuple[Item, ...]]:
    """Take apart what is too much at once."""
    return [tuple(items[at : at + size]) for at in range(0, len(items), size)]
