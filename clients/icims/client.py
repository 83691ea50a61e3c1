"""The iCIMS client of one customer."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import httpx
from async_lru import alru_cache

from clients.authorized import AuthorizedClient
from clients.errors import ProviderError
from clients.http import Observe, Request, Response, unobserved
from clients.icims import protocol
from clients.icims.protocol import BoardPost, Fields, IcimsJob, PostalAddress
from clients.oauth import token_request
from clients.tokens import TokenKeeper, TokenSource
from models.problems import Category

logger = logging.getLogger(__name__)
T = TypeVar("T")
RECENT_JOBS = 1000
RECENT_SECONDS = 30.0
LOW_QUOTA = 0.1


class IcimsClient:
    """Read one customer's jobs, and report back how they stand on the boards."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        token_url: str,
        customer_id: str,
        credentials: tuple[str, str],
        fields: Fields | None = None,
        observe: Observe = unobserved,
        keeper: TokenKeeper | None = None,
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret."""
        form = {"client_id": credentials[0], "client_secret": credentials[1], "audience": protocol.AUDIENCE}
        tokens = TokenSource(
            http, token_request(token_url, form), provider=protocol.PROVIDER, observe=observe, keeper=keeper
        )
        self._api_url, self._customer_id = api_url.rstrip("/"), customer_id
        self._fields = fields or Fields()
        self._client = AuthorizedClient(http, tokens, provider=protocol.PROVIDER, observe=observe)
        # iCIMS counts every read against a daily quota (docs/providers/icims.md).
        self._recent_job = alru_cache(maxsize=RECENT_JOBS, ttl=RECENT_SECONDS)(self._read_job)

    async def job(self, job_id: str, *, fresh: bool = False) -> IcimsJob:
        """Read a job's profile; unless `fresh`, one read serves both boards for a short while.

        Raises ProviderError.
        """
        if fresh:
            self._recent_job.cache_invalidate(job_id)
        return await self._recent_job(job_id)

    async def _read_job(self, job_id: str) -> IcimsJob:
        request = protocol.job_request(self._api_url, self._customer_id, job_id, self._fields)
        return await self._call(request, lambda answer: protocol.read_job(answer, self._fields))

    async def location(self, job: IcimsJob) -> str | None:
        """Return a job's location in words: its address where that can be read, else its display string.

        Raises ProviderError where iCIMS fails; a hidden address is no failure.
        """
        address = await self.address(job)
        return job.location if address is None else address.in_words

    async def address(self, job: IcimsJob) -> PostalAddress | None:
        """Return a job's address in its parts; `None` where iCIMS hides it or names no city.

        Raises ProviderError where iCIMS fails.
        """
        if job.address is None:
            return None
        request = protocol.address_request(self._api_url, self._customer_id, job.address)
        try:
            return await self._call(request, protocol.read_address)
        except ProviderError as error:
            if error.problem.category in {Category.PERMISSION, Category.NOT_FOUND}:
                return None
            raise

    async def positions(self, job_id: str) -> int | None:
        """Read how many positions a job has; `None` where iCIMS shows no number.

        Raises ProviderError.
        """
        request = protocol.positions_request(self._api_url, self._customer_id, job_id, self._fields)
        return await self._call(request, lambda answer: protocol.read_positions(answer, self._fields))

    async def report(self, job_id: str, distributor_id: str, posts: Sequence[BoardPost]) -> None:
        """Report how a job stands on every board.

        Raises ProviderError.
        """
        request = protocol.report_request(self._api_url, self._customer_id, job_id, distributor_id, posts)
        await self._call(request, protocol.read_report)

    async def _call(self, request: Request, read: Callable[[Response], T]) -> T:
        def watched(response: Response) -> T:
            self._watch_quota(response)
            return read(response)

        return await self._client.call(request, watched)

    def _watch_quota(self, response: Response) -> None:
        quota = protocol.quota_left(response)
        if quota is not None and quota[0] < quota[1] * LOW_QUOTA:
            logger.warning("customer %s: %d of %d iCIMS requests are left today", self._customer_id, *quota)
