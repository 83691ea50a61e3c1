"""Which jobs a customer posts: the Job Portal API and the job search (docs/providers/icims.md)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.icims.budget import Budget, SpentHere, Use
from clients.icims.search import Filter, Search, read_search, search_request
from models.problems import Category
from tests.support.replies import reply

URL = "https://api.icims.com"
POSTED = Search(filters=(Filter(name="job.jobpost.isposted", values=("true",)),))


def results(*ids: Any) -> Any:
    return reply({"searchResults": [{"id": each, "self": f"{URL}/customers/1234/jobs/{each}"} for each in ids]})


def test_a_portal_is_asked_for_all_that_it_shows_now() -> None:
    request = search_request(URL, "1234", Search(portal="Career Site/EU"))

    assert request.url == f"{URL}/customers/1234/search/portals/Career%20Site%2FEU"
    assert (request.method, request.params, request.body) == ("POST", (("staleness", "0"),), {})


def test_the_next_page_is_asked_for_by_the_last_id() -> None:
    request = search_request(URL, "1234", POSTED, after="1209")

    assert request.url == f"{URL}/customers/1234/search/jobs"
    assert request.body == {
        "filters": [
            {"name": "job.jobpost.isposted", "value": ["true"], "operator": "="},
            {"name": "job.id", "value": ["1209"], "operator": ">"},
        ],
        "operator": "&",
    }


def test_ids_are_read_as_numbers_and_as_text_in_order() -> None:
    assert read_search(results(30, "4", 200)) == ("4", "30", "200")
    assert read_search(results()) == ()


@pytest.mark.parametrize(
    "body", [{}, {"searchResults": None}, {"searchResults": [{}]}, {"searchResults": ["1"]}, results(True, 1).body]
)
def test_an_answer_that_is_no_list_of_jobs_proves_nothing(body: Any) -> None:
    with pytest.raises(ProviderError) as caught:
        read_search(reply(body))
    assert caught.value.problem.category is Category.UNEXPECTED


def test_a_page_that_goes_back_is_not_read_on_for_ever() -> None:
    with pytest.raises(ProviderError):
        read_search(results(1209, 1300), after="1209")


def test_a_hidden_filter_is_a_refusal_with_icims_s_words() -> None:
    words = "The following filter is either not valid or hidden: job.jobpost.isposted"
    answer = reply({"errors": [{"errorCode": 1, "errorMessage": words}]}, status=400)
    with pytest.raises(ProviderError) as caught:
        read_search(answer)
    assert words in caught.value.problem.words


@given(st.lists(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists), min_size=1))
def test_no_entry_makes_it_fail_otherwise(entries: list[Any]) -> None:
    body = {"searchResults": [{"id": each} for each in [*entries, None]]}
    with pytest.raises(ProviderError):
        read_search(reply(body))


async def test_reconciliation_has_a_share_of_its_own_and_leaves_the_rest_to_others() -> None:
    budget = Budget("1234", quota=100, reserve=0.5, reconcile=0.1, spent=SpentHere(), now=lambda: datetime.now(UTC))

    for _ in range(budget.for_reconciliation):
        await budget.take(Use.RECONCILE, operation="search")
    with pytest.raises(ProviderError) as caught:
        await budget.take(Use.RECONCILE, operation="search")

    assert budget.for_reconciliation == 10
    assert caught.value.problem.category is Category.RATE_LIMITED
    await budget.take(Use.REPORT, operation="report")
