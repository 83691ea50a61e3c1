"""Hand on what the inbox holds: in order of receipt for each job, as soon as Temporal takes it, by one gateway only."""

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter, Gauge

from runtime.logs import Seldom
from store.errors import StoreUnavailable
from store.events import Events
from store.inbox import Backlog, Inbox, Waiting
from webhook_gateway.dispatch import TemporalUnavailable
from webhook_gateway.handover import Door, NotDeliverable

LOOK_EVERY = 1.0
"""Seconds between two looks into the inbox."""
READY_WITHIN = 0.2
AWAY_PAUSES = (1.0, 1.0, 2.0, 3.0, 5.0)
"""Seconds between tries while Temporal is away; each is one event."""
AT_ONCE = 200
"""Events that are taken from the inbox at a time."""
SIDE_BY_SIDE = 16
"""Jobs whose events are handed on at the same time."""
LEASE = timedelta(seconds=30)
TRY_FOR = LEASE.total_seconds() / 2
"""Seconds of the lease in which a try may begin: the longest one, and clocks that differ, fit into the rest."""
LATER_BY = (5.0, 30.0, 120.0, 600.0)
"""Seconds until an event is tried again that Temporal refuses for itself."""
TIDY_EVERY = 3600.0
REMEMBERED = timedelta(days=1)
"""How long an event is known after it was handed on, so that its repeat is."""

logger = logging.getLogger(__name__)

WAITING = Gauge("boardsync_inbox_waiting", "Events that wait in the inbox until Temporal takes them")
OLDEST = Gauge("boardsync_inbox_oldest_seconds", "How long the oldest event has waited in the inbox")
DELIVERED = Counter("boardsync_inbox_delivered", "Events that were handed on from the inbox", ("kind",))
NOT_USED = Counter("boardsync_inbox_failures", "Times that the inbox could not be read or written")


class Delivery:
    """Deliver until it is stopped; nothing that happens to it harms the gateway."""

    def __init__(self, door: Door, inbox: Inbox, events: Events) -> None:
        """Take events from this inbox through the door; keep the event log within its bounds, too."""
        self._door, self._inbox, self._events = door, inbox, events
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{id(self):x}"
        self._stop = asyncio.Event()
        self._seldom = Seldom(logger)
        self._done: list[int] = []
        """Handed on, and not marked so yet."""
        self._given_back: dict[tuple[str, datetime | None], list[int]] = {}
        self._failed = False
        """Temporal is away: nothing more is begun in this round."""
        self._tries_away = 0
        self._tidy_at = 0.0

    def stop(self) -> None:
        """Begin nothing new."""
        self._stop.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Look into the inbox again and again, once the store is ready and until this is stopped."""
        while not self._stop.is_set():
            try:
                pause = await self.round() if ready.is_set() else READY_WITHIN
            except StoreUnavailable as error:
                NOT_USED.inc()
                self._seldom.warning("inbox", "the inbox is not used: %s", error)
                pause = AWAY_PAUSES[-1]
            except Exception:
                logger.exception("the inbox could not be looked at")
                pause = AWAY_PAUSES[-1]
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)

    async def round(self) -> float:
        """Deliver some of what waits; return the seconds until the next look.

        Raises StoreUnavailable.
        """
        await self._mark()
        await self._tidy()
        backlog = await self._inbox.backlog()
        self._show(backlog)
        if not backlog.count:
            self._door.away, self._tries_away = False, 0
            return LOOK_EVERY
        taken = await self._inbox.claim(self._owner, limit=1 if self._door.away else AT_ONCE, lease=LEASE)
        await self._deliver(taken)
        await self._mark()
        if self._door.away:
            self._tries_away += 1
            return AWAY_PAUSES[min(self._tries_away, len(AWAY_PAUSES)) - 1]
        self._tries_away = 0
        return 0.0 if taken else LOOK_EVERY

    async def _deliver(self, taken: Sequence[Waiting]) -> None:
        until = asyncio.get_running_loop().time() + TRY_FOR
        jobs: dict[str, list[Waiting]] = {}
        for event in taken:
            jobs.setdefault(event.job_key, []).append(event)
        slots, self._failed = asyncio.Semaphore(SIDE_BY_SIDE), False
        await asyncio.gather(*(self._job(events, slots, until) for events in jobs.values()))

    async def _job(self, events: Sequence[Waiting], slots: asyncio.Semaphore, until: float) -> None:
        for at, event in enumerate(events):
            async with slots:
                late = asyncio.get_running_loop().time() > until
                if late or self._stop.is_set() or self._failed:
                    self._give_back(events[at:], "not tried")
                    return
                try:
                    result = await self._door.deliver(event)
                except TemporalUnavailable as error:
                    if not error.of_the_event:
                        self._failed = self._door.away = True
                    self._give_back(events[at:], str(error), tried=event if error.of_the_event else None)
                    return
                except NotDeliverable as error:
                    self._give_back(events[at:], str(error), tried=event)
                    return
                except Exception as error:
                    logger.exception("an event of the inbox could not be handed on: %s", event.job_key)
                    self._give_back(events[at:], type(error).__name__, tried=event)
                    return
            self._door.away = self._failed
            self._done.append(event.id)
            DELIVERED.labels(event.kind).inc()
            waited = (datetime.now(UTC) - event.received_at).total_seconds()
            logger.info("%s was handed on %.0f s after it came: %s", event.job_key, waited, result)

    def _give_back(self, events: Sequence[Waiting], error: str, *, tried: Waiting | None = None) -> None:
        """Let events be taken again: at once, or later where it is one of them that cannot be delivered."""
        again_at = None
        if tried is not None:
            later = LATER_BY[min(tried.attempts, len(LATER_BY)) - 1]
            again_at = datetime.now(UTC) + timedelta(seconds=later)
            self._seldom.warning("refused", "%s waits on in the inbox: %s", tried.job_key, error)
        self._given_back.setdefault((error, again_at), []).extend(event.id for event in events)

    async def _mark(self) -> None:
        """Write down what became of the events that were taken; what cannot be written now is, before any other is."""
        if self._done:
            await self._inbox.delivered(self._owner, *self._done)
            self._done = []
        while self._given_back:
            (error, again_at), ids = next(iter(self._given_back.items()))
            await self._inbox.give_back(self._owner, *ids, error=error, again_at=again_at)
            del self._given_back[error, again_at]

    async def _tidy(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._tidy_at:
            self._tidy_at = now + TIDY_EVERY
            await self._inbox.forget(REMEMBERED)
            await self._events.forget()

    def _show(self, backlog: Backlog) -> None:
        self._door.waiting = backlog.count
        WAITING.set(backlog.count)
        OLDEST.set(0.0 if backlog.oldest is None else (datetime.now(UTC) - backlog.oldest).total_seconds())
