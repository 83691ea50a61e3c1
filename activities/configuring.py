"""Lifecycles follow the configuration: a step's answer brings what has changed; a removed customer's steps wait."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.problems import failure, jittered
from activities.providers import Providers, not_configured, removed
from models.calls.common import ProviderCall
from models.configured import Configured
from models.states import BoardName
from runtime.lifecycles import configured_of

AGAIN_AFTER = timedelta(seconds=20)
"""How often a step of a customer who was removed looks whether it is back."""


class Configuring(Interceptor):
    """Tell lifecycles what the configuration says by now, and let those of a removed customer wait."""

    def __init__(self, providers: Providers, *, tells: bool) -> None:
        """Use the settings as they are at each step; where nothing is told, steps only wait."""
        self.providers, self.tells = providers, tells
        self._settings = providers.settings
        self._known: dict[str, Configured] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 -- the SDK's name
        """Stand before every activity."""
        return _Inbound(next, self)

    def now(self, customer_id: str) -> Configured | None:
        """Return what a customer's lifecycles are to follow; None where it is not configured."""
        settings = self.providers.settings
        if settings is not self._settings:
            self._settings, self._known = settings, {}
        if customer_id not in self._known and (customer := settings.customer(customer_id)) is not None:
            self._known[customer_id] = configured_of(settings, customer)
        return self._known.get(customer_id)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, configuring: Configuring) -> None:  # noqa: A002 -- the SDK's name
        super().__init__(next)
        self._configuring = configuring

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 -- the SDK's name
        call = input.args[0] if input.args else None
        if not isinstance(call, ProviderCall) or call.configured is None:
            return await self.next.execute_activity(input)
        now = self._configuring.now(getattr(call, "customer_id", ""))
        if now is None:
            # People know already: the step waits here, which costs nothing, and goes on as soon as it can.
            problem = removed(getattr(call, "customer_id", ""))
            raise failure(problem, wait=jittered(AGAIN_AFTER), again=call.paused)
        changed = now if self._configuring.tells and now.digest != call.configured else None
        board = activity.info().activity_type.partition("_")[0]
        if changed is not None and board in set(BoardName) - set(now.boards):
            raise failure(not_configured(board, changed))
        answer = await self.next.execute_activity(input)
        if changed is not None and isinstance(answer, BaseModel) and "configured" in type(answer).model_fields:
            answer = answer.model_copy(update={"configured": changed})
        return answer
