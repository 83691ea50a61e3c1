"""Several applications, advertisers or sources of one customer at Indeed, asked as if they were one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from clients.errors import ProviderError
from clients.indeed.client import IndeedClient
from clients.indeed.directory import Postings
from clients.indeed.errors import PROVIDER
from clients.indeed.found import FoundJob
from clients.indeed.reading import EmployerJob, Managed, Pay
from clients.indeed.results import ItemResult
from clients.indeed.search import Page, Search
from models.overlay import Overlay
from models.problems import Category, Problem
from models.states import Live

T = TypeVar("T")
UNDER_SEVERAL = Problem(
    category=Category.CONFIGURATION,
    reason="The job's jobPostingId is listed under several of the customer's accounts at Indeed, and iCIMS does not "
    "say in a field that [[customers.indeed.rules]] asks for which one the job is at. Nothing was sent.",
    remedy="Let the integration user see the rules' fields in iCIMS, or fill them in; then send `retry`. Or say which "
    "posting it is by `boardsync link`.",
)


class SeveralIndeed:
    """Find a job's postings wherever they are; each is read and written where it is shown, and nowhere else."""

    def __init__(self, clients: Sequence[IndeedClient], *, decided: bool) -> None:
        """Ask nothing yet; where it is not `decided` that all of them may have postings of one job, only one may."""
        self.clients = tuple(clients)
        self._shown_to: dict[str, IndeedClient] = {}
        # Copies, so that equal searches of two clients are told apart.
        self._placed = [(replace(search), client) for client in clients for search in client.searches]
        self.searches: Sequence[Search] = [search for search, _ in self._placed]
        self.directory = SeveralDirectories(self.clients, self._shown_to, decided=decided)

    def account_of(self, employer_job_id: str) -> str | None:
        """Return the account that showed a posting; None where none has yet."""
        client = self._shown_to.get(employer_job_id)
        return None if client is None else client.account

    async def job(self, employer_job_id: str) -> EmployerJob:
        """Read a job where it is shown.

        Raises ProviderError: that there is none only where all say so.
        """
        if (known := self._shown_to.get(employer_job_id)) is not None:
            return await known.job(employer_job_id)
        answers = await asyncio.gather(*(_or_error(each.job(employer_job_id)) for each in self.clients))
        for client, answer in zip(self.clients, answers, strict=True):
            if isinstance(answer, EmployerJob):
                self._shown_to[employer_job_id] = client
                return answer
        raise _weightiest(each for each in answers if isinstance(each, ProviderError))

    async def managed(self, employer_job_id: str) -> Managed:
        """Read what Indeed tells people of a job.

        Raises ProviderError.
        """
        return await (await self._where(employer_job_id)).managed(employer_job_id)

    async def pay(self, employer_job_id: str) -> Pay | None:
        """Read a job's salary.

        Raises ProviderError.
        """
        return await (await self._where(employer_job_id)).pay(employer_job_id)

    async def _where(self, employer_job_id: str) -> IndeedClient:
        if employer_job_id not in self._shown_to:
            await self.job(employer_job_id)
        return self._shown_to[employer_job_id]

    async def found(self, employer_job_ids: Sequence[str]) -> dict[str, FoundJob | ProviderError | None]:
        """Read what any number of jobs show; `None` is one of which every account says nothing."""
        return self._merged(await asyncio.gather(*(each.found(employer_job_ids) for each in self.clients)))

    async def found_together(self, employer_job_ids: Sequence[str]) -> dict[str, FoundJob | ProviderError | None]:
        """Read the same for who goes on only with what was read.

        Raises ProviderError.
        """
        return self._merged(await asyncio.gather(*(each.found_together(employer_job_ids) for each in self.clients)))

    def _merged(
        self, answers: Sequence[Mapping[str, FoundJob | ProviderError | None]]
    ) -> dict[str, FoundJob | ProviderError | None]:
        merged: dict[str, FoundJob | ProviderError | None] = {}
        for client, answer in zip(self.clients, answers, strict=True):
            for id_, job in answer.items():
                if isinstance(job, FoundJob):
                    self._shown_to.setdefault(id_, client)
                    merged[id_] = job
                elif merged.get(id_) is None:
                    merged[id_] = job
        return merged

    async def clear_all(self, employer_job_ids: Sequence[str]) -> dict[str, ItemResult]:
        """Clear each job where it is shown, and return whether Indeed accepted it."""
        return await self._write({each: each for each in employer_job_ids}, _clears)

    async def update_all(self, updates: Mapping[str, Overlay]) -> dict[str, ItemResult]:
        """Set fields of each job where it is shown, and return whether Indeed accepted it."""
        return await self._write(updates, _updates)

    async def _write(
        self, items: Mapping[str, T], write: Callable[[IndeedClient, Mapping[str, T]], Awaitable[dict[str, ItemResult]]]
    ) -> dict[str, ItemResult]:
        results: dict[str, ItemResult] = {}
        parts: dict[IndeedClient, dict[str, T]] = {}
        for id_, item in items.items():
            try:
                parts.setdefault(await self._where(id_), {})[id_] = item
            except ProviderError as error:  # what nobody shows is written by nobody
                results[id_] = ItemResult(accepted=False, error=error)
        for answers in await asyncio.gather(*(write(client, part) for client, part in parts.items())):
            results |= answers
        return {id_: results[id_] for id_ in items}

    async def page(self, search: Search, after: str | None = None, *, before: str | None = None) -> Page:
        """Read a page by one of `searches`.

        Raises ProviderError.
        """
        client = next(client for placed, client in self._placed if placed is search)
        page = await client.page(search, after, before=before)
        self._shown_to.update({each.employer_job_id: client for each in page.jobs if each.employer_job_id})
        return page


