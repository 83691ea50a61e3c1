"""A job of a long listing is searched for by its requisition first: enough to begin with, and no proof of anything."""

import asyncio

import pytest

from clients.errors import ProviderError
from clients.indeed.directory import NAMED_AT_ONCE, JobDirectory
from clients.indeed.search import Page, Search
from models.problems import Category, Problem
from models.states import Live
from tests.unit.clients.indeed.directory.advertiser import Advertiser, irisof, job

REFUSED = ProviderError(
    Problem(category=Category.UNEXPECTED, reason="no such filter", remedy="-"), provider="Indeed", operation="find"
)


class Filtering(Advertiser):
    """Takes the filter by requisition, as Indeed documents it, unless it refuses it."""

    refuses = False

    def __init__(self, *jobs: object, page_size: int = 2) -> None:
        super().__init__(*jobs, page_size=page_size)  # type: ignore[arg-type]
        self.asked: list[tuple[str, ...]] = []

    async def page(self, search: Search, cursor: str | None) -> Page:
        if not search.job_requisition_ids:
            return await super().page(search, cursor)
        self.asked.append(search.job_requisition_ids)
        if self.refuses:
            raise REFUSED
        return Page(tuple(each for each in self.jobs if each.job_requisition_id in search.job_requisition_ids), None)


def employer(*jobs: object) -> Filtering:
    others = [job(f"other-{number}", requisition=f"requisition-{number}") for number in range(20)]
    return Filtering(*others, *jobs)


async def test_a_posting_is_found_without_reading_the_listing() -> None:
    advertiser = employer(job("1209", requisition="R-9"))
    found = await JobDirectory(advertiser.page).find("1209", fresh=True, wait_for_all=False, requisition_ids=["R-9"])
    assert (irisof(found), found.all, advertiser.pages) == (["iri-1209"], False, 0)


@pytest.mark.parametrize(
    "listed",
    [
        job("1209", requisition="feeds-own"),
        job("1209", requisition=None),
        job("1209", requisition="1209", live=Live.NOT_LIVE),
    ],
    ids=["named otherwise by the feed", "without a requisition", "not live there"],
)
async def test_what_the_search_does_not_show_is_looked_for_in_the_listing(listed: object) -> None:
    advertiser = employer(listed)
    found = await JobDirectory(advertiser.page).find("1209", fresh=True, wait_for_all=False, requisition_ids=["1209"])
    assert irisof(found) == ["iri-1209"]
    assert advertiser.pages > 0


async def test_another_job_of_the_same_requisition_is_not_the_job() -> None:
    advertiser = employer(job("777", requisition="1209"), job("1209"))
    found = await JobDirectory(advertiser.page).find("1209", fresh=True, wait_for_all=False, requisition_ids=["1209"])
    assert irisof(found) == ["iri-1209"]


async def test_nothing_is_concluded_from_a_search_that_shows_nothing() -> None:
    advertiser = employer()
    found = await JobDirectory(advertiser.page).find("1209", fresh=True, wait_for_all=False, requisition_ids=["1209"])
    assert found.absent
    assert advertiser.readings == 2


async def test_a_filter_that_indeed_refuses_costs_one_request() -> None:
    advertiser = employer(job("1209", requisition="1209"))
    advertiser.refuses = True
    found = await JobDirectory(advertiser.page).find("1209", fresh=True, wait_for_all=False, requisition_ids=["1209"])
    assert irisof(found) == ["iri-1209"]
    assert advertiser.pages > 0


@pytest.mark.parametrize("way", [{"wait_for_all": True}, {"wait_for_all": True, "complete": True}], ids=str)
async def test_who_wants_all_postings_is_answered_by_the_listing(way: dict[str, bool]) -> None:
    advertiser = employer(job("1209", requisition="1209"))
    await JobDirectory(advertiser.page).find("1209", fresh=True, requisition_ids=["1209"], **way)
    assert not advertiser.asked


async def test_a_short_listing_is_read_whole() -> None:
    advertiser = employer(job("1209", requisition="1209"))
    directory = JobDirectory(advertiser.page)
    await directory.listing()
    assert directory.is_quick
    await directory.find("1209", fresh=True, wait_for_all=False, requisition_ids=["1209"])
    assert not advertiser.asked


async def test_many_go_in_few_searches() -> None:
    names = [str(number) for number in range(2 * NAMED_AT_ONCE)]
    advertiser = employer(*(job(name, requisition=name) for name in names))
    directory = JobDirectory(advertiser.page)
    found = await asyncio.gather(
        *(directory.find(name, fresh=True, wait_for_all=False, requisition_ids=[name]) for name in names)
    )
    assert [irisof(each) for each in found] == [[f"iri-{name}"] for name in names]
    assert all(len(each) <= NAMED_AT_ONCE for each in advertiser.asked)
    assert len(advertiser.asked) <= 4
