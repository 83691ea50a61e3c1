"""Which postings a job has at Indeed: one reading of the listing answers everyone who waits."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from clients.errors import ProviderError, unreadable
from clients.gathering import Gathering
from clients.indeed.errors import PROVIDER
from clients.indeed.found import FoundJob
from clients.indeed.listing import FetchPage, Listing, Reading, live_first
from clients.indeed.search import Search
from clients.urgency import UNHURRIED
from models.indeed_ids import job_key
from models.problems import Category, Problem
from models.states import Live

READINGS = 4
"""Readings within which two must agree, one right after the other, for a job to be absent."""
RECENT, RECENT_TIMES = 30.0, 10
"""Seconds, and times that it took, for which a reading is recent."""
QUICK = 2.0
"""Seconds."""
NAMED_AT_ONCE = 20
"""Requisitions in one search: what they have fits one page."""
ANY_NUMBER = 100_000
DEADLINE = 900.0
"""Seconds for a whole reading: 2,000 pages at Indeed's 5 searches a second take 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """What the listing says of one job, live postings first."""

    postings: tuple[FoundJob, ...] = ()
    """Those whose `jobPostingId` is the job's: each of them is the job."""
    by_requisition: tuple[FoundJob, ...] = ()
    """Those without a `jobPostingId` whose `jobRequisitionId` is the job's: only a guess, if anything."""
    named_otherwise: tuple[FoundJob, ...] = ()
    """Those whose `jobRequisitionId` is the job's, but whose `jobPostingId` is another: as a rule, another job."""
    all: bool = True
    """Nothing is missing from `postings`; false where one live posting was enough, or the listing was not whole."""
    listing_empty: bool = False
    """The advertiser has no job at all: more likely a fault of the configuration than the truth."""
    listings: tuple[Listing, ...] = field(default=(), repr=False)
    """In which it was looked for to the end."""

    @property
    def absent(self) -> bool:
        """Return whether the job is proven to have no posting under its `jobPostingId`."""
        return self.all and not self.postings

    def by_ids(self, employer_job_ids: Collection[str]) -> Mapping[str, FoundJob]:
        """Return those of these postings that are listed, whichever job they are named as, in whatever spelling."""
        asked = {job_key(each): each for each in employer_job_ids}
        jobs = [job for listing in self.listings for job in listing.jobs] if asked else []
        return {asked[key]: job for job in jobs if (key := job_key(job.employer_job_id)) in asked}

    def lists(self, employer_job_ids: Collection[str]) -> tuple[str, ...]:
        """Return which of these postings are listed and have not ended, whichever job they are named as."""
        return tuple(each for each, job in self.by_ids(employer_job_ids).items() if job.live is not Live.NOT_LIVE)


