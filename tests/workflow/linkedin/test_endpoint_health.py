"""LinkedIn blocks the webhook: a person is asked, lifecycles are told to read, and all ends once it is good again."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from temporalio.client import Client, ScheduleOverlapPolicy, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.lifecycles import LifecycleActivities
from activities.linkedin.endpoints import EndpointActivities
from activities.providers import Providers, open_http
from config.settings import Settings
from models.base import workflow_id
from models.boards import Attention
from models.lifecycle import JobInput
from models.operations import BlockedEndpoint, EndpointReport, EndpointWatch
from models.problems import Category
from models.states import BoardName, BoardState, Phase
from models.temporal import ENDPOINT_HEALTH, JOB_POSTING, LINKEDIN_STATUS, RETRY, Queue, search_attributes
from runtime.behaviors import without_behaviors
from runtime.schedules import ENDPOINT_SCHEDULE, schedule_endpoint_health
from tests.support.boards import CUSTOMER, Boards, control_of
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually
from tests.support.runner import SANDBOXED
from tests.support.temporal import client_of, running_temporal
from tests.support.webhooks import signals, webhook_settings
from workflows.linkedin.endpoint_health import LinkedInEndpointHealth, details

Run = WorkflowHandle[Any, EndpointReport]
NOBODY = "http://127.0.0.1:1/webhooks/linkedin"
STATES = (BoardState.WORKING, BoardState.CONFIRMING, BoardState.ATTENTION, BoardState.SETTLED)


@pytest.fixture(scope="module")
async def own_client() -> AsyncIterator[Client]:
    """Connect to a server of this module's own: no other test's lifecycles are told, and histories stay short."""
    async with running_temporal(dynamic_config=["limit.historyCount.suggestContinueAsNew=40"]) as address:
        yield await client_of(address)


@pytest.fixture
def webhooks(sandbox_urls: dict[str, str], request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the configuration; a parameter says whether LinkedIn may be asked to validate again."""
    raw = webhook_settings(sandbox_urls, endpoint_check_every="1s", attention_after="1s")
    raw["linkedin"]["parent"]["revalidate"] = getattr(request, "param", False)
    return raw


