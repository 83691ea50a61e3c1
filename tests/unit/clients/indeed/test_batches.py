"""Batches: each item's result is its own, however many go at once and whatever is wrong with some of them."""

import json
from collections.abc import Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError, unreadable
from clients.indeed.batches import LARGEST, Batches
from clients.indeed.client import Access, IndeedClient
from clients.indeed.errors import graphql_error
from clients.indeed.results import ItemResult
from models.overlay import Overlay
from models.problems import Category
from tests.support.replies import reply
from tests.support.transport import Provider

OK = ItemResult(accepted=True)


def refusal(code: str, message: str) -> ProviderError:
    return graphql_error("clear", {"extensions": {"code": code, "message": message}}, reply())


class Indeed:
    """Takes so many items at once; refuses some, and is spoilt by others for all that come with them."""

    def __init__(self, most: int = 100, *, refused: Sequence[str] = (), spoilt: Sequence[str] = ()) -> None:
        self.most, self.refused, self.spoilt = most, set(refused), set(spoilt)
        self.sent: list[list[str]] = []
        self.accepted: list[str] = []
        self.failing: ProviderError | None = None

    async def send(self, ids: Sequence[str]) -> list[ItemResult]:
        self.sent.append(list(ids))
        if self.failing is not None:
            raise self.failing
        if len(ids) > self.most:
            raise refusal("BAD_USER_INPUT", f"At most {self.most} updates may be sent at once.")
        if self.spoilt & set(ids):
            raise refusal("BAD_USER_INPUT", "sourcedPostingId is malformed")
        self.accepted += [each for each in ids if each not in self.refused]
        error = refusal("NOT_FOUND", "no such job")
        return [ItemResult(accepted=False, error=error) if each in self.refused else OK for each in ids]


def names(count: int) -> list[str]:
    return [f"iri-{number}" for number in range(count)]


async def test_items_go_in_few_requests_and_each_once() -> None:
    indeed = Indeed()
    results = await Batches().run([*names(25), "iri-0"], indeed.send)
    assert results == dict.fromkeys(names(25), OK)
    assert [len(each) for each in indeed.sent] == [LARGEST, LARGEST, 5]


async def test_nothing_is_nothing() -> None:
    indeed = Indeed()
    assert await Batches().run([], indeed.send) == {}
    assert indeed.sent == []


@pytest.mark.parametrize("most", [1, 2, 3, 5, 9])
async def test_the_size_finds_itself_and_is_kept(most: int) -> None:
    indeed, batches = Indeed(most), Batches()
    assert await batches.run(names(20), indeed.send) == dict.fromkeys(names(20), OK)
    assert batches.size <= most
    indeed.sent.clear()
    await batches.run(names(20), indeed.send)
    assert max(len(each) for each in indeed.sent) <= most


async def test_one_that_spoils_a_request_is_refused_alone_and_the_size_stays() -> None:
    indeed, batches = Indeed(spoilt=["iri-3"]), Batches()
    results = await batches.run(names(10), indeed.send)
    assert [name for name, each in results.items() if not each.accepted] == ["iri-3"]
    error = results["iri-3"].error
    assert error is not None
    assert error.problem.category is Category.INVALID_POSTING
    assert batches.size == LARGEST


@pytest.mark.parametrize("category", ["UNAUTHENTICATED", "INTERNAL_SERVER_ERROR", "429"])
async def test_a_request_that_failed_is_the_failure_of_each_and_is_not_cut_up(category: str) -> None:
    indeed = Indeed()
    indeed.failing = refusal(category, "no")
    results = await Batches().run(names(15), indeed.send)
    assert {each.error for each in results.values()} == {indeed.failing}
    assert len(indeed.sent) == 2


async def test_an_error_that_may_be_any_items_is_found_out_one_by_one() -> None:
    sent: list[list[str]] = []
    error = refusal("NOT_FOUND", "no such job")

    async def send(ids: Sequence[str]) -> list[ItemResult]:
        sent.append(list(ids))
        bad = {"iri-1", "iri-2"} & set(ids)
        return [ItemResult(each not in bad, error if each in bad else None, attributed=len(ids) == 1) for each in ids]

    results = await Batches().run(names(4), send)
    assert {name: each.accepted for name, each in results.items()} == {
        "iri-0": True,
        "iri-1": False,
        "iri-2": False,
        "iri-3": True,
    }
    assert results["iri-1"].attributed
    assert sent == [names(4), ["iri-1"], ["iri-2"]]


@given(
    st.lists(st.integers(0, 40).map("iri-{}".format), max_size=40),
    st.integers(1, 12),
    st.sets(st.integers(0, 40).map("iri-{}".format), max_size=5),
    st.sets(st.integers(0, 40).map("iri-{}".format), max_size=5),
)
async def test_whatever_is_wrong_with_some_each_item_has_its_own_result(
    ids: list[str], most: int, refused: set[str], spoilt: set[str]
) -> None:
    indeed = Indeed(most, refused=sorted(refused), spoilt=sorted(spoilt))
    results = await Batches().run(ids, indeed.send)
    assert set(results) == set(ids)
    for name, each in results.items():
        assert each.accepted is (name not in refused | spoilt)
        assert (each.error is None) is each.accepted
    assert sorted(indeed.accepted) == sorted(set(ids) - refused - spoilt)


async def test_the_client_clears_and_updates_many_jobs_by_id() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        body = json.loads(request.content)
        ids = [each["sourcedPostingId"] for each in body["variables"]["input"]["updates"]]
        mutation = "clearSourcedJobPostingUpdates" if "ClearUpdates" in body["query"] else "updateSourcedJobPostings"
        results = [{"jobPosting": None if each == "iri-7" else {"employerJobId": each}} for each in ids]
        path = ["jobsIngest", mutation, "results", ids.index("iri-7"), "jobPosting"] if "iri-7" in ids else None
        errors = [{"path": path, "extensions": {"code": "NOT_FOUND"}}] if path else None
        return httpx.Response(200, json={"data": {"jobsIngest": {mutation: {"results": results}}}, "errors": errors})

    provider = Provider(answer)
    client = IndeedClient(
        provider.http(),
        api_url="https://apis.indeed.com/graphql",
        token_url="https://apis.indeed.com/token",
        access=Access(client_id="id", client_secret="secret", advertiser_id="a"),
    )
    for results in (
        await client.clear_all(names(12)),
        await client.update_all(dict.fromkeys(names(12), Overlay(title="Nurse"))),
    ):
        assert [name for name, each in results.items() if each.accepted] == [*names(7), *names(12)[8:]]
        error = results["iri-7"].error
        assert error is not None
        assert error.problem.category is Category.NOT_FOUND
    assert len(provider.asked("/graphql")) == 4


async def test_an_answer_that_says_nothing_of_any_is_the_failure_of_each() -> None:
    indeed = Indeed()
    indeed.failing = unreadable("Indeed", "clear", "not 3 result(s) as asked")
    results = await Batches().run(names(3), indeed.send)
    assert all(each.error is indeed.failing for each in results.values())
