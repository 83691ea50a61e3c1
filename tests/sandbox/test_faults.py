from typing import Any

import httpx
import pytest

from tests.sandbox.harness import Sandbox
from tests.sandbox.indeed_calls import CLEAR, FIND, NODE, change, clear, code, gql, ids, node, post, update
from tests.sandbox.linkedin_calls import close, element, listing, submit, task

JOB = "/customers/1234/jobs/1209"


async def icims_job(sandbox: Sandbox, path: str = JOB) -> httpx.Response:
    headers = await sandbox.bearer("icims")
    return await sandbox.http.get(sandbox.urls["icims"] + path, headers=headers)


async def test_http_answers_before_anything_is_done(sandbox: Sandbox) -> None:
    headers, body = {"Retry-After": "2"}, {"message": "slow down", "status": 429}
    await sandbox.fault("linkedin", "submit", "http", status=429, headers=headers, body=body)
    reply = await submit(sandbox, element())
    assert (reply.status_code, reply.headers["Retry-After"], reply.json()) == (429, "2", body)
    assert (await sandbox.job())["linkedin"]["task"] is None
    assert (await submit(sandbox, element())).json()["elements"][0]["status"] == 202
    first, second = await sandbox.records()
    assert (first["fault"], first["applied"], first["status"], first["throttled"]) == (
        "http",
        False,
        429,
        True,
    )
    assert (second["fault"], second["applied"]) == (None, True)


@pytest.mark.parametrize(
    ("provider", "operation", "key"),
    [("icims", "job", "errors"), ("linkedin", "submit", "message"), ("indeed", "clear", "errors")],
)
async def test_without_a_body_the_providers_own_shape_is_used(
    sandbox: Sandbox, provider: str, operation: str, key: str
) -> None:
    await sandbox.fault(provider, operation, "http", status=503)
    calls = {
        "icims": icims_job(sandbox),
        "linkedin": submit(sandbox, element()),
        "indeed": post(sandbox, CLEAR, input={"updates": []}),
    }
    for name, call in calls.items():
        if name == provider:
            reply = await call
        else:
            call.close()
    assert reply.status_code == 503
    assert key in reply.json()


async def test_http_after_and_lost_answer_do_the_work(sandbox: Sandbox) -> None:
    await sandbox.fault("linkedin", "submit", "http_after", status=504)
    assert (await submit(sandbox, element())).status_code == 504
    await sandbox.fault("indeed", "clear", "lost_answer")
    uuid, _ = await ids(sandbox)
    with pytest.raises(httpx.RemoteProtocolError):
        await clear(sandbox, uuid)
    sandbox.clock.now += 1
    assert await listing(sandbox) == "NOT_LISTED"
    assert (await sandbox.job())["indeed"]["overlay_left"] == {}
    writes = [one for one in await sandbox.records() if one["fault"]]
    assert [(one["status"], one["applied"]) for one in writes] == [(504, True), (None, True)]


async def test_drop_does_nothing(sandbox: Sandbox) -> None:
    await sandbox.fault("linkedin", "submit", "drop")
    with pytest.raises(httpx.RemoteProtocolError):
        await submit(sandbox, element())
    sandbox.clock.now += 1
    assert await listing(sandbox) == "LISTED"


async def test_slow_waits_and_then_answers(sandbox: Sandbox) -> None:
    await sandbox.fault("icims", "job", "slow", seconds=7)
    await sandbox.fault("icims", "job", "http", status=500)
    assert (await icims_job(sandbox)).status_code == 500, "slow goes together with another fault"
    assert sandbox.clock.slept == [7]


async def test_garbage_is_not_json(sandbox: Sandbox) -> None:
    await sandbox.fault("icims", "job", "garbage")
    reply = await icims_job(sandbox)
    assert reply.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        reply.json()


async def test_expire_token_spoils_the_token_for_good(sandbox: Sandbox) -> None:
    await sandbox.fault("indeed", "node", "expire_token")
    headers = await sandbox.bearer("indeed")
    _, iri = await ids(sandbox)
    for _ in range(2):
        assert code((await post(sandbox, NODE, headers=headers, id=iri)).json()) == "UNAUTHENTICATED"
    assert "errors" not in await gql(sandbox, NODE, id=iri)


