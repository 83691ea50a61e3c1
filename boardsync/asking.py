"""Ask a provider for a person who waits: where it asks to slow down, a little later once more."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from clients.errors import ProviderError
from models.problems import Category

WITHIN = 60.0
"""Seconds for which a person waits."""
FIRST = timedelta(seconds=1)
"""Where the provider does not say how long; twice as long each time."""

Answer = TypeVar("Answer")


async def patiently(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Return what a provider answers.

    Raises ProviderError.
    """
    give_up, usual = time.monotonic() + WITHIN, FIRST
    while True:
        try:
            return await ask()
        except ProviderError as error:
            wait = (error.problem.retry_after or usual).total_seconds()
            if error.problem.category is not Category.RATE_LIMITED or time.monotonic() + wait > give_up:
                raise
        await asyncio.sleep(wait)
        usual *= 2
