"""`POST /webhooks/icims`: good events start a lifecycle, bad ones start nothing and are told why."""

import asyncio
import gzip
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from boardsync.events import icims_example as sample
from config.settings import Settings
from models.base import workflow_id
from models.states import Intent
from runtime import attempts
from runtime.connection import connect
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import eventually, handle, state
from tests.support.listening import listening, silence
from tests.support.processes import HOST, free_port
from tests.support.settings import raw_settings, without_store
from tests.support.signatures import signed
from tests.support.webhooks import signals
from webhook_gateway import handover
from webhook_gateway.icims import replays

PATH = "/webhooks/icims"
AUTH = basic("icims-1234", "webhook-secret-1234")
OTHER_AUTH = basic("icims-5678", "webhook-secret-5678")
JSON = "application/json"
GOOD = {"customerId": "1234", "userId": "121", "eventType": "JobUnpostToWebEvent", "systemId": "900001"}


@pytest.fixture(scope="module")
async def gateway(client: Client, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running_gateway(client, settings) as http:
        yield http


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.usefixtures("workers")
async def test_the_request_of_icimss_page_is_taken_as_it_stands(client: Client, gateway: httpx.AsyncClient) -> None:
    request = sample.unpost()
    reply = await gateway.post(PATH, content=request.body, headers={**request.headers, "Authorization": AUTH})

    assert reply.status_code == 200
    assert set(reply.json()) == {"userMessage", "code"}
    assert reply.json()["code"] == 200
    assert "Job 1209 is being closed on LinkedIn and cleared of our changes on Indeed" in reply.json()["userMessage"]
    assert "https://hooks.example.com/jobs/1234/1209?key=" in reply.json()["userMessage"]
    await handle(client, "1209").result()


async def test_a_plain_body_is_taken_too_and_the_reply_waits_for_no_worker(
    client: Client, gateway: httpx.AsyncClient
) -> None:
    headers = {"Authorization": AUTH, "Content-Type": "application/json;charset=UTF-8"}
    reply = await gateway.post(PATH, content=body({**GOOD, "somethingNew": [1, {"a": None}]}), headers=headers)
    assert reply.status_code == 200
    lifecycle = handle(client, GOOD["systemId"])
    described = await lifecycle.describe()
    assert described.workflow_type == "JobPosting"
    assert described.typed_search_attributes.search_attributes
    await lifecycle.terminate()


ZIPPED = gzip.compress(body(GOOD))
A = {"Authorization": AUTH}
REFUSED: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "no credentials": (401, body(GOOD), {}),
    "wrong password": (401, body(GOOD), {"Authorization": basic("icims-1234", "webhook-secret-5678")}),
    "wrong user": (401, body(GOOD), {"Authorization": basic("icims", "webhook-secret-1234")}),
    "another scheme": (401, body(GOOD), {"Authorization": "Bearer webhook-secret-1234"}),
    "no base64": (401, body(GOOD), {"Authorization": "Basic %%%"}),
    "unknown customer": (400, body({**GOOD, "customerId": "999"}), A),
    "customer of others": (400, body(GOOD), {"Authorization": OTHER_AUTH}),
    "unknown event type": (400, body({**GOOD, "eventType": "JobFrobbedEvent"}), A),
    "no event type": (400, body(without("eventType")), A),
    "no customer": (400, body(without("customerId")), A),
    "no job": (400, body(without("systemId")), A),
    "half an id": (400, body({**GOOD, "systemId": 900001.5}), A),
    "an id that was rounded": (400, body(GOOD).replace(b'"900001"', b"9.00719925474099300e17"), A),
    "null as id": (400, body({**GOOD, "systemId": None}), A),
    "an id of letters": (400, body({**GOOD, "systemId": "12a"}), A),
    "an id of foreign digits": (400, body({**GOOD, "systemId": "١٢٠٩"}), A),
    "an id with a path": (400, body({**GOOD, "systemId": "../1209"}), A),
    "an empty id": (400, body({**GOOD, "customerId": ""}), A),
    "two jobs": (400, body(GOOD)[:-1] + b', "systemId": "1"}', A),
    "two customers": (400, body(GOOD)[:-1] + b', "customerId": "5678"}', A),
    "a link to another job": (400, body(GOOD), {**A, "Link": 'http://x/customers/1234/jobs/9;rel="job",'}),
    "a link of another customer": (400, body(GOOD), {**A, "Link": 'http://x/customers/9/jobs/900001;rel="job",'}),
    "an array": (400, body([GOOD]), A),
    "no JSON": (400, b"systemId=1209", A),
    "nothing": (400, b"", A),
    "deep nesting": (400, b"[" * 100_000 + b"]" * 100_000, A),
    "truncated gzip": (400, ZIPPED[:-4], {**A, "Content-Encoding": "gzip"}),
    "a gzip bomb": (400, gzip.compress(bytes(50_000_000)), {**A, "Content-Encoding": "gzip"}),
    "2 MiB": (400, bytes(2 * 1024 * 1024), A),
    "brotli": (400, b"\x8b\x01\x80", {**A, "Content-Encoding": "br"}),
    "a form": (400, b"systemId=1&x=2", {**A, "Content-Type": "application/x-www-form-urlencoded"}),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_bad_input_is_refused_in_icimss_error_form_and_starts_nothing(
    client: Client, gateway: httpx.AsyncClient, case: str
) -> None:
    status, content, headers = REFUSED[case]
    before = (await client.count_workflows("")).count
    reply = await gateway.post(PATH, content=content, headers={"Content-Type": JSON, **headers})

    assert reply.status_code == status
    assert list(reply.json()) == ["error"]
    error = reply.json()["error"]
    assert set(error) == {"userMessage", "debugErrorMessage"}
    assert error["userMessage"]
    assert "secret" not in reply.text
    assert (await client.count_workflows("")).count == before


async def test_an_unknown_event_type_is_told_the_known_ones(gateway: httpx.AsyncClient) -> None:
    _, content, headers = REFUSED["unknown event type"]
    reply = await gateway.post(PATH, content=content, headers={"Content-Type": JSON, **headers})
    assert "JobUnpostToWebEvent" in reply.json()["error"]["debugErrorMessage"]


async def test_a_chunked_body_over_the_cap_is_refused_before_it_is_read_whole(gateway: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield bytes(64 * 1024)

    try:
        reply = await gateway.post(PATH, content=endless(), headers={"Content-Type": JSON, "Authorization": AUTH})
    except httpx.WriteError:
        return  # the gateway hung up on the rest: refused as well
    assert reply.status_code == 400


async def test_the_last_event_of_concurrent_senders_is_stored_before_each_200(
    client: Client, gateway: httpx.AsyncClient
) -> None:
    content = body({**GOOD, "systemId": "900002"})
    headers = {"Content-Type": JSON, "Authorization": AUTH}
    replies = await asyncio.gather(*(gateway.post(PATH, content=content, headers=headers) for _ in range(20)))
    assert {reply.status_code for reply in replies} == {200}
    signals = [
        event
        async for event in handle(client, "900002").fetch_history_events()
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert len(signals) == 20
    await handle(client, "900002").terminate()


@pytest.mark.usefixtures("workers")
async def test_who_unposted_is_kept(client: Client, gateway: httpx.AsyncClient, job: str) -> None:
    headers = {"Content-Type": JSON, "Authorization": AUTH}
    await gateway.post(PATH, content=body({**GOOD, "systemId": job}), headers=headers)
    seen = await eventually(lambda: state(handle(client, job)), lambda seen: bool(seen.received))
    assert seen.intent is Intent.UNPOSTED
    assert (seen.received[0].what, seen.received[0].by) == ("JobUnpostToWebEvent", "121")
    await handle(client, job).result()


@pytest.mark.parametrize("kind", ["down", "silent"])
async def test_without_temporal_and_store_the_sender_gets_an_error_within_10_s_and_never_a_2xx(
    settings: Settings, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert handover.WITHIN + max(handover.KEPT_WITHIN, handover.LAST_TRY) < 10
    for name in ("WITHIN", "LAST_TRY"):
        monkeypatch.setattr(handover, name, 0.5)  # what is over is left for a machine that is busy

    port = free_port()
    client = await connect(lazy=True, address=f"{HOST}:{port}")
    served_by = listening(silence, port=port) if kind == "silent" else nullcontext()
    async with served_by, running_gateway(client, without_store(settings)) as http:
        began = time.monotonic()
        headers = {"Content-Type": JSON, "Authorization": AUTH}
        reply = await http.post(PATH, content=body(GOOD), headers=headers)
        assert time.monotonic() - began < 10
        assert reply.status_code == 503
        assert "try again" in reply.json()["error"]["userMessage"]
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503
        counted = (await http.get("/metrics")).text
        assert 'boardsync_webhook_events_total{result="unavailable",sender="icims",type="unpost"}' in counted


@pytest.mark.usefixtures("workers")
async def test_a_customer_without_authentication_is_served_only_where_it_is_switched_off_by_name(
    client: Client, sandbox_urls: dict[str, str], job: str
) -> None:
    raw = raw_settings(sandbox_urls)
    raw["customers"][0]["icims"]["webhook_auth"] = "none"
    settings = Settings.model_validate(raw)
    async with running_gateway(client, settings) as http:
        headers = {"Content-Type": JSON}
        mine = await http.post(PATH, content=body({**GOOD, "systemId": job}), headers=headers)
        other = await http.post(PATH, content=body({**GOOD, "customerId": "5678"}), headers=headers)
    assert mine.status_code == 200
    assert other.status_code == 400
    await handle(client, job).result()


@pytest.mark.parametrize("within_the_second", [False, True])
async def test_a_recorded_signed_request_is_answered_as_before_and_changes_nothing(
    client: Client,
    sandbox_urls: dict[str, str],
    job_ids: Iterator[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    within_the_second: bool,
) -> None:
    monkeypatch.setattr(replays, "A_MOMENT", 60.0 if within_the_second else -1.0)
    job_id = next(job_ids)
    raw = raw_settings(sandbox_urls)
    raw["customers"][0]["icims"] |= {"webhook_auth": "hmac", "webhook_user": "icims", "webhook_secret": "one"}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    unpost = signed(body=body({**GOOD, "systemId": job_id}), date=now)
    post = signed(body=body({**GOOD, "systemId": job_id, "eventType": "JobPostToWebEvent"}), date=now)
    async with running_gateway(client, Settings.model_validate(raw)) as http:
        first, posted, again = [
            await http.post(PATH, content=each.body, headers=dict(each.headers)) for each in (unpost, post, unpost)
        ]
    assert (first.status_code, posted.status_code, again.status_code) == (200, 303, 200)
    assert again.json().keys() == first.json().keys()
    assert f"Job {job_id} is being closed" in again.json()["userMessage"]
    told = await signals(client, workflow_id("1234", job_id), "ats_event")
    # A job may be unposted, posted and unposted again within the second that a signature's date tells.
    anew = ["JobUnpostToWebEvent"] if within_the_second else []
    assert [each["event_type"] for each in told] == ["JobUnpostToWebEvent", "JobPostToWebEvent", *anew]


async def test_guessed_passwords_become_slow_and_the_right_one_does_not(
    client: Client, settings: Settings, job_ids: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "WAITING_OF_ONE", 0)
    good = body({**GOOD, "systemId": next(job_ids)})
    async with running_gateway(client, settings) as http:
        assert (await http.post(PATH, content=good, headers=A)).status_code == 200
        for _ in range(attempts.FREE):
            guess = {"Authorization": basic("icims-1234", "guess")}
            assert "wrong" in (await http.post(PATH, content=good, headers=guess)).text
        refused = await http.post(PATH, content=good, headers={"Authorization": basic("icims-1234", "other guess")})
        assert refused.status_code == 401
        assert "too many wrong passwords" in refused.text
        assert (await http.post(PATH, content=good, headers=A)).status_code == 200


async def test_who_guesses_one_customers_password_holds_up_no_other_customer_behind_the_same_proxy(
    client: Client, settings: Settings, job_ids: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "WAITING_OF_ONE", 0)
    other = body({**GOOD, "customerId": "5678", "systemId": next(job_ids)})
    users = ["icims-1234", "nobody", "somebody"]
    async with running_gateway(client, settings) as http:
        for user in users * attempts.FREE:
            await http.post(PATH, content=other, headers={"Authorization": basic(user, "guess")})
        for user in users:  # users that nobody has are slowed together
            refused = await http.post(PATH, content=other, headers={"Authorization": basic(user, "other guess")})
            assert (refused.status_code, "too many" in refused.text) == (401, True)
        # The first event since the gateway began: its password was never right before.
        taken = await http.post(PATH, content=other, headers={"Authorization": OTHER_AUTH})
    assert taken.status_code == 200