async def test_token_requests_can_fail_for_one_customer(sandbox: Sandbox) -> None:
    await sandbox.fault("linkedin", "token", "http", status=500, customer_id="5678")
    await sandbox.token("linkedin")
    with pytest.raises(AssertionError, match="server_error"):
        await sandbox.token("linkedin", "5678")


async def test_lies_succeed_and_change_nothing(sandbox: Sandbox) -> None:
    for provider, operation in (("linkedin", "submit"), ("indeed", "update"), ("indeed", "clear")):
        await sandbox.fault(provider, operation, "lie")
    urn = (await close(sandbox))["id"]
    uuid, _ = await ids(sandbox)
    assert "errors" not in await change(sandbox, title="Nurse")
    assert "errors" not in await clear(sandbox, uuid)
    sandbox.clock.now += 1
    assert (await task(sandbox, urn))["status"] == "SUCCEEDED"
    assert await listing(sandbox) == "LISTED"
    assert (await sandbox.job())["indeed"]["overlay_left"]["trackingUrl"]
    assert not any(one["applied"] for one in await sandbox.records())


async def test_element_errors_hit_the_named_job_only(sandbox: Sandbox) -> None:
    more = {"status": 402, "message": "Insufficient job slots for contract"}
    await sandbox.fault("linkedin", "submit", "element_error", job_id="1242", **more)
    reply = await submit(sandbox, element(), element(externalJobPostingId="1234-1242"))
    first, second = reply.json()["elements"]
    assert first["status"] == 202
    assert second == {"error": more, "status": 402}


async def test_task_outcome_hits_one_task(sandbox: Sandbox) -> None:
    more = {"outcome": "PROCESSED_WITH_ERROR", "message": "fed by XML"}
    await sandbox.fault("linkedin", "submit", "task_outcome", **more)
    urn = (await close(sandbox))["id"]
    sandbox.clock.now += 1
    shown = await task(sandbox, urn)
    assert (shown["status"], shown["errorMessage"]) == ("PROCESSED", "fed by XML")


async def test_delay_visibility_hits_one_write(sandbox: Sandbox) -> None:
    await sandbox.fault("linkedin", "submit", "delay_visibility", seconds=60)
    await sandbox.fault("indeed", "update", "delay_visibility", seconds=60)
    await close(sandbox)
    await change(sandbox, title="Nurse")
    sandbox.clock.now += 60
    assert await listing(sandbox) == "LISTED"
    assert (await node(sandbox))["jobData"]["title"] == "Nurse"
    sandbox.clock.now += 0.5
    assert await listing(sandbox) == "NOT_LISTED"


async def test_graphql_errors_null_the_named_item(sandbox: Sandbox) -> None:
    one, two = (await ids(sandbox))[0], (await ids(sandbox, "1242"))[1]
    more = {"code": "DOWNSTREAM_SERVICE_ERROR", "message": "try later"}
    await sandbox.fault("indeed", "clear", "graphql_error", job_id="1242", **more)
    body = await clear(sandbox, one, two)
    results = body["data"]["jobsIngest"]["clearSourcedJobPostingUpdates"]["results"]
    assert [result["jobPosting"] is None for result in results] == [False, True]
    assert body["errors"][0]["extensions"] == more


async def test_graphql_errors_on_reads_and_as_throttling(sandbox: Sandbox) -> None:
    await sandbox.fault("indeed", "node", "graphql_error", code="429")
    await sandbox.fault("indeed", "find", "graphql_error")
    _, iri = await ids(sandbox)
    body = await gql(sandbox, NODE, id=iri)
    assert (body["data"]["node"], code(body)) == (None, "429")
    assert (await gql(sandbox, FIND, first=1))["data"]["findEmployerJobsPartner"] is None
    assert (await sandbox.control("GET", "/counts"))["429"] == 1


