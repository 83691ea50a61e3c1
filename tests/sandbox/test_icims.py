from typing import Any

import httpx
import pytest

from tests.sandbox.harness import Sandbox

JOB = "/customers/1234/jobs/1209"


async def get(sandbox: Sandbox, path: str = JOB, customer: str = "1234", **more: Any) -> httpx.Response:
    headers = await sandbox.bearer("icims", customer)
    return await sandbox.http.get(sandbox.urls["icims"] + path, headers=headers, **more)


async def test_a_job_without_fields_has_the_recorded_default_keys(sandbox: Sandbox) -> None:
    body = (await get(sandbox)).json()
    assert set(body) == {
        "jobid",
        "folder",
        "jobtitle",
        "joblocation",
        "hiringmanager",
        "recruiter",
        "links",
    }
    assert body["jobid"] == "2026-1209"
    assert body["folder"] == {"id": "D31001", "value": "Approved", "formattedvalue": "Approved"}
    assert body["links"][0]["url"] == f"{sandbox.urls['icims']}{JOB}"


async def test_fields_select_and_links_always_come(sandbox: Sandbox) -> None:
    body = (await get(sandbox, params={"fields": "numberofpositions,overview,nosuchfield"})).json()
    assert set(body) == {"numberofpositions", "overview", "links"}
    assert body["numberofpositions"] == 2


async def test_the_location_is_a_link_to_an_address_object(sandbox: Sandbox) -> None:
    location = (await get(sandbox)).json()["joblocation"]
    assert location["address"].startswith(sandbox.urls["icims"])
    address = (await get(sandbox, location["address"].removeprefix(sandbox.urls["icims"]))).json()
    assert address["addresscity"] == "San Francisco"
    assert address["addressstate"]["abbrev"] == "CA"
    assert address["addresscountry"]["value"] == "United States"


async def test_hidden_and_empty_fields_are_left_out(sandbox: Sandbox) -> None:
    await sandbox.set(icims__hidden_fields=["overview"])
    await sandbox.control("PATCH", "/jobs/1234/1209", {"qualifications": ""})
    body = (await get(sandbox, params={"fields": "overview,qualifications,jobtitle"})).json()
    assert set(body) == {"jobtitle", "links"}


async def test_field_names_must_be_lowercase(sandbox: Sandbox) -> None:
    reply = await get(sandbox, params={"fields": "jobTitle"})
    assert (reply.status_code, reply.json()["errors"][0]["errorCode"]) == (400, 4)
    assert reply.headers["X-Error"].startswith("4:jobTitle:")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/customers/1234/jobs/9999", 2),
        ("/customers/5678/jobs/2001", 3),
        ("/customers/1234/companies/1800/fields/addresses/999", 2),
        ("/customers/1234/companies/1/fields/addresses/23", 2),
        ("/customers/1234/people/1", 2),
    ],
)
async def test_absent_and_foreign_are_both_404(sandbox: Sandbox, path: str, code: int) -> None:
    reply = await get(sandbox, path)
    assert (reply.status_code, reply.json()["errors"][0]["errorCode"]) == (404, code)
    assert reply.headers["X-Error"].startswith(f"{code}:")


@pytest.mark.parametrize(("edit", "code"), [({"deleted": True}, 2), ({"hidden": True}, 3)])
async def test_deleted_and_hidden_jobs(sandbox: Sandbox, edit: dict[str, bool], code: int) -> None:
    await sandbox.control("PATCH", "/jobs/1234/1209", {"icims": edit})
    reply = await get(sandbox)
    assert (reply.status_code, reply.json()["errors"][0]["errorCode"]) == (404, code)


async def test_bad_expired_and_missing_tokens_are_401_code_6(sandbox: Sandbox) -> None:
    headers = await sandbox.bearer("icims")
    sandbox.clock.now += 86_400
    for bad in (headers, {"Authorization": "Bearer nonsense"}, {}):
        reply = await sandbox.http.get(sandbox.urls["icims"] + JOB, headers=bad)
        assert (reply.status_code, reply.json()["errors"][0]["errorCode"]) == (401, 6)
        assert "x-transaction" in reply.headers


async def test_a_token_of_another_provider_is_no_good(sandbox: Sandbox) -> None:
    headers = await sandbox.bearer("linkedin")
    reply = await sandbox.http.get(sandbox.urls["icims"] + JOB, headers=headers)
    assert reply.status_code == 401


