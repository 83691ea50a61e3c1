"""The Indeed client of one advertiser."""

import httpx
from aiolimiter import AsyncLimiter

from clients.http import Observe, unobserved
from clients.indeed import protocol
from clients.indeed.directory import JobDirectory
from clients.indeed.errors import PROVIDER
from clients.indeed.protocol import EmployerJob, Overlay, Page
from clients.oauth import AuthorizedClient, TokenSource, token_request

FINDS_PER_SECOND = 2.5
"""Half of the documented 5: a listing is fetched by whichever worker asks first, so two may do so at once."""
MUTATIONS_PER_SECOND = 20


class IndeedClient:
    """Find, clear and read one advertiser's jobs, within the documented rates."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        token_url: str,
        advertiser_id: str,
        credentials: tuple[str, str],
        observe: Observe = unobserved,
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret."""
        form = {
            "client_id": credentials[0],
            "client_secret": credentials[1],
            "scope": protocol.SCOPES,
            # "Instead of an employer ID, associate the token with an advertiser ID" (seed).
            "employer": advertiser_id,
        }
        tokens = TokenSource(http, token_request(token_url, form), provider=PROVIDER, observe=observe)
        self._url, self._client_id = api_url, credentials[0]
        self._client = AuthorizedClient(http, tokens, provider=PROVIDER, observe=observe)
        # One call at a time, evenly spaced: a bucket of a whole second's calls would allow twice
        # the rate over some one-second window.
        self._finds = AsyncLimiter(1, 1 / FINDS_PER_SECOND)
        self._mutations = AsyncLimiter(1, 1 / MUTATIONS_PER_SECOND)
        self.directory = JobDirectory(self._find_page)

    async def job(self, employer_job_id: str) -> EmployerJob:
        """Read a job.

        Raises ProviderError.
        """
        request = protocol.job_request(self._url, self._client_id, employer_job_id)
        return await self._client.call(request, protocol.read_job)

    async def clear(self, employer_job_id: str) -> None:
        """Clear the overlay of a job; returns once Indeed accepted, which proves nothing yet.

        Raises ProviderError.
        """
        request = protocol.clear_request(self._url, self._client_id, [employer_job_id])
        async with self._mutations:
            await self._client.call(request, lambda answer: protocol.read_clear(answer, 1))

    async def update(self, employer_job_id: str, overlay: Overlay) -> None:
        """Set fields of a job; returns once Indeed accepted, which proves nothing yet.

        Raises ProviderError; part of the fields may have been written all the same.
        """
        request = protocol.update_request(self._url, self._client_id, {employer_job_id: overlay})
        async with self._mutations:
            await self._client.call(request, lambda answer: protocol.read_update(answer, 1))

    async def _find_page(self, cursor: str | None) -> Page:
        request = protocol.find_request(self._url, self._client_id, cursor)
        async with self._finds:
            return await self._client.call(request, protocol.read_find)
