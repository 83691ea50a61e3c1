"""Hires: counted once, taken back, and enough of them close the job."""

import gzip
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from config.settings import Settings
from models.lifecycle import Lifecycle
from models.problems import Category
from models.states import Intent, Phase
from tests.gateway.icims.sending import AUTH, HIRED, OTHER, PATH, job_event, post, settings_with
from tests.support.boards import CUSTOMER, Boards
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually, handle, state
from tests.support.settings import raw_settings

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


def status_event(job_id: str, workflow: str, new: str, old: str) -> dict[str, str]:
    event = {"newStatus": new, "oldStatus": old, "customerId": CUSTOMER, "jobId": job_id, "userId": "3"}
    return {**event, "personId": "1364", "eventType": "WorkFlowStatusChangeEvent", "systemId": workflow}


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
