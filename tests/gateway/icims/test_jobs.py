"""Unposts, posts and looks of a job, from iCIMS's request to the boards."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from boardsync.events import icims_example as sample
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Lifecycle
from models.states import Intent, Outcome, Phase
from models.temporal import ATS_EVENT
from tests.gateway.icims.sending import AUTH, PATH, job_event, post
from tests.support.boards import Boards
from tests.support.gateway import begun_requests, running_gateway
from tests.support.lifecycles import eventually, handle, send, state
from tests.support.settings import raw_settings
from tests.support.webhooks import signals


async def outcomes(client: Client, job_id: str) -> Lifecycle:
    return await eventually(lambda: state(handle(client, job_id)), lambda seen: seen.phase is Phase.OPEN)


@pytest.mark.usefixtures("workers")
async def test_the_unpost_as_printed_closes_the_job(client: Client, gateway: httpx.AsyncClient) -> None:
    request = sample.unpost()
    reply = await gateway.post(PATH, content=request.body, headers={**request.headers, **AUTH})
    assert reply.status_code == 200
    receipt = await handle(client, "1209").result()
    assert receipt.intent is Intent.UNPOSTED


@pytest.mark.usefixtures("workers")
@pytest.mark.parametrize("name", ["portalUrl", "portalURL"])
async def test_a_post_is_answered_with_the_jobs_page_and_the_overlay_is_set_and_read_back(
    client: Client, boards: Boards, gateway: httpx.AsyncClient, job: str, name: str
) -> None:
    await boards.add_job(job, overlay=False)
    event = job_event("JobPostToWebEvent", job, **{name: f"https://jobs-example.icims.com/jobs/{job}/nurse/job"})
    reply = await post(gateway, event)
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith(f"https://hooks.example.com/jobs/1234/{job}?key=")

    seen = await outcomes(client, job)
    assert seen.boards.indeed is not None
    assert seen.boards.indeed.outcome is Outcome.UPDATED
    assert seen.boards.linkedin is not None
    assert seen.boards.linkedin.outcome is Outcome.LIVE
    assert (await boards.job(job))["indeed"]["overlay_left"] != {}
    assert await boards.writes(job) == ["indeed.update"]
    await handle(client, job).terminate()


async def test_a_look_is_answered_with_the_jobs_page_and_starts_nothing(
    client: Client, gateway: httpx.AsyncClient, job_ids: Iterator[str]
) -> None:
    job_id = next(job_ids)
    reply = await post(gateway, job_event("ViewJobWebPostEvent", job_id))
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith(f"https://hooks.example.com/jobs/1234/{job_id}?key=")
    with pytest.raises(RPCError, match="not found"):
        await handle(client, job_id).describe()


@pytest.mark.usefixtures("workers")
async def test_a_look_at_a_closed_job_leaves_it_closed(
    client: Client, boards: Boards, gateway: httpx.AsyncClient, job: str
) -> None:
    await post(gateway, job_event("JobUnpostToWebEvent", job))
    await handle(client, job).result()
    writes, run = await boards.writes(job), (await handle(client, job).describe()).run_id
    assert (await post(gateway, job_event("ViewJobWebPostEvent", job))).status_code == 303
    found = await handle(client, job).describe()
    assert (found.run_id, found.status) == (run, WorkflowExecutionStatus.COMPLETED)
    assert await boards.writes(job) == writes


async def test_a_look_at_an_open_job_is_told_to_it_without_an_intent(
    client: Client, settings: Settings, gateway: httpx.AsyncClient, job_ids: Iterator[str]
) -> None:
    job_id = next(job_ids)
    await send(client, settings, job_id, Intent.POSTED)  # no worker works on it: its history shows what reached it
    assert (await post(gateway, job_event("ViewJobWebPostEvent", job_id))).status_code == 303
    _, told = await signals(client, workflow_id("1234", job_id), ATS_EVENT)
    assert (told["looked"], told["intent"], told["user_id"]) == (True, None, "121")
    await handle(client, job_id).terminate()


async def test_an_event_is_as_old_as_its_first_byte(
    client: Client, gateway: httpx.AsyncClient, job_ids: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older event's body is held back until the newer one has been answered."""
    older, newer = next(job_ids), next(job_ids)
    go_on, begun = asyncio.Event(), begun_requests(monkeypatch)

    async def has_begun() -> bool:
        return bool(begun)

    async def slowly() -> AsyncIterator[bytes]:
        whole = json.dumps(job_event("JobUnpostToWebEvent", older)).encode()
        yield whole[:10]
        await go_on.wait()
        yield whole[10:]

    first = asyncio.create_task(gateway.post(PATH, content=slowly(), headers=AUTH))
    await eventually(has_begun, bool)
    assert (await post(gateway, job_event("JobUnpostToWebEvent", newer))).status_code == 200
    go_on.set()
    assert (await first).status_code == 200
    at = [(await signals(client, workflow_id("1234", each), ATS_EVENT))[0]["received_at"] for each in (older, newer)]
    assert at[0] < at[1]
    for each in (older, newer):
        await handle(client, each).terminate()


async def test_a_reply_names_the_boards_that_a_running_lifecycle_takes_up_with_the_event(
    client: Client, sandbox_urls: dict[str, str], gateway: httpx.AsyncClient, job_ids: Iterator[str]
) -> None:
    raw = raw_settings(sandbox_urls)
    raw["customers"][0]["boards"] = ["indeed"]
    old, job_id = Settings.model_validate(raw), next(job_ids)
    await send(client, old, job_id, Intent.POSTED)
    told = await post(gateway, job_event("JobUnpostToWebEvent", job_id))
    assert "is being closed on LinkedIn and cleared of our changes on Indeed" in told.json()["userMessage"]
    await handle(client, job_id).terminate()


@pytest.mark.usefixtures("boards")
async def test_links_that_name_another_job_are_refused(client: Client, gateway: httpx.AsyncClient, job: str) -> None:
    link = 'http://evil.example.com/customers/1234/jobs/999999;rel="job";title="Job Profile",'
    reply = await gateway.post(PATH, json=job_event("JobUnpostToWebEvent", job), headers={**AUTH, "Link": link})
    assert reply.status_code == 400
    with pytest.raises(RPCError, match="not found"):
        await handle(client, job).describe()


@pytest.mark.usefixtures("boards")
async def test_a_post_without_a_page_to_send_the_user_to_is_a_system_error_and_starts_nothing(
    client: Client, sandbox_urls: dict[str, str], job: str
) -> None:
    raw = raw_settings(sandbox_urls)
    del raw["gateway"]["public_url"]
    async with running_gateway(client, Settings.model_validate(raw)) as http:
        reply = await post(http, job_event("JobPostToWebEvent", job))
    assert reply.status_code == 500
    assert set(reply.json()["error"]) == {"userMessage", "debugErrorMessage"}
    with pytest.raises(RPCError, match="not found"):
        await handle(client, job).describe()


@pytest.mark.usefixtures("workers")
async def test_messages_are_templates_in_a_language(client: Client, sandbox_urls: dict[str, str], job: str) -> None:
    raw = raw_settings(sandbox_urls)
    raw["gateway"]["languages"] = {"de": {"unpost": "Stelle {job_id} wird von {boards} genommen."}}
    raw["customers"][0]["language"] = "de"
    async with running_gateway(client, Settings.model_validate(raw)) as http:
        reply = await post(http, job_event("JobUnpostToWebEvent", job))
    assert reply.json()["userMessage"] == f"Stelle {job} wird von LinkedIn and Indeed genommen."
    await handle(client, job).result()
