"""Temporal away, the store away, both: what the senders are told, and what arrives in the end."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from benchmarks.inbox import Drill, Gateways
from boardsync.events.replaying import replay
from config.loading import parse_settings
from config.settings import Settings
from models.base import workflow_id
from models.temporal import ATS_EVENT, LINKEDIN_STATUS
from runtime.connection import connect
from store.events import Result
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import eventually
from tests.support.lines import Line, lines_to
from tests.support.processes import HOST, free_port
from tests.support.webhooks import encoded, indeed_headers, linkedin_headers, notice, signals, webhook_settings
from webhook_gateway import handover, readiness
from webhook_gateway.pages import reading
from webhook_gateway.stored import Stored

AUTH = {"Authorization": basic("icims-1234", "webhook-secret-1234")}
SEALED = {"key": "c2FuZGJveC1rZXktdGhhdC1wcm90ZWN0cy1ub3RoaW4="}
AWAY = "temporal is not reachable; events are kept until it takes them"


@pytest.fixture
def raw(sandbox_urls: dict[str, str], tmp_path: Path) -> dict[str, Any]:
    """Return a configuration with a store of its own: another test's gateway must not deliver what is kept here."""
    return webhook_settings(sandbox_urls) | {"store": {"url": f"sqlite:///{tmp_path / 'store.db'}", **SEALED}}


@pytest.fixture
async def line(temporal: str) -> AsyncIterator[Line]:
    async with lines_to({"temporal": temporal}, ("temporal",)) as lines:
        yield lines["temporal"]


def read(raw: dict[str, Any]) -> Settings:
    return parse_settings(raw, {}, base=Path())


async def icims(http: httpx.AsyncClient, kind: str, job_id: str, **headers: str) -> httpx.Response:
    event = {"customerId": "1234", "systemId": job_id, "userId": "121", "eventType": kind}
    return await http.post("/webhooks/icims", content=encoded(event), headers=headers or AUTH)


async def ready(http: httpx.AsyncClient) -> tuple[int, str]:
    reply = await http.get("/readyz")
    return reply.status_code, reply.json()["status"]


