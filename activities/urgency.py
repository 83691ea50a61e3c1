"""What is urgent in Temporal is urgent at the providers: calls that wait together go out in that order."""

from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from clients.urgency import URGENCY
from models.temporal import Urgency


class Urgent(Interceptor):
    """Hand the priority of each activity on to the calls that it makes."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 -- the SDK's name
        """Stand before every activity."""
        return _Inbound(next)


class _Inbound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 -- the SDK's name
        URGENCY.set(activity.info().priority.priority_key or Urgency.UPDATE)
        return await super().execute_activity(input)
