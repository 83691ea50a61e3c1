"""What the documents leave open, as the sandbox can play it: shapes of a read, records of fields, 3-legged tokens."""

from typing import Any

import httpx
import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.indeed_calls import NODE, change, clear, code, gql, ids, node, update

PLAIN = "query($id: ID!) { node(id: $id) { ... on EmployerJob { jobData { salary { min max period } } } } }"
NAMED = PLAIN.replace("min max period", "currency minimumMinor maximumMinor period")


@pytest.mark.parametrize(
    ("shape", "plain", "named"), [("both", True, True), ("plain", True, False), ("named", False, True)]
)
async def test_a_salary_has_one_spelling_or_both(sandbox: Sandbox, shape: str, *, plain: bool, named: bool) -> None:
    await sandbox.set(indeed__salary_shape=shape)
    _, iri = await ids(sandbox)
    for query, known in ((PLAIN, plain), (NAMED, named)):
        body = await gql(sandbox, query, id=iri)
        if known:
            assert body["data"]["node"]["jobData"]["salary"]["period"] == "HOUR"
        else:
            assert code(body) == "BAD_USER_INPUT"
            assert body["errors"][0]["message"].startswith("Cannot query field")


HTML = '<h2 class="x">Role</h2><p>We need a nurse for the night.</p><script>alert(1)</script><ul><li>Pay</li></ul>'


@pytest.mark.parametrize(
    ("shape", "shown"),
    [
        ("as_sent", HTML),
        ("sanitised", "<b>Role</b><p>We need a nurse for the night.</p><ul><li>Pay</li></ul>"),
        ("text", "\nRole\n\nWe need a nurse for the night.\n\n\n\u2022 Pay\n\n"),
    ],
)
async def test_a_description_comes_back_in_its_own_form(sandbox: Sandbox, shape: str, shown: str) -> None:
    await sandbox.set(indeed__description_shape=shape)
    await change(sandbox, description=HTML, descriptionFormatting="HTML")
    assert (await node(sandbox))["jobData"]["description"] == shown


async def test_a_location_may_say_less_than_was_sent(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__location_shape="city_only")
    assert (await node(sandbox))["jobData"]["jobLocation"] == {
        "city": "San Francisco",
        "countryCode": "US",
        "postalCode": None,
        "fullAddress": None,
    }
    await sandbox.set(indeed__location_shape="hidden")
    assert (await node(sandbox))["jobData"]["jobLocation"] is None


async def test_any_field_may_be_null(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__null_fields=["title", "datePostedOnIndeed"])
    data = (await node(sandbox))["jobData"]
    assert (data["title"], data["datePostedOnIndeed"], data["company"]) == (None, None, "Example Health")


async def test_an_edit_in_the_ats_keeps_the_overlay_or_drops_it(sandbox: Sandbox) -> None:
    await change(sandbox, title="Overlaid")
    await sandbox.control("PATCH", "/jobs/1234/1209", {"title": "Edited"})
    assert (await node(sandbox))["jobData"]["title"] == "Overlaid"
    await sandbox.set(indeed__ats_edit="drops_overlay")
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"lifecycle": "ACTIVE"}})
    assert (await node(sandbox))["jobData"]["title"] == "Overlaid"
    await sandbox.control("PATCH", "/jobs/1234/1209", {"title": "Edited again"})
    data = (await node(sandbox))["jobData"]
    assert (data["title"], data["externalPostingMetadata"]["trackingUrls"]) == ("Edited again", [])


async def test_whether_a_job_is_rejected_may_be_null(sandbox: Sandbox) -> None:
    await sandbox.control("PATCH", "/jobs/1234/1209", {"indeed": {"search_status": "unclear"}})
    query = NODE.replace("managementUrls { viewJob }", "seatsConnection { seats { jobPost { status { SURFACE } } } }")
    query = query.replace(
        "SURFACE", "surfaceStatuses { isRejected isSponsorshipRequired isMissingRequiredSponsorship }"
    )
    _, iri = await ids(sandbox)
    found = (await gql(sandbox, query, id=iri))["data"]["node"]["seatsConnection"]["seats"][0]["jobPost"]["status"]
    assert list(found["surfaceStatuses"][0].values()) == [None, False, False]


async def test_records_name_the_fields_written_and_those_that_were_shown_before(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__visibility_seconds=10)
    first, second = (await ids(sandbox))[0], (await ids(sandbox, "1242"))[0]
    items: list[Any] = [
        {"sourcedPostingId": first, "metadata": {"url": "https://a.example/"}, "body": {"title": "Nurse"}},
        {"sourcedPostingId": second, "body": {"salary": {"period": "YEAR"}}},
    ]
    await update(sandbox, *items)
    await update(sandbox, items[0])
    sandbox.clock.now += 10
    await update(sandbox, {"sourcedPostingId": first, "body": {"title": "Nurse", "companyName": "New"}})
    await clear(sandbox, first)
    found = [(one["fields"], one["repeated"]) for one in await sandbox.records()]
    assert found == [
        ({"1209": ["url", "title"], "1242": ["salary"]}, {}),
        ({"1209": ["url", "title"]}, {}),
        ({"1209": ["title", "companyName"]}, {"1209": ["title"]}),
        ({}, {}),
    ]


async def refresh(sandbox: Sandbox, token: str, **form: str) -> httpx.Response:
    data = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": "indeed-1234",
        "client_secret": "indeed-secret-1234",
        **form,
    }
    return await sandbox.http.post(sandbox.urls["indeed"] + "/oauth/v2/tokens", data=data)


async def test_a_refresh_token_gets_tokens_for_the_advertiser_that_the_user_chose(sandbox: Sandbox) -> None:
    reply = await refresh(sandbox, "indeed-refresh-1234")
    body = reply.json()
    token = body.pop("access_token")
    assert body == {
        "scope": "employer.hosted_job employer_access offline_access",
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    _, iri = await ids(sandbox)
    answer = await sandbox.http.post(
        sandbox.urls["indeed"] + "/graphql",
        headers={"Authorization": f"Bearer {token}"},
        json={"query": NODE, "variables": {"id": iri}},
    )
    assert answer.json()["data"]["node"]["id"] == iri
    assert (await refresh(sandbox, "indeed-refresh-1234")).status_code == 200


async def test_a_rotated_refresh_token_is_good_only_once(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__refresh_tokens="rotated")
    second = (await refresh(sandbox, "indeed-refresh-1234")).json()["refresh_token"]
    dead = await refresh(sandbox, "indeed-refresh-1234")
    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")
    assert (await refresh(sandbox, second)).json()["refresh_token"] != second


@pytest.mark.parametrize(
    ("token", "form", "status"),
    [
        ("wrong", {}, 400),
        ("indeed-refresh-5678", {}, 400),
        ("", {}, 400),
        ("indeed-refresh-1234", {"client_secret": "wrong"}, 401),
        ("indeed-refresh-1234", {"grant_type": "authorization_code"}, 400),
    ],
)
async def test_other_refresh_requests_are_refused(
    sandbox: Sandbox, token: str, form: dict[str, str], status: int
) -> None:
    assert (await refresh(sandbox, token, **form)).status_code == status


async def test_all_refresh_tokens_may_be_revoked(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__refresh_tokens="revoked")
    assert (await refresh(sandbox, "indeed-refresh-1234")).json()["error"] == "invalid_grant"
