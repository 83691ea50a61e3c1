"""What stands between a caller and a provider: odd replies, traps, half characters, token endpoints, time."""

import asyncio
import gzip
import json
from typing import Any

import httpx
import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.indeed_calls import NODE, clear, gql, ids, post
from tests.sandbox.linkedin_calls import close, element, listing, read, submit, task

JOB = "/customers/1234/jobs/1209"
DAY = 86_400


async def icims_job(sandbox: Sandbox) -> httpx.Response:
    headers = await sandbox.bearer("icims")
    return await sandbox.http.get(sandbox.urls["icims"] + JOB, headers=headers)


@pytest.mark.parametrize(
    ("preset", "status", "errors"),
    [
        (
            "data_fetching_exception",
            200,
            [
                {
                    "message": "Exception while fetching data",
                    "path": ["node"],
                    "extensions": {"classification": "DataFetchingException"},
                }
            ],
        ),
        ("rate_limited_type", 200, [{"type": "RATE_LIMITED"}]),
        ("errors_object", 200, {"message": "Something went wrong"}),
        ("errors_text", 200, "Something went wrong"),
        ("empty_errors", 200, []),
    ],
)
async def test_errors_come_in_forms_that_no_page_shows(sandbox: Sandbox, preset: str, status: int, errors: Any) -> None:
    _, iri = await ids(sandbox)
    await sandbox.fault("indeed", "node", "http", preset=preset)
    reply = await post(sandbox, NODE, id=iri)
    assert (reply.status_code, reply.json()["errors"]) == (status, errors)


@pytest.mark.parametrize(
    ("preset", "extensions"),
    [
        ("rate_limit_category", {"category": "rate-limit"}),
        ("service_unavailable", {"code": "SERVICE_UNAVAILABLE"}),
        ("no_code", None),
    ],
)
async def test_errors_may_follow_a_write_and_name_its_path(sandbox: Sandbox, preset: str, extensions: Any) -> None:
    uuid, _ = await ids(sandbox)
    await sandbox.fault("indeed", "clear", "http_after", preset=preset)
    error = (await clear(sandbox, uuid))["errors"][0]
    assert error["path"] == ["jobsIngest", "clearSourcedJobPostingUpdates"]
    assert error.get("extensions") == extensions
    assert (await sandbox.job())["indeed"]["overlay_left"] == {}


@pytest.mark.parametrize("preset", ["waf", "cdn"])
async def test_a_wall_answers_403_in_html(sandbox: Sandbox, preset: str) -> None:
    await sandbox.fault("linkedin", "*", "http", preset=preset)
    reply = await sandbox.http.post(sandbox.urls["linkedin"] + "/oauth/v2/accessToken", data={})
    assert (reply.status_code, reply.headers["Content-Type"]) == (403, "text/html; charset=utf-8")


@pytest.mark.parametrize("status", [408, 421, 999])
async def test_linkedin_answers_with_any_status(sandbox: Sandbox, status: int) -> None:
    await sandbox.fault("linkedin", "submit", "http", status=status)
    assert (await submit(sandbox, element())).status_code == status


async def test_a_whole_api_can_be_away_while_tokens_are_issued(sandbox: Sandbox) -> None:
    await sandbox.fault("icims", "api", "http", status=503, times=None)
    assert (await icims_job(sandbox)).status_code == 503
    await sandbox.fault("icims", "*", "http", status=500, times=None)
    with pytest.raises(AssertionError, match="server_error"):
        await sandbox.token("icims")


async def test_only_closes_can_be_hit(sandbox: Sandbox) -> None:
    await sandbox.fault("linkedin", "submit", "http", status=500, only="CLOSE")
    assert (await submit(sandbox, element(jobPostingOperationType="UPDATE"))).status_code == 200
    assert (await submit(sandbox, element())).status_code == 500


@pytest.mark.parametrize("kind", ["drip", "endless"])
async def test_a_body_never_ends(sandbox: Sandbox, kind: str) -> None:
    await sandbox.fault("icims", "token", kind, seconds=0.01, text=" ")
    url = sandbox.urls["icims"] + "/oauth/token"
    got = 0
    async with sandbox.http.stream("POST", url, data={"grant_type": "client_credentials"}) as reply:
        assert reply.status_code == 200
        async for block in reply.aiter_bytes():
            assert block.isspace()
            got += 1
            if got == 5:
                break


async def test_work_may_be_done_before_a_body_that_never_ends(sandbox: Sandbox) -> None:
    await sandbox.fault("linkedin", "submit", "drip", work=True, seconds=0.01)
    headers = {"X-Restli-Method": "batch_create", **await sandbox.bearer("linkedin")}
    url = sandbox.urls["linkedin"] + "/v2/simpleJobPostings"
    async with sandbox.http.stream("POST", url, headers=headers, json={"elements": [element()]}) as reply:
        assert await anext(aiter(reply.aiter_raw())) == b" "
    assert (await sandbox.job())["linkedin"]["will_be_listed"] is False


