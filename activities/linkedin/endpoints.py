"""LinkedIn's registry of webhooks: which ones it has blocked."""

from temporalio import activity

from activities.problems import reported
from activities.providers import Providers
from clients.errors import ProviderError, clip
from clients.linkedin.parent import LinkedInParentClient
from clients.linkedin.webhooks import Webhook, shown_url
from models.operations import BlockedEndpoint, CheckEndpoints, EndpointsChecked


class EndpointActivities:
    """The activities of the queue `operations` that ask LinkedIn as the parent application."""

    def __init__(self, providers: Providers) -> None:
        """Share the clients."""
        self._providers = providers

    @activity.defn(name="linkedin_check_endpoints")
    async def check(self, call: CheckEndpoints) -> EndpointsChecked:
        """Return the blocked webhooks; on request, and where configured, have LinkedIn validate them again."""
        with reported():
            client, settings = self._providers.linkedin_parent()
            blocked = await client.blocked()
            again = call.revalidate and settings.revalidate
            revalidated = [await _revalidate(client, each) for each in blocked] if again else []
        shown = tuple(
            BlockedEndpoint(
                url=shown_url(each.url) if each.url is not None else None,
                application=clip(each.application) if each.application is not None else None,
            )
            for each in blocked
        )
        return EndpointsChecked(blocked=shown, revalidated=any(revalidated))


async def _revalidate(client: LinkedInParentClient, webhook: Webhook) -> bool:
    if webhook.url is None or webhook.application is None:
        return False
    try:
        await client.revalidate(webhook)
    except ProviderError as error:
        # The remedy by hand stands anyway: what LinkedIn says to this undocumented request decides nothing.
        activity.logger.warning("LinkedIn did not take the request to validate a webhook again: %s", error)
        return False
    return True
