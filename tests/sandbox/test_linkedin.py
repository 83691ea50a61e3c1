from typing import Any

import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.linkedin_calls import close, element, listing, read, submit, task

CONFLICT = "Cannot close job which is already closed or does not exist"


async def test_closing_goes_through_a_task_to_not_listed(sandbox: Sandbox) -> None:
    accepted = await close(sandbox)
    urn = accepted["id"]
    assert accepted["status"] == 202
    assert urn.startswith("urn:li:simpleJobPostingTask:")
    assert accepted["location"] == f"/simpleJobPostings/{urn.replace(':', '%3A')}"
    assert (await task(sandbox, urn))["status"] == "IN_PROGRESS"
    sandbox.clock.now += 0.5
    done = await task(sandbox, urn)
    assert (done["status"], done["externalJobPostingId"]) == ("SUCCEEDED", "1234-1209")
    assert done["jobPosting"].startswith("urn:li:jobPosting:")
    assert await listing(sandbox) == "LISTED", "not visible yet"
    assert (await sandbox.job())["linkedin"]["listed"] is False, "but true"
    sandbox.clock.now += 0.2
    assert await listing(sandbox) == "NOT_LISTED"
    record = (await sandbox.records())[0]
    assert (record["detail"], record["applied"]) == ("CLOSE", True)


async def test_the_versioned_path_needs_a_version(sandbox: Sandbox) -> None:
    path = "/rest/simpleJobPostings"
    assert (await submit(sandbox, element(), path=path)).status_code == 400
    for version in ("2025-04", "202513", "1"):
        reply = await submit(sandbox, element(), path=path, **{"LinkedIn-Version": version})
        assert (reply.status_code, reply.json()["code"]) == (426, "NONEXISTENT_VERSION")
    for version in ("202504", "202508.02"):
        reply = await submit(sandbox, element(), path=path, **{"LinkedIn-Version": version})
        assert reply.status_code == 200


async def test_status_is_not_versioned(sandbox: Sandbox) -> None:
    headers = {**await sandbox.bearer("linkedin"), "LinkedIn-Version": "202504"}
    url = sandbox.urls["linkedin"] + "/rest/jobPostingStatus?ids=1234-1209"
    reply = await sandbox.http.get(url, headers=headers)
    assert reply.json() == {"message": "Resource jobPostingStatus does not exist", "status": 404}


async def test_batch_create_must_be_named(sandbox: Sandbox) -> None:
    reply = await submit(sandbox, element(), **{"X-Restli-Method": "create"})
    text = "Not enough permissions to access: POST /simpleJobPostings"
    assert (reply.status_code, reply.json()) == (403, {"message": text, "status": 403})