async def test_rate_headers_and_the_daily_quota(sandbox: Sandbox) -> None:
    await sandbox.set(icims__daily_quota=2)
    headers = await sandbox.bearer("icims")
    url = sandbox.urls["icims"] + JOB
    replies = [await sandbox.http.get(url, headers=headers) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["1", "0", "0"]
    assert "Retry-After" not in replies[2].headers
    reset = int(replies[2].headers["x-ratelimit-reset"])
    assert (sandbox.clock.now + reset) % 86_400 == 0
    sandbox.clock.now += reset
    assert (await get(sandbox)).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"audience": "https://api.icims.com/v1"}, 403),
        ({"client_secret": "wrong"}, 401),
        ({"client_id": "nobody"}, 401),
        ({"grant_type": "password"}, 400),
        ({"grant_type": ""}, 400),
        ({"client_secret": ""}, 400),
    ],
)
async def test_token_requests_are_checked(sandbox: Sandbox, change: dict[str, str], status: int) -> None:
    data = {
        "grant_type": "client_credentials",
        "client_id": "icims-1234",
        "client_secret": "icims-secret-1234",
        "audience": "https://api.icims.com/v1/",
        **change,
    }
    reply = await sandbox.http.post(sandbox.urls["icims"] + "/oauth/token", data=data)
    assert reply.status_code == status
    assert reply.json()["error"]


async def test_a_token_request_must_be_a_form(sandbox: Sandbox) -> None:
    reply = await sandbox.http.post(sandbox.urls["icims"] + "/oauth/token", json={"grant_type": "x"})
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


async def test_too_many_token_requests_are_throttled(sandbox: Sandbox) -> None:
    await sandbox.set(icims__token_requests_per_10_minutes=2)
    await sandbox.token("icims")
    await sandbox.token("icims")
    with pytest.raises(AssertionError, match="Too many token requests"):
        await sandbox.token("icims")
    sandbox.clock.now += 600
    await sandbox.token("icims")


def report(**change: Any) -> dict[str, Any]:
    board = {
        "jobboard": {"value": "LinkedIn", "externalid": "764"},
        "status": "live",
        "startdate": "2014-08-04 11:31 AM",
        "enddate": "2014-12-04 11:31 PM",
    }
    body: dict[str, Any] = {"jobid": "1209", "jobdistributor": {"id": "D90005"}, "jobboards": [board]}
    for path, value in change.items():
        where, _, name = path.rpartition("__")
        (board if where == "board" else body)[name] = value
    return body


async def patch(sandbox: Sandbox, body: Any) -> httpx.Response:
    headers = await sandbox.bearer("icims")
    url = sandbox.urls["icims"] + "/customers/1234/jobboardposts/"
    return await sandbox.http.patch(url, headers=headers, json=body)


async def test_a_job_board_report_is_kept(sandbox: Sandbox) -> None:
    assert (await patch(sandbox, report())).status_code == 204
    reported = (await sandbox.job())["icims"]["reported"]
    assert reported["jobboards"][0]["status"] == "live"
    assert [one["applied"] for one in await sandbox.records()] == [True]


@pytest.mark.parametrize(
    "change",
    [
        {"board__status": "Posting  in Progress"},
        {"board__status": "closed"},
        {"board__startdate": "2014-08-04 11:31"},
        {"board__startdate": "2014-13-04 11:31 AM"},
        {"board__enddate": None},
        {"board__jobboard": {"value": "LinkedIn"}},
        {"jobdistributor": {}},
        {"jobboards": []},
        {"jobboards": ["LinkedIn"]},
        {"jobid": 1209},
    ],
)
async def test_a_wrong_report_is_refused(sandbox: Sandbox, change: dict[str, Any]) -> None:
    reply = await patch(sandbox, report(**change))
    assert reply.status_code == 400
    assert reply.headers["X-Error"]
    assert (await sandbox.job())["icims"]["reported"] is None


async def test_a_report_must_list_every_board_each_time(sandbox: Sandbox) -> None:
    await patch(sandbox, report())
    other = report(board__jobboard={"value": "Indeed", "externalid": "9"})
    assert (await patch(sandbox, other)).status_code == 400


async def test_a_report_on_an_unknown_job_is_404(sandbox: Sandbox) -> None:
    assert (await patch(sandbox, report(jobid="9999"))).status_code == 404
