"""Work that is done beside a block: begun with it, and called off at its end."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def beside(*works: Coroutine[Any, Any, object]) -> AsyncIterator[None]:
    """Do each work for the length of a block, whose end is delayed until all have ended.

    A work that has failed by itself raises its error there.
    """
    tasks = [asyncio.create_task(each) for each in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        # Not awaited one by one: whoever calls off the block itself meanwhile would be taken for the work's own end.
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()
