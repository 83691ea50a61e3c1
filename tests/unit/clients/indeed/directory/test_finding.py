"""All postings of a job are found, by one reading for all who wait."""

import asyncio
import base64

import pytest

from clients.errors import ProviderError, unreadable
from clients.indeed import directory
from clients.indeed.directory import JobDirectory
from clients.indeed.search import Page, Search
from models.indeed_ids import spellings
from models.states import Live
from tests.unit.clients.indeed.directory.advertiser import Advertiser, irisof, job

READ = 2
"""Readings that prove an absence."""


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


async def test_a_posting_is_listed_whichever_job_it_is_named_as_and_however_its_id_is_spelled() -> None:
    iri, urn = spellings(base64.b64encode(b"iri://apis.indeed.com/EmployerJob/1f").decode())
    ended = job("8", iri="iri-8", live=Live.NOT_LIVE)
    found = await JobDirectory(Advertiser(job("another", iri=iri), ended).page).find("7")
    assert found.absent
    assert found.lists([urn, "iri-8", "iri-9"]) == (urn,)
