"""Clears and updates of many jobs: few requests, and for each job what became of it."""

import json

import httpx

from clients.indeed.client import Access, IndeedClient
from models.overlay import Overlay
from models.problems import Category
from tests.support.transport import Provider


def client_of(provider: Provider) -> IndeedClient:
    return IndeedClient(
        provider.http(),
        api_url="https://apis.indeed.com/graphql",
        token_url="https://apis.indeed.com/token",
        access=Access(client_id="id", client_secret="secret", advertiser_id="a"),
    )


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
    client = client_of(provider)
    names = [f"iri-{each}" for each in range(12)]
    for results in (
        await client.clear_all(names),
        await client.update_all(dict.fromkeys(names, Overlay(title="Nurse"))),
    ):
        assert [name for name, each in results.items() if each.accepted] == [*names[:7], *names[8:]]
        error = results["iri-7"].error
        assert error is not None
        assert error.problem.category is Category.NOT_FOUND
    assert len(provider.asked("/graphql")) == 4


async def test_an_error_of_nobody_is_found_out_one_by_one() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        ids = [each["sourcedPostingId"] for each in json.loads(request.content)["variables"]["input"]["updates"]]
        bad = {"iri-1", "iri-2"} & {*ids}
        results = [{"jobPosting": None if each in bad else {"employerJobId": each}} for each in ids]
        errors = [{"extensions": {"code": "NOT_FOUND"}} for _ in bad]
        return httpx.Response(
            200,
            json={"data": {"jobsIngest": {"clearSourcedJobPostingUpdates": {"results": results}}}, "errors": errors},
        )

    provider = Provider(answer)
    client = client_of(provider)
    results = await client.clear_all([f"iri-{each}" for each in range(4)])
    assert [each.accepted for each in results.values()] == [True, False, False, True]
    assert results["iri-1"].attributed
    assert len(provider.asked("/graphql")) == 3
