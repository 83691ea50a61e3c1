"""Each event of iCIMS's pages gets its documented reply and has its effect."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from boardsync.events import icims_example as sample
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import Intent, Outcome, Phase
from models.temporal import ATS_EVENT
from tests.support.boards import CUSTOMER, Boards
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import eventually, handle, send, state
from tests.support.settings import raw_settings
from tests.support.webhooks import signals

PATH = "/webhooks/icims"
AUTH = {"Authorization": basic("icims-1234", "webhook-secret-1234"), "Content-Type": "application/json"}
HIRED, OTHER = "9782", "1752"

# The body and the header of the page "Status Flow Update", as printed.
STATUS_BODY = """{
    "newStatus": "9782",
    "oldStatus": "1752",
    "customerId": "1234",
    "jobId": "1242",
    "userId": "3",
    "personId": "1364",
    "links": [
        {
            "title": "Applicant Workflow",
            "rel": "applicantWorkflow",
            "url": "https://api.icims.com/customers/1234/applicantworkflows/2203"
        },
        {
            "title": "Job Profile",
            "rel": "job",
            "url": "https://api.icims.com/customers/1234/jobs/1242"
        },
        {
            "title": "Person Profile",
            "rel": "person",
            "url": "https://api.icims.com/customers/1234/people/1364"
        },
        {
            "title": "Posting User",
            "rel": "user",
            "url": "https://api.icims.com/customers/1234/people/3"
        }
    ],
    "eventType": "WorkFlowStatusChangeEvent",
    "systemId": "2203"
}"""
STATUS_LINK = (
    'https://api.icims.com/customers/1234/applicantworkflows/2203;rel="applicantWorkflow";title="Applicant Workflow",'
    'https://api.icims.com/customers/1234/jobs/1242;rel="job";title="Job Profile",'
    'https://api.icims.com/customers/1234/people/1364;rel="person";title="Person Profile",'
    'https://api.icims.com/customers/1234/people/3;rel="user";title="Posting User",'
)


def settings_with(urls: dict[str, str], *, attention_after: str = "20s", **icims: Any) -> Settings:
    raw = raw_settings(urls, attention_after=attention_after)
    customer = raw["customers"][0]
    customer["closing_statuses"] = [HIRED]
    customer["close_when"] = icims.pop("close_when", "first_hire")
    customer["icims"] |= icims
    return Settings.model_validate(raw)


@pytest.fixture
async def gateway(client: Client, sandbox_urls: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with running_gateway(client, settings_with(sandbox_urls)) as http:
        yield http


def job_event(kind: str, job_id: str, **more: str) -> dict[str, str]:
    return {"customerId": CUSTOMER, "userId": "121", "eventType": kind, "systemId": job_id, **more}


def status_event(job_id: str, workflow: str, new: str, old: str) -> dict[str, str]:
    event = {"newStatus": new, "oldStatus": old, "customerId": CUSTOMER, "jobId": job_id, "userId": "3"}
    return {**event, "personId": "1364", "eventType": "WorkFlowStatusChangeEvent", "systemId": workflow}


async def post(http: httpx.AsyncClient, event: dict[str, str]) -> httpx.Response:
    return await http.post(PATH, json=event, headers=AUTH)


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
    client: Client, gateway: httpx.AsyncClient, job_ids: Iterator[str]
) -> None:
    """The older event's body is held back until the newer one has been answered."""
    older, newer = next(job_ids), next(job_ids)
    go_on = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        whole = json.dumps(job_event("JobUnpostToWebEvent", older)).encode()
        yield whole[:10]
        await go_on.wait()
        yield whole[10:]

    first = asyncio.create_task(gateway.post(PATH, content=slowly(), headers=AUTH))
    await eventually(lambda: open_connections(gateway), lambda count: count >= 1)
    await asyncio.sleep(0.05)
    assert (await post(gateway, job_event("JobUnpostToWebEvent", newer))).status_code == 200
    go_on.set()
    assert (await first).status_code == 200
    at = [(await signals(client, workflow_id("1234", each), ATS_EVENT))[0]["received_at"] for each in (older, newer)]
    assert at[0] < at[1]
    for each in (older, newer):
        await handle(client, each).terminate()


