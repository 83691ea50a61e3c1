import base64
from typing import Any

import httpx
import pytest

from tests.sandbox.harness import SCOPES, Sandbox
from tests.sandbox.indeed_calls import (
    CLEAR,
    FIND,
    NODE,
    UPDATE,
    change,
    clear,
    code,
    gql,
    ids,
    node,
    post,
    update,
)

TITLE = "Registered Nurse, Night Shift"
TRACKING = "https://example.com/jobs/1209?utm_source=indeed"
PATH = ["jobsIngest", "updateSourcedJobPostings", "results"]


async def test_the_node_is_the_ats_record_under_the_overlay(sandbox: Sandbox) -> None:
    job = await node(sandbox)
    data = job["jobData"]
    assert base64.b64decode(job["id"]).startswith(b"iri://apis.indeed.com/EmployerJob/")
    assert data["title"] == TITLE
    assert data["externalPostingMetadata"] == {
        "jobPostingId": "1209",
        "jobRequisitionId": "2026-1209",
        "campaignCategories": ["default"],
        "trackingUrls": [TRACKING],
    }
    assert data["jobLocation"]["city"] == "San Francisco"
    assert (data["salary"]["min"], data["salary"]["minimumMinor"]) == (52.0, 5200)


async def test_an_update_changes_only_what_it_names(sandbox: Sandbox) -> None:
    uuid, iri = await ids(sandbox)
    body = await change(sandbox, {"trackingUrl": "https://example.com/2"}, title="Nurse", description=None)
    posting = body["data"]["jobsIngest"]["updateSourcedJobPostings"]["results"][0]["jobPosting"]
    assert posting == {"sourcedPostingId": uuid, "employerJobId": iri}
    assert "errors" not in body
    data = (await node(sandbox))["jobData"]
    assert data["title"] == "Nurse"
    assert data["description"].startswith("<p>Our surgical ward")
    assert data["externalPostingMetadata"]["trackingUrls"] == ["https://example.com/2"]
    assert data["externalPostingMetadata"]["campaignCategories"] == ["default"]


async def test_a_posting_may_be_named_by_uuid_or_by_iri_in_both_spellings(sandbox: Sandbox) -> None:
    uuid, iri = await ids(sandbox)
    await sandbox.set(indeed__iri_spelling="urn")
    _, urn = await ids(sandbox)
    assert base64.b64decode(urn).startswith(b"urn:indeed:employerjob:")
    for name in (uuid, iri, urn):
        body = await update(sandbox, {"sourcedPostingId": name, "body": {"title": "Nurse"}})
        posting = body["data"]["jobsIngest"]["updateSourcedJobPostings"]["results"][0]["jobPosting"]
        assert posting == {"sourcedPostingId": uuid, "employerJobId": urn}


async def test_inside_a_salary_a_missing_bound_is_cleared(sandbox: Sandbox) -> None:
    await change(sandbox, salary={"period": "HOUR", "minimumMinor": 6000})
    salary = (await node(sandbox))["jobData"]["salary"]
    assert (salary["min"], salary["max"], salary["currency"]) == (60.0, None, "USD")


async def test_a_location_is_structured_on_read(sandbox: Sandbox) -> None:
    general = {"cityRegionPostal": "Phoenix, AZ 85003", "streetAddress": "1234 Sunny Lane"}
    await change(sandbox, jobLocation={"general": general})
    assert (await node(sandbox))["jobData"]["jobLocation"] == {
        "city": "Phoenix",
        "countryCode": "US",
        "postalCode": "85003",
        "fullAddress": "1234 Sunny Lane, Phoenix, AZ 85003",
    }


async def test_campaign_categories_replace_or_append(sandbox: Sandbox) -> None:
    await change(sandbox, {"campaignCategories": ["a"]})
    assert (await sandbox.job())["indeed"]["overlay_left"]["campaignCategories"] == ["a"]
    await sandbox.set(indeed__campaign_categories="append")
    await change(sandbox, {"campaignCategories": ["b", "a"]})
    assert (await sandbox.job())["indeed"]["overlay_left"]["campaignCategories"] == ["a", "b"]


