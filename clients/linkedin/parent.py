"""The LinkedIn client of the parent application, which owns the webhooks."""

import httpx

from clients.authorized import AuthorizedClient
from clients.linkedin import webhooks
from clients.linkedin.errors import PROVIDER
from clients.linkedin.webhooks import Webhook
from clients.oauth import token_request
from clients.tokens import TokenKeeper, TokenSource


class LinkedInParentClient:
    """Ask how the webhooks of all child applications stand."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        token_url: str,
        credentials: tuple[str, str],
        keeper: TokenKeeper | None = None,
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret."""
        form = {"client_id": credentials[0], "client_secret": credentials[1]}
        self.tokens = TokenSource(http, token_request(token_url, form), provider=PROVIDER, keeper=keeper)
        self._api_url = api_url.rstrip("/")
        self._client = AuthorizedClient(http, self.tokens, provider=PROVIDER)

    async def blocked(self) -> tuple[Webhook, ...]:
        """Return the webhooks that LinkedIn has blocked.

        Raises ProviderError.
        """
        return await self._client.call(webhooks.blocked_request(self._api_url), webhooks.read_blocked)

    async def revalidate(self, webhook: Webhook) -> None:
        """Ask LinkedIn to validate a webhook again; the registry says whether it is good.

        Raises ProviderError.
        """
        await self._client.call(webhooks.revalidate_request(self._api_url, webhook), webhooks.read_revalidated)