@pytest.mark.parametrize("keep_item", [False, True])
async def test_a_partial_update_writes_the_named_fields(sandbox: Sandbox, keep_item: bool) -> None:
    more = {"fields": ["title"], "code": "DOWNSTREAM_SERVICE_ERROR", "keep_item": keep_item}
    await sandbox.fault("indeed", "update", "partial", **more)
    uuid, _ = await ids(sandbox)
    item = {"sourcedPostingId": uuid, "body": {"title": "Nurse", "companyName": "New"}}
    body = await update(sandbox, item)
    posting = body["data"]["jobsIngest"]["updateSourcedJobPostings"]["results"][0]["jobPosting"]
    assert (posting is not None) == keep_item
    assert code(body) == "DOWNSTREAM_SERVICE_ERROR"
    data = (await node(sandbox))["jobData"]
    assert (data["title"], data["company"]) == ("Nurse", "Example Health")


@pytest.mark.parametrize("kind", ["uuid", "iri", "external", "icims", "address", "task"])
async def test_a_fault_finds_its_job_by_every_name(sandbox: Sandbox, kind: str) -> None:
    uuid, iri = await ids(sandbox)
    urn = (await close(sandbox))["id"]
    place = (await icims_job(sandbox)).json()["joblocation"]["address"]
    operations = {
        "uuid": ("indeed", "clear"),
        "iri": ("indeed", "node"),
        "external": ("linkedin", "status"),
        "icims": ("icims", "job"),
        "address": ("icims", "address"),
        "task": ("linkedin", "tasks"),
    }
    await sandbox.fault(*operations[kind], "garbage", job_id="1242")
    await sandbox.fault(*operations[kind], "garbage", job_id="1209")
    url, headers = sandbox.urls["linkedin"], await sandbox.bearer("linkedin")
    variables: Any = {"input": {"updates": [{"sourcedPostingId": uuid}]}}
    replies: dict[str, Any] = {
        "uuid": lambda: post(sandbox, CLEAR, **variables),
        "iri": lambda: post(sandbox, NODE, id=iri),
        "external": lambda: sandbox.http.get(f"{url}/v2/jobPostingStatus?ids=1234-1209", headers=headers),
        "icims": lambda: icims_job(sandbox),
        "address": lambda: icims_job(sandbox, place.removeprefix(sandbox.urls["icims"])),
        "task": lambda: sandbox.http.get(f"{url}/v2/simpleJobPostingTasks?ids={urn}", headers=headers),
    }
    assert "It works!" in (await replies[kind]()).text
    assert (await sandbox.records())[-1]["job_ids"] == ["1209"]


async def test_times_and_after(sandbox: Sandbox) -> None:
    await sandbox.fault("icims", "job", "http", status=500, times=2, after=1)
    await sandbox.fault("icims", "job", "http", status=503)
    assert [(await icims_job(sandbox)).status_code for _ in range(5)] == [503, 500, 500, 200, 200]
    forever = await sandbox.fault("icims", "job", "http", status=500, times=None)
    assert [(await icims_job(sandbox)).status_code for _ in range(3)] == [500] * 3
    shown = (await sandbox.control("GET", "/faults"))[-1]
    assert (shown["id"], shown["fired"], shown["times"]) == (forever, 3, None)
    await sandbox.control("DELETE", f"/faults/{forever}")
    assert (await icims_job(sandbox)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"provider": "icims", "operation": "submit", "kind": "http"},
        {"provider": "icims", "operation": "job", "kind": "explode"},
        {"provider": "icims", "operation": "job", "kind": "lie"},
        {"provider": "linkedin", "operation": "submit", "kind": "partial"},
        {"provider": "icims", "operation": "job", "kind": "http", "jobid": "1"},
        {"provider": "icims", "operation": "job", "kind": "http", "times": 0},
        {"provider": "icims", "operation": "job", "kind": "http", "preset": "surprise"},
        {"provider": "icims", "operation": "job", "kind": "http", "only": "second_page"},
        {"provider": "icims", "operation": "job", "kind": "endless", "text": ""},
        {"provider": "indeed", "operation": "node", "kind": "null_field", "fields": ["seatsConnection.seats"]},
        {"provider": "indeed", "operation": "node", "kind": "null_field"},
        {"provider": "indeed", "operation": "api", "kind": "move"},
    ],
)
async def test_faults_that_make_no_sense_are_refused(sandbox: Sandbox, body: Any) -> None:
    reply = await sandbox.http.post(sandbox.urls["control"] + "/faults", json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]
    assert "Value error" not in reply.json()["error"]
    assert await sandbox.control("GET", "/faults") == []
