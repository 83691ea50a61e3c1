"""The Indeed client of one advertiser."""

import httpx
from aiolimiter import AsyncLimiter

from clients.errors import ProviderError
from clients.http import Observe, unobserved
from clients.indeed import protocol
from clients.indeed.directory import JobDirectory
from clients.indeed.errors import PROVIDER, is_unknown_field
from clients.indeed.protocol import Page
from clients.indeed.reading import EmployerJob, Pay
from clients.indeed.results import ItemResult
from clients.oauth import AuthorizedClient, TokenSource, refresh_request, token_request
from models.overlay import Overlay

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
        refresh_token: str | None = None,
        observe: Observe = unobserved,
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret.

        A refresh token (3-legged OAuth) stands for a user who chose the advertiser; without one the tokens
        represent `advertiser_id` (2-legged).
        """
        form = {"client_id": credentials[0], "client_secret": credentials[1]}
        if refresh_token is not None:
            request = refresh_request(token_url, form, refresh_token)
        else:
            # "Instead of an employer ID, associate the token with an advertiser ID" (seed).
            request = token_request(token_url, {**form, "scope": protocol.SCOPES, "employer": advertiser_id})
        tokens = TokenSource(http, request, provider=PROVIDER, observe=observe)
        self._url, self._client_id = api_url, credentials[0]
        self._client = AuthorizedClient(http, tokens, provider=PROVIDER, observe=observe)
        # One call at a time, evenly spaced: a bucket of a whole second's calls would allow twice
        # the rate over some one-second window.
        self._finds = AsyncLimiter(1, 1 / FINDS_PER_SECOND)
        self._mutations = AsyncLimiter(1, 1 / MUTATIONS_PER_SECOND)
        self.directory = JobDirectory(self._find_page)
        self._plain_pay = False

    async def job(self, employer_job_id: str) -> EmployerJob:
        """Read a job.

        Raises ProviderError.
        """
        request = protocol.job_request(self._url, self._client_id, employer_job_id)
        return await self._client.call(request, protocol.read_job)

    async def probe(self) -> None:
        """Ask for the newest job alone: it shows whether Indeed accepts client, scopes and advertiser.

        Raises ProviderError.
        """
        request = protocol.find_request(self._url, self._client_id, None, size=1)
        async with self._finds:
            await self._client.call(request, protocol.read_find)

    async def pay(self, employer_job_id: str) -> Pay | None:
        """Read a job's salary; null where Indeed shows none.

        Two spellings of its fields are in use (contracts/indeed.md, section 2); a server knows one or both.
        Raises ProviderError.
        """
        try:
            return await self._pay(employer_job_id)
        except ProviderError as error:
            if self._plain_pay or not is_unknown_field(error):
                raise
        self._plain_pay = True
        return await self._pay(employer_job_id)

    async def _pay(self, employer_job_id: str) -> Pay | None:
        request = protocol.pay_request(self._url, self._client_id, employer_job_id, plain=self._plain_pay)
        return await self._client.call(request, protocol.read_pay)

    async def clear(self, employer_job_id: str) -> None:
        """Clear the overlay of a job; returns once Indeed accepted, which proves nothing yet.

        Raises ProviderError.
        """
        request = protocol.clear_request(self._url, self._client_id, [employer_job_id])
        async with self._mutations:
            await self._client.call(request, lambda answer: _accepted(protocol.read_clear(answer, 1)))

    async def update(self, employer_job_id: str, overlay: Overlay) -> None:
        """Set fields of a job; returns once Indeed accepted, which proves nothing yet.

        Raises ProviderError; part of the fields may have been written all the same.
        """
        request = protocol.update_request(self._url, self._client_id, {employer_job_id: overlay})
        async with self._mutations:
            await self._client.call(request, lambda answer: _accepted(protocol.read_update(answer, 1)))

    async def _find_page(self, cursor: str | None) -> Page:
        request = protocol.find_request(self._url, self._client_id, cursor)
        async with self._finds:
            return await self._client.call(request, protocol.read_find)


def _accepted(results: list[ItemResult]) -> None:
    """Raise what stands against any item; an error beside an accepted one may mean a partial write."""
    for each in results:
        if each.error is not None:
            raise each.error
