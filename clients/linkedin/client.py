"""The LinkedIn client of one child application."""

from collections.abc import Sequence
from typing import Any

import httpx

from clients.authorized import AuthorizedClient
from clients.errors import ProviderError
from clients.http import Observe, unobserved
from clients.linkedin import protocol
from clients.linkedin.errors import PROVIDER
from clients.linkedin.protocol import Accepted, PostingStatus, TaskStatus
from clients.oauth import token_request
from clients.rate_limit import Limit, RateLimiter
from clients.tokens import TokenKeeper, TokenSource

SUBMISSIONS = Limit("linkedin-submissions", 33, "LinkedIn's 2,000 submissions a minute")
"""Of an application (sync-premium-api-jobs); each process keeps to it, and a refusal is waited out."""


class LinkedInClient:
    """Submit and read one customer's jobs."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        token_url: str,
        version: str | None,
        credentials: tuple[str, str],
        observe: Observe = unobserved,
        keeper: TokenKeeper | None = None,
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret."""
        form = {"client_id": credentials[0], "client_secret": credentials[1]}
        self.tokens = TokenSource(
            http, token_request(token_url, form), provider=PROVIDER, observe=observe, keeper=keeper
        )
        self._api_url, self._version = api_url.rstrip("/"), version
        self._client = AuthorizedClient(http, self.tokens, provider=PROVIDER, observe=observe)
        self._pace = RateLimiter(SUBMISSIONS)

    async def submit(self, elements: Sequence[dict[str, Any]]) -> tuple[Accepted | ProviderError, ...]:
        """Submit up to 100 elements and return what became of each, by position.

        Raises ProviderError where the whole request was refused.
        """
        request = protocol.submit_request(self._api_url, self._version, elements)
        return await self._client.call(
            request, lambda answer: protocol.read_submit(answer, len(elements)), pace=self._pace
        )

    async def tasks(self, ids: Sequence[str]) -> dict[str, TaskStatus]:
        """Read up to 50 tasks; those that LinkedIn no longer knows are missing (their life is 24 hours or 30 days)."""
        request = protocol.tasks_request(self._api_url, self._version, ids)
        return await self._client.call(request, lambda answer: protocol.read_tasks(answer, ids))

    async def task(self, task_id: str) -> TaskStatus | None:
        """Read one task; `None` where LinkedIn no longer knows it."""
        return (await self.tasks([task_id])).get(task_id)

    async def status(self, external_job_posting_id: str) -> PostingStatus | None:
        """Read one job's listing; `None` where LinkedIn has no such job."""
        return (await self.statuses([external_job_posting_id])).get(external_job_posting_id)

    async def statuses(self, external_job_posting_ids: Sequence[str]) -> dict[str, PostingStatus]:
        """Read up to 50 jobs' listings; those that LinkedIn does not have are missing."""
        ids = external_job_posting_ids
        request = protocol.status_request(self._api_url, ids)
        return await self._client.call(request, lambda answer: protocol.read_statuses(answer, ids))
