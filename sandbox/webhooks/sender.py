"""Deliver events: at once or late, once or twice, again while they are refused; each try is recorded like a call.

Waits here are real time, also where a test moves the clock: a delivery goes on by itself.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.customers import Provider
from sandbox.records import Record

if TYPE_CHECKING:
    from sandbox.settings import WebhookSettings
    from sandbox.webhooks.surroundings import Surroundings

log = logging.getLogger("sandbox")

IsOpen = Callable[[], bool]
"""Tells whether the provider still sends to the address."""

_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell; ``forged`` are the headers of a sender who does not know the secret."""

    kind: str
    customer_id: str
    job_ids: tuple[str, ...]
    body: bytes
    headers: dict[str, str]
    forged: dict[str, str]
    mishaps: tuple[str, ...] = field(default=())


class Sender:
    """Send the events of one provider.

    ``is_taken`` says which HTTP status ends the tries, ``growth`` by how much the wait grows from one to the next.
    """

    def __init__(
        self, world: "Surroundings", provider: Provider, *, is_taken: Callable[[int], bool], growth: float = 1.0
    ) -> None:
        self._world = world
        self._provider: Provider = provider
        self._is_taken = is_taken
        self._growth = growth
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def pending(self) -> int:
        """Return how many deliveries and other tasks are under way."""
        return len(self._tasks)

    def send(self, url: str, settings: "WebhookSettings", event: Event, *, delay: float, is_open: IsOpen) -> None:
        """Deliver an event in the background, with the mishaps that the settings ask for."""
        self._count += 1
        if self._due(settings.webhook_lose_every):
            self.lose(event)
            return
        if self._due(settings.webhook_forge_every):
            event = replace(event, headers=event.forged, mishaps=(*event.mishaps, "forged"))
        if self._due(settings.webhook_late_every):
            event = replace(event, mishaps=(*event.mishaps, "late"))
            delay += settings.webhook_late_seconds
        self.start(self._deliver(url, settings, event, delay, is_open))
        if self._due(settings.webhook_duplicate_every):
            again = replace(event, mishaps=(*event.mishaps, "duplicate"))
            self.start(self._deliver(url, settings, again, delay, is_open))

    def lose(self, event: Event) -> None:
        """Record an event that nobody gets."""
        self.record(replace(event, mishaps=("lost",)), None)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something in the background until it ends or everything is stopped."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self) -> None:
        """Call off whatever is under way."""
        for task in self._tasks:
            task.cancel()

    def record(self, event: Event, status: int | None, *, operation: str = "webhook") -> None:
        """Record a try as a call is recorded."""
        records = self._world.records
        records.add(
            Record(
                n=records.next_number(),
                at=self._world.clock.time(),
                provider=self._provider,
                operation=operation,
                customer_id=event.customer_id or None,
                job_ids=event.job_ids,
                detail=event.kind,
                status=status,
                applied=False,
                throttled=False,
                fault=",".join(event.mishaps) or None,
                fields={},
                repeated={},
            )
        )
        shown = status or "no answer"
        log.info("%s.%s %s %s %s", self._provider, operation, event.kind, shown, ",".join(event.mishaps))

    def _due(self, every: int) -> bool:
        return every > 0 and self._count % every == 0

    async def _deliver(
        self, url: str, settings: "WebhookSettings", event: Event, delay: float, is_open: IsOpen
    ) -> None:
        await asyncio.sleep(delay)
        wait = settings.webhook_retry_seconds
        for attempt in range(settings.webhook_retries + 1):
            if attempt:
                await asyncio.sleep(wait)
                wait *= self._growth
            if not is_open():
                self.record(replace(event, mishaps=(*event.mishaps, "blocked")), None)
                return
            status = await _post(url, event)
            self.record(event, status)
            if status is not None and self._is_taken(status):
                return


async def _post(url: str, event: Event) -> int | None:
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as http,
            http.post(url, data=event.body, headers=event.headers, allow_redirects=False) as reply,
        ):
            await reply.read()
            return reply.status
    except (aiohttp.ClientError, TimeoutError):
        return None
