"""The directory of Indeed's jobs: all postings of a job, one reading for all who wait, and no false absence."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.errors import ProviderError, unreadable
from clients.http import Response
from clients.indeed import directory, listing
from clients.indeed.directory import JobDirectory, Postings
from clients.indeed.errors import graphql_error
from clients.indeed.found import FoundJob
from clients.indeed.search import Page, Search
from models.problems import Category, Problem
from models.states import Live
from tests.support.replies import reply

READ = 2
"""Readings that prove an absence."""


def job(
    posting_id: str | None, *, iri: str | None = None, requisition: str | None = None, live: Live = Live.LIVE
) -> FoundJob:
    return FoundJob(iri or f"iri-{posting_id}", posting_id, requisition, live=live)


def dead_cursor(answer: Response | None = None) -> ProviderError:
    error = {"extensions": {"code": "BAD_USER_INPUT", "message": "The cursor is not valid."}}
    return graphql_error("find", error, answer or reply())


class Advertiser:
    """An advertiser's jobs, newest first, in pages; a cursor is a place in the list as it is then."""

    def __init__(self, *jobs: FoundJob, page_size: int = 2) -> None:
        self.jobs, self.page_size = list(jobs), page_size
        self.readings = self.pages = 0
        self.failing: dict[int, ProviderError] = {}
        self.changes: dict[int, list[tuple[str, FoundJob]]] = {}
        self.estimate = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def page(self, _: Search, cursor: str | None) -> Page:
        self.readings += cursor is None
        self.pages += 1
        number = self.pages
        await self.gate.wait()
        await asyncio.sleep(0)
        if number in self.failing:
            raise self.failing[number]
        start = 0 if cursor is None else int(cursor)
        end = start + self.page_size
        some = tuple(self.jobs[start:end])
        more = str(end) if end < len(self.jobs) else None
        total = len(self.jobs) + self.estimate
        for change, each in self.changes.pop(number, []):
            if change == "add":
                self.jobs.insert(0, each)
            elif each in self.jobs:
                self.jobs.remove(each)
        return Page(some, more, estimated_total=total)

    def add(self, posting_id: str) -> None:
        self.jobs.insert(0, job(posting_id))


def irisof(found: Postings) -> list[str]:
    return [each.employer_job_id for each in found.postings]


async def test_a_hundred_waiters_share_one_reading() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(100)))
    finder = JobDirectory(advertiser.page)
    found = await asyncio.gather(*(finder.find(str(number)) for number in range(100)))
    assert [irisof(each) for each in found] == [[f"iri-{number}"] for number in range(100)]
    assert (advertiser.readings, advertiser.pages) == (1, 50)


async def test_a_known_job_is_found_without_a_reading() -> None:
    advertiser = Advertiser(job("1"), job("2"))
    finder = JobDirectory(advertiser.page)
    assert [irisof(await finder.find(each)) for each in ("1", "2")] == [["iri-1"], ["iri-2"]]
    assert advertiser.readings == 1


async def test_every_posting_of_a_job_is_found_live_ones_first() -> None:
    stale = job("1", iri="stale", live=Live.NOT_LIVE)
    dim = job("1", iri="dim", live=Live.UNKNOWN)
    live, later = job("1", iri="live"), job("1", iri="later")
    advertiser = Advertiser(stale, job("2"), dim, live, job("3"), later)
    found = await JobDirectory(advertiser.page).find("1")
    assert irisof(found) == ["live", "later", "dim", "stale"]
    assert found.all
    assert not found.absent


async def test_a_requisition_is_never_mixed_with_postings() -> None:
    # Job 802 is not on Indeed, but job 801 has its number.
    other = job("801", requisition="802")
    nameless = job(None, iri="crawled", requisition="802")
    own = job("803", requisition="803")
    finder = JobDirectory(Advertiser(other, nameless, own).page)
    found = await finder.find("802")
    assert found.absent
    assert [each.employer_job_id for each in found.by_requisition] == ["crawled"]
    assert found.named_otherwise == (other,)
    found = await finder.find("803")
    assert (found.postings, found.by_requisition, found.named_otherwise) == ((own,), (), ())


async def test_absence_takes_two_readings_begun_after_the_question() -> None:
    advertiser = Advertiser(job("1"), job("2"), job("3"))
    finder = JobDirectory(advertiser.page)
    found = await finder.find("4")
    assert found.absent
    assert not found.listing_empty
    assert (advertiser.readings, advertiser.pages) == (READ, 4)