async def test_every_sender_has_its_success_and_every_event_arrives(
    client: Client, raw: dict[str, Any], line: Line, job_ids: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = next(job_ids)
    id_ = workflow_id("1234", job_id)
    async with running_gateway(await connect(address=line.address), read(raw)) as http:
        await eventually(lambda: ready(http), lambda said: said == (200, "ok"))
        line.refuse()
        for module, name in ((handover, "WITHIN"), (reading, "STEP_TIMEOUT"), (readiness, "ANSWER_WITHIN")):
            monkeypatch.setattr(module, name, 0.5)  # the outage is certain: nobody need wait for it
        said = (await icims(http, "JobUnpostToWebEvent", job_id)).json()["userMessage"]
        assert f"The request for job {job_id} is kept" in said
        post = await icims(http, "JobPostToWebEvent", job_id)
        assert post.status_code == 303
        page = await http.get(post.headers["Location"].removeprefix("https://hooks.example.com"))
        assert f"The request for job {job_id} is kept" in page.text
        body = encoded(notice(job_id))
        assert (await http.post("/webhooks/linkedin", content=body, headers=linkedin_headers(body))).status_code == 200
        body = encoded({"eventType": "job.updated", "jobIri": "nobodys"})
        assert (await http.post("/webhooks/indeed", content=body, headers=indeed_headers(body))).status_code == 200
        assert await eventually(lambda: ready(http), lambda said: said[1] != "ok") == (200, AWAY)
        counted = (await http.get("/metrics")).text
        for sender, kind in (("icims", "post"), ("linkedin", "JOB_POSTING_STATUS"), ("indeed", "job.updated")):
            assert f'boardsync_webhook_events_total{{result="kept",sender="{sender}",type="{kind}"}} ' in counted
        await line.open()
        await eventually(lambda: waiting(raw), lambda count: count == 0)
    told = await signals(client, id_, ATS_EVENT)
    assert [each["intent"] for each in told] == ["unposted", "posted"]
    assert len(await signals(client, id_, LINKEDIN_STATUS)) == 1
    await client.get_workflow_handle(id_).terminate()


async def waiting(raw: dict[str, Any]) -> int:
    async with Stored(read(raw)) as stored:
        return (await stored.inbox.backlog()).count


async def test_without_the_store_events_are_taken_and_with_both_away_refused(
    client: Client, raw: dict[str, Any], job_ids: Iterator[str]
) -> None:
    raw["store"]["url"] = "sqlite:////dev/null/store.db"
    job_id = next(job_ids)
    async with running_gateway(client, read(raw)) as http:
        assert (await icims(http, "JobUnpostToWebEvent", job_id)).status_code == 200
        assert await ready(http) == (200, "ok")
    await client.get_workflow_handle(workflow_id("1234", job_id)).terminate()
    away = await connect(lazy=True, address=f"{HOST}:{free_port()}")
    async with running_gateway(away, read(raw)) as http:
        reply = await icims(http, "JobUnpostToWebEvent", job_id)
        assert reply.status_code == 503
        assert "try again" in reply.json()["error"]["userMessage"]
        assert await ready(http) == (503, "temporal is not reachable")


async def test_a_refused_event_is_replayed_once_its_cause_is_mended(
    client: Client, raw: dict[str, Any], job_ids: Iterator[str]
) -> None:
    job_id, unknown = next(job_ids), next(job_ids)
    wrong = {"Authorization": basic("icims-1234", "the-new-secret")}
    known = raw["customers"]
    raw["customers"] = known[:1]
    async with running_gateway(client, read(raw)) as http:
        assert (await icims(http, "JobUnpostToWebEvent", job_id, **wrong)).status_code == 401
        event = {"customerId": "5678", "systemId": unknown, "userId": "1", "eventType": "JobUnpostToWebEvent"}
        headers = {"Authorization": basic("icims-5678", "webhook-secret-5678")}
        assert (await http.post("/webhooks/icims", content=encoded(event), headers=headers)).status_code == 401
        assert (await icims(http, "JobUnpostToWebEvent", "none")).status_code == 400
    async with Stored(read(raw)) as stored:
        rows = sorted(await stored.events.find(refused=True), key=lambda each: each.id)
        assert [(each.customer_id, each.job_id, each.replayable) for each in rows] == [
            ("1234", job_id, True), ("5678", unknown, True), ("1234", None, True)
        ]  # fmt: skip
        assert "the-new-secret" not in str(rows)
        again = [await replay(client, read(raw), stored, each.id) for each in rows]
        assert [each.taken for each in again] == [False, False, False], again
        raw["customers"] = known
        raw["customers"][0]["icims"]["webhook_secret"] = "the-new-secret"
        again = [await replay(client, read(raw), stored, each.id) for each in rows]
        assert [each.taken for each in again] == [True, True, False], again
        assert (await replay(client, read(raw), stored, rows[0].id)).words.startswith("it was replayed already")
    for customer, job, row in (("1234", job_id, rows[0]), ("5678", unknown, rows[1])):
        (told,) = await signals(client, workflow_id(customer, job), ATS_EVENT)
        assert told["received_at"] == row.at.isoformat().replace("+00:00", "Z"), "a newer wish counts more"
        await client.get_workflow_handle(workflow_id(customer, job)).terminate()
    assert {row.result for row in rows} == {Result.REFUSED}


@pytest.mark.timeout(300)
async def test_temporal_away_under_hundreds_of_events_with_gateways_killed(
    client: Client, raw: dict[str, Any], line: Line, tmp_path: Path
) -> None:
    gateways = Gateways(raw, tmp_path, line.address, 2)
    try:
        for number in range(2):
            await gateways.start(number)
        figures = await Drill(client, read(raw), line, gateways).run(events=400, jobs=40, kill_while_delivering=False)
    finally:
        await gateways.stop()
    assert not figures.refused, figures
    assert (figures.lost, figures.out_of_order, figures.wrong_intents) == (0, 0, 0), figures
    assert figures.waiting >= 400, figures
