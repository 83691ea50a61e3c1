"""Many jobs at once: matched by the ids that came, whatever the order, the spelling, the nulls and the errors."""

import asyncio
import base64
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.indeed.client import Access, IndeedClient
from clients.indeed.found import FoundJob
from clients.indeed.nodes import Nodes, read_nodes, read_whole
from clients.indeed.reading import EmployerJob
from models.indeed_ids import job_key
from models.problems import Category
from tests.support.replies import reply
from tests.support.transport import Provider

# The seed's own ids: one in each spelling (docs/providers/indeed.md).
SEED_URN = "dXJuOmluZGVlZDplbXBsb3llcmpvYjphMWIyYzNkNC1lNWY2LTc4OTAtYWJjZC1lZjEyMzQ1Njc4OTA="
SEED_IRI = "aXJpOi8vYXBpcy5pbmRlZWQuY29tL0VtcGxveWVySm9iLzkxZGU0ZjVhLWE1MWYtNGQ1Ni1iOWI0LWNhMDQzZWVjNDAzMQ=="


def urn(key: str) -> str:
    return base64.b64encode(f"urn:indeed:employerjob:{key}".encode()).decode()


def iri(key: str) -> str:
    return base64.b64encode(f"iri://apis.indeed.com/EmployerJob/{key}".encode()).decode()


def node(id_: str, *, categories: object = (), urls: object = ()) -> dict[str, Any]:
    as_list = [list(each) if isinstance(each, tuple) else each for each in (categories, urls)]
    metadata = {"jobPostingId": "1209", "campaignCategories": as_list[0], "trackingUrls": as_list[1]}
    return {"id": id_, "jobData": {"externalPostingMetadata": metadata}}


def error(code: str, *path: object) -> dict[str, Any]:
    found: dict[str, Any] = {"extensions": {"code": code, "message": code.lower()}}
    return found | {"path": list(path)} if path else found


def read(asked: list[str], nodes: list[Any], *errors: dict[str, Any]) -> Nodes:
    return read_nodes(reply({"data": {"nodes": nodes}, "errors": list(errors)}), asked)


def categories(nodes: Nodes) -> dict[str, Category]:
    return {id_: each.problem.category for id_, each in nodes.errors.items()}


def test_the_seeds_ids_have_the_keys_they_were_made_of() -> None:
    assert job_key(SEED_URN) == "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
    assert job_key(SEED_IRI) == "91de4f5a-a51f-4d56-b9b4-ca043eec4031"


@pytest.mark.parametrize("opaque", ["", "ejid_active_job_123", "%%%", base64.b64encode(b"\xff\xfe").decode(), iri("")])
def test_an_id_of_another_form_stands_for_itself(opaque: str) -> None:
    assert job_key(opaque) in {opaque, ""}


@given(st.permutations(["a", "b", "c", "d"]), st.sets(st.sampled_from(["a", "b", "c", "d"])), st.booleans())
def test_jobs_are_matched_whatever_the_order_and_the_spelling(
    order: list[str], missing: set[str], other_spelling: bool
) -> None:
    asked = [iri(each) for each in "abcd"]
    spelled = urn if other_spelling else iri
    nodes = read(asked, [None if each in missing else node(spelled(each), urls=(each,)) for each in order])
    assert set(nodes.jobs) == {iri(each) for each in {*"abcd"} - missing}
    for id_, job in nodes.jobs.items():
        assert job_key(job.employer_job_id) == job_key(id_)
        assert job.marks == ("trackingUrl",)
        assert nodes.of(id_) is job
    assert all(nodes.of(iri(each)) is None for each in missing)


@pytest.mark.parametrize(
    ("categories", "urls", "marks"),
    [
        ((), (), ()),
        (("c",), (), ("campaignCategories",)),
        (("c",), ("u",), ("trackingUrl", "campaignCategories")),
        (None, (), None),
        ((), None, None),
    ],
)
def test_what_only_an_agency_sets_is_told_or_not_known(categories: object, urls: object, marks: object) -> None:
    assert read([iri("a")], [node(iri("a"), categories=categories, urls=urls)]).jobs[iri("a")].marks == marks


def test_a_job_of_which_nothing_can_be_read_is_there_all_the_same() -> None:
    nodes = read([iri("a")], [{"id": iri("a"), "jobData": None}])
    assert nodes.jobs == {iri("a"): FoundJob(iri("a"), None, None)}
    assert nodes.jobs[iri("a")].name == "a"


def test_nodes_that_nobody_asked_for_are_passed_over() -> None:
    assert read([iri("a")], [node(iri("b")), {}, 7, "x", node(iri("a"))]).jobs.keys() == {iri("a")}


def test_errors_belong_to_their_places_where_the_order_was_kept() -> None:
    asked = [iri("a"), iri("b"), iri("c")]
    nodes = read(asked, [node(iri("a")), None, None], error("NOT_FOUND", "nodes", 1), error("FORBIDDEN", "nodes", 2))
    assert categories(nodes) == {iri("b"): Category.NOT_FOUND, iri("c"): Category.CREDENTIALS}
    assert nodes.unattributed is None


def test_errors_belong_to_nobody_where_the_order_was_not_kept() -> None:
    asked = [iri("a"), iri("b"), iri("c")]
    nodes = read(asked, [None, None, node(iri("a"))], error("NOT_FOUND", "nodes", 1))
    assert not nodes.errors
    assert set(nodes.jobs) == {iri("a")}
    assert nodes.unattributed is not None
    assert nodes.unattributed.problem.category is Category.NOT_FOUND


