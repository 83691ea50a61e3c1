"""One reading of an advertiser's whole listing, and what may be concluded from it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from clients.errors import ProviderError, unreadable
from clients.failures import no_answer
from clients.indeed.errors import PROVIDER, is_dead_cursor
from clients.indeed.found import FoundJob
from clients.indeed.search import Page, Search
from models.states import Live

PAGES_LIMIT = 2000
BEGINNINGS = 3
"""Times that a listing is begun whose cursor dies on the way."""
PAGE_WAITS = (0.2, 1.0, 5.0)
"""Seconds before a page that failed is read again in its place; then the reading fails as a whole."""
LONGEST_WAIT = timedelta(seconds=30)
"""For which Indeed may ask before such a page."""
TOLERANCE = 0.01
"""Share of Indeed's own estimate by which a listing may fall short: it is called an estimate."""
_ORDER = {Live.LIVE: 0, Live.UNKNOWN: 1, Live.NOT_LIVE: 2}

FetchPage = Callable[[Search, str | None], Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Listing:
    """What one reading of the listing showed: each job once."""

    jobs: tuple[FoundJob, ...]
    complete: bool
    """Nothing shows that a job may have been missed: no unreadable entry, no short or empty page."""
    by_posting_id: Mapping[str, tuple[FoundJob, ...]] = field(repr=False, default_factory=dict)
    by_requisition_id: Mapping[str, tuple[FoundJob, ...]] = field(repr=False, default_factory=dict)

    def has(self, posting_id: str) -> bool:
        """Return whether a job has this id, as its own or as its requisition's."""
        return posting_id in self.by_posting_id or posting_id in self.by_requisition_id

    @property
    def ids(self) -> frozenset[tuple[str, str | None]]:
        """Return which jobs it has, by which ids; two listings of the same state have the same."""
        return frozenset((job.employer_job_id, job.job_posting_id) for job in self.jobs)


class Reading:
    """Read the listing once, and say of each posting as soon as its page is read."""

    def __init__(self, fetch_page: FetchPage, searches: Sequence[Search], number: int, deadline: float) -> None:
        """Start to read, for `deadline` seconds at most; `number` says which reading began after which question."""
        self.number = number
        self._fetch_page, self._searches = fetch_page, searches
        self._seen: dict[str, tuple[FoundJob, ...]] = {}
        self._waiting: dict[str, asyncio.Future[tuple[FoundJob, ...]]] = {}
        self.task = asyncio.create_task(self._in_time(deadline))

    async def first(self, posting_id: str) -> tuple[FoundJob, ...]:
        """Wait for the first live posting; nothing where the reading ends without one."""
        seen = self._waiting.setdefault(posting_id, asyncio.get_running_loop().create_future())
        if _any_live(so_far := self._seen.get(posting_id, ())):
            return so_far
        either: set[asyncio.Future[Any]] = {seen, self.task}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return seen.result() if seen.done() else ()

    async def _in_time(self, deadline: float) -> Listing:
        try:
            async with asyncio.timeout(deadline):
                return await self._read()
        except TimeoutError as error:
            raise no_answer(PROVIDER, "find", error) from error

    async def _read(self) -> Listing:
        parts = [await self._of(search) for search in self._searches]
        jobs = tuple({job.employer_job_id: job for part in parts for job in part.jobs}.values())
        return Listing(
            jobs=jobs,
            complete=all(part.complete for part in parts),
            by_posting_id=_grouped((job.job_posting_id, job) for job in jobs),
            by_requisition_id=_grouped((job.job_requisition_id, job) for job in jobs),
        )

    async def _of(self, search: Search) -> Listing:
        for beginning in range(1, BEGINNINGS + 1):
            try:
                return _listing(await self._pages(search))
            except ProviderError as error:
                if not is_dead_cursor(error):
                    raise
                if beginning == BEGINNINGS:
                    raise unreadable(PROVIDER, "find", "a listing whose cursors die on the way") from error
        raise AssertionError("a listing is begun at least once")

    async def _pages(self, search: Search) -> list[Page]:
        pages: list[Page] = []
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(PAGES_LIMIT):
            page = await self._page(search, cursor)
            pages.append(page)
            self._note(page)
            cursor = page.next_cursor
            if cursor is None:
                return pages
            if cursor in seen:
                break
            seen.add(cursor)
        raise unreadable(PROVIDER, "find", "a listing that does not end")

    async def _page(self, search: Search, cursor: str | None) -> Page:
        """Read a page; after the first one, what was read before is not given up for one failure."""
        for wait in PAGE_WAITS if cursor is not None else ():
            try:
                return await self._fetch_page(search, cursor)
            except ProviderError as error:
                asked = error.problem.retry_after or timedelta(0)
                if not error.problem.retried or is_dead_cursor(error) or asked > LONGEST_WAIT:
                    raise
            await asyncio.sleep(max(wait, asked.total_seconds()))
        return await self._fetch_page(search, cursor)

    def _note(self, page: Page) -> None:
        for posting_id, jobs in _grouped((job.job_posting_id, job) for job in page.jobs).items():
            together = live_first((*self._seen.get(posting_id, ()), *jobs))
            self._seen[posting_id] = together
            waiting = self._waiting.get(posting_id)
            if waiting is not None and not waiting.done() and _any_live(together):
                waiting.set_result(together)


def live_first(jobs: Iterable[FoundJob]) -> tuple[FoundJob, ...]:
    """Return the postings of one job, those that are live first, otherwise as they were listed."""
    return tuple(sorted(jobs, key=lambda job: _ORDER[job.live]))


def _listing(pages: Sequence[Page]) -> Listing:
    jobs = {job.employer_job_id: job for page in pages for job in page.jobs}
    # As many as there were when the reading began: what was added since hides nothing.
    expected = pages[0].estimated_total or 0
    return Listing(
        jobs=tuple(jobs.values()),
        complete=all(page.complete for page in pages)
        # A page after a cursor has something on it, unless the listing moved while it was read.
        and all(page.jobs or page.nulls for page in pages[1:])
        and all(job.employer_job_id for job in jobs.values())
        and len(jobs) >= expected - int(expected * TOLERANCE),
    )


def _grouped(named: Iterable[tuple[str | None, FoundJob]]) -> dict[str, tuple[FoundJob, ...]]:
    groups: dict[str, list[FoundJob]] = {}
    for name, job in named:
        if name is not None:
            groups.setdefault(name, []).append(job)
    return {name: live_first(jobs) for name, jobs in groups.items()}


def _any_live(jobs: Sequence[FoundJob]) -> bool:
    return any(job.live is Live.LIVE for job in jobs)