async def test_an_answer_may_be_big(sandbox: Sandbox) -> None:
    await sandbox.fault("icims", "job", "padded", size=3_000_001)
    reply = await icims_job(sandbox)
    assert len(reply.content) == 3_000_001
    assert reply.json()["jobtitle"]


@pytest.mark.parametrize("size", [8 * 1024**2, 3 * 1024**2 + 7])
async def test_a_small_answer_may_inflate_to_a_big_one(sandbox: Sandbox, size: int) -> None:
    await sandbox.fault("icims", "job", "gzip_bomb", size=size)
    url, headers = sandbox.urls["icims"] + JOB, await sandbox.bearer("icims")
    async with sandbox.http.stream("GET", url, headers=headers) as reply:
        raw = b"".join([block async for block in reply.aiter_raw()])
    assert reply.headers["Content-Encoding"] == "gzip, gzip"
    assert len(raw) < 1024
    assert len(gzip.decompress(gzip.decompress(raw))) == size


async def test_an_answer_may_come_late_after_the_work(sandbox: Sandbox) -> None:
    uuid, _ = await ids(sandbox)
    await sandbox.fault("indeed", "clear", "slow_answer", seconds=9)
    await clear(sandbox, uuid)
    assert sandbox.clock.slept == [9]


async def test_texts_may_end_in_half_a_character(sandbox: Sandbox) -> None:
    await sandbox.fault("icims", "job", "surrogate", fields=["jobtitle"])
    reply = await icims_job(sandbox)
    assert r"Night Shift\ud83d" in reply.text
    assert reply.text.count(r"\ud83d") == 1
    await sandbox.fault("linkedin", "submit", "http", status=400)
    await sandbox.fault("linkedin", "submit", "surrogate")
    assert (await submit(sandbox, element())).json()["message"].endswith("\ud83d")


async def test_a_reply_may_say_other_values(sandbox: Sandbox) -> None:
    _, iri = await ids(sandbox)
    values = {
        "data.node.jobData.title": None,
        "more.0": 1,
        "data.node.id.deep": 2,
        "data.node.jobData.externalPostingMetadata.campaignCategories.0": "x",
    }
    await sandbox.fault("indeed", "node", "rewrite", values=values)
    body = await gql(sandbox, NODE, id=iri)
    node = body["data"]["node"]
    assert (node["jobData"]["title"], body["more"], node["id"]) == (None, {"0": 1}, {"deep": 2})
    assert node["jobData"]["externalPostingMetadata"]["campaignCategories"] == ["x"]


@pytest.mark.parametrize("errors", [{"message": "no"}, "no"])
async def test_a_write_may_be_dropped_beside_data_that_says_it_is_done(sandbox: Sandbox, errors: Any) -> None:
    uuid, _ = await ids(sandbox)
    await sandbox.fault("indeed", "clear", "lie")
    await sandbox.fault("indeed", "clear", "rewrite", values={"errors": errors})
    body = await clear(sandbox, uuid)
    assert body["errors"] == errors
    assert body["data"]["jobsIngest"]["clearSourcedJobPostingUpdates"]["results"][0]["jobPosting"]
    assert (await sandbox.job())["indeed"]["overlay_left"]


TOKENS = {"icims": "/oauth/token", "linkedin": "/oauth/v2/accessToken", "indeed": "/oauth/v2/tokens"}


async def token_reply(sandbox: Sandbox, provider: str) -> httpx.Response:
    data = {
        "grant_type": "client_credentials",
        "client_id": f"{provider}-1234",
        "client_secret": f"{provider}-secret-1234",
        "audience": "https://api.icims.com/v1/",
        "scope": "employer_access employer.hosted_job" if provider == "indeed" else "",
    }
    return await sandbox.http.post(sandbox.urls[provider] + TOKENS[provider], data=data)


@pytest.mark.parametrize("provider", TOKENS)
async def test_token_endpoints_fail_in_many_ways(sandbox: Sandbox, provider: str) -> None:
    await sandbox.fault(provider, "token", "http", preset="cdn")
    await sandbox.fault(provider, "token", "http", status=408)
    await sandbox.fault(provider, "token", "http", preset="temporarily_unavailable")
    await sandbox.fault(provider, "token", "http", preset="temporarily_unavailable", status=503)
    await sandbox.fault(provider, "token", "http", status=401, times=2)
    await sandbox.fault(provider, "token", "rewrite", values={"expires_in": None}, after=6)
    replies = [await token_reply(sandbox, provider) for _ in range(8)]
    assert [each.status_code for each in replies] == [403, 408, 400, 503, 401, 401, 200, 200]
    assert replies[2].json() == {"error": "temporarily_unavailable"}
    assert replies[6].json()["expires_in"] is None
    assert replies[7].json()["expires_in"] > 0


