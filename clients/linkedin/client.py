"""The LinkedIn client of one child application."""

from collections.abc import Hashable, Sequence
from typing import Any

import httpx

from clients.authorized import AuthorizedClient
from clients.errors import ProviderError
from clients.gathering import Gathering, GatheringOfWrites, Send, failed_on_one
from clients.http import Observe, unobserved
from clients.linkedin import protocol
from clients.linkedin.errors import PROVIDER
from clients.linkedin.protocol import Accepted, PostingStatus, Status, TaskStatus
from clients.oauth import token_request
from clients.rate_limit import Limit, RateLimiter
from clients.tokens import TokenKeeper, TokenSource
from models.states import Operation

SUBMISSIONS = Limit("linkedin-submissions", 33, "LinkedIn's 2,000 submissions a minute")
"""Elements, of an application (docs/providers/linkedin.md)."""


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
        pace: RateLimiter | None = None,
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret, `pace` that of SUBMISSIONS."""
        form = {"client_id": credentials[0], "client_secret": credentials[1]}
        self.tokens = TokenSource(
            http, token_request(token_url, form), provider=PROVIDER, observe=observe, keeper=keeper
        )
        self._api_url, self._version = api_url.rstrip("/"), version
        self._client = AuthorizedClient(http, self.tokens, provider=PROVIDER, observe=observe)
        self._pace = pace or RateLimiter(SUBMISSIONS)
        self._submissions = {each: self._gathering() for each in Operation}
        self._tasks, self._statuses = _reads(self._read_tasks), _reads(self._read_statuses)

    async def submit(self, elements: Sequence[dict[str, Any]]) -> tuple[Accepted | ProviderError, ...]:
        """Submit up to 100 elements in one request and return what became of each, by position.

        Raises ProviderError where the whole request was refused.
        """
        request = protocol.submit_request(self._api_url, self._version, elements)
        count, ids = len(elements), [str(_external_id(each)) for each in elements]
        return await self._client.call(
            request, lambda answer: protocol.read_submit(answer, count, ids), pace=self._pace, cost=count
        )

    async def submit_one(self, element: dict[str, Any]) -> Accepted:
        """Submit one element; together with others of its operation that are submitted at about the same time.

        Raises ProviderError.
        """
        return await self._submissions[Operation(element["jobPostingOperationType"])].ask(element)

    def _gathering(self) -> GatheringOfWrites[dict[str, Any], Accepted]:
        return GatheringOfWrites(self.submit, largest=protocol.SUBMITTED_AT_ONCE, key=_external_id)

    async def task(self, task_id: str) -> TaskStatus | None:
        """Read one task; `None` where LinkedIn no longer knows it (its life is 24 hours or 30 days).

        Raises ProviderError.
        """
        return await self._tasks.ask(task_id)

    async def status(self, external_job_posting_id: str) -> PostingStatus | None:
        """Read one job's listing, from now on; `None` where LinkedIn has no such job.

        Raises ProviderError.
        """
        return await self._statuses.ask(external_job_posting_id)

    async def statuses(
        self, external_job_posting_ids: Sequence[str]
    ) -> dict[str, PostingStatus | ProviderError | None]:
        """Read any number of jobs' listings, in few requests; what fails is the failure of that job."""
        ids = list(dict.fromkeys(external_job_posting_ids))
        return dict(zip(ids, await self._statuses.ask_all(ids), strict=True))

    async def _read_tasks(self, ids: Sequence[str]) -> list[TaskStatus | ProviderError | None]:
        request = protocol.tasks_request(self._api_url, self._version, ids)
        return await self._client.call(request, lambda answer: protocol.read_tasks(answer, ids))

    async def _read_statuses(self, ids: Sequence[str]) -> list[PostingStatus | ProviderError | None]:
        request = protocol.status_request(self._api_url, ids)
        return await self._client.call(request, lambda answer: protocol.read_statuses(answer, ids))


def _external_id(element: dict[str, Any]) -> Hashable:
    return str(element.get("externalJobPostingId"))


def _reads(send: Send[str, Status | None]) -> Gathering[str, Status | None]:
    """Read by ids, as many as an address has room for."""
    return Gathering(
        send,
        largest=protocol.IDS_LIMIT,
        weigh=protocol.query_length,
        heaviest=protocol.QUERY_LIMIT,
        cut_up=failed_on_one,
        unclear=protocol.is_unsaid,
    )
