"""Listings and `nodes` against the strict sandbox, by the real client."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from activities.providers import Providers, open_http
from clients.errors import ProviderError
from clients.indeed.client import IndeedClient
from clients.indeed.found import FoundJob
from clients.indeed.search import Search, searches
from config.settings import Settings
from models.indeed_ids import job_key
from models.problems import Category
from tests.support.boards import CUSTOMER, Boards

CRAWLED, HOSTED, INTEGRATED = "CRAWLED_FROM_WEB", "HOSTED_ON_INDEED", "INTEGRATED_FROM_PARTNER"


def configured(settings: Settings, **indeed: Any) -> Settings:
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    assert customer.indeed is not None
    changed = customer.model_copy(update={"indeed": customer.indeed.model_copy(update=indeed)})
    return settings.model_copy(update={"customers": (changed,)})


@pytest.fixture
async def indeed(settings: Settings, boards: Boards) -> AsyncIterator[IndeedClient]:
    async with open_http() as http:
        yield Providers(settings, http).indeed_accounts(CUSTOMER)[0]


def names(page: Any) -> list[str]:
    return [each.name for each in page.jobs]


async def test_pages_lead_forwards_and_back(indeed: IndeedClient, boards: Boards) -> None:
    await boards.add_jobs(1_000_000, 150)
    first = await indeed.page(Search())
    second = await indeed.page(Search(), first.next_cursor)
    assert (len(first.jobs), len(second.jobs), second.next_cursor) == (100, 55, None)
    assert first.estimated_total == 155
    assert first.previous_cursor is None
    back = await indeed.page(Search(), before=second.previous_cursor)
    assert back.jobs == first.jobs
    oldest = await indeed.page(Search(newest_first=False))
    assert names(oldest)[0] == names(second)[-1]


async def test_each_filter_reaches_indeed(indeed: IndeedClient, boards: Boards) -> None:
    await boards.change_job("1242", indeed={"feed_type": CRAWLED})
    await boards.change_job("1301", indeed={"feed_type": HOSTED})
    page = await indeed.page(Search())
    assert set(names(page)) == {"1209", "1302", "1303"}
    requisition = page.jobs[0].job_requisition_id
    assert requisition is not None
    assert names(await indeed.page(Search(job_requisition_ids=(requisition,)))) == [page.jobs[0].name]
    assert not names(await indeed.page(Search(legacy_source_id="another")))
    assert set(names(await indeed.page(Search(feed_types=(CRAWLED, HOSTED), include_multi_location_jobs=True)))) == {
        "1242",
        "1301",
    }


async def test_a_job_of_a_feed_type_that_is_not_listed_is_found_once_it_is(settings: Settings, boards: Boards) -> None:
    await boards.change_job("1242", indeed={"feed_type": HOSTED})
    # The two clients below know nothing of each other's pace.
    await boards.set(indeed__finds_per_second=100)
    async with open_http() as http:
        by_default = Providers(settings, http).indeed(CUSTOMER)[0]
        assert (await by_default.directory.find("1242")).absent
        three = configured(settings, feed_types=(INTEGRATED, CRAWLED, HOSTED))
        client = Providers(three, http).indeed(CUSTOMER)[0]
        assert client.searches == searches((INTEGRATED, CRAWLED, HOSTED))
        assert (await client.directory.find("1242")).postings
        assert (await client.directory.find("1209")).postings
        assert (await client.directory.find("no-such-job")).absent


@pytest.mark.parametrize("order", ["kept", "shuffled"])
@pytest.mark.parametrize("missing", ["null", "error"])
@pytest.mark.parametrize("spelling", ["iri", "urn"])
async def test_nodes_tell_the_jobs_that_there_are(
    indeed: IndeedClient, boards: Boards, order: str, missing: str, spelling: str
) -> None:
    jobs = (await indeed.page(Search())).jobs
    await boards.add_job("1242", overlay=False)
    await boards.set(indeed__nodes_order=order, indeed__missing_node=missing, indeed__iri_spelling=spelling)
    ids = [each.employer_job_id for each in jobs]
    unknown = ids[0].replace(ids[0][-12:-4], "AAAAAAAA")
    told = await indeed.found([ids[0], unknown, *ids[1:]])
    nodes = {id_: job for id_, job in told.items() if isinstance(job, FoundJob)}
    assert set(nodes) == set(ids)
    assert {job_key(each.employer_job_id) for each in nodes.values()} == {job_key(each) for each in ids}
    assert {each.name for each in nodes.values() if each.marks == ()} == {"1242"}


@pytest.mark.parametrize(("status", "category"), [(429, Category.RATE_LIMITED), (503, Category.TEMPORARY)])
async def test_that_no_job_can_be_asked_for_is_no_single_jobs_failure(
    indeed: IndeedClient, boards: Boards, status: int, category: Category
) -> None:
    ids = [each.employer_job_id for each in (await indeed.page(Search())).jobs]
    await boards.fault("indeed", "nodes", "http", status=status, times=None)
    with pytest.raises(ProviderError) as caught:
        await indeed.found_together(ids)
    assert caught.value.problem.category is category
    told = await indeed.found(ids)
    assert [each.problem.category for each in told.values() if isinstance(each, ProviderError)] == [category] * len(ids)


async def test_a_limit_on_a_part_of_the_jobs_is_one_on_all(indeed: IndeedClient, boards: Boards) -> None:
    await boards.add_jobs(1_000_000, 60)
    ids = [each.employer_job_id for each in (await indeed.page(Search())).jobs]
    await boards.fault("indeed", "nodes", "http", status=429, headers={"Retry-After": "60"}, times=1, after=1)
    with pytest.raises(ProviderError) as caught:
        await indeed.found_together(ids)
    assert caught.value.problem.category is Category.RATE_LIMITED
    assert len(await boards.records(provider="indeed", operation="nodes")) == 2


async def test_a_job_that_spoils_the_answer_for_all_is_left_out_alone(indeed: IndeedClient, boards: Boards) -> None:
    jobs = (await indeed.page(Search())).jobs
    await boards.fault("indeed", "nodes", "http", status=500, job_id="1242", times=None)
    told = await indeed.found_together([each.employer_job_id for each in jobs])
    failed = {each.name for each in jobs if isinstance(told[each.employer_job_id], ProviderError)}
    assert failed == {"1242"}