async def test_an_empty_listing_is_told_apart_from_an_absent_job() -> None:
    advertiser = Advertiser()
    found = await JobDirectory(advertiser.page).find("1")
    assert found.absent
    assert found.listing_empty
    assert advertiser.readings == READ


async def test_absence_is_looked_up_again_each_time() -> None:
    advertiser = Advertiser(job("1"))
    finder = JobDirectory(advertiser.page)
    assert (await finder.find("2")).absent
    advertiser.add("2")
    assert irisof(await finder.find("2")) == ["iri-2"]


async def test_a_reading_under_way_does_not_prove_absence() -> None:
    advertiser = Advertiser(job("1"), job("2"))
    finder = JobDirectory(advertiser.page)
    advertiser.gate.clear()
    early = asyncio.create_task(finder.find("1"))
    await asyncio.sleep(0)
    late = asyncio.create_task(finder.find("3"))
    await asyncio.sleep(0)
    advertiser.changes[1] = [("add", job("3"))]  # newest first: the reading has passed its place
    advertiser.gate.set()
    assert (irisof(await early), irisof(await late)) == (["iri-1"], ["iri-3"])
    assert advertiser.readings == 2


async def test_a_fresh_look_distrusts_earlier_and_running_readings() -> None:
    advertiser = Advertiser(job("1", iri="old"))
    finder = JobDirectory(advertiser.page)
    assert irisof(await finder.find("1")) == ["old"]
    advertiser.gate.clear()
    running = asyncio.create_task(finder.find("unknown"))
    await asyncio.sleep(0.01)
    fresh = [asyncio.create_task(finder.find("1", fresh=True)) for _ in range(5)]
    await asyncio.sleep(0.01)
    advertiser.changes[2] = [("remove", job("1", iri="old")), ("add", job("1", iri="new"))]
    advertiser.gate.set()
    assert [irisof(each) for each in await asyncio.gather(*fresh)] == [["new"]] * 5
    assert (await running).absent
    assert irisof(await finder.find("1")) == ["new"]


async def test_a_fresh_look_at_a_job_that_is_gone_finds_nothing() -> None:
    advertiser = Advertiser(job("1"))
    finder = JobDirectory(advertiser.page)
    await finder.find("1")
    advertiser.jobs = []
    assert (await finder.find("1", fresh=True)).absent
    assert (await finder.find("1")).absent


async def test_a_failing_page_fails_all_who_wait_and_keeps_what_was_known() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(6)))
    finder = JobDirectory(advertiser.page)
    await finder.find("0")
    advertiser.failing = {4: unreadable("Indeed", "find", "page 4")}  # the first page of the second reading
    found = await asyncio.gather(*(finder.find("new") for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in found] == [ProviderError] * 5
    assert advertiser.readings == 2
    assert irisof(await finder.find("0")) == ["iri-0"]
    advertiser.add("new")
    assert irisof(await finder.find("new")) == ["iri-new"]


async def test_a_dead_cursor_begins_the_listing_anew_for_all_who_wait() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(6)))
    advertiser.failing = {2: dead_cursor(), 5: dead_cursor()}
    finder = JobDirectory(advertiser.page)
    found = await asyncio.gather(*(finder.find(str(number)) for number in range(6)))
    assert [irisof(each) for each in found] == [[f"iri-{number}"] for number in range(6)]
    assert advertiser.readings == 3


async def test_a_listing_whose_cursors_always_die_is_given_up_and_tried_again_later() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(6)))
    advertiser.failing = {number: dead_cursor() for number in range(2, 50, 2)}
    with pytest.raises(ProviderError, match="cursors die") as caught:
        await JobDirectory(advertiser.page).find("5")
    assert caught.value.problem.retried
    assert advertiser.readings == listing.BEGINNINGS


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
async def test_a_listing_whose_cursors_run_in_a_circle_is_unreadable(cursors: list[str]) -> None:
    rest = iter(cursors)

    async def page(_: Search, __: str | None) -> Page:
        return Page((job("1"),), next(rest))

    with pytest.raises(ProviderError, match="does not end"):
        await JobDirectory(page).find("2")


async def test_a_listing_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGES_LIMIT", 10)
    asked: list[str | None] = []

    async def page(_: Search, cursor: str | None) -> Page:
        asked.append(cursor)
        return Page((), str(len(asked)))

    with pytest.raises(ProviderError, match="does not end"):
        await JobDirectory(page).find("1")
    assert len(asked) == 10


