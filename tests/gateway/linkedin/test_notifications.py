"""`/webhooks/linkedin` on a real gateway and a real Temporal server."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from config.settings import Settings
from models.states import Intent
from models.temporal import LINKEDIN_STATUS
from runtime.connection import connect
from tests.gateway.linkedin.sending import PATH, post, told
from tests.support.boards import Boards
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually, handle, send
from tests.support.processes import HOST, free_port
from tests.support.settings import without_store
from tests.support.webhooks import (
    CHILD_SECRET,
    OTHER_SECRET,
    OTHER_URN,
    PARENT_SECRET,
    encoded,
    linkedin_headers,
    notice,
    signals,
)

CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"


@pytest.fixture
async def open_job(client: Client, webhooks: Settings, job_ids: Iterator[str]) -> AsyncIterator[str]:
    """Start a lifecycle that no worker works on: its history shows what reached it."""
    job_id = next(job_ids)
    await send(client, webhooks, job_id, Intent.POSTED)
    yield job_id
    await handle(client, job_id).terminate()


def counted(kind: str, result: str) -> float:
    labels = {"sender": "linkedin", "type": kind, "result": result}
    return REGISTRY.get_sample_value("boardsync_webhook_events_total", labels) or 0.0


async def test_a_notification_reaches_the_jobs_lifecycle(
    client: Client, gateway: httpx.AsyncClient, open_job: str
) -> None:
    detail = {"errorType": "CUSTOMER_ERROR", "statusMessage": "MEMBER_REPORTED: The job was closed."}
    reply = await post(gateway, notice(open_job, listingStatusDetail=detail))
    assert (reply.status_code, reply.content) == (200, b"")
    (status,) = await told(client, open_job)
    assert status.listing is not None
    assert (status.listing.status, status.listing.name) == ("NOT_LISTED", "MEMBER_REPORTED")
    assert status.after_close is False
    assert abs((datetime.now(UTC) - status.received_at).total_seconds()) < 60


async def test_a_repeat_is_told_again_as_it_may_mean_that_the_job_is_listed_once_more(
    client: Client, gateway: httpx.AsyncClient, open_job: str
) -> None:
    replies = [await post(gateway, notice(open_job)) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert len(await told(client, open_job)) == 3


@pytest.mark.parametrize("secret", [CHILD_SECRET, PARENT_SECRET])
async def test_child_and_parent_may_sign(
    client: Client, gateway: httpx.AsyncClient, open_job: str, secret: str
) -> None:
    assert (await post(gateway, notice(open_job), secret)).status_code == 200
    assert len(await told(client, open_job)) == 1


async def test_another_childs_secret_authorises_nothing(
    client: Client, gateway: httpx.AsyncClient, open_job: str
) -> None:
    for payload in (notice(open_job), {**RESYNC, "externalJobPostingIds": [f"1234-{open_job}"]}):
        reply = await post(gateway, payload, OTHER_SECRET)
        assert (reply.status_code, list(reply.json())) == (400, ["errorMessage"])
    assert (await post(gateway, notice(open_job, urn=OTHER_URN), OTHER_SECRET)).status_code == 200
    assert await told(client, open_job) == []
    assert await resyncs(client) == []


Mutation = Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]


def header(change: Callable[[str], str | None]) -> Mutation:
    def mutate(body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        value = change(headers["X-LI-Signature"])
        rest = {name: each for name, each in headers.items() if name != "X-LI-Signature"}
        return body, rest if value is None else {**rest, "X-LI-Signature": value}

    return mutate


def text(change: Callable[[bytes], bytes]) -> Mutation:
    return lambda body, headers: (change(body), headers)


MUTATIONS: dict[str, Mutation] = {
    "no header": header(lambda _: None),
    "an empty header": header(lambda _: ""),
    "one digit less": header(lambda value: value[:-1]),
    "one digit more": header(lambda value: value + "0"),
    "first digit changed": header(lambda value: f"{(int(value[0], 16) + 1) % 16:x}{value[1:]}"),
    "last digit changed": header(lambda value: f"{value[:-1]}{(int(value[-1], 16) + 1) % 16:x}"),
    "digest reversed": header(lambda value: value[::-1]),
    "all zeros": header(lambda _: "0" * 64),
    "another prefix": header(lambda value: f"sha256={value}"),
    "the prefix twice": header(lambda value: f"hmacsha256=hmacsha256={value}"),
    "two digests": header(lambda value: f"{value},{value}"),
    "no hexadecimal": header(lambda value: "g" + value[1:]),
    "in quotes": header(lambda value: f'"{value}"'),
    "a space more": text(lambda body: body + b" "),
    "a line break more": text(lambda body: b"\n" + body),
    "another job": text(lambda body: body.replace(b'"1234-', b'"1234-1')),
    "another status": text(lambda body: body.replace(b"NOT_LISTED", b"LISTED")),
    "another application": text(lambda body: body.replace(b"234", b"567")),
    "keys in capitals": text(lambda body: body.replace(b"type", b"Type")),
    "cut short": text(lambda body: body[:-1]),
    "empty": text(lambda _: b""),
    "signed without the prefix": lambda body, _: (body, linkedin_headers(body, prefix="")),
    "signed with the secret's hash": lambda body, _: (body, linkedin_headers(body, CHILD_SECRET.upper())),
}


@pytest.mark.parametrize("name", MUTATIONS)
async def test_a_mutation_of_a_signed_request_is_refused_and_changes_nothing(
    client: Client, gateway: httpx.AsyncClient, open_job: str, name: str
) -> None:
    body = encoded(notice(open_job))
    body, headers = MUTATIONS[name](body, linkedin_headers(body))
    reply = await gateway.post(PATH, content=body, headers=headers)
    assert (reply.status_code, list(reply.json())) == (400, ["errorMessage"])
    assert "secret" not in reply.text.lower().replace("x-li-signature", "")
    assert await told(client, open_job) == []


async def test_what_is_signed_but_not_understood_gets_a_reason(gateway: httpx.AsyncClient) -> None:
    for body in (b"", b"[]", b"{", b'{"type":1}', b'{"a":1,"a":2}', b"\xff", b'{"type":"JOB_POSTING_STATUS"}'):
        reply = await gateway.post(PATH, content=body, headers=linkedin_headers(body))
        assert (reply.status_code, list(reply.json())) == (400, ["errorMessage"])
        assert isinstance(reply.json()["errorMessage"], str)


async def test_a_body_over_the_cap_is_refused_as_not_understood(gateway: httpx.AsyncClient) -> None:
    body = b" " * 300_000
    assert (await gateway.post(PATH, content=body, headers=linkedin_headers(body))).status_code == 400


async def test_what_concerns_nobody_is_answered_counted_and_starts_nothing(
    client: Client, gateway: httpx.AsyncClient, job_ids: Iterator[str]
) -> None:
    unknown = next(job_ids)
    cases = {
        ("JOB_POSTING_STATUS", "unknown_application"): notice(unknown, urn="urn:li:developerApplication:999"),
        ("JOB_POSTING_STATUS", "unknown_job"): notice(unknown, listingStatus="LISTED"),
        ("unknown", "unknown_type"): {"type": "JOB_FROBBED"},
        ("RESYNC_JOBS", "unknown_job"): {**RESYNC, "externalJobPostingIds": ["nobody's"]},
        ("RESYNC_JOBS", "unknown_application"): {**RESYNC, "developerApplicationUrn": "urn:li:developerApplication:9"},
    }
    for (kind, result), payload in cases.items():
        before = counted(kind, result)
        reply = await post(gateway, payload)
        assert (reply.status_code, reply.content) == (200, b"")
        assert counted(kind, result) == before + 1
    odd = notice(unknown, externalJobPostingId="no job's")
    assert (await post(gateway, odd)).status_code == 200
    with pytest.raises(RPCError, match="not found"):
        await handle(client, unknown).describe()
    assert await resyncs(client) == []


@pytest.mark.usefixtures("workers")
async def test_a_job_that_is_listed_after_its_lifecycle_closed_it_is_taken_up_again(
    client: Client, gateway: httpx.AsyncClient, webhooks: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await send(client, webhooks, job)
    await lifecycle.result()
    closed = (await lifecycle.describe()).run_id
    assert (await post(gateway, notice(job))).status_code == 200
    assert (await lifecycle.describe()).run_id == closed, "not listed: as it should be"

    await boards.change_job(job, linkedin={"listed": True})
    before = counted("JOB_POSTING_STATUS", "reopened")
    # Right after the start of the run before, Temporal refuses another: LinkedIn sends again.
    await eventually(lambda: post(gateway, notice(job, listingStatus="LISTED")), lambda reply: reply.status_code == 200)
    assert counted("JOB_POSTING_STATUS", "reopened") == before + 1
    again = (await lifecycle.describe()).run_id
    assert again != closed
    (status,) = await signals(client, lifecycle.id, LINKEDIN_STATUS, run_id=again)
    assert status["after_close"] is True
    if (await lifecycle.describe()).status is WorkflowExecutionStatus.RUNNING:
        await lifecycle.terminate()


RESYNC = {
    "developerApplicationUrn": "urn:li:developerApplication:234",
    "externalJobPostingIds": [],
    "syncAllOpenJobs": False,
    "type": "RESYNC_JOBS",
}


async def resyncs(client: Client) -> list[str]:
    query = "WorkflowType = 'LinkedInResync' AND ExecutionStatus = 'Running'"
    return [each.id async for each in client.list_workflows(query)]


async def test_a_resync_is_one_workflow_however_often_it_is_asked_for(
    client: Client, gateway: httpx.AsyncClient
) -> None:
    asked = {**RESYNC, "externalJobPostingIds": ["1234-2", "1234-1", "nobody's"]}
    other = {**RESYNC, "externalJobPostingIds": ["1234-1", "1234-2"]}
    for payload in (asked, asked, other):
        reply = await post(gateway, payload)
        assert (reply.status_code, reply.content) == (200, b"")
    (found,) = await eventually(lambda: resyncs(client), bool)
    assert found.startswith("linkedin-resync-1234-")
    assert (await post(gateway, {**RESYNC, "syncAllOpenJobs": True})).status_code == 200
    for each in await eventually(lambda: resyncs(client), lambda found: len(found) == 2):
        await client.get_workflow_handle(each).terminate()
    await eventually(lambda: resyncs(client), lambda found: found == [])


async def test_the_challenge_is_answered_and_an_unknown_application_is_not_found(gateway: httpx.AsyncClient) -> None:
    reply = await gateway.get(PATH, params={"challengeCode": CODE, "applicationId": "234"})
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("application/json")
    assert set(reply.json()) == {"challengeCode", "challengeResponse"}
    assert reply.json()["challengeCode"] == CODE
    assert (await gateway.get(PATH, params={"challengeCode": CODE, "applicationId": "9"})).status_code == 404
    for query in ("", "?challengeCode=", "?challengeCode=a%20b", f"?challengeCode={CODE}&challengeCode={CODE}"):
        refused = await gateway.get(PATH + query)
        assert (refused.status_code, list(refused.json())) == (400, ["errorMessage"])


async def test_without_temporal_and_store_the_challenge_is_answered_and_a_notification_is_to_be_sent_again(
    webhooks: Settings,
) -> None:
    client = await connect(lazy=True, address=f"{HOST}:{free_port()}")
    async with running_gateway(client, without_store(webhooks)) as http:
        reply = await http.get(PATH, params={"challengeCode": CODE})
        assert reply.status_code == 200
        refused = await post(http, notice("1209"))
        assert (refused.status_code, refused.content) == (500, b"")
        assert (await post(http, {"type": "JOB_FROBBED"})).status_code == 200
        assert (await post(http, notice("1209"), "wrong")).status_code == 400


async def test_fifty_thousand_ids_and_a_null_are_resynced_once_the_signature_is_right(
    client: Client, gateway: httpx.AsyncClient
) -> None:
    ids = [f"1234-{number}" for number in range(800_000, 850_000)]
    payload = {**RESYNC, "externalJobPostingIds": [*ids[:7], None, *ids[7:]]}
    assert (await post(gateway, payload, "false")).status_code == 400
    assert await resyncs(client) == []
    assert (await post(gateway, payload)).status_code == 200
    for each in await eventually(lambda: resyncs(client), lambda found: len(found) == 5):
        await client.get_workflow_handle(each).terminate()
