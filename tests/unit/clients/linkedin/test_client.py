"""The client of LinkedIn: one token, and calls that come together go together."""

import asyncio
import json

import httpx

from clients.errors import ProviderError
from clients.linkedin import protocol
from clients.linkedin.client import LinkedInClient
from clients.linkedin.protocol import Accepted, Listing, PostingStatus, TaskState, TaskStatus
from tests.support.transport import Provider

URL = "https://api.linkedin.com"


def ids_body(results: object = None, **more: object) -> dict[str, object]:
    return {"results": {} if results is None else results, "statuses": {}, "errors": {}, **more}


def linkedin(request: httpx.Request) -> httpx.Response:
    path, ids = request.url.path, request.url.params.get_list("ids")
    if path == "/oauth/v2/accessToken":
        return httpx.Response(200, json={"access_token": "t", "expires_in": 1800})
    if path == "/v2/simpleJobPostings":
        return httpx.Response(
            200, json={"elements": [{"id": "task", "status": 202}] * len(json.loads(request.content)["elements"])}
        )
    results = {each: {"status": "SUCCEEDED", "listingStatus": "NOT_LISTED"} for each in ids if each != "unknown"}
    return httpx.Response(200, json=ids_body(results))


def client_of(provider: Provider) -> LinkedInClient:
    token_url = "https://www.linkedin.com/oauth/v2/accessToken"
    return LinkedInClient(provider.http(), api_url=f"{URL}/", token_url=token_url, version=None, credentials=("i", "s"))


async def test_the_client_submits_and_reads_with_one_token() -> None:
    provider = Provider(linkedin)
    client = client_of(provider)
    assert await client.submit([{"a": 1}, {"b": 2}]) == (Accepted("task"), Accepted("task"))
    assert await client.task("task") == TaskStatus(TaskState.SUCCEEDED)
    assert await client.status("1234-1209") == PostingStatus(Listing.NOT_LISTED)
    assert (await client.task("unknown"), await client.status("unknown")) == (None, None)
    assert len(provider.asked("/oauth/v2/accessToken")) == 1
    (submit,) = provider.asked("/v2/simpleJobPostings")
    assert (submit.headers["authorization"], submit.headers["x-restli-method"]) == ("Bearer t", "batch_create")


async def test_reads_and_closes_that_come_together_go_together_each_operation_by_itself() -> None:
    provider = Provider(linkedin)
    client = client_of(provider)
    closes = [{"externalJobPostingId": f"j{each}", "jobPostingOperationType": "CLOSE"} for each in range(12)]
    others = [{"externalJobPostingId": f"k{each}", "jobPostingOperationType": "UPDATE"} for each in range(2)]
    statuses, *tasks = await asyncio.gather(
        client.statuses([f"j{each}" for each in range(120)]), *map(client.task, "abc")
    )
    assert statuses == {f"j{each}": PostingStatus(Listing.NOT_LISTED) for each in range(120)}
    assert tasks == [TaskStatus(TaskState.SUCCEEDED)] * 3
    assert await asyncio.gather(*map(client.submit_one, (*closes, *others))) == [Accepted("task")] * 14
    sent = [len(json.loads(each.content)["elements"]) for each in provider.asked("/v2/simpleJobPostings")]
    assert sorted(sent) == [2, 2, protocol.SUBMITTED_AT_ONCE]
    reads = [len(each.url.params.get_list("ids")) for each in provider.asked("/v2/jobPostingStatus")]
    assert sorted(reads) == [20, 50, 50]
    assert len(provider.asked("/v2/simpleJobPostingTasks")) == 1


async def test_an_id_of_which_linkedin_says_nothing_among_others_is_asked_for_alone() -> None:
    provider = Provider(linkedin)
    client = client_of(provider)
    assert await client.statuses(["known", "unknown"]) == {"known": PostingStatus(Listing.NOT_LISTED), "unknown": None}
    asked = [each.url.params.get_list("ids") for each in provider.asked("/v2/jobPostingStatus")]
    assert asked == [["known", "unknown"], ["unknown"]]


async def test_ids_go_together_as_far_as_the_query_string_has_room() -> None:
    provider = Provider(linkedin)
    ids = [f"{each:03}/" + "x" * 300 for each in range(30)]
    assert set(await client_of(provider).statuses(ids)) == set(ids)
    asked = provider.asked("/v2/jobPostingStatus")
    assert all(len(each.url.query) <= 4096 for each in asked)
    assert len(asked) == 3


async def test_a_close_that_linkedin_refuses_as_a_whole_request_refuses_no_other() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/simpleJobPostings":
            elements = json.loads(request.content)["elements"]
            if any(each["externalJobPostingId"] == "j3" for each in elements):
                return httpx.Response(409, json={"message": "already closed or does not exist", "status": 409})
        return linkedin(request)

    client = client_of(Provider(answer))
    closes = [{"externalJobPostingId": f"j{each}", "jobPostingOperationType": "CLOSE"} for each in range(8)]
    told = await asyncio.gather(*map(client.submit_one, closes), return_exceptions=True)
    assert [each for each in told if each != Accepted("task")] == [told[3]]
    assert isinstance(told[3], ProviderError)
    assert told[3].status == 409
