"""Indeed's answers: the job of Indeed's guide, listings, and the reply to a clear."""

import base64
import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from clients.errors import ProviderError
from clients.indeed import protocol
from clients.indeed.client import Access, IndeedClient
from clients.indeed.protocol import read_clear, read_job, read_managed
from clients.indeed.reading import EmployerJob, Managed, Pay
from clients.indeed.results import ItemResult
from clients.indeed.search import read_find
from models.problems import Category
from models.states import JobStatus, Live
from tests.support.replies import reply, sample
from tests.support.transport import Provider
from tests.unit.clients.indeed.answers import GUIDES_JOB, IRI, LAST, category, listing, node


def job(node_: object) -> EmployerJob:
    return read_job(reply({"data": {"node": node_}}))


def test_the_seeds_job_is_read() -> None:
    assert read_job(reply(sample("indeed_node.json"))) == GUIDES_JOB


def test_what_indeed_tells_people_is_read_whatever_is_missing() -> None:
    assert read_managed(reply(sample("indeed_node.json"))) == Managed(
        manage_url=f"https://employers.indeed.com/jobs/view?employerJobId={IRI}",
        call_to_action="Update needed on Indeed",
    )
    for missing in ({"managementUrls": None}, {"seatsConnection": None}, {"managementUrls": 7, "seatsConnection": []}):
        found = read_managed(reply({"data": {"node": {**node(), **missing}}}))
        assert None in (found.manage_url, found.call_to_action)
    assert read_managed(reply({"data": {"node": None}})) == Managed()


@pytest.mark.parametrize("many", [True, False], ids=["array", "object"])
@pytest.mark.parametrize(
    ("lifecycle", "live"),
    [
        ("ACTIVE", Live.LIVE),
        ("INACTIVE", Live.NOT_LIVE),
        ("PENDING", Live.UNKNOWN),
        ("NEW", Live.UNKNOWN),
        (None, Live.UNKNOWN),
        ([], Live.UNKNOWN),
    ],
)
def test_the_global_status_is_read_as_array_and_as_object(lifecycle: object, live: Live, *, many: bool) -> None:
    status = {"lifecycleStatus": lifecycle, "isIndeedApplyActive": False}
    seats = [{"jobPost": {"status": {"globalStatus": [status] if many else status}}}]
    assert job(node(seatsConnection={"seats": seats})).live is live


@pytest.mark.parametrize(
    "seats",
    [
        None,
        {},
        {"seats": []},
        {"seats": [None]},
        {"seats": [{"jobPost": None}]},
        {"seats": [{"jobPost": {"status": None}}]},
        {"seats": [{"jobPost": {"status": {"globalStatus": []}}}]},
    ],
)
def test_a_job_whose_status_is_not_told_may_be_live_or_not(seats: object) -> None:
    assert job(node(seatsConnection=seats)).live is Live.UNKNOWN


def test_the_overlay_fields_are_read() -> None:
    found = job(
        node(
            jobData__title="Nurse",
            jobData__externalPostingMetadata__campaignCategories=["a", "b"],
            jobData__externalPostingMetadata__trackingUrls=["https://example.com/1"],
        )
    )
    assert (found.title, found.campaign_categories, found.tracking_urls) == (
        "Nurse",
        ("a", "b"),
        ("https://example.com/1",),
    )


def test_a_null_node_is_not_found_and_no_proof() -> None:
    assert category(read_job, {"node": None}) is Category.NOT_FOUND
    assert category(read_job, {}) is Category.NOT_FOUND


@pytest.mark.parametrize(
    "node_",
    [
        {},
        [],
        "x",
        node(id=None),
        node(jobData=None),
        node(jobData__externalPostingMetadata=None),
        node(jobData__externalPostingMetadata__campaignCategories=None),
        node(jobData__externalPostingMetadata__trackingUrls=None),
        node(jobData__externalPostingMetadata={}),
        node(id="a\ud83d"),
        node(jobData__externalPostingMetadata__jobPostingId="1209\ud83d"),
    ],
)
def test_a_job_that_does_not_tell_its_overlay_or_its_ids_is_unreadable(node_: object) -> None:
    assert category(read_job, {"node": node_}) is Category.UNEXPECTED


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", {}, {"data": None}, {"data": []}])
@pytest.mark.parametrize("read", [read_job, read_find, lambda answer: read_clear(answer, 1)])
def test_an_answer_without_data_is_unreadable(read: Any, body: object) -> None:
    with pytest.raises(ProviderError) as caught:
        read(reply(body))
    assert caught.value.problem.category is Category.UNEXPECTED


def cleared(results: object) -> dict[str, object]:
    return {"jobsIngest": {"clearSourcedJobPostingUpdates": {"results": results}}}


ACCEPTED = {"jobPosting": {"sourcedPostingId": "u", "employerJobId": IRI}}


@pytest.mark.parametrize("count", [1, 2])
def test_a_clear_is_accepted_when_every_result_has_its_posting(count: int) -> None:
    assert read_clear(reply({"data": cleared([ACCEPTED] * count)}), count) == [ItemResult(accepted=True)] * count


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"jobsIngest": None},
        {"jobsIngest": {"clearSourcedJobPostingUpdates": None}},
        cleared(None),
        cleared([]),
        cleared([ACCEPTED]),
        cleared([ACCEPTED] * 3),
    ],
)
def test_a_clear_without_a_result_for_every_job_is_unreadable(data: dict[str, object]) -> None:
    assert category(read_clear, data, 2) is Category.UNEXPECTED


