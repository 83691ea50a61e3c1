"""A listing that fails, dies, runs in a circle or moves proves no absence."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from clients.errors import ProviderError
from clients.http import Response
from clients.indeed import directory, listing
from clients.indeed.directory import JobDirectory
from clients.indeed.errors import graphql_error
from clients.indeed.search import Page, Search
from models.problems import Category, Problem
from tests.support.replies import reply
from tests.unit.clients.indeed.directory.advertiser import Advertiser, irisof, job


def dead_cursor(answer: Response | None = None) -> ProviderError:
    error = {"extensions": {"code": "BAD_USER_INPUT", "message": "The cursor is not valid."}}
    return graphql_error("find", error, answer or reply())


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