async def test_a_listing_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "DEADLINE", 0.05)
    advertiser = Advertiser(job("1"))
    advertiser.gate.clear()
    finder = JobDirectory(advertiser.page)
    found = await asyncio.gather(*(finder.find("1") for _ in range(5)), return_exceptions=True)
    assert {each.problem.category for each in found if isinstance(each, ProviderError)} == {Category.TEMPORARY}
    advertiser.gate.set()
    assert irisof(await finder.find("1")) == ["iri-1"]


async def test_a_finder_that_gives_up_does_not_stop_the_reading() -> None:
    advertiser = Advertiser(job("1"))
    advertiser.gate.clear()
    finder = JobDirectory(advertiser.page)
    first, second = asyncio.create_task(finder.find("1")), asyncio.create_task(finder.find("1"))
    await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    advertiser.gate.set()
    assert irisof(await second) == ["iri-1"]
    assert advertiser.readings == 1


async def test_jobs_that_end_while_the_listing_is_read_hide_no_other() -> None:
    # 250 jobs, pages of 100; ten newer ones end after the first page, so job 105 moves onto it unseen.
    jobs = [job(str(number)) for number in range(250)]
    advertiser = Advertiser(*jobs, page_size=100)
    advertiser.changes[1] = [("remove", each) for each in jobs[:10]]
    assert irisof(await JobDirectory(advertiser.page).find("105")) == ["iri-105"]


@pytest.mark.parametrize("short", [1, 5, 50])
async def test_a_listing_shorter_than_its_own_estimate_proves_no_absence(short: int) -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(20)))
    advertiser.estimate = short
    finder = JobDirectory(advertiser.page)
    with pytest.raises(ProviderError, match="missing") as caught:
        await finder.find("new")
    assert caught.value.problem.retried
    assert not (await finder.find("3")).all


async def test_an_estimate_may_be_a_little_off() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(400)), page_size=100)
    advertiser.estimate = 3
    assert (await JobDirectory(advertiser.page).find("new")).absent


async def test_an_empty_page_after_a_cursor_proves_no_absence() -> None:
    async def page(_: Search, cursor: str | None) -> Page:
        return Page((job("1"),), "a", estimated_total=1) if cursor is None else Page((), None, estimated_total=1)

    finder = JobDirectory(page)
    with pytest.raises(ProviderError, match="missing"):
        await finder.find("2")
    found = await finder.find("1")
    assert (irisof(found), found.all) == (["iri-1"], False)


async def test_a_listing_that_never_stands_still_proves_no_absence() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(100)), page_size=1000)
    for page in range(1, 20):
        advertiser.changes[page] = [("remove", advertiser.jobs[-page]), ("add", job(f"new-{page}"))]
    with pytest.raises(ProviderError, match="changed each time") as caught:
        await JobDirectory(advertiser.page).find("absent")
    assert caught.value.problem.category is Category.TEMPORARY


async def test_a_listing_that_only_grows_proves_absence() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(10)), page_size=3)
    for page in range(1, 20):
        advertiser.changes[page] = [("add", job(f"new-{page}"))]
    assert (await JobDirectory(advertiser.page).find("absent")).absent


async def test_a_listing_with_unreadable_entries_finds_but_proves_no_absence() -> None:
    async def page(_: Search, __: str | None) -> Page:
        return Page((job("1"),), None, complete=False)

    finder = JobDirectory(page)
    found = await finder.find("1")
    assert (irisof(found), found.all) == (["iri-1"], False)
    with pytest.raises(ProviderError, match="unreadable entries"):
        await finder.find("2")


async def test_a_job_without_an_id_of_its_own_proves_no_absence() -> None:
    nameless = replace(job("1"), employer_job_id="")
    with pytest.raises(ProviderError, match="unreadable entries"):
        await JobDirectory(Advertiser(nameless).page).find("2")


async def test_a_waiter_may_have_the_first_live_posting_as_soon_as_its_page_is_read() -> None:
    gone = job("1", iri="gone", live=Live.NOT_LIVE)
    advertiser = Advertiser(gone, job("2"), job("1"), job("3"), job("1", iri="second"), job("4"))
    the_rest = asyncio.Event()

    async def page(search: Search, cursor: str | None) -> Page:
        if cursor == "4":
            await the_rest.wait()
        return await advertiser.page(search, cursor)

    finder = JobDirectory(page)
    everything = asyncio.create_task(finder.find("1"))
    first = await finder.find("1", wait_for_all=False)
    assert irisof(first) == ["iri-1", "gone"]
    assert not first.all
    assert not first.absent
    assert not everything.done()
    the_rest.set()
    assert irisof(await everything) == ["iri-1", "second", "gone"]
    assert (await everything).all
    assert advertiser.readings == 1


