"""Wait in a workflow: until something holds, or for as long as is left."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow

SHORTEST = timedelta(milliseconds=1)
"""A timer must not be of no length."""


async def holds_within(condition: Callable[[], bool], wait: timedelta, summary: str) -> bool:
    """Wait until a condition holds; return False where it did not in time. People see `summary` at the timer."""
    try:
        await workflow.wait_condition(condition, timeout=max(wait, SHORTEST), timeout_summary=summary)
    except asyncio.TimeoutError:  # noqa: UP041 -- the name that wait_condition documents
        return False
    return True