@pytest.fixture
async def health(own_client: Client, webhooks: dict[str, Any], boards: Boards) -> AsyncIterator[None]:
    """Run workers for the health of the endpoint alone."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http())
        endpoints = EndpointActivities(Providers(Settings.model_validate(webhooks), http))
        lifecycles = LifecycleActivities(own_client)
        for worker in (
            Worker(
                own_client,
                task_queue=Queue.JOB_POSTINGS.value,
                workflows=[LinkedInEndpointHealth],
                # As the worker itself has it without versions.
                workflow_runner=without_behaviors(SANDBOXED),
            ),
            Worker(
                own_client,
                task_queue=Queue.OPERATIONS.value,
                activities=[endpoints.check, lifecycles.attributes, lifecycles.list, lifecycles.signal],
            ),
        ):
            await stack.enter_async_context(worker)
        yield


async def begin(client: Client, job_id: str, state: BoardState) -> None:
    await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=CUSTOMER, job_id=job_id),
        id=workflow_id(CUSTOMER, job_id),
        task_queue="no-worker",
        search_attributes=search_attributes(CUSTOMER, job_id, Phase.OPEN, [(BoardName.LINKEDIN, state)]),
    )


async def hints(client: Client, job_id: str) -> list[dict[str, Any]]:
    return await signals(client, workflow_id(CUSTOMER, job_id), LINKEDIN_STATUS)


async def watch(client: Client, name: str, settings: Settings, every: timedelta = timedelta(milliseconds=200)) -> Run:
    await client.start_workflow(
        ENDPOINT_HEALTH,
        EndpointWatch(every=every, attention_after=settings.timing.attention_after),
        id=name,
        task_queue=Queue.JOB_POSTINGS.value,
    )
    return client.get_workflow_handle(name, result_type=EndpointReport)


async def found_by(run: Run) -> tuple[str | None, str | None]:
    attributes = (await run.describe()).search_attributes
    values = [attributes.get(name) for name in ("Phase", "Attention")]
    phase, attention = (str(each[0]) if each else None for each in values)
    return phase, attention


async def read(run: Run) -> str:
    """Return what the Web UI shows."""
    return str(await run.query("__temporal_workflow_metadata"))


async def block(boards: Boards, control: httpx.AsyncClient) -> None:
    await boards.set(linkedin__webhook_url=NOBODY)
    for _ in range(2):
        await control.post("/webhooks/linkedin/validate")
    assert (await control.get("/webhooks")).json()["linkedin"]["status"] == "BLOCKED"


@pytest.fixture
async def control(sandbox_urls: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with control_of(sandbox_urls) as http:
        yield http


@pytest.mark.usefixtures("health")
async def test_a_good_webhook_ends_the_run_at_once(
    own_client: Client, webhooks: dict[str, Any], boards: Boards
) -> None:
    run = await watch(own_client, "health-good", Settings.model_validate(webhooks))
    report = await run.result()
    assert (report.attention, report.blocked, report.hinted) == (None, (), 0)
    assert await found_by(run) == (None, None)
    assert "LinkedIn sends its notifications" in await read(run)
    assert (await boards.counts())["linkedin.webhooks"] == 1


async def lifecycles(client: Client, job_ids: Iterator[str]) -> tuple[list[str], str]:
    """Begin one in each state that waits for LinkedIn, and one that does not; return their jobs."""
    waiting = {state: next(job_ids) for state in STATES}
    idle = next(job_ids)
    for state, job_id in (*waiting.items(), (BoardState.IDLE, idle)):
        await begin(client, job_id, state)
    query = "WorkflowType = 'JobPosting' AND ExecutionStatus = 'Running'"
    await eventually(lambda: client.count_workflows(query), lambda found: found.count == len(waiting) + 1)
    return list(waiting.values()), idle


@pytest.mark.usefixtures("health")
async def test_blocked_then_attention_then_good_again_with_every_lifecycle_told(
    own_client: Client,
    webhooks: dict[str, Any],
    boards: Boards,
    control: httpx.AsyncClient,
    job_ids: Iterator[str],
) -> None:
    settings = Settings.model_validate(webhooks)
    waiting, idle = await lifecycles(own_client, job_ids)
    await block(boards, control)
    run = await watch(own_client, "health-blocked", settings)
    await eventually(lambda: found_by(run), lambda found: found == ("attention", "webhook_blocked"))
    shown = await eventually(lambda: read(run), lambda text: "told to read LinkedIn: 4" in text)
    assert "LinkedIn has blocked the webhook" in shown
    assert "developer portal" in shown
    assert NOBODY in shown
    await eventually(
        lambda: own_client.count_workflows("Phase = 'attention' AND Attention = 'webhook_blocked'"),
        lambda found: found.count == 1,
    )

    telling = "WorkflowType = 'Notification' AND ParentWorkflowId = 'health-blocked'"
    await eventually(lambda: own_client.count_workflows(telling), lambda found: found.count == 1)

    continued = "WorkflowId = 'health-blocked' AND ExecutionStatus = 'ContinuedAsNew'"
    await eventually(lambda: own_client.count_workflows(continued), lambda found: found.count >= 1)
    await eventually(lambda: read(run), lambda text: "told to read LinkedIn: 4" in text)
    assert await found_by(run) == ("attention", "webhook_blocked")

    async with running_gateway(own_client, settings) as gateway:
        # As LinkedIn's portal does: the address is validated again, and good.
        await boards.set(linkedin__webhook_url=f"{gateway.base_url}/webhooks/linkedin")
        assert (await control.get("/webhooks")).json()["linkedin"]["status"] == "ACTIVE"
        report = await run.result()
    assert "linkedin.revalidate" not in await boards.counts(), "only where it is configured"
    assert (report.attention, report.blocked, report.hinted) == (None, (), 2 * len(waiting))
    assert report.blocked_since is not None
    assert await found_by(run) == (None, None)
    for job_id in waiting:
        first, second = await hints(own_client, job_id)
        assert [each["listing"] for each in (first, second)] == [None, None]
        assert first["received_at"] < second["received_at"]
    assert await hints(own_client, idle) == []
    assert (await own_client.count_workflows(telling)).count == 1, "told once, though it was asked again and again"
    for job_id in (*waiting, idle):
        await own_client.get_workflow_handle(workflow_id(CUSTOMER, job_id)).terminate()


@pytest.mark.usefixtures("health")
@pytest.mark.parametrize("webhooks", [True], indirect=True)
async def test_linkedin_is_asked_to_validate_again_where_the_configuration_says_so(
    own_client: Client, webhooks: dict[str, Any], boards: Boards, control: httpx.AsyncClient
) -> None:
    await block(boards, control)
    run = await watch(own_client, "health-revalidate", Settings.model_validate(webhooks))
    await eventually(lambda: read(run), lambda text: "asked to validate it again" in text)
    assert (await boards.counts())["linkedin.revalidate"] >= 1
    await run.terminate()


@pytest.mark.usefixtures("health")
async def test_a_refused_parent_asks_for_a_person_until_it_is_mended(
    own_client: Client, webhooks: dict[str, Any], boards: Boards
) -> None:
    await boards.fault("linkedin", "webhooks", "http", status=403, body={"message": "no"}, times=None)
    run = await watch(own_client, "health-refused", Settings.model_validate(webhooks), timedelta(hours=1))
    await eventually(lambda: found_by(run), lambda found: found == ("attention", "permission"))
    assert "[linkedin.parent]" in await read(run)
    await boards.clear_faults()
    await run.signal(RETRY, {"by": "Ana"})
    assert (await run.result()).blocked_since is None
    assert await found_by(run) == (None, None)


@pytest.mark.usefixtures("health")
async def test_linkedin_failing_for_long_asks_for_a_person_too(
    own_client: Client, webhooks: dict[str, Any], boards: Boards
) -> None:
    await boards.fault("linkedin", "webhooks", "http", status=503, times=None)
    run = await watch(own_client, "health-failing", Settings.model_validate(webhooks))
    await eventually(lambda: found_by(run), lambda found: found == ("attention", "temporary"))
    await boards.clear_faults()
    assert (await run.result()).attention is None


async def scheduled(client: Client) -> Any:
    return await client.get_schedule_handle(ENDPOINT_SCHEDULE).describe()


@pytest.mark.usefixtures("health")
async def test_the_schedule_is_made_kept_up_to_date_and_removed(own_client: Client, webhooks: dict[str, Any]) -> None:
    settings = Settings.model_validate(webhooks)
    await schedule_endpoint_health(own_client, settings)
    made = (await scheduled(own_client)).schedule
    assert [each.every for each in made.spec.intervals] == [settings.timing.endpoint_check_every]
    assert made.policy.overlap is ScheduleOverlapPolicy.SKIP
    query = f"WorkflowType = '{ENDPOINT_HEALTH}' AND ExecutionStatus = 'Completed' AND WorkflowId > 'linkedin'"
    await eventually(lambda: own_client.count_workflows(query), lambda found: found.count >= 2)

    await own_client.get_schedule_handle(ENDPOINT_SCHEDULE).pause(note="by hand")
    webhooks["timing"]["endpoint_check_every"] = "7m"
    await schedule_endpoint_health(own_client, Settings.model_validate(webhooks))
    changed = (await scheduled(own_client)).schedule
    assert [each.every.total_seconds() for each in changed.spec.intervals] == [420]
    assert (changed.state.paused, changed.state.note) == (True, "by hand")

    del webhooks["linkedin"]["parent"]
    for _ in range(2):
        await schedule_endpoint_health(own_client, Settings.model_validate(webhooks))
    with pytest.raises(RPCError, match="not found"):
        await scheduled(own_client)


def test_many_blocked_webhooks_are_shown_in_short() -> None:
    blocked = tuple(BlockedEndpoint(url=None, application=f"urn:{number}") for number in range(25))
    asked = Attention(
        reason="r", remedy="m", category=Category.WEBHOOK_BLOCKED, since=datetime(2026, 11, 24, tzinfo=UTC)
    )
    shown = details(EndpointReport(blocked=blocked, attention=asked))
    assert shown.count("Blocked: ") == 10
    assert "and 15 more" in shown