async def test_clear_restores_the_ats_data_of_now_and_releases_the_claim(sandbox: Sandbox) -> None:
    uuid, _ = await ids(sandbox)
    await change(sandbox, title="Overlaid")
    await sandbox.control("PATCH", "/jobs/1234/1209", {"title": "Newest ATS title"})
    assert (await node(sandbox))["jobData"]["title"] == "Overlaid"
    await clear(sandbox, uuid)
    data = (await node(sandbox))["jobData"]
    assert data["title"] == "Newest ATS title"
    assert data["externalPostingMetadata"]["trackingUrls"] == []
    assert data["externalPostingMetadata"]["campaignCategories"] == []
    job = (await sandbox.job())["indeed"]
    assert (job["claimed_by"], job["overlay_left"], job["live"]) == (None, {}, True)


async def test_clearing_twice(sandbox: Sandbox) -> None:
    uuid, _ = await ids(sandbox)
    await clear(sandbox, uuid)
    assert "errors" not in await clear(sandbox, uuid)
    await sandbox.set(indeed__clear_unclaimed="NOT_FOUND")
    assert code(await clear(sandbox, uuid)) == "NOT_FOUND"
    assert [one["applied"] for one in await sandbox.records()] == [True, False, False]


async def test_a_job_claimed_by_another_advertiser_is_forbidden(sandbox: Sandbox) -> None:
    uuid, _ = await ids(sandbox)
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"claimed_by": "advertiser-x"}})
    for body in (await change(sandbox, title="Nurse"), await clear(sandbox, uuid)):
        assert code(body) == "FORBIDDEN"
        assert "claimed by a different advertiser" in body["errors"][0]["extensions"]["message"]
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"claimed_by": None}})
    assert "errors" not in await change(sandbox, title="Nurse")
    assert (await sandbox.job())["indeed"]["claimed_by"] == "advertiser-1234"


@pytest.mark.parametrize(
    "body",
    [
        {"title": "x" * 76},
        {"title": ""},
        {"companyName": "x" * 201},
        {"description": "x" * 29},
        {"description": "x" * 20_001},
        {"description": "x" * 29, "descriptionFormatting": "HTML"},
        {"description": "é" * 32_501, "descriptionFormatting": "HTML"},
    ],
)
async def test_a_bad_item_is_null_and_the_others_are_applied(sandbox: Sandbox, body: Any) -> None:
    bad, good = (await ids(sandbox))[0], (await ids(sandbox, "1242"))[0]
    reply = await update(
        sandbox,
        {"sourcedPostingId": good, "body": {"title": "Good"}},
        {"sourcedPostingId": bad, "body": body},
    )
    results = reply["data"]["jobsIngest"]["updateSourcedJobPostings"]["results"]
    assert results[0]["jobPosting"]["sourcedPostingId"] == good
    assert results[1]["jobPosting"] is None
    assert (code(reply), reply["errors"][0]["path"]) == ("BAD_USER_INPUT", [*PATH, 1, "jobPosting"])
    assert (await sandbox.job("1242"))["indeed"]["overlay_left"]["title"] == "Good"
    assert "title" not in (await sandbox.job())["indeed"]["overlay_left"]


@pytest.mark.parametrize("body", [{"title": "x" * 75}, {"description": "é" * 20_000}])
async def test_values_at_the_limit_pass(sandbox: Sandbox, body: Any) -> None:
    assert "errors" not in await change(sandbox, **body)


async def test_unknown_and_foreign_postings_look_alike(sandbox: Sandbox) -> None:
    foreign, foreign_iri = await ids(sandbox, "2001", "5678")
    for name in (foreign, foreign_iri, "nonsense"):
        assert code(await clear(sandbox, name)) == "NOT_FOUND"
    assert (await gql(sandbox, NODE, id=foreign_iri))["data"] == {"node": None}