async def open_connections(_: httpx.AsyncClient) -> float:
    return REGISTRY.get_sample_value("boardsync_gateway_connections") or 0.0


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


@pytest.mark.parametrize("kind", ["newhirecategories", "onboarding in body"])
async def test_a_new_hires_status_is_answered_politely_and_closes_no_job(
    client: Client, gateway: httpx.AsyncClient, job_ids: Iterator[str], kind: str
) -> None:
    job_id, base = next(job_ids), "https://api.icims.com/customers/1234"
    event: dict[str, Any] = status_event(job_id, "2203", HIRED, OTHER)
    headers = dict(AUTH)
    if kind == "newhirecategories":
        headers["Link"] = f'{base}/newhirecategories/{job_id};rel="job";title="New Hire Category",'
    else:
        event["links"] = [{"rel": "applicantWorkflow", "title": "Onboard", "url": f"{base}/onboardworkflows/2203"}]
    reply = await gateway.post(PATH, json=event, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (200, 200)
    with pytest.raises(RPCError, match="not found"):
        await handle(client, job_id).describe()


@pytest.mark.usefixtures("workers")
async def test_a_hire_is_counted_once_though_the_secret_was_changed(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    await boards.add_job(job, positions=2)
    secrets = [("first", None), ("second", "first"), ("third", "second")]
    for present, previous in secrets:
        raw = raw_settings(sandbox_urls)
        raw["customers"][0] |= {"closing_statuses": [HIRED], "close_when": "all_positions_filled"}
        raw["gateway"] |= {"link_secret": present} | ({"link_previous_secret": previous} if previous else {})
        async with running_gateway(client, Settings.model_validate(raw)) as http:
            await post(http, job_event("JobPostToWebEvent", job))
            await post(http, status_event(job, "501", HIRED, OTHER))
        seen = await eventually(lambda: state(handle(client, job)), lambda seen: seen.hires_needed == 2)
        assert (seen.intent, len(seen.hires)) == (Intent.POSTED, 1)
    async with running_gateway(client, Settings.model_validate(raw)) as http:
        await post(http, status_event(job, "501", OTHER, HIRED))
    seen = await eventually(lambda: state(handle(client, job)), lambda seen: seen.hires == ())
    assert seen.intent is Intent.POSTED
    await handle(client, job).terminate()


@pytest.mark.usefixtures("workers")
async def test_the_status_event_as_printed_is_a_hire_that_closes_the_job(
    client: Client, gateway: httpx.AsyncClient
) -> None:
    headers = {**AUTH, "Link": STATUS_LINK, "Content-Encoding": "gzip"}
    reply = await gateway.post(PATH, content=gzip.compress(STATUS_BODY.encode()), headers=headers)
    assert reply.status_code == 200
    assert set(reply.json()) == {"userMessage", "code"}
    assert reply.json()["userMessage"].startswith("The hire is noted for job 1242.")
    receipt = await handle(client, "1242").result()
    assert receipt.intent is Intent.UNPOSTED
    history = (await handle(client, "1242").fetch_history()).to_json()
    for private in ("1364", "2203"):  # the candidate and the recruiting workflow
        assert f'"{private}"' not in history


@pytest.mark.usefixtures("boards")
async def test_a_status_that_means_nothing_is_answered_and_starts_nothing(
    client: Client, gateway: httpx.AsyncClient, job: str
) -> None:
    for new, old in (("1", "2"), (OTHER, HIRED)):
        reply = await post(gateway, status_event(job, "77", new, old))
        assert reply.status_code == 200
        assert "changes nothing" in reply.json()["userMessage"]
    with pytest.raises(RPCError, match="not found"):
        await handle(client, job).describe()


@pytest.mark.usefixtures("workers")
async def test_a_status_reply_may_be_a_redirect(client: Client, sandbox_urls: dict[str, str], job: str) -> None:
    async with running_gateway(client, settings_with(sandbox_urls, status_reply="redirect")) as http:
        reply = await post(http, status_event(job, "77", HIRED, OTHER))
    assert reply.status_code == 303
    assert f"/jobs/1234/{job}?key=" in reply.headers["Location"]
    await handle(client, job).result()


@pytest.mark.usefixtures("workers")
async def test_all_positions_must_be_filled_and_a_workflow_counts_once(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    await boards.add_job(job, positions=2)
    async with running_gateway(client, settings_with(sandbox_urls, close_when="all_positions_filled")) as http:
        await post(http, job_event("JobPostToWebEvent", job))
        for _ in range(3):  # the same candidate, again and again
            await post(http, status_event(job, "501", HIRED, OTHER))
        seen = await eventually(lambda: state(handle(client, job)), lambda seen: seen.hires_needed == 2)
        assert seen.intent is Intent.POSTED
        assert len(seen.hires) == 1
        await post(http, status_event(job, "502", HIRED, OTHER))
        receipt = await handle(client, job).result()
    assert receipt.intent is Intent.UNPOSTED


@pytest.mark.usefixtures("workers")
async def test_a_hire_taken_back_in_time_keeps_the_job_posted(
    client: Client, boards: Boards, gateway: httpx.AsyncClient, job: str
) -> None:
    await boards.fault("linkedin", "status", "http", job_id=job, status=503, times=None)
    await post(gateway, job_event("JobPostToWebEvent", job))
    await post(gateway, status_event(job, "501", HIRED, OTHER))
    await eventually(lambda: state(handle(client, job)), lambda seen: seen.intent is Intent.UNPOSTED)
    reply = await post(gateway, status_event(job, "501", OTHER, HIRED))
    assert "no longer counted" in reply.json()["userMessage"]

    def is_watched(seen: Lifecycle) -> bool:
        linkedin = seen.boards.linkedin
        return linkedin is not None and linkedin.awaiting == "LinkedIn is read: does it list the job?"

    # No close is under way any more: LinkedIn could not be read, so none was submitted.
    await eventually(lambda: state(handle(client, job)), lambda seen: seen.intent is Intent.POSTED and is_watched(seen))
    await boards.clear_faults()
    seen = await eventually(lambda: state(handle(client, job)), lambda seen: seen.phase is Phase.OPEN)
    assert seen.intent is Intent.POSTED
    assert seen.hires == ()
    await handle(client, job).terminate()


@pytest.mark.usefixtures("workers")
async def test_a_hire_taken_back_after_the_close_asks_for_attention(
    client: Client, gateway: httpx.AsyncClient, job: str
) -> None:
    await post(gateway, status_event(job, "501", HIRED, OTHER))
    await handle(client, job).result()
    await post(gateway, status_event(job, "501", OTHER, HIRED))
    seen = await eventually(lambda: state(handle(client, job)), lambda seen: seen.phase is Phase.ATTENTION)
    assert seen.attention is not None
    assert seen.attention.category is Category.HIRE_TAKEN_BACK
    await handle(client, job).signal("close", {"by": "Ana", "reason": "stays closed"})
    receipt = await handle(client, job).result()
    assert receipt.received[-1].by == "Ana"


@pytest.mark.usefixtures("workers")
async def test_a_recruiters_unpost_is_not_undone_by_a_hire_that_is_taken_back(
    client: Client, boards: Boards, gateway: httpx.AsyncClient, job: str
) -> None:
    await boards.set(linkedin__task_seconds=2)
    await post(gateway, job_event("JobUnpostToWebEvent", job))
    await post(gateway, status_event(job, "501", HIRED, OTHER))
    await post(gateway, status_event(job, "501", OTHER, HIRED))
    receipt = await handle(client, job).result()
    assert receipt.intent is Intent.UNPOSTED


@pytest.mark.usefixtures("workers")
async def test_an_unknown_number_of_positions_needs_a_person_and_goes_on_after_retry(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    await boards.set(icims__hidden_fields=["numberofpositions"])
    async with running_gateway(client, settings_with(sandbox_urls, close_when="all_positions_filled")) as http:
        await post(http, status_event(job, "501", HIRED, OTHER))
    seen = await eventually(lambda: state(handle(client, job)), lambda seen: seen.phase is Phase.ATTENTION)
    assert seen.attention is not None
    assert "numberofpositions" in seen.attention.reason
    await boards.set(icims__hidden_fields=[])
    await handle(client, job).signal("retry")
    await handle(client, job).result()


@pytest.mark.usefixtures("workers")
async def test_a_number_of_positions_that_cannot_be_read_for_long_is_asked_for_on_and_on(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    await boards.fault("icims", "job", "http", status=503, job_id=job, times=None)
    settings = settings_with(sandbox_urls, close_when="all_positions_filled", attention_after="1500ms")
    async with running_gateway(client, settings) as http:
        await post(http, status_event(job, "501", HIRED, OTHER))
    seen = await eventually(lambda: state(handle(client, job)), lambda seen: seen.attention is not None)
    assert seen.attention is not None
    assert seen.attention.category is Category.TEMPORARY
    assert seen.attention.retrying
    await boards.clear_faults()
    receipt = await handle(client, job).result()
    assert receipt.intent is Intent.UNPOSTED


@pytest.mark.usefixtures("workers")
async def test_a_new_hire_counts_after_another_was_taken_back(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    async with running_gateway(client, settings_with(sandbox_urls, close_when="all_positions_filled")) as http:
        await post(http, status_event(job, "501", HIRED, OTHER))
        await handle(client, job).result()
        await post(http, status_event(job, "501", OTHER, HIRED))
        await eventually(lambda: state(handle(client, job)), lambda seen: seen.attention is not None)
        await post(http, status_event(job, "502", HIRED, OTHER))
        receipt = await handle(client, job).result()
    assert receipt.intent is Intent.UNPOSTED


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


@pytest.mark.usefixtures("workers")
async def test_oauth_token_in_event_out(client: Client, sandbox_urls: dict[str, str], job: str) -> None:
    async with running_gateway(client, settings_with(sandbox_urls, webhook_auth="oauth")) as http:
        form = {"grant_type": "client_credentials", "client_id": "icims-1234", "client_secret": "webhook-secret-1234"}
        granted = await http.post(f"{PATH}/token", data=form)
        assert granted.status_code == 200
        assert granted.json()["token_type"] == "Bearer"
        bearer = {"Authorization": f"Bearer {granted.json()['access_token']}"}
        taken = await http.post(PATH, json=job_event("JobUnpostToWebEvent", job), headers=bearer)
        refused = await http.post(
            PATH, json=job_event("JobUnpostToWebEvent", job), headers={"Authorization": "Bearer x"}
        )
        wrong = await http.post(f"{PATH}/token", data={**form, "client_secret": "no"})
    assert taken.status_code == 200
    assert refused.status_code == 401
    assert wrong.status_code == 401
    assert wrong.json()["error"] == "invalid_client"
    await handle(client, job).result()


@pytest.mark.usefixtures("workers")
async def test_states_are_reported_back_with_all_boards_in_few_calls(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    async with running_gateway(client, settings_with(sandbox_urls, report=True)) as http:
        await post(http, job_event("JobUnpostToWebEvent", job))
        await handle(client, job).result()
    reported = (await boards.job(job))["icims"]["reported"]
    statuses = {each["externalid"]: each["status"] for each in reported["jobboards"]}
    # Indeed's posting itself is still live: only what the agency had set is off.
    assert statuses == {"linkedin": "Unposted", "indeed": "Deletion in Progress"}
    assert (await boards.counts(job))["icims.jobboardposts"] == 1


@pytest.mark.usefixtures("workers")
async def test_a_report_that_fails_holds_up_no_board(
    client: Client, boards: Boards, sandbox_urls: dict[str, str], job: str
) -> None:
    await boards.fault("icims", "jobboardposts", "http", status=403, times=None)
    settings = settings_with(sandbox_urls, report=True)
    async with running_gateway(client, settings) as http:
        await post(http, job_event("JobUnpostToWebEvent", job))
    described = handle(client, job)
    seen = await eventually(
        lambda: state(described),
        lambda seen: (
            {t.outcome for t in (seen.boards.linkedin, seen.boards.indeed) if t} == {Outcome.CLOSED, Outcome.CLEARED}
        ),
    )
    assert seen.phase is Phase.CLOSED
    failed = await eventually(lambda: state(described), lambda seen: seen.report_failed is not None)
    assert failed.report_due
    await boards.clear_faults()
    await eventually(described.describe, lambda found: found.status is WorkflowExecutionStatus.COMPLETED)
