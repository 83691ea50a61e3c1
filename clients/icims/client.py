"""The iCIMS client of one customer."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import httpx
from async_lru import alru_cache

from clients.authorized import AuthorizedClient
from clients.errors import ProviderError
from clients.http import Observe, Request, Response, unobserved
from clients.icims import protocol, reports
from clients.icims.budget import Budget, Use
from clients.icims.errors import PROVIDER
from clients.icims.protocol import Folder, IcimsJob, PostalAddress
from clients.icims.quota import Quota, read_quota
from clients.icims.reports import BoardPost
from clients.icims.search import IDS_AT_ONCE, Search, read_search, search_request
from clients.oauth import token_request
from clients.tokens import TokenKeeper, TokenSource
from models.icims_fields import IcimsFields
from models.problems import Category

logger = logging.getLogger(__name__)
T = TypeVar("T")
RECENT_JOBS = 1000
RECENT_SECONDS = 30.0
KNOWN_JOBS = 10_000
"""Jobs whose title, location and number are remembered, some 300 bytes each."""
CLOSE_WAITS = 1.0
"""Seconds for which a close waits for iCIMS's words; it can do without them."""
AWAY_SECONDS = 30.0
"""After a failure, so long no close waits for iCIMS."""
LOW_QUOTA = 0.1
HIDDEN = frozenset({Category.PERMISSION, Category.NOT_FOUND})
NOTHING = IcimsJob(title=None)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One read of a job serves all who ask meanwhile, whatever for."""

    job_id: str
    use: Use = field(default=Use.POST, compare=False)


def unwatched(left: int, limit: int) -> None:
    """Take no note of the quota."""


class IcimsClient:
    """Read one customer's jobs, and report back how they stand on the boards."""

    def __init__(  # noqa: PLR0913 -- what is configured apart
        self,
        http: httpx.AsyncClient,
        *,
        api_url: str,
        token_url: str,
        customer_id: str,
        credentials: tuple[str, str],
        fields: IcimsFields | None = None,
        also: Sequence[str] = (),
        observe: Observe = unobserved,
        keeper: TokenKeeper | None = None,
        budget: Budget | None = None,
        watch: Callable[[int, int], None] = unwatched,
    ) -> None:
        """Connect nothing yet; `credentials` are the OAuth client id and secret, `also` fields that rules ask for.

        `watch` is told how many of the day's requests are left, of how many, with each answer that says so.
        """
        form = {"client_id": credentials[0], "client_secret": credentials[1], "audience": protocol.AUDIENCE}
        self.tokens = TokenSource(
            http, token_request(token_url, form), provider=PROVIDER, observe=observe, keeper=keeper
        )
        self._api_url, self._customer_id = api_url.rstrip("/"), customer_id
        self._fields, self._also = fields or IcimsFields(), tuple(also)
        self._client = AuthorizedClient(http, self.tokens, provider=PROVIDER, observe=observe)
        self._budget = budget or Budget(customer_id)
        # iCIMS counts every read against a daily quota (docs/providers/icims.md).
        self._recent_job = alru_cache(maxsize=RECENT_JOBS, ttl=RECENT_SECONDS)(self._read_job)
        self._known: OrderedDict[str, IcimsJob] = OrderedDict()
        self._watch = watch
        self.quota: Quota | None = None
        """What the newest answer says of the day's requests; None where none did."""
        self._away_until = 0.0

    async def job(self, job_id: str, *, fresh: bool = False, use: Use = Use.POST) -> IcimsJob:
        """Read a job's profile; unless `fresh`, one read serves both boards for a short while.

        Raises ProviderError.
        """
        if fresh:
            self._recent_job.cache_invalidate(_Ask(job_id))
        return await self._recent_job(_Ask(job_id, use))

    async def for_close(self, job_id: str, *, location: bool = False) -> IcimsJob:
        """Return what iCIMS says of a job within a second, or said before; nothing where it says nothing.

        With `location` the job's place is asked for too, in words. Never fails: a close can do without.
        """
        known = self._known.get(job_id)
        if (known is not None and (known.location or not location)) or time.monotonic() < self._away_until:
            return known or NOTHING
        try:
            async with asyncio.timeout(CLOSE_WAITS):
                job = await self.job(job_id, use=Use.CLOSE)
                return replace(job, location=await self.location(job, use=Use.CLOSE)) if location else job
        except ProviderError as error:
            if error.problem.category in HIDDEN:
                self._remember(job_id, NOTHING)
            elif error.problem.category is not Category.RATE_LIMITED:
                self._note_away(str(error))
        except TimeoutError:
            self._note_away("no answer yet")
        return self._known.get(job_id, NOTHING)

    def said_before(self, job_id: str) -> IcimsJob:
        """Return title, location and number as iCIMS said them before, as far as it did; it is not asked."""
        return self._known.get(job_id, NOTHING)

    def _note_away(self, why: str) -> None:
        self._away_until = time.monotonic() + AWAY_SECONDS
        logger.info("customer %s: closes go on without iCIMS's words: %s", self._customer_id, why)

    async def _read_job(self, ask: _Ask) -> IcimsJob:
        request = protocol.job_request(self._api_url, self._customer_id, ask.job_id, self._fields, self._also)
        job = await self._call(request, lambda answer: protocol.read_job(answer, self._fields, self._also), ask.use)
        self._remember(ask.job_id, job)
        return job

    def _remember(self, job_id: str, job: IcimsJob) -> None:
        # Without the description, which is long: a close is read by no member.
        self._known[job_id] = IcimsJob(title=job.title, location=job.location, number=job.number, said=job.said)
        self._known.move_to_end(job_id)
        if len(self._known) > KNOWN_JOBS:
            self._known.popitem(last=False)

    async def location(self, job: IcimsJob, *, use: Use = Use.POST) -> str | None:
        """Return a job's location in words: its address where that can be read, else its display string.

        Raises ProviderError where iCIMS fails; a hidden address is no failure.
        """
        address = await self.address(job, use=use)
        return job.location if address is None else address.in_words

    async def address(self, job: IcimsJob, *, use: Use = Use.POST) -> PostalAddress | None:
        """Return a job's address in its parts; `None` where iCIMS hides it or names no city.

        Raises ProviderError where iCIMS fails.
        """
        if job.address is None:
            return None
        request = protocol.address_request(self._api_url, self._customer_id, job.address)
        try:
            return await self._call(request, protocol.read_address, use)
        except ProviderError as error:
            if error.problem.category in HIDDEN:
                return None
            raise

    async def positions(self, job_id: str) -> int | None:
        """Read how many positions a job has; `None` where iCIMS shows no number.

        Raises ProviderError.
        """
        request = protocol.positions_request(self._api_url, self._customer_id, job_id, self._fields)
        # Whether a job is to be closed hangs on it.
        return await self._call(request, lambda answer: protocol.read_positions(answer, self._fields), Use.CLOSE)

    async def hiring(self, job_id: str, also: Sequence[str]) -> tuple[int | None, Mapping[str, tuple[str, ...]]]:
        """Read how many positions a job has, and what fields say that rules about hires ask for.

        Raises ProviderError.
        """
        request = protocol.positions_request(self._api_url, self._customer_id, job_id, self._fields, also)

        def read(answer: Response) -> tuple[int | None, Mapping[str, tuple[str, ...]]]:
            return protocol.read_positions(answer, self._fields), protocol.read_said(answer, also)

        return await self._call(request, read, Use.CLOSE)

    async def folder(self, job_id: str, *, use: Use = Use.CLOSE) -> Folder | None:
        """Read a job's folder; `None` where iCIMS hides it.

        Raises ProviderError.
        """
        request = protocol.folder_request(self._api_url, self._customer_id, job_id)
        return await self._call(request, protocol.read_folder, use)

    async def found(self, search: Search) -> tuple[frozenset[str], int]:
        """Return the ids of all jobs that match, page by page until an empty one, and how many calls that took.

        Raises ProviderError.
        """
        ids: set[str] = set()
        after: str | None = None
        calls = 1
        while page := await self._page(search, after):
            ids.update(page)
            after, calls = page[-1], calls + 1
        return frozenset(ids), calls

    async def found_among(self, search: Search, job_ids: Sequence[str]) -> tuple[frozenset[str], int]:
        """Return which of these jobs match, and how many calls that took.

        Raises ProviderError.
        """
        ids: set[str] = set()
        calls = 0
        for at in range(0, len(job_ids), IDS_AT_ONCE):
            found, made = await self.found(search.among(job_ids[at : at + IDS_AT_ONCE]))
            ids, calls = ids | found, calls + made
        return frozenset(ids.intersection(job_ids)), calls

    async def _page(self, search: Search, after: str | None) -> tuple[str, ...]:
        request = search_request(self._api_url, self._customer_id, search, after=after)
        return await self._call(request, lambda answer: read_search(answer, after=after), Use.RECONCILE)

    @property
    def calls_for_reconciliation(self) -> int:
        """Return how many calls of a day reconciliation may make at most."""
        return self._budget.for_reconciliation

    async def is_on_portal(self, portal: str, job_id: str) -> bool:
        """Read whether a career portal shows a job.

        Raises ProviderError.
        """
        request = protocol.portal_job_request(self._api_url, self._customer_id, portal, job_id)
        return await self._call(request, protocol.read_portal_job, Use.CLOSE)

    async def report(self, job_id: str, distributor_id: str, posts: Sequence[BoardPost]) -> None:
        """Report how a job stands on every board.

        Raises ProviderError.
        """
        request = reports.report_request(self._api_url, self._customer_id, job_id, distributor_id, posts)
        await self._call(request, reports.read_report, Use.REPORT)

    async def _call(self, request: Request, read: Callable[[Response], T], use: Use) -> T:
        taken = await self._budget.take(use, operation=request.operation)
        answers: list[Response] = []

        def kept(response: Response) -> T:
            answers.append(response)
            return read(response)

        try:
            return await self._client.call(request, kept)
        finally:
            if answers:
                await self._watch_quota(answers[-1])
            else:
                await self._budget.give_back(taken)

    async def _watch_quota(self, response: Response) -> None:
        quota = read_quota(response)
        if quota is None:
            return
        self.quota = quota
        self._watch(quota.left, quota.limit)
        await self._budget.learn(left=quota.left, quota=quota.limit, resets_in=quota.resets_in)
        if quota.left < quota.limit * LOW_QUOTA:
            logger.warning(
                "customer %s: %d of %d iCIMS requests are left today", self._customer_id, quota.left, quota.limit
            )