@pytest.mark.parametrize(
    ("place", "keys"),
    [("extensions", (False, True)), ("top", (True, False)), ("both", (True, True))],
)
async def test_where_error_messages_stand(sandbox: Sandbox, place: str, keys: tuple[bool, bool]) -> None:
    await sandbox.set(indeed__error_message_place=place, indeed__error_path=False)
    error = (await change(sandbox, title=""))["errors"][0]
    assert ("message" in error, "message" in error["extensions"]) == keys
    assert "path" not in error


@pytest.mark.parametrize(
    ("query", "variables", "wanted"),
    [
        ("query {", {}, "GRAPHQL_PARSE_FAILED"),
        ("query { node(id: 1) { nothing } }", {}, "BAD_USER_INPUT"),
        ("mutation { updateSourcedJobPostings { results { jobPosting { id } } } }", {}, "BAD_USER_INPUT"),
        (UPDATE, {}, "BAD_USER_INPUT"),
        (UPDATE, {"input": {"updates": [{"sourcedPostingId": "x", "title": "y"}]}}, "BAD_USER_INPUT"),
        (
            UPDATE,
            {"input": {"updates": [{"sourcedPostingId": "x", "body": {"salary": {"minimumMinor": 1}}}]}},
            "BAD_USER_INPUT",
        ),
        (
            UPDATE,
            {"input": {"updates": [{"sourcedPostingId": "x", "metadata": {"url": "ftp://x"}}]}},
            "BAD_USER_INPUT",
        ),
        (FIND, {"input": {"filters": {"jobFeedType": ["FEED"]}}, "first": 1}, "BAD_USER_INPUT"),
        (
            '{ findEmployerJobsPartner(input: { filters: { jobFeedType: ["INTEGRATED_FROM_PARTNER"] } })'
            " { estimatedTotalResultsCount } }",
            {},
            "BAD_USER_INPUT",
        ),
    ],
)
async def test_bad_documents_and_variables(sandbox: Sandbox, query: str, variables: Any, wanted: str) -> None:
    body = await gql(sandbox, query, **variables)
    assert code(body) == wanted
    assert body["errors"][0]["message"]
    assert not body.get("data")


async def test_scalars_are_checked_in_literals_too(sandbox: Sandbox) -> None:
    item = '{ sourcedPostingId: "x", body: { salary: { period: HOUR, currency: "Dollar" } } }'
    query = UPDATE.replace("($input: UpdateSourcedJobPostingsInput!)", "")
    assert code(await gql(sandbox, query.replace("$input", f"{{ updates: [{item}] }}"))) == "BAD_USER_INPUT"


async def test_only_post_and_only_json(sandbox: Sandbox) -> None:
    url = sandbox.urls["indeed"] + "/graphql"
    headers = await sandbox.bearer("indeed")
    assert (await sandbox.http.get(url, headers=headers)).status_code == 405
    bodies: list[Any] = [{"data": {"query": NODE}}, {"content": b"{"}, {"json": ["x"]}]
    for sent in bodies:
        reply = await sandbox.http.post(url, headers=headers, **sent)
        assert (reply.status_code, code(reply.json())) == (400, "BAD_REQUEST")


async def test_token_states(sandbox: Sandbox) -> None:
    headers = await sandbox.bearer("indeed")
    sandbox.clock.now += 3_600
    for bad in (headers, {"Authorization": "Bearer x"}, {"Accept": "*/*"}):
        reply = await post(sandbox, NODE, headers=bad, id="x")
        assert (reply.status_code, code(reply.json())) == (200, "UNAUTHENTICATED")
    await sandbox.set(indeed__expired_token_as="FORBIDDEN")
    error = (await post(sandbox, NODE, headers=headers, id="x")).json()["errors"][0]
    assert error["extensions"] == {"code": "FORBIDDEN", "message": "Client is not authorized"}


