"""Tell Temporal that a long step is alive, so that a crash is noticed soon; such a step can be called off."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from temporalio import activity

from clients.errors import ProviderError
from clients.leaving import WRITE_BEGUN
from runtime.beside import beside

T = TypeVar("T")
EVERY = 1.0
"""Seconds; the SDK passes on one in `CALLED_OFF_WITHIN`."""
CALLED_OFF_WITHIN = timedelta(seconds=5)
"""How late a step may hear that it is called off: with a heartbeat's answer, and each costs the server a write."""


async def with_heartbeats(step: Awaitable[T], *details: str) -> T:
    """Await a step, sending heartbeats meanwhile; its next try can read the details, or else finds none."""
    async with beside(_beat(details)):
        return await step


async def _beat(details: Sequence[str]) -> None:
    if (datetime.now(UTC) - activity.info().started_time).total_seconds() > EVERY:
        activity.heartbeat(*details)  # it has waited for room, and may have been called off meanwhile
    while True:
        # Only then: each costs the server a write, and most steps are done within a second.
        await asyncio.sleep(EVERY)
        activity.heartbeat(*details)


async def to_its_end(write: Awaitable[T]) -> T:
    """Await a write that has left although the lifecycle calls it off: it may or may not have been taken.

    One that still waits for its turn is taken back, also where Temporal has given up this try: sent later, it would
    undo what was wanted meanwhile. A worker that stops breaks off either.
    """
    begun = asyncio.Event()
    context = copy_context()
    context.run(WRITE_BEGUN.set, begun)
    task = asyncio.get_running_loop().create_task(_awaited(write), context=context)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            why = activity.cancellation_details()
            if task.done() or not begun.is_set() or why is None or why.worker_shutdown:
                task.cancel()
                with suppress(asyncio.CancelledError, ProviderError):
                    await task
                raise


async def _awaited(write: Awaitable[T]) -> T:
    return await write