@pytest.mark.parametrize("path", [(), ("nodes",), ("nodes", 9), ("nodes", "x"), ("nodes", 0)])
def test_an_error_without_a_usable_place_is_that_of_the_only_one_missing(path: tuple[object, ...]) -> None:
    nodes = read([iri("a"), iri("b")], [node(iri("a")), None], error("INTERNAL_SERVER_ERROR", *path))
    assert categories(nodes) == {iri("b"): Category.TEMPORARY}


@pytest.mark.parametrize("body", [{"data": None}, {"data": {"nodes": None}}, {"data": {}}])
def test_an_answer_without_nodes_is_no_answer(body: dict[str, Any]) -> None:
    with pytest.raises(ProviderError) as caught:
        read_nodes(reply(body), [iri("a")])
    assert caught.value.problem.category is Category.UNEXPECTED
    with pytest.raises(ProviderError) as caught:
        read_nodes(reply({**body, "errors": [error("UNAUTHENTICATED")]}), [iri("a")])
    assert caught.value.problem.category is Category.CREDENTIALS


def whole(id_: str, title: str = "Nurse") -> dict[str, Any]:
    return {**node(id_), "jobData": {**node(id_)["jobData"], "title": title}}


def read_whole_of(asked: list[str], nodes: list[Any], *errors: dict[str, Any]) -> list[str | None]:
    jobs = read_whole(reply({"data": {"nodes": nodes}, "errors": list(errors)}), asked)
    return [None if job is None else job.title for job in jobs]


@given(st.permutations([*"abcd"]), st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("abcd")), st.booleans())
def test_whole_jobs_are_matched_and_what_is_in_doubt_is_left_to_be_read_alone(
    order: list[str], missing: set[str], failed: set[str], other_spelling: bool
) -> None:
    spelled = urn if other_spelling else iri
    nodes = [None if each in missing else whole(spelled(each), title=each) for each in order]
    errors = [error("INTERNAL", "nodes", order.index(each), "jobData", "title") for each in sorted(failed)]
    expected = [None if each in missing | failed else each for each in "abcd"]
    assert read_whole_of([iri(each) for each in "abcd"], nodes, *errors) == expected


@pytest.mark.parametrize(
    ("nodes", "errors"),
    [
        ([whole(iri("a")), whole(iri("b"))], [error("INTERNAL")]),
        ([whole(iri("a")), whole(iri("b"))], [error("INTERNAL", "nodes")]),
        ([whole(iri("a")), whole(iri("b"))], [error("INTERNAL", "nodes", 2)]),
        ([whole(iri("a")), whole(urn("a")), whole(iri("b")), whole(iri("b"))], []),
        ([node("other"), {"id": 5}, "node", {}], []),
        ([{"id": iri("a"), "jobData": None}, {"id": iri("b")}], []),
        ([], []),
    ],
)
def test_any_doubt_about_a_whole_job_has_it_read_alone(nodes: list[Any], errors: list[dict[str, Any]]) -> None:
    assert read_whole_of([iri("a"), iri("b")], nodes, *errors) == [None, None]


def test_an_error_about_a_jobs_status_costs_it_nothing_else() -> None:
    about_status = error("INTERNAL", "nodes", 0, "seatsConnection", "seats", 0)
    assert read_whole_of([iri("a"), iri("b")], [whole(iri("a")), whole(iri("b"))], about_status) == ["Nurse", "Nurse"]


@pytest.mark.parametrize("status", [200, 429])
def test_without_any_whole_job_there_is_an_error(status: int) -> None:
    with pytest.raises(ProviderError):
        read_whole(reply({"data": {"nodes": None}, "errors": [error("INTERNAL")]}, status=status), [iri("a")])


async def test_the_client_reads_together_and_what_is_in_doubt_alone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        body = json.loads(request.content)
        ids = body["variables"].get("ids")
        if ids is None:
            id_ = body["variables"]["id"]
            return httpx.Response(200, json={"data": {"node": None if id_ == iri("7") else whole(id_)}})
        return httpx.Response(
            200, json={"data": {"nodes": [None if each in LEFT_OUT else whole(each) for each in ids]}}
        )

    LEFT_OUT = {iri("3"), iri("7")}  # noqa: N806
    provider = Provider(answer)
    client = IndeedClient(
        provider.http(),
        api_url="https://apis.indeed.com/graphql",
        token_url="https://apis.indeed.com/token",
        access=Access(client_id="id", client_secret="secret", advertiser_id="a"),
    )
    ids = [iri(str(each)) for each in range(12)]
    told = await asyncio.gather(*map(client.job, ids), return_exceptions=True)
    assert [each.employer_job_id for each in told if isinstance(each, EmployerJob)] == [*ids[:7], *ids[8:]]
    assert isinstance(told[7], ProviderError)
    assert told[7].problem.category is Category.NOT_FOUND
    assert len(provider.asked("/graphql")) == 4


def test_a_job_that_is_shown_twice_and_in_two_ways_is_not_known() -> None:
    clear, marked = node(iri("a")), node(iri("a"), categories=("hot",))
    for nodes in ([clear, marked], [marked, clear]):
        assert read([iri("a")], nodes).of(iri("a")) is None
    assert isinstance(read([iri("a")], [clear, clear]).of(iri("a")), FoundJob)
