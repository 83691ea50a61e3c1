"""The directory of Indeed's jobs: one crawl for all who wait, and absence only from a whole, later one."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.errors import ProviderError, unreadable
from clients.indeed import directory
from clients.indeed.directory import JobDirectory
from clients.indeed.found import FoundJob
from clients.indeed.search import Page, Search


def job(posting_id: str | None, *, iri: str | None = None, requisition: str | None = None) -> FoundJob:
    return FoundJob(iri or f"iri-{posting_id}", posting_id, requisition)


class Listing:
    """An advertiser's jobs, newest first, in pages; a cursor is a number of jobs counted from the end."""

    def __init__(self, *jobs: FoundJob, page_size: int = 2) -> None:
        self.jobs, self.page_size = list(jobs), page_size
        self.crawls = 0
        self.pages = 0
        self.failing: set[int] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def page(self, _: Search, cursor: str | None) -> Page:
        self.crawls += cursor is None
        self.pages += 1
        number = self.pages
        end = len(self.jobs) if cursor is None else int(cursor)
        await self.gate.wait()
        await asyncio.sleep(0)
        if number in self.failing:
            raise unreadable("Indeed", "find", f"page {number}")
        start = max(end - self.page_size, 0)
        return Page(tuple(reversed(self.jobs[start:end])), str(start) if start else None)

    def add(self, posting_id: str) -> None:
        self.jobs.append(job(posting_id))


async def test_a_hundred_waiters_share_one_crawl() -> None:
    listing = Listing(*(job(str(number)) for number in range(100)))
    finder = JobDirectory(listing.page)
    found = await asyncio.gather(*(finder.find(str(number)) for number in range(100)))
    assert found == [f"iri-{number}" for number in range(100)]
    assert (listing.crawls, listing.pages) == (1, 50)


async def test_a_known_job_is_found_without_a_crawl() -> None:
    listing = Listing(job("1"), job("2"))
    finder = JobDirectory(listing.page)
    assert [await finder.find("1"), await finder.find("2")] == ["iri-1", "iri-2"]
    assert listing.crawls == 1


async def test_a_job_is_found_by_its_posting_id_before_another_ones_requisition() -> None:
    by_requisition = job("a", iri="iri-a", requisition="1209")
    listing = Listing(by_requisition, job("1209", iri="iri-b"), job("c", iri="iri-c", requisition="1209"), job(None))
    finder = JobDirectory(listing.page)
    assert await finder.find("1209") == "iri-b"
    listing.jobs = [by_requisition]
    assert await finder.find("1209", fresh=True) == "iri-a"


async def test_a_job_that_a_whole_listing_does_not_have_is_absent() -> None:
    listing = Listing(job("1"), job("2"), job("3"))
    finder = JobDirectory(listing.page)
    assert await finder.find("4") is None
    assert (listing.crawls, listing.pages) == (1, 2)


async def test_absence_is_looked_up_again_each_time() -> None:
    listing = Listing(job("1"))
    finder = JobDirectory(listing.page)
    assert await finder.find("2") is None
    listing.add("2")
    assert await finder.find("2") == "iri-2"


async def test_a_crawl_under_way_does_not_prove_absence() -> None:
    listing = Listing(job("1"), job("2"))
    finder = JobDirectory(listing.page)
    listing.gate.clear()
    early = asyncio.create_task(finder.find("1"))
    await asyncio.sleep(0.01)
    listing.add("3")  # newest first: the running crawl has passed its place
    late = asyncio.create_task(finder.find("3"))
    await asyncio.sleep(0.01)
    listing.gate.set()
    assert (await early, await late) == ("iri-1", "iri-3")
    assert listing.crawls == 2


async def test_a_crawl_under_way_may_prove_presence() -> None:
    listing = Listing(job("1"), job("2"))
    finder = JobDirectory(listing.page)
    found = await asyncio.gather(*(finder.find(each) for each in ("1", "2")))
    assert (found, listing.crawls) == (["iri-1", "iri-2"], 1)