@pytest.mark.parametrize(
    "name",
    [
        "title",
        "description",
        "companyApplyUrl",
        "location",
        "externalJobPostingId",
        "jobPostingOperationType",
        "contract",
    ],
)
async def test_required_fields_on_close(sandbox: Sandbox, name: str) -> None:
    text = f"ERROR :: /{name} :: field is required but not found and has no default value\n"
    assert await close(sandbox, **{name: None}) == {"error": {"message": text, "status": 422}, "status": 422}
    assert (await sandbox.job())["linkedin"]["task"] is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"listedAt": "soon"}, "ERROR :: /listedAt :: soon cannot be coerced to Long\n"),
        ({"listedAt": True}, "ERROR :: /listedAt :: True cannot be coerced to Long\n"),
        ({"title": 5}, "ERROR :: /title :: 5 cannot be coerced to String\n"),
        (
            {"jobPostingOperationType": "UPDATED"},
            'ERROR :: /jobPostingOperationType :: "UPDATED" is not an enum symbol\n',
        ),
        ({"jobTitle": "x"}, "ERROR :: /jobTitle :: unrecognized field found but not allowed\n"),
        ({"description": "x" * 99}, "/description"),
        ({"description": "x" * 25_001}, "/description"),
        ({"title": "x" * 201}, "/title"),
        ({"title": ""}, "/title"),
        ({"externalJobPostingId": "x" * 76}, "/externalJobPostingId"),
        ({"externalJobPostingId": ""}, "/externalJobPostingId"),
        ({"integrationContext": "urn:li:company:5678"}, "/integrationContext"),
        ({"expireAt": 1}, "Invalid Expiration Date"),
        ({"workplaceTypes": ["remote", "hybrid"]}, "workplaceTypes"),
    ],
)
async def test_element_errors_come_inside_200(sandbox: Sandbox, change: dict[str, Any], text: str) -> None:
    refused = await close(sandbox, **change)
    assert text in refused["error"]["message"]
    assert refused["error"]["status"] == refused["status"]
    assert "id" not in refused


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"externalJobPostingId": 12341209}, 500, "Internal Server Error"),
        (
            {"contract": "urn:li:contract:1"},
            403,
            "Caller is not authorized to access the jobs for contract: urn:li:contract:1",
        ),
        ({"integrationContext": None}, 400, "must be provided"),
        ({"companyApplyUrl": "ftp://example.com"}, 400, "Invalid company apply url"),
        ({"companyApplyUrl": "http://[x"}, 400, "Invalid company apply url"),
        ({"listingType": "FREE"}, 422, "is not an enum symbol"),
        ({"alternateLocations": ["x"] * 8}, 422, "7 alternate locations"),
    ],
)
async def test_some_mistakes_refuse_the_whole_request(
    sandbox: Sandbox, change: dict[str, Any], status: int, text: str
) -> None:
    reply = await submit(sandbox, element(externalJobPostingId="1234-1242"), element(**change))
    assert (reply.status_code, reply.json()["status"]) == (status, status)
    assert text in reply.json()["message"]
    assert (await sandbox.job("1242"))["linkedin"]["task"] is None, "nothing was applied"


@pytest.mark.parametrize("company", ["company", "companyName", "companyPageUrl"])
async def test_other_ways_to_name_the_company(sandbox: Sandbox, company: str) -> None:
    change = {"integrationContext": None, company: "urn:li:organization:5678"}
    assert (await close(sandbox, **change))["status"] == 202


async def test_a_basic_job_needs_no_contract(sandbox: Sandbox) -> None:
    assert (await close(sandbox, listingType="BASIC", contract=None))["status"] == 202


async def test_a_lenient_close_needs_only_the_id(sandbox: Sandbox) -> None:
    await sandbox.set(linkedin__strict_close=False)
    bare = {"externalJobPostingId": "1234-1209", "jobPostingOperationType": "CLOSE"}
    reply = await submit(sandbox, bare)
    assert reply.json()["elements"][0]["status"] == 202


async def test_unknown_fields_may_be_ignored(sandbox: Sandbox) -> None:
    await sandbox.set(linkedin__unknown_fields="ignored")
    assert (await close(sandbox, jobTitle="x"))["status"] == 202


async def test_the_order_of_a_batch_is_kept(sandbox: Sandbox) -> None:
    ids = ("1234-1209", "1234-9999", "1234-1242")
    reply = await submit(sandbox, *(element(externalJobPostingId=one) for one in ids))
    assert [one["status"] for one in reply.json()["elements"]] == [202, 409, 202]


@pytest.mark.parametrize("status", [400, 413])
async def test_too_many_and_repeated_elements(sandbox: Sandbox, status: int) -> None:
    await sandbox.set(linkedin__batch_error_status=status)
    many = [element(externalJobPostingId=f"1234-{n}") for n in range(101)]
    assert (await submit(sandbox, *many)).status_code == status
    assert (await submit(sandbox, element(), element())).status_code == status


@pytest.mark.parametrize("body", [{"elements": {}}, ["x"], {"elements": ["x"]}, {"jobs": []}])
async def test_bodies_without_elements_are_refused(sandbox: Sandbox, body: Any) -> None:
    assert (await submit(sandbox, body=body)).status_code == 400


