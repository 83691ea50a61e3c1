"""Which job has which id at Indeed: one crawl of the listing answers everyone who waits."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from clients.errors import unreadable
from clients.indeed.errors import PROVIDER
from clients.indeed.search import Page, Search

PAGES_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole listing: ids by the names the ATS gave."""

    known: Mapping[str, str]
    complete: bool


@dataclass(slots=True)
class _Crawl:
    number: int
    task: "asyncio.Task[Listing]" = field(init=False)


class JobDirectory:
    """Look jobs up by the id their ATS gave them."""

    def __init__(
        self, fetch_page: Callable[[Search, str | None], Awaitable[Page]], searches: Sequence[Search] = (Search(),)
    ) -> None:
        """Crawl nothing yet; `fetch_page` takes a search and a cursor. A listing is complete with all searches."""
        self._fetch_page, self._searches = fetch_page, searches
        self._known: Mapping[str, str] = {}
        self._running: _Crawl | None = None
        self._started = 0

    async def find(self, posting_id: str, *, fresh: bool = False) -> str | None:
        """Give the job's IRI; null where a complete listing, begun after this call, does not have it.

        `fresh` distrusts earlier listings: Indeed may give a job a new id.
        Raises ProviderError where a page could not be read.
        """
        if not fresh and posting_id in self._known:
            return self._known[posting_id]
        # A crawl already under way may have passed the place where a new job now stands.
        asked_at = self._started
        while True:
            crawl = self._running or self._start()
            listing = await asyncio.shield(crawl.task)
            began_after = crawl.number > asked_at
            if posting_id in listing.known and (began_after or not fresh):
                return listing.known[posting_id]
            if began_after and not listing.complete:
                raise unreadable(PROVIDER, "find", "a listing with unreadable entries, which may hide the job")
            if began_after:
                return None

    def _start(self) -> _Crawl:
        self._started += 1
        crawl = self._running = _Crawl(self._started)
        crawl.task = asyncio.create_task(self._crawl())
        return crawl

    async def _crawl(self) -> Listing:
        try:
            pages = [page for search in self._searches for page in await self._pages(search)]
            jobs = [job for page in pages for job in page.jobs]
            # The posting id wins over the requisition id, which several postings may share.
            known = {job.job_requisition_id: job.employer_job_id for job in jobs if job.job_requisition_id}
            known |= {job.job_posting_id: job.employer_job_id for job in jobs if job.job_posting_id}
            self._known = known
            return Listing(known, complete=all(page.complete for page in pages))
        finally:
            self._running = None

    async def _pages(self, search: Search) -> list[Page]:
        pages: list[Page] = []
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(PAGES_LIMIT):
            page = await self._fetch_page(search, cursor)
            pages.append(page)
            cursor = page.next_cursor
            if cursor is None:
                return pages
            if cursor in seen:
                break
            seen.add(cursor)
        raise unreadable(PROVIDER, "find", "a listing that does not end")