async def test_a_posting_is_enough_to_begin_with_also_where_its_reading_was_under_way() -> None:
    advertiser = Advertiser(job("1"), job("2"), job("3"), job("4"), job("5"))
    the_rest, begun = asyncio.Event(), asyncio.Event()

    async def page(search: Search, cursor: str | None) -> Page:
        if cursor == "4":
            begun.set()
            await the_rest.wait()
        return await advertiser.page(search, cursor)

    finder = JobDirectory(page)
    everything = asyncio.create_task(finder.find("5"))
    await begun.wait()
    assert irisof(await finder.find("2", fresh=True, wait_for_all=False)) == ["iri-2"]
    assert not everything.done()
    the_rest.set()
    await everything
    assert advertiser.readings == 1


def passing(category: Category = Category.TEMPORARY, retry_after: timedelta | None = None) -> ProviderError:
    problem = Problem(category=category, reason="no", remedy="none", retry_after=retry_after)
    return ProviderError(problem, provider="Indeed", operation="find")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE_WAITS", (0.0, 0.0, 0.0))


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("category", [Category.TEMPORARY, Category.RATE_LIMITED, Category.UNEXPECTED])
async def test_a_reading_goes_on_at_the_page_that_failed(category: Category) -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(10)))
    advertiser.failing = {each: passing(category) for each in (3, 4, 5, 7)}
    found = await JobDirectory(advertiser.page).find("9")
    assert irisof(found) == ["iri-9"]
    assert found.all
    assert (advertiser.readings, advertiser.pages) == (1, 5 + 4)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "error",
    [passing(Category.PERMISSION), passing(retry_after=timedelta(minutes=5))],
    ids=["refused", "asked to wait for long"],
)
async def test_a_reading_does_not_go_on_where_that_is_in_vain_or_takes_long(error: ProviderError) -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(10)))
    advertiser.failing = {3: error}
    with pytest.raises(ProviderError):
        await JobDirectory(advertiser.page).find("9")
    assert advertiser.pages == 3


@pytest.mark.usefixtures("at_once")
async def test_a_page_that_goes_on_failing_fails_the_reading() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(10)))
    advertiser.failing = {each: passing() for each in range(3, 100)}
    with pytest.raises(ProviderError):
        await JobDirectory(advertiser.page).find("9")
    assert advertiser.pages == 2 + 1 + len(listing.PAGE_WAITS)


async def test_who_waits_for_a_new_job_reads_the_newest_only_until_it_is_there() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(100)))
    finder = JobDirectory(advertiser.page)
    assert not (await finder.look("new", fresh=True)).all
    assert advertiser.pages == 50
    found = [await finder.look("new", fresh=True) for _ in range(2)]
    assert [(irisof(each), each.all) for each in found] == [([], False)] * 2
    assert advertiser.pages == 52
    advertiser.add("new")
    found = [await finder.look("new", fresh=True)]
    assert [(irisof(each), each.all) for each in found] == [(["iri-new"], True)]
    # Once more the newest, and then all: there may be further postings of it.
    assert advertiser.pages == 53 + 51


async def test_many_who_wait_for_new_jobs_share_the_newest() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(100)))
    finder = JobDirectory(advertiser.page)
    await finder.look("new", fresh=True)
    pages = advertiser.pages
    await asyncio.gather(*(finder.look(f"new-{number}", fresh=True) for number in range(500)))
    assert advertiser.pages <= pages + 2


async def test_a_job_that_is_known_by_a_requisition_alone_is_not_waited_for_among_the_newest() -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(10)), job(None, iri="crawled", requisition="R"))
    finder = JobDirectory(advertiser.page)
    for _ in range(2):
        assert [each.employer_job_id for each in (await finder.look("R", fresh=True)).by_requisition] == ["crawled"]


async def test_a_job_that_does_not_come_among_the_newest_is_found_once_the_reading_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advertiser = Advertiser(*(job(str(number)) for number in range(10)))
    finder = JobDirectory(advertiser.page)
    await finder.look("late", fresh=True)
    advertiser.jobs.append(job("late"))
    assert irisof(await finder.look("late", fresh=True)) == []
    monkeypatch.setattr(directory, "RECENT", 0.0)
    monkeypatch.setattr(directory, "RECENT_TIMES", 0)
    assert irisof(await finder.look("late", fresh=True)) == ["iri-late"]


