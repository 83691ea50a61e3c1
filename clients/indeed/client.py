"""The Indeed client of one advertiser."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from clients.authorized import AuthorizedClient
from clients.errors import ProviderError
from clients.gathering import Gathering, GatheringOfWrites, failed_on_one
from clients.http import Observe, Request, unobserved
from clients.indeed import protocol
from clients.indeed.directory import JobDirectory
from clients.indeed.errors import PROVIDER, is_unknown_field
from clients.indeed.found import FoundJob
from clients.indeed.nodes import AT_ONCE, WHOLE_AT_ONCE, Nodes, nodes_request, read_nodes, read_whole, whole_request
from clients.indeed.reading import EmployerJob, Managed, Pay
from clients.indeed.results import ItemResult
from clients.indeed.search import Page, Search, find_request, read_find
from clients.oauth import refresh_request, token_request
from clients.rate_limit import Limit, RateLimiter
from clients.tokens import TokenKeeper, TokenSource
from models.overlay import Overlay

FINDS = Limit("indeed-finds", 5, "Indeed's 5 searches a second")
MUTATIONS = Limit("indeed-mutations", 20, "Indeed's 20 updates and clears a second")
WRITES_AT_ONCE = 10
"""Items in one request to begin with; how many Indeed takes is not documented (docs/providers/indeed.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the tokens are fetched with, and whom they stand for."""

    client_id: str
    client_secret: str = field(repr=False)
    advertiser_id: str
    refresh_token: str | None = field(default=None, repr=False)
    """3-legged OAuth: stands for a user who chose the advertiser; without one the tokens represent the advertiser."""

    @property
    def account(self) -> str:
        """Name what decides which postings can be seen."""
        return f"{self.client_id}/{self.advertiser_id}"

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
        self.account = access.account
        self._client = AuthorizedClient(http, self.tokens, provider=PROVIDER, observe=observe)
        self._paces = paces or Paces(finds=RateLimiter(FINDS), mutations=RateLimiter(MUTATIONS))
        self.searches = searches
        self.directory = JobDirectory(self.page, searches)
        self._whole = Gathering(self._read_whole, largest=WHOLE_AT_ONCE, cut_up=failed_on_one)
        self._found = Gathering(self._read_found, largest=AT_ONCE, cut_up=failed_on_one)
        self._clears = GatheringOfWrites(self._clear, largest=WRITES_AT_ONCE, unclear=_of_nobody)
        self._updates = GatheringOfWrites(self._update, largest=WRITES_AT_ONCE, key=_iri, unclear=_of_nobody)
        self._plain_pay = False

    def account_of(self, _employer_job_id: str) -> str | None:
        """Return the account that a posting is shown to: this one, whatever it is."""
        return self.account

    async def job(self, employer_job_id: str) -> EmployerJob:
        """Read a job, from now on; together with others that are read at about the same time.

        Raises ProviderError.
        """
        job = await self._whole.ask(employer_job_id)
        return await self._job(employer_job_id) if job is None else job

    async def _read_whole(self, employer_job_ids: Sequence[str]) -> list[EmployerJob | None]:
        if len(employer_job_ids) == 1:
            return [await self._job(employer_job_ids[0])]
        request = whole_request(self._url, self._client_id, employer_job_ids)
        return await self._client.call(request, lambda answer: read_whole(answer, employer_job_ids))

    async def _job(self, employer_job_id: str) -> EmployerJob:
        request = protocol.job_request(self._url, self._client_id, employer_job_id)
        return await self._client.call(request, lambda answer: protocol.read_job(answer, employer_job_id))

    async def managed(self, employer_job_id: str) -> Managed:
        """Read what Indeed tells people of a job.

        Raises ProviderError.
        """
        request = protocol.managed_request(self._url, self._client_id, employer_job_id)
        return await self._client.call(request, protocol.read_managed)

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

    async def found(self, employer_job_ids: Sequence[str]) -> dict[str, FoundJob | ProviderError | None]:
        """Read what any number of jobs show of an agency, in few requests; what fails is the failure of that job.

        `None` is a job of which Indeed says nothing.
        """
        ids = list(dict.fromkeys(employer_job_ids))
        return _of_each(ids, await self._found.ask_all(ids))

    async def found_together(self, employer_job_ids: Sequence[str]) -> dict[str, FoundJob | ProviderError | None]:
        """Read the same for who goes on only with what was read.

        Raises ProviderError where the failure is no single job's, and where no request was answered.
        """
        ids = list(dict.fromkeys(employer_job_ids))
        answers = await self._found.ask_all(ids)
        failures = [each for each in answers if isinstance(each, ProviderError)]
        of_all = [each for each in failures if not (each.sent and failed_on_one(each))]
        if failures and (of_all or len(failures) == len(ids)):
            raise (of_all or failures)[0]
        return _of_each(ids, answers)

    async def _read_found(self, employer_job_ids: Sequence[str]) -> list[Nodes]:
        """Return for each job the whole answer: what it says of a job is not what became of the request."""
        request = nodes_request(self._url, self._client_id, employer_job_ids)
        nodes = await self._client.call(request, lambda answer: read_nodes(answer, employer_job_ids))
        return [nodes] * len(employer_job_ids)

    async def clear_all(self, employer_job_ids: Sequence[str]) -> dict[str, ItemResult]:
        """Clear the overlays of any number of jobs, in few requests, and return for each whether Indeed accepted it.

        A request that failed is the failure of each of its jobs; only a fault of ours is raised.
        """
        ids = list(dict.fromkeys(employer_job_ids))
        return dict(zip(ids, map(_result, await self._clears.ask_all(ids)), strict=True))

    async def _clear(self, employer_job_ids: Sequence[str]) -> list[ItemResult]:
        request = protocol.clear_request(self._url, self._client_id, employer_job_ids)
        count = len(employer_job_ids)
        return await self._client.call(
            request, lambda answer: protocol.read_clear(answer, count, employer_job_ids), pace=self._paces.mutations
        )

    async def update_all(self, updates: Mapping[str, Overlay]) -> dict[str, ItemResult]:
        """Set fields of any number of jobs, by IRI, in few requests, and return for each whether Indeed accepted it.

        A request that failed is the failure of each of its jobs; only a fault of ours is raised. Beside an error, part
        of a job's fields may have been written all the same.
        """
        return dict(zip(updates, map(_result, await self._updates.ask_all(list(updates.items()))), strict=True))

    async def _update(self, updates: Sequence[tuple[str, Overlay]]) -> list[ItemResult]:
        request = protocol.update_request(self._url, self._client_id, dict(updates))
        count, ids = len(updates), [each for each, _ in updates]
        return await self._client.call(
            request, lambda answer: protocol.read_update(answer, count, ids), pace=self._paces.mutations
        )

    async def page(self, search: Search, after: str | None = None, *, before: str | None = None) -> Page:
        """Read a page of the advertiser's jobs.

        Raises ProviderError.
        """
        request = find_request(self._url, self._client_id, search, after=after, before=before)
        return await self._client.call(request, read_find, pace=self._paces.finds)


def _of_each(
    ids: Sequence[str], answers: Sequence[Nodes | ProviderError]
) -> dict[str, FoundJob | ProviderError | None]:
    return {id_: each.of(id_) if isinstance(each, Nodes) else each for id_, each in zip(ids, answers, strict=True)}


def _iri(update: tuple[str, Overlay]) -> Hashable:
    return update[0]


def _of_nobody(answer: ItemResult | ProviderError) -> bool:
    """Return whether an error may be another item's: each on its own tells; the same value again is no harm."""
    return isinstance(answer, ItemResult) and not (answer.accepted or answer.attributed)


def _result(answer: ItemResult | ProviderError) -> ItemResult:
    return ItemResult(accepted=False, error=answer) if isinstance(answer, ProviderError) else answer
