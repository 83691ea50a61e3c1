"""`POST /webhooks/indeed` on a real gateway and a real Temporal server."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client
from temporalio.common import SearchAttributePair

from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import JobInput
from models.states import BoardName, BoardState, Phase
from models.temporal import INDEED_CHANGED, INDEED_JOB_ID, JOB_POSTING, Queue, search_attributes
from runtime.connection import connect
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually
from tests.support.processes import HOST, free_port
from tests.support.settings import without_store
from tests.support.webhooks import encoded, indeed_headers, signals, webhook_settings
from webhook_gateway.indeed.index import JOBS_AT_ONCE, VisibilityIndex

PATH = "/webhooks/indeed"
OTHER_SECRET = "indeed-webhook-secret-5678"


@pytest.fixture(scope="module")
def webhooks(sandbox_urls: dict[str, str]) -> Settings:
    raw = webhook_settings(sandbox_urls)
    raw["customers"][1]["indeed"]["webhook_secret"] = OTHER_SECRET
    return Settings.model_validate(raw)


@pytest.fixture(scope="module")
async def gateway(client: Client, webhooks: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with running_gateway(client, webhooks) as http:
        yield http


@pytest.fixture
async def known(client: Client, job_ids: Iterator[str]) -> AsyncIterator[tuple[str, str]]:
    """Start a lifecycle that knows its job's id at Indeed, and that no worker works on; give both ids."""
    job_id = next(job_ids)
    iri = base64.b64encode(f"iri://apis.indeed.com/EmployerJob/00000000-0000-4000-8000-{job_id:0>12}".encode()).decode()
    await begin(client, "1234", job_id, iri)
    yield workflow_id("1234", job_id), iri
    await client.get_workflow_handle(workflow_id("1234", job_id)).terminate()


async def begin(client: Client, customer_id: str, job_id: str, iri: str) -> None:
    found_by = search_attributes(customer_id, job_id, Phase.OPEN, [(BoardName.INDEED, BoardState.SETTLED)])
    await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=customer_id, job_id=job_id),
        id=workflow_id(customer_id, job_id),
        task_queue=Queue.JOB_POSTINGS.value,
        search_attributes=found_by.updated(SearchAttributePair(INDEED_JOB_ID, iri)),
    )
    query = f"{INDEED_JOB_ID.name} = '{iri}' AND CustomerId = '{customer_id}'"
    await eventually(lambda: client.count_workflows(query), lambda found: found.count == 1)


def legacy(iri: str) -> dict[str, Any]:
    return {"eventType": "job.updated", "jobIri": iri, "timestamp": "2025-12-10T15:30:00Z"}


def cloud_event(iri: str, number: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"evt_{number}",
        "source": "api.indeed.com",
        "type": "com.indeed.partner.jobs.lifecycle_event.v1",
        "time": "2026-01-27T01:33:32Z",
        "datacontenttype": "application/json",
        "idempotencykey": f"key-{number}",
        "data": {"employerJobId": iri, "lifecycleEvent": "UPDATED"},
    }


async def post(http: httpx.AsyncClient, payload: Any, **secret: str) -> httpx.Response:
    body = encoded(payload)
    return await http.post(PATH, content=body, headers=indeed_headers(body, **secret))


def counted(kind: str, result: str) -> float:
    labels = {"sender": "indeed", "type": kind, "result": result}
    return REGISTRY.get_sample_value("boardsync_webhook_events_total", labels) or 0.0


async def test_both_forms_reach_the_lifecycle_that_knows_the_job(
    client: Client, gateway: httpx.AsyncClient, known: tuple[str, str]
) -> None:
    id_, iri = known
    assert (await post(gateway, legacy(iri))).status_code == 200
    assert (await post(gateway, cloud_event(iri, id_))).status_code == 200
    first, second = await signals(client, id_, INDEED_CHANGED)
    assert (first["employer_job_id"], first["event_id"]) == (iri, None)
    assert (second["employer_job_id"], second["event_id"]) == (iri, f"evt_{id_}")


async def test_a_job_is_found_under_the_other_spelling_of_its_iri(
    client: Client, gateway: httpx.AsyncClient, known: tuple[str, str]
) -> None:
    id_, iri = known
    key = base64.b64decode(iri).decode().rpartition("/")[2]
    other = base64.b64encode(f"urn:indeed:employerjob:{key}".encode()).decode()
    assert (await post(gateway, legacy(other))).status_code == 200
    assert len(await signals(client, id_, INDEED_CHANGED)) == 1