class SeveralDirectories:
    """The listings of all accounts."""

    def __init__(self, clients: Sequence[IndeedClient], shown_to: dict[str, IndeedClient], *, decided: bool) -> None:
        """Read nothing yet; whom a posting was shown to is noted in `shown_to`."""
        self._clients, self._shown_to, self._decided = clients, shown_to, decided

    @property
    def is_quick(self) -> bool:
        """Return whether each was read in a moment."""
        return all(each.directory.is_quick for each in self._clients)

    async def find(
        self,
        posting_id: str,
        *,
        fresh: bool = False,
        wait_for_all: bool = True,
        complete: bool = False,
        requisition_ids: Collection[str] = (),
    ) -> Postings:
        """Return the postings of a job in all listings, as one client's directory does.

        Raises ProviderError: where any listing proves nothing, and where more than one has a job that is only at one.
        """
        asked = (
            each.directory.find(
                posting_id,
                fresh=fresh,
                wait_for_all=wait_for_all,
                complete=complete,
                requisition_ids=requisition_ids,
            )
            for each in self._clients
        )
        return self._together(await asyncio.gather(*asked))

    async def look(self, posting_id: str, *, fresh: bool = False) -> Postings:
        """Return the postings of a job in the newest listings.

        Raises ProviderError.
        """
        asked = (each.directory.look(posting_id, fresh=fresh) for each in self._clients)
        return self._together(await asyncio.gather(*asked))

    def _together(self, answers: Sequence[Postings]) -> Postings:
        there = [{job.employer_job_id for job in (*each.postings, *each.by_requisition)} for each in answers]
        if not self._decided and set().union(*there) not in there:
            raise ProviderError(UNDER_SEVERAL, provider=PROVIDER, operation="find")
        for client, answer in zip(self._clients, answers, strict=True):
            self._shown_to.update({each.employer_job_id: client for each in (*answer.postings, *answer.by_requisition)})
        return Postings(
            postings=tuple(sorted(_each_once(job for each in answers for job in each.postings), key=_live_first)),
            by_requisition=tuple(_each_once(job for each in answers for job in each.by_requisition)),
            named_otherwise=tuple(job for each in answers for job in each.named_otherwise),
            all=all(each.all for each in answers),
            listing_empty=any(each.listing_empty for each in answers),
            listings=tuple(listing for each in answers for listing in each.listings),
        )


async def _clears(client: IndeedClient, part: Mapping[str, str]) -> dict[str, ItemResult]:
    return await client.clear_all(list(part))


async def _updates(client: IndeedClient, part: Mapping[str, Overlay]) -> dict[str, ItemResult]:
    return await client.update_all(part)


async def _or_error(asked: Awaitable[T]) -> T | ProviderError:
    try:
        return await asked
    except ProviderError as error:
        return error


def _weightiest(errors: Iterable[ProviderError]) -> ProviderError:
    """Return what is not only that one of them has no such job: the others may have it."""
    found = list(errors)
    return next((each for each in found if each.problem.category is not Category.NOT_FOUND), found[0])


def _each_once(jobs: Iterable[FoundJob]) -> Iterable[FoundJob]:
    return {job.employer_job_id: job for job in jobs}.values()


def _live_first(job: FoundJob) -> bool:
    return job.live is not Live.LIVE


Indeed = IndeedClient | SeveralIndeed
"""A customer's postings, wherever they are."""
