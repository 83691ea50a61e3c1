"""A person asked to begin anew: what was refused before is no answer any more."""

from typing import Any

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.providers import Providers
from models.calls.common import ProviderCall


class AskedAnew(Interceptor):
    """Have refused credentials put to the test again, before an activity for which a person has asked."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers = providers

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 -- the SDK's name
        """Stand before every activity."""
        return _Inbound(next, self._providers)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, providers: Providers) -> None:  # noqa: A002 -- the SDK's name
        super().__init__(next)
        self._providers = providers

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 -- the SDK's name
        for given in input.args:
            if isinstance(given, ProviderCall) and given.anew_since is not None:
                self._providers.ask_anew(given.anew_since)
        return await super().execute_activity(input)