async def test_a_repeated_event_id_or_key_is_answered_counted_and_told_once(
    client: Client, gateway: httpx.AsyncClient, known: tuple[str, str]
) -> None:
    id_, iri = known
    before = counted("lifecycle_event", "duplicate")
    event = cloud_event(iri, id_)
    for payload in (event, event, {**event, "id": "another"}, {**event, "idempotencykey": "another"}):
        assert (await post(gateway, payload)).status_code == 200
    assert counted("lifecycle_event", "duplicate") == before + 3
    assert len(await signals(client, id_, INDEED_CHANGED)) == 1


async def test_another_customer_reaches_no_lifecycle_and_spoils_no_event_id(
    client: Client, gateway: httpx.AsyncClient, known: tuple[str, str]
) -> None:
    id_, iri = known
    event = cloud_event(iri, id_)
    before = counted("lifecycle_event", "unknown_job")
    assert (await post(gateway, event, secret=OTHER_SECRET)).status_code == 200
    assert counted("lifecycle_event", "unknown_job") == before + 1
    assert await signals(client, id_, INDEED_CHANGED) == []
    await begin(client, "5678", "77", iri)
    assert (await post(gateway, event, secret=OTHER_SECRET)).status_code == 200
    assert (await post(gateway, event)).status_code == 200
    for each in (id_, workflow_id("5678", "77")):
        assert len(await signals(client, each, INDEED_CHANGED)) == 1
    await client.get_workflow_handle(workflow_id("5678", "77")).terminate()


async def test_unknown_jobs_and_types_are_answered_and_counted(gateway: httpx.AsyncClient) -> None:
    cases = {
        ("job.updated", "unknown_job"): legacy("nobodys-job"),
        ("lifecycle_event", "unknown_job"): cloud_event("nobodys-job", "0"),
        ("unknown", "unknown_type"): {"eventType": "job.frobbed"},
    }
    for (kind, result), payload in cases.items():
        before = counted(kind, result)
        reply = await post(gateway, payload)
        assert (reply.status_code, reply.content) == (200, b"")
        assert counted(kind, result) == before + 1


async def test_bad_signatures_are_401_and_unreadable_bodies_400(
    client: Client, gateway: httpx.AsyncClient, known: tuple[str, str]
) -> None:
    id_, iri = known
    body = encoded(legacy(iri))
    for headers in ({}, indeed_headers(body, "wrong"), indeed_headers(body + b" "), indeed_headers(body, "")):
        reply = await gateway.post(PATH, content=body, headers=headers)
        assert (reply.status_code, list(reply.json())) == (401, ["error"])
    for bad in (b"", b"[]", b"{}", encoded(legacy("a'b")), encoded(cloud_event("a\\b", "1"))):
        reply = await gateway.post(PATH, content=bad, headers=indeed_headers(bad))
        assert (reply.status_code, list(reply.json())) == (400, ["error"])
    assert await signals(client, id_, INDEED_CHANGED) == []


async def test_a_customer_without_a_secret_is_refused(client: Client, settings: Settings) -> None:
    async with running_gateway(client, settings) as http:
        assert (await post(http, legacy("a"))).status_code == 401
        assert (await post(http, legacy("a"), secret="")).status_code == 401


async def test_without_temporal_and_store_the_event_is_to_be_sent_again(webhooks: Settings) -> None:
    client = await connect(lazy=True, address=f"{HOST}:{free_port()}")
    async with running_gateway(client, without_store(webhooks)) as http:
        reply = await post(http, legacy("a"))
        assert (reply.status_code, list(reply.json())) == (503, ["error"])


async def test_events_that_come_together_are_looked_up_together(
    client: Client, gateway: httpx.AsyncClient, known: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, iri = known
    queries: list[str] = []
    list_workflows = Client.list_workflows

    def counted_query(self: Client, query: str | None = None, **options: Any) -> Any:
        queries.append(query or "")
        return list_workflows(self, query, **options)

    monkeypatch.setattr(Client, "list_workflows", counted_query)
    index, wanted = VisibilityIndex(client), [iri, *(f"nobodys-job-{number}" for number in range(299)), *[iri] * 900]
    found = await asyncio.gather(*(index.lifecycles_of(each, ["1234"]) for each in wanted))
    assert [list(each) for each in found] == [[id_] if each == iri else [] for each in wanted]
    assert len(queries) == 300 / JOBS_AT_ONCE
    replies = await asyncio.gather(*(post(gateway, legacy(iri)) for _ in range(20)))
    assert {reply.status_code for reply in replies} == {200}
    assert len(await signals(client, id_, INDEED_CHANGED)) == 20