async def test_a_second_close_is_a_conflict_on_each_surface(sandbox: Sandbox) -> None:
    await close(sandbox)
    sandbox.clock.now += 1
    refused = {"error": {"message": CONFLICT, "status": 409}, "status": 409}
    assert await close(sandbox) == refused
    await sandbox.set(linkedin__conflict_surface="http")
    reply = await submit(sandbox, element())
    assert (reply.status_code, reply.json()) == (409, {"message": CONFLICT, "status": 409})
    await sandbox.set(linkedin__conflict_surface="task")
    urn = (await close(sandbox))["id"]
    sandbox.clock.now += 1
    failed = await task(sandbox, urn)
    assert (failed["status"], failed["errorMessage"]) == ("FAILED", CONFLICT)
    assert [one["applied"] for one in await sandbox.records() if one["detail"]] == [True, *[False] * 3]


async def test_an_unknown_or_foreign_id_conflicts_in_the_same_words(sandbox: Sandbox) -> None:
    for external_id in ("1234-9999", "5678-2001"):
        assert (await close(sandbox, externalJobPostingId=external_id))["error"]["message"] == CONFLICT


async def test_a_close_under_way_is_no_conflict(sandbox: Sandbox) -> None:
    await close(sandbox)
    assert (await close(sandbox))["status"] == 202
    assert [one["applied"] for one in await sandbox.records()] == [True, False]


@pytest.mark.parametrize(
    ("outcome", "status", "message"),
    [
        ("FAILED", "FAILED", True),
        ("PROCESSED", "PROCESSED", False),
        ("PROCESSED_WITH_ERROR", "PROCESSED", True),
    ],
)
async def test_other_task_outcomes_change_nothing(sandbox: Sandbox, outcome: str, status: str, message: bool) -> None:
    await sandbox.set(linkedin__task_outcome=outcome, linkedin__task_error_message="ErrorCode:2009")
    urn = (await close(sandbox))["id"]
    sandbox.clock.now += 1
    shown = await task(sandbox, urn)
    assert shown["status"] == status
    assert shown.get("errorMessage") == ("ErrorCode:2009" if message else None)
    assert await listing(sandbox) == "LISTED"


async def test_a_new_job_is_seen_late_and_a_closed_one_may_be_reopened(sandbox: Sandbox) -> None:
    new = {"externalJobPostingId": "1234-new", "jobPostingOperationType": "CREATE"}
    await close(sandbox, **new)
    assert (await read(sandbox, "jobPostingStatus", "1234-new")).json()["statuses"] == {"1234-new": 404}
    sandbox.clock.now += 1
    assert await listing(sandbox, "1234-new") == "LISTED"
    await close(sandbox)
    sandbox.clock.now += 1
    await close(sandbox, jobPostingOperationType="UPDATE")
    sandbox.clock.now += 1
    assert await listing(sandbox) == "LISTED"


async def test_an_update_may_leave_a_closed_job_closed(sandbox: Sandbox) -> None:
    await sandbox.set(linkedin__update_of_closed="ignored")
    await close(sandbox)
    sandbox.clock.now += 1
    await close(sandbox, jobPostingOperationType="UPDATE")
    sandbox.clock.now += 1
    assert await listing(sandbox) == "NOT_LISTED"


async def test_tasks_are_scoped_and_forgotten(sandbox: Sandbox) -> None:
    urn = (await close(sandbox))["id"]
    foreign = (await read(sandbox, "simpleJobPostingTasks", urn, customer="5678")).json()
    assert (foreign["results"], foreign["statuses"]) == ({}, {urn: 404})
    assert foreign["errors"][urn]["status"] == 404
    sandbox.clock.now += 86_400
    assert (await read(sandbox, "simpleJobPostingTasks", urn)).json()["statuses"] == {urn: 404}


async def test_statuses_are_keyed_by_id(sandbox: Sandbox) -> None:
    body = (await read(sandbox, "jobPostingStatus", "1234-1209", "5678-2001")).json()
    assert set(body) == {"results", "statuses", "errors"}
    assert set(body["results"]) == {"1234-1209"}
    assert body["statuses"] == {"5678-2001": 404}
    shown = body["results"]["1234-1209"]
    assert shown["externalJobPostingId"] == "1234-1209"
    assert {"linkedInApplyStatusDetail", "listingStatusDetail", "promotionStatusDetail"} <= set(shown)