async def test_a_fresh_look_distrusts_earlier_and_running_crawls() -> None:
    listing = Listing(job("1", iri="old"))
    finder = JobDirectory(listing.page)
    assert await finder.find("1") == "old"
    listing.gate.clear()
    running = asyncio.create_task(finder.find("unknown"))
    await asyncio.sleep(0.01)
    fresh = [asyncio.create_task(finder.find("1", fresh=True)) for _ in range(5)]
    await asyncio.sleep(0.01)
    listing.jobs = [job("1", iri="new")]
    listing.gate.set()
    assert await asyncio.gather(*fresh) == ["new"] * 5
    assert await running is None
    assert listing.crawls == 3
    assert await finder.find("1") == "new"


async def test_a_fresh_look_at_a_job_that_is_gone_finds_nothing() -> None:
    listing = Listing(job("1"))
    finder = JobDirectory(listing.page)
    await finder.find("1")
    listing.jobs = []
    assert await finder.find("1", fresh=True) is None
    assert await finder.find("1") is None


async def test_a_failing_page_fails_all_who_wait_and_keeps_what_was_known() -> None:
    listing = Listing(*(job(str(number)) for number in range(6)))
    finder = JobDirectory(listing.page)
    await finder.find("0")
    listing.failing = {5}  # the second page of the second crawl
    found = await asyncio.gather(*(finder.find("new") for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in found] == [ProviderError] * 5
    assert listing.crawls == 2
    assert await finder.find("0") == "iri-0"
    listing.add("new")
    assert await finder.find("new") == "iri-new"


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
async def test_a_listing_whose_cursors_run_in_a_circle_is_unreadable(cursors: list[str]) -> None:
    rest = iter(cursors)

    async def page(_: Search, __: str | None) -> Page:
        return Page((job("1"),), next(rest))

    with pytest.raises(ProviderError, match="does not end"):
        await JobDirectory(page).find("2")


async def test_a_listing_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PAGES_LIMIT", 10)
    asked: list[str | None] = []

    async def page(_: Search, cursor: str | None) -> Page:
        asked.append(cursor)
        return Page((), str(len(asked)))

    with pytest.raises(ProviderError, match="does not end"):
        await JobDirectory(page).find("1")
    assert len(asked) == 10


async def test_a_finder_that_gives_up_does_not_stop_the_crawl() -> None:
    listing = Listing(job("1"))
    listing.gate.clear()
    finder = JobDirectory(listing.page)
    first, second = asyncio.create_task(finder.find("1")), asyncio.create_task(finder.find("1"))
    await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    listing.gate.set()
    assert await second == "iri-1"
    assert listing.crawls == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 15)),
        st.tuples(st.just("find"), st.integers(0, 15)),
        st.tuples(st.just("fresh"), st.integers(0, 15)),
        st.tuples(st.just("wait"), st.integers(1, 6)),
    ),
    max_size=40,
)


@settings(max_examples=150)
@given(st.sets(st.integers(0, 15), max_size=8), st.integers(1, 4), STEPS)
async def test_whatever_runs_at_once_nothing_that_stands_in_the_listing_is_called_absent(
    present: set[int], page_size: int, steps: list[tuple[str, int]]
) -> None:
    listing = Listing(*(job(str(number)) for number in present), page_size=page_size)
    finder = JobDirectory(listing.page)
    finds: list[tuple[int, bool, asyncio.Task[str | None]]] = []
    for step, number in steps:
        if step == "add" and number not in present:
            present.add(number)
            listing.add(str(number))
        elif step in {"find", "fresh"}:
            task = asyncio.create_task(finder.find(str(number), fresh=step == "fresh"))
            finds.append((number, number in present, task))
        elif step == "wait":
            for _ in range(number):
                await asyncio.sleep(0)
    # A find runs from its first step on, so what stood in the listing when it was made must be found.
    found = await asyncio.gather(*(task for _, _, task in finds))
    for (number, stood, _), iri in zip(finds, found, strict=True):
        assert iri in ({f"iri-{number}"} if stood else {f"iri-{number}", None})
    assert listing.crawls <= len(finds)


async def test_a_listing_with_unreadable_entries_finds_but_proves_no_absence() -> None:
    async def page(_: Search, __: str | None) -> Page:
        return Page((job("1"),), None, complete=False)

    finder = JobDirectory(page)
    assert await finder.find("1") == "iri-1"
    with pytest.raises(ProviderError, match="unreadable entries"):
        await finder.find("2")