@pytest.mark.parametrize("refused", [None, {}, {"jobPosting": None}])
def test_a_result_without_a_posting_is_not_accepted_also_without_an_error(refused: object) -> None:
    first, second = read_clear(reply({"data": cleared([ACCEPTED, refused])}), 2)
    assert (first.accepted, first.error) == (True, None)
    assert not second.accepted
    assert second.error is not None
    assert second.error.problem.category is Category.UNEXPECTED


def indeed(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/oauth/v2/tokens":
        return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
    query = json.loads(request.content)["query"]
    if "ClearUpdates" in query:
        return httpx.Response(200, json={"data": cleared([ACCEPTED])})
    data = listing([node()], LAST) if "FindJobs" in query else {"node": node()}
    return httpx.Response(200, json={"data": data})


async def test_the_client_works_with_one_token_of_the_advertiser() -> None:
    provider = Provider(indeed)
    client = IndeedClient(
        provider.http(),
        api_url="https://apis.indeed.com/graphql",
        token_url="https://apis.indeed.com/oauth/v2/tokens",
        access=Access(client_id="id", client_secret="secret", advertiser_id="advertiser-1"),
    )
    assert [each.employer_job_id for each in (await client.directory.find("CBA-Anytown-Posting-Id")).postings] == [IRI]
    assert await client.job(IRI) == GUIDES_JOB
    assert await client.clear_all([IRI]) == {IRI: ItemResult(accepted=True)}
    (token,) = provider.asked("/oauth/v2/tokens")
    form = httpx.QueryParams(token.content.decode())
    assert (form["employer"], form["scope"]) == ("advertiser-1", protocol.SCOPES)
    calls = provider.asked("/graphql")
    assert [call.headers["authorization"] for call in calls] == ["Bearer t"] * 3
    assert json.loads(calls[-1].content)["variables"] == {"input": {"updates": [{"sourcedPostingId": IRI}]}}


@pytest.mark.parametrize(
    "words",
    [
        "Cannot query field 'currency' on type 'EmployerJobSalary'.",
        "Validation error (FieldUndefined@[node/jobData/salary/currency]) : Field 'currency' is undefined",
    ],
)
async def test_a_salary_is_read_by_the_names_that_the_server_knows(words: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/v2/tokens":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        if "minimumMinor" in json.loads(request.content)["query"]:
            return httpx.Response(200, json={"errors": [{"message": words, "extensions": {"code": "BAD_USER_INPUT"}}]})
        salary = {"period": "HOUR", "min": 52, "max": None}
        return httpx.Response(200, json={"data": {"node": {"id": IRI, "jobData": {"salary": salary}}}})

    provider = Provider(answer)
    client = IndeedClient(
        provider.http(),
        api_url="https://a.b/graphql",
        token_url="https://a.b/oauth/v2/tokens",
        access=Access(client_id="id", client_secret="secret", advertiser_id="a"),
    )
    for _ in range(2):
        assert await client.pay(IRI) == Pay(period="HOUR", minimum=Decimal(52))
    # What the server does not know is asked for once.
    assert len(provider.asked("/graphql")) == 3


NO_STATUS = [{"message": "failed", "path": ["node", "seatsConnection", "seats", 0, "jobPost", "status"]}]
SEATS: list[object] = [None, {"seats": None}, {"seats": []}, {"seats": [None]}, {"seats": [{"jobPost": None}]}]


@pytest.mark.parametrize("seats", SEATS, ids=str)
@pytest.mark.parametrize(
    "errors",
    [
        NO_STATUS,
        [{"message": "failed", "path": ["node", "seatsConnection"], "extensions": {"code": "FORBIDDEN"}}],
        [{"extensions": {"code": "INTERNAL_SERVER_ERROR"}}],
        [{"message": "failed"}, *NO_STATUS],
    ],
)
def test_a_job_is_read_where_only_its_status_could_not_be_had(seats: object, errors: object) -> None:
    read = read_job(reply({"data": {"node": node(seatsConnection=seats)}, "errors": errors}))
    assert (read.title, read.live, read.status) == (GUIDES_JOB.title, Live.UNKNOWN, JobStatus.UNKNOWN)
    assert read.job_posting_id == "CBA-Anytown-Posting-Id"


@pytest.mark.parametrize(
    ("shown", "errors"),
    [
        (None, NO_STATUS),
        ({"id": IRI, "seatsConnection": None}, NO_STATUS),
        ({"id": IRI, "jobData": None, "seatsConnection": None}, NO_STATUS),
        (node(seatsConnection=None), [{"message": "failed", "path": ["node", "jobData", "salary"]}]),
        (node(seatsConnection=None, jobData={"externalPostingMetadata": {}}), [{"message": "failed"}]),
        (node(), [{"message": "failed"}]),
    ],
)
def test_a_job_of_which_more_is_missing_is_an_error(shown: object, errors: object) -> None:
    with pytest.raises(ProviderError) as caught:
        read_job(reply({"data": {"node": shown}, "errors": errors}))
    assert caught.value.problem.retried


@pytest.mark.parametrize("posting_id", ["1209", None])
def test_another_job_than_the_one_asked_for_is_not_taken_for_it(posting_id: str | None) -> None:
    ids = [
        base64.b64encode(f"{spelled}A-1".encode()).decode()
        for spelled in ("iri://apis.indeed.com/EmployerJob/", "urn:indeed:employerjob:")
    ]
    shown = reply({"data": {"node": node(id=ids[0], jobData__externalPostingMetadata__jobPostingId=posting_id)}})
    for asked in ("ejid_active_job_123", *ids):
        assert read_job(shown, asked).employer_job_id == ids[0]
    other = base64.b64encode(b"iri://apis.indeed.com/EmployerJob/A-2").decode()
    if posting_id is not None:
        assert read_job(shown, other).job_posting_id == posting_id
        return
    with pytest.raises(ProviderError, match="another job"):
        read_job(shown, other)