async def test_detail_keys_may_be_plural(sandbox: Sandbox) -> None:
    await sandbox.set(linkedin__detail_keys="plural")
    body = (await read(sandbox, "jobPostingStatus", "1234-1209")).json()
    assert "listingStatusDetails" in body["results"]["1234-1209"]


async def test_url_limits(sandbox: Sandbox) -> None:
    urns = [f"urn:li:simpleJobPostingTask:{n:036}" for n in range(90)]
    assert (await read(sandbox, "simpleJobPostingTasks", *urns)).status_code == 414
    assert (await read(sandbox, "simpleJobPostingTasks", *urns * 3)).status_code == 414
    assert (await read(sandbox, "simpleJobPostingTasks", *urns[:50])).status_code == 200
    ids = [f"1234-{n}" for n in range(101)]
    assert (await read(sandbox, "jobPostingStatus", *ids)).status_code == 400
    assert (await read(sandbox, "jobPostingStatus", *ids[:100])).status_code == 200
    assert (await read(sandbox, "jobPostingStatus")).status_code == 400


async def test_token_errors(sandbox: Sandbox) -> None:
    url = sandbox.urls["linkedin"] + "/v2/jobPostingStatus?ids=1234-1209"
    headers = await sandbox.bearer("linkedin")
    sandbox.clock.now += 1_800
    expired = await sandbox.http.get(url, headers=headers)
    text = "The token used in the request is expired"
    assert (expired.status_code, expired.json()) == (401, {"message": text, "status": 401})
    await sandbox.set(linkedin__expired_token_text="has expired")
    assert "has expired" in (await sandbox.http.get(url, headers=headers)).json()["message"]
    bad = await sandbox.http.get(url, headers={"Authorization": "Bearer x"})
    assert bad.json() == {"message": "Invalid access token", "status": 401}


async def test_token_reply_and_secret_in_the_url(sandbox: Sandbox) -> None:
    url = sandbox.urls["linkedin"] + "/oauth/v2/accessToken"
    form = {
        "grant_type": "client_credentials",
        "client_id": "linkedin-1234",
        "client_secret": "linkedin-secret-1234",
    }
    body = (await sandbox.http.post(url, data=form)).json()
    assert (set(body), body["expires_in"]) == ({"access_token", "expires_in"}, 1800)
    assert (await sandbox.http.post(url, data=form, params={"client_secret": "x"})).status_code == 400


async def test_the_parent_application_may_not_touch_jobs(sandbox: Sandbox) -> None:
    parent = {"client_id": "linkedin-parent", "client_secret": "linkedin-parent-secret"}
    headers = {"Authorization": f"Bearer {await sandbox.token('linkedin', **parent)}"}
    url = sandbox.urls["linkedin"] + "/v2/simpleJobPostings"
    reply = await sandbox.http.post(url, headers=headers, json={"elements": [element()]})
    text = "Not enough permissions to access: POST simpleJobPostings"
    assert (reply.status_code, reply.json()["message"]) == (403, text)


async def test_limits_by_minute_and_by_day(sandbox: Sandbox) -> None:
    await sandbox.set(linkedin__records_per_minute=1)
    assert (await submit(sandbox, element())).status_code == 200
    reply = await submit(sandbox, element())
    assert reply.status_code == 429
    assert "Retry-After" not in reply.headers
    sandbox.clock.now += 60
    assert (await submit(sandbox, element())).status_code == 200
    await sandbox.set(linkedin__records_per_minute=100, linkedin__records_per_day=2)
    reply = await submit(sandbox, element())
    assert (reply.status_code, "DAY limit" in reply.json()["message"]) == (429, True)
    await sandbox.set(linkedin__records_per_day=100, linkedin__requests_per_day=2)
    assert (await submit(sandbox, element())).status_code == 429
    await sandbox.set(linkedin__task_reads_per_day=0, linkedin__status_reads_per_day=0)
    assert (await read(sandbox, "simpleJobPostingTasks", "x")).status_code == 429
    assert (await read(sandbox, "jobPostingStatus", "x")).status_code == 429
