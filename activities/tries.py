"""One try of a step at a time: what Temporal has given up and begun anew works on in this process no longer.

A worker learns that a try was given up with its next heartbeat, seconds after the next try may have begun here. Both
would then send the same write.
"""

import asyncio
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

Step = tuple[str, str, str]
"""A workflow's id, its run's, and the activity's: the same for each try."""


class NewestTry(Interceptor):
    """Break off the try before, and let the newest begin once that has ended."""

    def __init__(self) -> None:
        """Know of none yet."""
        self.under_way: dict[Step, asyncio.Task[Any]] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 -- the SDK's name
        """Stand before every activity."""
        return _Inbound(next, self.under_way)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, under_way: dict[Step, asyncio.Task[Any]]) -> None:  # noqa: A002 -- the SDK's name
        super().__init__(next)
        self._under_way = under_way

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 -- the SDK's name
        info, me = activity.info(), asyncio.current_task()
        step = (info.workflow_id or "", info.workflow_run_id or "", info.activity_id)
        before = self._under_way.get(step)
        if me is None:
            return await self.next.execute_activity(input)
        self._under_way[step] = me
        try:
            if before is not None:
                before.cancel()
                await asyncio.wait((before,))
            return await self.next.execute_activity(input)
        finally:
            if self._under_way.get(step) is me:
                del self._under_way[step]