@pytest.mark.parametrize("provider", TOKENS)
async def test_a_new_token_may_revoke_the_older_ones(sandbox: Sandbox, provider: str) -> None:
    await sandbox.set(**{f"{provider}__token_revokes_older": True})
    first, second = [await sandbox.token(provider) for _ in range(2)]
    await sandbox.token(provider, "5678")

    async def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        paths = {"icims": JOB, "linkedin": "/v2/jobPostingStatus?ids=1234-1209"}
        if provider == "indeed":
            body = {"query": '{ node(id: "x") { id } }'}
            reply = await sandbox.http.post(sandbox.urls[provider] + "/graphql", headers=headers, json=body)
            return 401 if "errors" in reply.json() else 200
        return (await sandbox.http.get(sandbox.urls[provider] + paths[provider], headers=headers)).status_code

    assert [await status(first), await status(second)] == [401, 200]


async def test_a_fault_can_hit_refreshes_only(sandbox: Sandbox) -> None:
    await sandbox.set(indeed__refresh_tokens="rotated")
    await sandbox.fault("indeed", "token", "lost_answer", only="refresh_token")
    await sandbox.token("indeed")
    data = {
        "grant_type": "refresh_token",
        "refresh_token": "indeed-refresh-1234",
        "client_id": "indeed-1234",
        "client_secret": "indeed-secret-1234",
    }
    url = sandbox.urls["indeed"] + "/oauth/v2/tokens"
    with pytest.raises(httpx.RemoteProtocolError):
        await sandbox.http.post(url, data=data)
    assert (await sandbox.http.post(url, data=data)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_a_processed_task_has_any_listing(sandbox: Sandbox, *, takes_effect: bool) -> None:
    await sandbox.fault("linkedin", "submit", "task_outcome", outcome="PROCESSED", takes_effect=takes_effect)
    urn = (await close(sandbox))["id"]
    sandbox.clock.now += 1
    assert (await task(sandbox, urn))["status"] == "PROCESSED"
    assert await listing(sandbox) == ("NOT_LISTED" if takes_effect else "LISTED")


async def test_linkedin_reads_take_only_so_many_ids(sandbox: Sandbox) -> None:
    await sandbox.set(linkedin__task_ids_max=2, linkedin__status_ids_max=2)
    for resource in ("simpleJobPostingTasks", "jobPostingStatus"):
        assert (await read(sandbox, resource, "a", "b")).status_code == 200
        assert (await read(sandbox, resource, "a", "b", "c")).status_code == 400


async def test_a_close_of_an_id_never_seen_is_a_conflict(sandbox: Sandbox) -> None:
    found = await close(sandbox, externalJobPostingId="1234-never")
    assert found["status"] == 409
    assert found["error"]["message"] == "Cannot close job which is already closed or does not exist"


async def test_eight_days_pass_in_a_moment(sandbox: Sandbox) -> None:
    before = (await sandbox.control("GET", "/clock"))["now"]
    headers = await sandbox.bearer("linkedin")
    await close(sandbox)
    for day in range(1, 9):
        shown = await sandbox.control("POST", "/clock", {"advance": DAY})
        assert shown["now"] == before + day * DAY
    assert await listing(sandbox) == "NOT_LISTED"
    url = sandbox.urls["linkedin"] + "/v2/jobPostingStatus?ids=1234-1209"
    assert (await sandbox.http.get(url, headers=headers)).status_code == 401
    await sandbox.control("PATCH", "/jobs/1234/1209", {"linkedin": {"listed": True, "silent": True}})
    assert await listing(sandbox) == "LISTED"
    await sandbox.control("POST", "/reset")
    assert (await sandbox.control("GET", "/clock"))["now"] == before


async def test_time_does_not_go_back(sandbox: Sandbox) -> None:
    reply = await sandbox.http.post(sandbox.urls["control"] + "/clock", json={"advance": -1})
    assert reply.status_code == 400


async def test_many_callers_may_hang_at_once(sandbox: Sandbox) -> None:
    await sandbox.fault("icims", "job", "drip", times=20, seconds=0.01)
    url, headers = sandbox.urls["icims"] + JOB, await sandbox.bearer("icims")

    async def hang() -> bytes:
        async with sandbox.http.stream("GET", url, headers=headers) as reply:
            return await anext(aiter(reply.aiter_raw()))

    assert await asyncio.gather(*(hang() for _ in range(20))) == [b" "] * 20
    assert json.loads((await icims_job(sandbox)).text)["jobtitle"]
