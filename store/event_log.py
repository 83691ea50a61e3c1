"""The event log's writer: takes an event at once, writes later, drops and counts what the store could not take."""

import asyncio
import contextlib
import logging
from collections import deque
from datetime import datetime
from types import TracebackType

from store import types
from store.errors import StoreUnavailable
from store.events import Events, LoggedEvent, Replay
from store.types import Clock

_LOG = logging.getLogger(__name__)

AT_ONCE = 200
"""Rows in one transaction."""

EVENTS = 10_000
"""Events that wait in memory while the store is away; what comes then is dropped."""

BYTES = 16 * 1024 * 1024
"""Bytes of bodies that wait with them: an event beyond is kept without what its replay needs."""

GATHERED = 0.25
"""Seconds in which events gather before they are written: each commit costs the disk, and other writers, time."""

PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds between tries while the store is away; the last one again and again."""


class EventLog:
    """Writes events in the background. `put` never waits and never fails."""

    def __init__(
        self, events: Events, *, capacity: int = EVENTS, pauses: tuple[float, ...] = PAUSES, clock: Clock = types.now
    ) -> None:
        """Take the log; `async with` starts the writer."""
        self._events = events
        self._capacity = capacity
        self._pauses = pauses
        self._clock = clock
        self._waiting: deque[tuple[LoggedEvent, Replay | None]] = deque()
        self._bytes = 0
        self._more = asyncio.Event()
        self._gap: tuple[datetime, datetime, int] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._closing = False
        self.written = 0
        self.dropped = 0
        self.unavailable: StoreUnavailable | None = None
        """Why nothing is written at present."""

    @property
    def waiting(self) -> int:
        """How many events are not written yet."""
        return len(self._waiting)

    def put(self, event: LoggedEvent, replay: Replay | None = None) -> None:
        """Take an event; without a place for it, count it."""
        if len(self._waiting) >= self._capacity:
            self.dropped += 1
            since, _, count = self._gap or (event.at, event.at, 0)
            self._gap = (min(since, event.at), max(since, event.at), count + 1)
            return
        if replay is not None and self._bytes + len(replay.body) > BYTES:
            replay = None
        self._bytes += 0 if replay is None else len(replay.body)
        self._waiting.append((event, replay))
        self._more.set()

    async def __aenter__(self) -> "EventLog":
        """Start the writer."""
        self._writer = asyncio.create_task(self._run(), name="event log")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what waits, for one try, and stop the writer."""
        self._closing = True
        self._more.set()
        if self._writer is not None:
            await self._writer

    async def _run(self) -> None:
        tries = 0
        while True:
            if not self._waiting and self._gap is None:
                if self._closing:
                    return
                self._more.clear()
                await self._more.wait()
                await self._pause(GATHERED)
                continue
            try:
                await self._write()
            except StoreUnavailable as error:
                self.unavailable = error
                if self._closing:
                    return
                await self._pause(self._pauses[min(tries, len(self._pauses) - 1)])
                tries += 1
            else:
                self.unavailable, tries = None, 0

    async def _pause(self, seconds: float) -> None:
        """Wait for so long, or until the end."""
        until = asyncio.get_running_loop().time() + seconds
        while not self._closing and (left := until - asyncio.get_running_loop().time()) > 0:
            self._more.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), left)

    async def _write(self) -> None:
        batch = [self._waiting[at] for at in range(min(AT_ONCE, len(self._waiting)))]
        try:
            await self._events.add(batch)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the gateway goes on
            # One event that cannot be written must not keep all later ones out.
            _LOG.exception("%d events could not be written to the event log and were left out", len(batch))
            self.dropped += len(batch)
            self.written -= len(batch)
        for _, replay in batch:
            self._waiting.popleft()
            self._bytes -= 0 if replay is None else len(replay.body)
        self.written += len(batch)
        if self._gap is not None:
            since, until, count = self._gap
            await self._events.note_gap("events", since, until, count)
            left = self._gap[2] - count
            self._gap = None if left == 0 else (until, self._gap[1], left)
