"""The Indeed client of one advertiser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from clients.authorized import AuthorizedClient
from clients.errors import ProviderError
from clients.http import Observe, Request, unobserved
from clients.indeed import protocol
from clients.indeed.batches import Batches
from clients.indeed.directory import JobDirectory
from clients.indeed.errors import PROVIDER, is_unknown_field
from clients.indeed.nodes import Nodes, nodes_request, read_nodes
from clients.indeed.reading import EmployerJob, Pay
from clients.indeed.results import ItemResult
from clients.indeed.search import Page, Search, find_request, read_find
from clients.oauth import refresh_request, token_request
from clients.rate_limit import Limit, RateLimiter
from clients.tokens import TokenKeeper, TokenSource
from models.overlay import Overlay

FINDS = Limit("indeed-finds", 5, "Indeed's 5 searches a second")
MUTATIONS = Limit("indeed-mutations", 20, "Indeed's 20 updates and clears a second")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the tokens are fetched with, and whom they stand for."""

    client_id: str
    client_secret: str = field(repr=False)
    advertiser_id: str
    refresh_token: str | None = field(default=None, repr=False)
    """3-legged OAuth: stands for a user who chose the advertiser; without one the tokens represent the advertiser."""

    def request(self, token_url: str) -> Request:
        """Build the request for a token."""
        form = {"client_id": self.client_id, "client_secret": self.client_secret}
        if self.refresh_token is not None:
            return refresh_request(token_url, form, self.refresh_token)
        # "Instead of an employer ID, associate the token with an advertiser ID" (docs/providers/indeed.md).
        return token_request(token_url, {**form, "scope": protocol.SCOPES, "employer": self.advertiser_id})


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast one credential may call."""

    finds: RateLimiter
    mutations: RateLimiter


class IndeedClient:
    """Find, clear and read one advertiser's jobs, within the documented rates."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        token_url: str,
        access: Access,
        observe: Observe = unobserved,
        keeper: TokenKeeper | None = None,
        searches: Sequence[Search] = (Search(),),
        paces: Paces | None = None,
    ) -> None:
        """Connect nothing yet; clients with one client id share its paces."""
        self.tokens = TokenSource(http, access.request(token_url), provider=PROVIDER, observe=observe, keeper=keeper)
        self._url, self._client_id = api_url, access.client_id
        self._client = AuthorizedClient(http, self.tokens, provider=PROVIDER, observe=observe)
        self._paces = paces or Paces(finds=RateLimiter(FINDS), mutations=RateLimiter(MUTATIONS))
        self.searches = searches
        self.directory = JobDirectory(self.page, searches)
        self._clears, self._updates = Batches(), Batches()
        self._plain_pay = False

    async def job(self, employer_job_id: str) -> EmployerJob:
        """Read a job.

        Raises ProviderError.
        """
        request = protocol.job_request(self._url, self._client_id, employer_job_id)
        return await self._client.call(request, protocol.read_job)

    async def pay(self, employer_job_id: str) -> Pay | None:
        """Read a job's salary; `None` where Indeed shows none.

        Two spellings of its fields are in use (docs/providers/indeed.md); a server knows one or both.
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

    async def jobs(self, employer_job_ids: Sequence[str]) -> Nodes:
        """Read several jobs, no more than `nodes.AT_ONCE`.

        Raises ProviderError where none could be read.
        """
        request = nodes_request(self._url, self._client_id, employer_job_ids)
        return await self._client.call(request, lambda answer: read_nodes(answer, employer_job_ids))

    async def clear(self, employer_job_id: str) -> None:
        """Clear the overlay of a job; returns once Indeed accepted, which proves nothing yet.

        Raises ProviderError.
        """
        _accepted(await self.clear_each([employer_job_id]))

    async def clear_each(self, employer_job_ids: Sequence[str]) -> list[ItemResult]:
        """Clear the overlays of several jobs in one request, and return for each whether Indeed accepted it.

        Raises ProviderError where that is known of none of them.
        """
        request = protocol.clear_request(self._url, self._client_id, employer_job_ids)
        count = len(employer_job_ids)
        return await self._client.call(
            request, lambda answer: protocol.read_clear(answer, count), pace=self._paces.mutations
        )

    async def clear_all(self, employer_job_ids: Sequence[str]) -> dict[str, ItemResult]:
        """Clear the overlays of any number of jobs, in few requests, and return for each whether Indeed accepted it.

        A request that failed is the failure of each of its jobs; nothing is raised.
        """
        return await self._clears.run(employer_job_ids, self.clear_each)

    async def update_all(self, updates: Mapping[str, Overlay]) -> dict[str, ItemResult]:
        """Set fields of any number of jobs, by IRI, in few requests, and return for each whether Indeed accepted it.

        A request that failed is the failure of each of its jobs; nothing is raised. Beside an error, part of a job's
        fields may have been written all the same.
        """

        async def send(ids: Sequence[str]) -> list[ItemResult]:
            return await self._update({each: updates[each] for each in ids})

        return await self._updates.run(list(updates), send)

    async def update(self, employer_job_id: str, overlay: Overlay) -> None:
        """Set fields of a job; returns once Indeed accepted, which proves nothing yet.

        Raises ProviderError; part of the fields may have been written all the same.
        """
        _accepted(await self._update({employer_job_id: overlay}))

    async def _update(self, updates: Mapping[str, Overlay]) -> list[ItemResult]:
        request = protocol.update_request(self._url, self._client_id, updates)
        count = len(updates)
        return await self._client.call(
            request, lambda answer: protocol.read_update(answer, count), pace=self._paces.mutations
        )

    async def page(self, search: Search, after: str | None = None, *, before: str | None = None) -> Page:
        """Read a page of the advertiser's jobs.

        Raises ProviderError.
        """
        request = find_request(self._url, self._client_id, search, after=after, before=before)
        return await self._client.call(request, read_find, pace=self._paces.finds)


def _accepted(results: list[ItemResult]) -> None:
    """Raise what stands against any item; an error beside an accepted one may mean a partial write."""
    for each in results:
        if each.error is not None:
            raise each.error