class JobDirectory:
    """Look jobs up by the id that their ATS gave them."""

    def __init__(self, fetch_page: FetchPage, searches: Sequence[Search] = (Search(),)) -> None:
        """Read nothing yet; `fetch_page` takes a search and a cursor. A listing is complete with all searches."""
        self._fetch_page, self._searches = fetch_page, searches
        self._last: Listing | None = None
        self._running: Reading | None = None
        self._started = 0
        self._last_at = self._last_took = 0.0
        self._newest = Gathering(self._among_the_newest, largest=ANY_NUMBER, at_once=1)
        self._named = Gathering(self._of_requisitions, largest=NAMED_AT_ONCE, at_once=1)

    async def find(
        self,
        posting_id: str,
        *,
        fresh: bool = False,
        wait_for_all: bool = True,
        complete: bool = False,
        requisition_ids: Collection[str] = (),
    ) -> Postings:
        """Return the postings of a job.

        `fresh` distrusts earlier readings: Indeed may give a job further postings. Without `wait_for_all` the first
        live posting is returned as soon as a search for the `requisition_ids` that the job may have there shows it, or
        its page is read, also by a reading under way: enough to begin with, and no proof of anything. That there is
        none is said only after two complete readings, both begun after this call, that agree. With `complete`, a
        reading that may hide a posting answers nothing, also where it has others of the job.
        Raises ProviderError (tried again) where a page, or the listing as a whole, proves nothing.
        """
        if not fresh and self._last is not None and self._last.complete and posting_id in self._last.by_posting_id:
            return _postings(self._last, posting_id)
        if not wait_for_all and (named := await self._by_requisition(posting_id, requisition_ids)):
            return Postings(postings=named, all=False)
        # A reading already under way may have passed the place where a new job now stands.
        asked_at = self._started
        before: Listing | None = None
        for _ in range(READINGS + 1):
            reading = self._current()
            begun_after = reading.number > asked_at
            if not wait_for_all:
                early = await self._early(reading, posting_id)
                if early is not None:
                    return early
            listing = await _of(reading)
            answers = listing.complete or not complete
            if posting_id in listing.by_posting_id and answers and (begun_after or not fresh):
                return _postings(listing, posting_id)
            if not begun_after:
                continue
            if before is not None and _agree(before, listing):
                return _postings(listing, posting_id)
            before = listing
        raise _unsettled(before)

    async def look(self, posting_id: str, *, fresh: bool = False) -> Postings:
        """Return the postings of a job in the newest reading; that it has none proves nothing.

        `fresh` wants a reading begun after this call. While the last one is recent and has none of the job, only the
        newest jobs are read, and all again once it is among them: those who wait for new jobs ask often.
        Raises ProviderError.
        """
        last = self._last
        if not fresh and last is not None and posting_id in last.by_posting_id:
            return _postings(last, posting_id)
        waits = last is not None and last.complete and self._is_recent and not last.has(posting_id)
        if waits and not await self._newest.ask(posting_id, urgency=UNHURRIED):
            return Postings(all=False)
        found = _postings(await self.listing(), posting_id)
        return found if found.postings else replace(found, all=False)

    async def listing(self) -> Listing:
        """Return a reading of the whole listing, begun after this call; it says itself whether it is complete.

        Raises ProviderError.
        """
        asked_at = self._started
        while True:
            reading = self._current()
            listing = await _of(reading)
            if reading.number > asked_at:
                return listing

    @property
    def is_quick(self) -> bool:
        """Return whether the last whole reading took a moment only, so that one more may be waited for."""
        return self._last is not None and self._last_took < QUICK

    @property
    def _is_recent(self) -> bool:
        # By how long it took: whoever waits for new jobs takes up no more than a fraction of the searches.
        return time.monotonic() < self._last_at + max(RECENT, RECENT_TIMES * self._last_took)

    async def _among_the_newest(self, posting_ids: Sequence[str]) -> list[bool]:
        pages = [await self._fetch_page(search, None) for search in self._searches]
        there = {name for page in pages for job in page.jobs for name in (job.job_posting_id, job.job_requisition_id)}
        return [each in there for each in posting_ids]

    async def _by_requisition(self, posting_id: str, requisition_ids: Collection[str]) -> tuple[FoundJob, ...]:
        """Return a job's live postings by a search of its own, where the whole listing may take long to come to it."""
        if self.is_quick or (self._running is not None and not self._running.task.done()):
            return ()
        answers = await self._named.ask_all(tuple(requisition_ids))
        # A search that failed says nothing: the whole listing is read then.
        found = [job for jobs in answers if not isinstance(jobs, ProviderError) for job in jobs]
        named = {job.employer_job_id: job for job in found if job.job_posting_id == posting_id}
        return live_first(named.values()) if any(job.live is Live.LIVE for job in named.values()) else ()

    async def _of_requisitions(self, ids: Sequence[str]) -> list[tuple[FoundJob, ...]]:
        searches = [replace(search, job_requisition_ids=tuple(ids)) for search in self._searches]
        pages = [await self._fetch_page(search, None) for search in searches]
        return [tuple(job for page in pages for job in page.jobs if job.job_requisition_id == id_) for id_ in ids]

    async def _early(self, reading: Reading, posting_id: str) -> Postings | None:
        found = await reading.first(posting_id)
        return Postings(postings=found, all=False) if found and not reading.task.done() else None

    def _current(self) -> Reading:
        if self._running is None or self._running.task.done():
            self._started += 1
            self._running = Reading(self._fetch_page, self._searches, self._started, DEADLINE)
            self._running.task.add_done_callback(partial(self._ended, time.monotonic()))
        return self._running

    def _ended(self, began_at: float, task: asyncio.Task[Listing]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._last, self._last_at = task.result(), time.monotonic()
            self._last_took = self._last_at - began_at


async def _of(reading: Reading) -> Listing:
    try:
        # Shielded: a caller that gives up must not take the listing from the others.
        return await asyncio.shield(reading.task)
    except ProviderError as error:
        raise error.again() from error.__cause__


def _agree(earlier: Listing, later: Listing) -> bool:
    """Return whether two complete readings bear each other out.

    A job is passed over when others before it go while the listing is read: those are then in the earlier reading,
    and no longer in the later one. What is new in the later one hides nothing.
    """
    return earlier.complete and later.complete and earlier.ids <= later.ids


def _postings(listing: Listing, posting_id: str) -> Postings:
    shared = listing.by_requisition_id.get(posting_id, ())
    return Postings(
        postings=listing.by_posting_id.get(posting_id, ()),
        by_requisition=tuple(job for job in shared if job.job_posting_id is None),
        named_otherwise=tuple(job for job in shared if job.job_posting_id not in {None, posting_id}),
        all=listing.complete,
        listing_empty=listing.complete and not listing.jobs,
        listings=(listing,),
    )


def _unsettled(last: Listing | None) -> ProviderError:
    if last is not None and not last.complete:
        return unreadable(PROVIDER, "find", "a listing with missing or unreadable entries, which may hide the job")
    problem = Problem(
        category=Category.TEMPORARY,
        reason="Indeed's listing changed each time it was read, so it does not prove that the job is not in it.",
        remedy="Boardsync reads it again by itself.",
    )
    return ProviderError(problem, provider=PROVIDER, operation="find")