@pytest.mark.parametrize("posting_id", ["2", "none"])
async def test_without_a_live_posting_the_whole_listing_is_waited_for(posting_id: str) -> None:
    advertiser = Advertiser(job("1"), job("2", live=Live.NOT_LIVE), job("3"))
    found = await JobDirectory(advertiser.page).find(posting_id, wait_for_all=False)
    assert found.all
    assert found.absent is (posting_id == "none")


async def test_a_whole_listing_is_one_that_was_begun_after_the_question() -> None:
    advertiser = Advertiser(job("1"), job("2"), job("3"))
    finder = JobDirectory(advertiser.page)
    advertiser.gate.clear()
    running = asyncio.create_task(finder.find("1"))
    await asyncio.sleep(0)
    asked = asyncio.create_task(finder.listing())
    await asyncio.sleep(0)
    advertiser.changes[1] = [("add", job("4"))]
    advertiser.gate.set()
    whole = await asked
    await running
    assert whole.complete
    assert {each.job_posting_id for each in whole.jobs} == {"1", "2", "3", "4"}


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
    advertiser = Advertiser(*(job(str(number)) for number in present), page_size=page_size)
    finder = JobDirectory(advertiser.page)
    finds: list[tuple[int, bool, asyncio.Task[Postings]]] = []
    for step, number in steps:
        if step == "add" and number not in present:
            present.add(number)
            advertiser.add(str(number))
        elif step in {"find", "fresh"}:
            task = asyncio.create_task(finder.find(str(number), fresh=step == "fresh"))
            finds.append((number, number in present, task))
        elif step == "wait":
            for _ in range(number):
                await asyncio.sleep(0)
    # A find runs from its first step on, so what stood in the listing when it was made must be found.
    results = await asyncio.gather(*(task for _, _, task in finds), return_exceptions=True)
    for (number, stood, _), found in zip(finds, results, strict=True):
        if isinstance(found, Postings):
            assert irisof(found) in ([[f"iri-{number}"]] if stood else [[f"iri-{number}"], []])
        else:
            assert isinstance(found, ProviderError)
            assert found.problem.retried


MOVES = st.dictionaries(
    st.integers(1, 30),
    st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 39)), min_size=1, max_size=6),
    max_size=20,
)


@settings(max_examples=400)
@given(st.integers(2, 40), st.integers(1, 7), st.integers(0, 39), MOVES, st.booleans())
async def test_however_a_listing_moves_while_it_is_read_a_job_that_stays_is_never_called_absent(
    count: int,
    page_size: int,
    kept: int,
    moves: dict[int, list[tuple[str, int]]],
    grows: bool,
) -> None:
    jobs = [job(str(number)) for number in range(count)]
    stays = jobs[kept % count]
    advertiser = Advertiser(*jobs, page_size=page_size)
    for page, changes in moves.items():
        advertiser.changes[page] = [
            ("add", job(f"new-{page}-{number}-{place}"))
            if change == "add" and grows
            else ("remove", jobs[number % count])
            for place, (change, number) in enumerate(changes)
            if jobs[number % count] is not stays or (change == "add" and grows)
        ]
    finder = JobDirectory(advertiser.page)
    (found,) = await asyncio.gather(finder.find(stays.job_posting_id or ""), return_exceptions=True)
    if isinstance(found, Postings):
        assert found.postings == (stays,)
    else:
        assert isinstance(found, ProviderError)
        assert found.problem.retried


@settings(max_examples=100)
@given(st.lists(st.sampled_from(list(Live)), min_size=1, max_size=6), st.integers(1, 4), st.randoms())
async def test_all_postings_of_a_job_are_found_in_any_order_of_the_listing(
    states: list[Live], page_size: int, chance: object
) -> None:
    own = [job("1", iri=f"own-{number}", live=live) for number, live in enumerate(states)]
    jobs = [*own, *(job(str(number)) for number in range(2, 9))]
    chance.shuffle(jobs)  # type: ignore[attr-defined]
    found = await JobDirectory(Advertiser(*jobs, page_size=page_size).page).find("1")
    assert set(found.postings) == set(own)
    order = [Live.LIVE, Live.UNKNOWN, Live.NOT_LIVE]
    assert [order.index(each.live) for each in found.postings] == sorted(order.index(each.live) for each in own)
