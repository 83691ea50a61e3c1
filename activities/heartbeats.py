"""Tell Temporal that a long step is alive, so that a crash is noticed soon."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from temporalio import activity

T = TypeVar("T")
EVERY = 1.0
"""Seconds; the SDK passes on no more of them than the heartbeat timeout needs."""


async def with_heartbeats(step: Awaitable[T]) -> T:
    """Await a step, sending heartbeats meanwhile."""
    beating = asyncio.create_task(_beat())
    try:
        return await step
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(EVERY)