@pytest.mark.parametrize(
    "form", [{"scope": "employer_access"}, {"scope": "employer.hosted_job"}, {"scope": ""}, {"employer": ""}]
)
async def test_both_scopes_and_an_advertiser_are_needed(sandbox: Sandbox, form: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {await sandbox.token('indeed', **form)}"}
    reply = await post(sandbox, NODE, headers=headers, id="x")
    assert (reply.status_code, code(reply.json())) == (200, "FORBIDDEN")


async def test_tokens_by_form_or_by_basic(sandbox: Sandbox) -> None:
    url = sandbox.urls["indeed"] + "/oauth/v2/tokens"
    form = {"grant_type": "client_credentials", "scope": SCOPES, "employer": "advertiser-1234"}
    basic = httpx.BasicAuth("indeed-1234", "indeed-secret-1234")
    body = (await sandbox.http.post(url, data=form, auth=basic)).json()
    assert body.pop("access_token")
    assert body == {"scope": "employer.hosted_job employer_access", "token_type": "Bearer", "expires_in": 3600}
    wrong = httpx.BasicAuth("indeed-1234", "wrong")
    assert (await sandbox.http.post(url, data=form, auth=wrong)).status_code == 401
    assert (await sandbox.http.post(url, data=form, headers={"Authorization": "Basic !"})).status_code == 400
    for wish in ({"scope": "job_posting_write"}, {"employer": "advertiser-5678"}):
        reply = await sandbox.http.post(url, data={**form, **wish}, auth=basic)
        assert (reply.status_code, "error" in reply.json()) == (400, True)


async def test_updates_and_clears_share_twenty_a_second(sandbox: Sandbox) -> None:
    headers = await sandbox.bearer("indeed")

    async def mutate(query: str) -> int:
        return (await post(sandbox, query, headers=headers, input={"updates": []})).status_code

    assert {await mutate(UPDATE) for _ in range(10)} | {await mutate(CLEAR) for _ in range(10)} == {200}
    assert await mutate(UPDATE) == await mutate(CLEAR) == 429
    sandbox.clock.now += 0.99
    assert await mutate(UPDATE) == 429
    sandbox.clock.now += 0.01
    assert await mutate(UPDATE) == 200
    other = await sandbox.bearer("indeed", "5678")
    assert (await post(sandbox, UPDATE, headers=other, input={"updates": []})).status_code == 200


@pytest.mark.parametrize(
    ("shape", "retry_after", "header"),
    [
        ("http", "none", None),
        ("http", "seconds", "1"),
        ("errors", "date", "Mon, 26 Oct 2026 07:33:21 GMT"),
        ("errors", "none", None),
    ],
)
async def test_searches_are_limited_and_how_it_is_said(
    sandbox: Sandbox, shape: str, retry_after: str, header: str | None
) -> None:
    await sandbox.set(indeed__throttle_shape=shape, indeed__retry_after=retry_after)
    headers = await sandbox.bearer("indeed")
    replies = [await post(sandbox, FIND, headers=headers, first=1) for _ in range(6)]
    assert "errors" not in replies[4].json()
    assert replies[5].status_code == (429 if shape == "http" else 200)
    assert code(replies[5].json()) == "429"
    assert replies[5].headers.get("Retry-After") == header
    assert (await sandbox.control("GET", "/counts"))["429"] == 1


async def test_too_large_a_batch(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__max_batch=1)
    body = await clear(sandbox, "a", "b")
    assert code(body) == "BAD_USER_INPUT"
    assert body["data"]["jobsIngest"]["clearSourcedJobPostingUpdates"] is None


async def test_an_agency_may_not_expire(sandbox: Sandbox) -> None:
    query = """mutation($input: ExpireSourcedJobsBySourcedPostingIdInput) { jobsIngest {
      expireSourcedJobsBySourcedPostingId(input: $input) { results { trackingKey } } } }"""
    body = await gql(sandbox, query, input={"jobs": [{"sourcedPostingId": "x"}]})
    assert code(body) == "FORBIDDEN"
