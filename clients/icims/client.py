"""The iCIMS client of one customer."""

import httpx
from async_lru import alru_cache

from clients.errors import ProviderError
from clients.icims import protocol
from clients.icims.protocol import IcimsJob
from clients.oauth import AuthorizedClient, TokenSource, token_request
from models.problems import Category

RECENT_JOBS = 1000
RECENT_SECONDS = 30.0


class IcimsClient:
    """Read one customer's jobs."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        token_url: str,
        customer_id: str,
        credentials: tuple[str, str],
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret."""
        form = {"client_id": credentials[0], "client_secret": credentials[1], "audience": protocol.AUDIENCE}
        tokens = TokenSource(http, token_request(token_url, form), provider=protocol.PROVIDER)
        self._api_url, self._customer_id = api_url.rstrip("/"), customer_id
        self._client = AuthorizedClient(http, tokens, provider=protocol.PROVIDER)
        # iCIMS counts every read against a daily quota (contracts/icims.md, 4.5).
        self._recent_job = alru_cache(maxsize=RECENT_JOBS, ttl=RECENT_SECONDS)(self._read_job)

    async def job(self, job_id: str, *, fresh: bool = False) -> IcimsJob:
        """Read a job's profile; unless `fresh`, one read serves both boards for a short while.

        Raises ProviderError.
        """
        if fresh:
            self._recent_job.cache_invalidate(job_id)
        return await self._recent_job(job_id)

    async def _read_job(self, job_id: str) -> IcimsJob:
        request = protocol.job_request(self._api_url, self._customer_id, job_id)
        return await self._client.call(request, protocol.read_job)

    async def location(self, job: IcimsJob) -> str | None:
        """Give a job's location in words: its address where that can be read, else its display string.

        Raises ProviderError where iCIMS fails; a hidden address is no failure.
        """
        if job.address is None:
            return job.location
        request = protocol.address_request(self._api_url, self._customer_id, job.address)
        try:
            return await self._client.call(request, protocol.read_address) or job.location
        except ProviderError as error:
            if error.problem.category in {Category.PERMISSION, Category.NOT_FOUND}:
                return job.location
            raise
