"""Hand events to Temporal, or keep them in the inbox while it does not take them; either is durable."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from pydantic import ValidationError

from models.base import Model
from runtime.logs import Seldom
from store.errors import StoreUnavailable, within
from store.inbox import Inbox, Waiting
from webhook_gateway.dispatch import TemporalUnavailable
from webhook_gateway.metrics import KEPT, handing_over

WITHIN = 3.0
"""Seconds that Temporal has to take an event before it is kept."""
KEPT_WITHIN = 4.0
"""Seconds that the store has to keep it: with the other ones below the sender's patience, which is 10."""
LAST_TRY = 5.0
"""Seconds that Temporal has where it was away and the store does not keep the event either."""
ASKED_WITHIN = 1.0

logger = logging.getLogger(__name__)


class Handover(Model):
    """An event, verified and read: what Temporal needs of it, now or later; no secret, no candidate's id."""

    sender: ClassVar[str]
    kind: ClassVar[str]
    """Its name in the inbox: a later version must know it, too."""

    @property
    def received_at(self) -> datetime:
        """Return when the gateway received it."""
        raise NotImplementedError

    @property
    def job_key(self) -> str:
        """Return what its order is kept for."""
        raise NotImplementedError

    @property
    def repeat_key(self) -> str | None:
        """Return what tells the same event sent again; None where a repeat may mean something new."""
        return None


H = TypeVar("H", bound=Handover)


class NotDeliverable(Exception):  # noqa: N818 -- a state of one event, kept with it
    """An event of the inbox cannot be handed on as the configuration or this version stands."""


class Door:
    """The one way of every event into Temporal."""

    def __init__(self, inbox: Inbox | None) -> None:
        """Keep in this inbox what Temporal does not take; without one nothing is kept."""
        self._inbox = inbox
        self._ways: dict[str, tuple[type[Handover], Callable[[Any], Awaitable[str]]]] = {}
        self._seldom = Seldom(logger)
        self.away = False
        """Temporal did not take the last event: what comes is kept at once, until one is delivered."""
        self.waiting = 0
        """How many events waited in the inbox when it was looked at last."""

    def opens_for(self, kind: type[H], deliver: Callable[[H], Awaitable[str]]) -> None:
        """Say how events of a kind are given to Temporal: what became of one is returned, or an error raised."""
        self._ways[kind.kind] = (kind, deliver)

    async def hand_over(self, what: Handover) -> str:
        """Return what became of an event, or KEPT, once Temporal or the inbox has it durably.

        Raises TemporalUnavailable where neither takes it.
        """
        if self._inbox is None:
            return await self._now(what)
        if self.away or await self._others_wait(what):
            if await self._keep(self._inbox, what):
                return KEPT
            return await self._last_try(what)
        return await self._now_or_later(self._inbox, what)

    async def deliver(self, waiting: Waiting) -> str:
        """Hand on an event of the inbox; return what became of it.

        Raises TemporalUnavailable and NotDeliverable.
        """
        kind, way = self._ways.get(waiting.kind, (None, None))
        if kind is None or way is None:
            raise NotDeliverable(f"this version does not know the kind {waiting.kind}")
        try:
            what = kind.model_validate_json(waiting.payload)
        except ValidationError as error:
            raise NotDeliverable(f"this version cannot read it: {error.error_count()} fields") from None
        return await way(what)

    async def _now_or_later(self, inbox: Inbox, what: Handover) -> str:
        trying = asyncio.create_task(self._now(what))
        trying.add_done_callback(_retrieve)
        try:
            await asyncio.wait({trying}, timeout=WITHIN)
            error = trying.exception() if trying.done() else None
            if trying.done() and not isinstance(error, TemporalUnavailable):
                return trying.result()
            if not isinstance(error, TemporalUnavailable) or not error.of_the_event:
                self.away = True
            if await self._keep(inbox, what):
                return KEPT
            return await trying  # the store is away: as long as ever
        finally:
            trying.cancel()

    async def _now(self, what: Handover) -> str:
        _, way = self._ways[what.kind]
        with handing_over(what.sender):
            return await way(what)

    async def _last_try(self, what: Handover) -> str:
        try:
            async with asyncio.timeout(LAST_TRY):
                result = await self._now(what)
        except TimeoutError as error:
            raise TemporalUnavailable("Temporal does not answer, and the store does not keep events") from error
        self.away = False
        return result

    async def _others_wait(self, what: Handover) -> bool:
        """See whether an earlier event of the job waits: this one must not overtake it."""
        if self._inbox is None or not self.waiting:
            return False
        try:
            async with within(ASKED_WITHIN):
                return await self._inbox.waits_for(what.job_key)
        except StoreUnavailable:
            return False

    async def _keep(self, inbox: Inbox, what: Handover) -> bool:
        event = Waiting(
            job_key=what.job_key,
            kind=what.kind,
            payload=what.model_dump_json().encode(),
            received_at=what.received_at,
            repeat_key=what.repeat_key,
        )
        try:
            async with within(KEPT_WITHIN):
                await inbox.put(event)
        except StoreUnavailable as error:
            self._seldom.warning("not kept", "the inbox does not keep an event: %s", error)
            return False
        self.waiting = max(self.waiting, 1)
        self._seldom.warning("kept", "Temporal does not take an event: it is kept until it does (%s)", what.job_key)
        return True


def _retrieve(task: "asyncio.Task[str]") -> None:
    if not task.cancelled():
        task.exception()
