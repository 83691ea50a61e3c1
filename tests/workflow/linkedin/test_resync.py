"""RESYNC_JOBS: every open lifecycle is told, no other is started; also over many pages and continue-as-new."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.lifecycles import A_FEW, LEFT_TO_OTHERS, LifecycleActivities
from clients.linkedin.client import SUBMISSIONS
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import JobInput
from models.operations import ResyncRequest, ResyncResult, Signalled, SignalLifecycles
from models.states import Phase
from models.temporal import JOB_POSTING, LINKEDIN_RESYNC, RESYNC_JOBS, Queue, search_attributes
from runtime.behaviors import without_behaviors
from tests.support.boards import CUSTOMER, Boards, control_of
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually
from tests.support.runner import SANDBOXED
from tests.support.temporal import client_of, running_temporal
from tests.support.webhooks import signals, webhook_settings
from webhook_gateway.hints import Hints
from workflows.linkedin.resync import A_SECOND, LinkedInResync

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUIET = "no-worker"
"""A task queue without a worker: lifecycles that stay open and keep what they are told."""


async def begin(client: Client, job_id: str, customer_id: str = CUSTOMER) -> None:
    await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=customer_id, job_id=job_id),
        id=workflow_id(customer_id, job_id),
        task_queue=QUIET,
        search_attributes=search_attributes(customer_id, job_id, Phase.OPEN, []),
    )


async def told(client: Client, job_id: str, customer_id: str = CUSTOMER) -> list[dict[str, Any]]:
    return await signals(client, workflow_id(customer_id, job_id), LINKEDIN_RESYNC)


async def told_at(client: Client, job_id: str) -> datetime:
    history = await client.get_workflow_handle(workflow_id(CUSTOMER, job_id)).fetch_history()
    (at,) = [
        each.event_time.ToDatetime(UTC)
        for each in history.events
        if each.HasField("workflow_execution_signaled_event_attributes")
    ]
    return at


async def end(client: Client, *job_ids: str) -> None:
    for each in job_ids:
        await client.get_workflow_handle(workflow_id(CUSTOMER, each)).terminate()


def operators(client: Client) -> tuple[Worker, Worker]:
    """Make workers for the resync alone, so that nobody works on the lifecycles."""
    activities = LifecycleActivities(client)
    return (
        Worker(
            client,
            task_queue=Queue.JOB_POSTINGS.value,
            workflows=[LinkedInResync],
            workflow_runner=without_behaviors(SANDBOXED),
        ),
        Worker(client, task_queue=Queue.OPERATIONS.value, activities=[activities.list, activities.signal]),
    )


async def resync(client: Client, name: str, **asked: Any) -> ResyncResult:
    request = ResyncRequest(customer_id=CUSTOMER, received_at=NOW, **asked)
    result: ResyncResult = await client.execute_workflow(
        RESYNC_JOBS, request, id=name, task_queue=Queue.JOB_POSTINGS.value, result_type=ResyncResult
    )
    return result


@pytest.mark.usefixtures("no_wait")
async def test_named_jobs_are_told_and_none_is_started(client: Client, job_ids: Iterator[str]) -> None:
    first, second, unknown = (next(job_ids) for _ in range(3))
    await begin(client, first)
    await begin(client, second)
    one, two = operators(client)
    async with one, two:
        done = ResyncResult(unreadable=1)
        result = await resync(client, "resync-named", job_ids=(first, second, unknown), done=done)
    assert result == ResyncResult(told=2, not_open=1, unreadable=1)
    for each in (first, second):
        (said,) = await told(client, each)
        assert datetime.fromisoformat(said["received_at"]) == NOW
    with pytest.raises(RPCError, match="not found"):
        await client.get_workflow_handle(workflow_id(CUSTOMER, unknown)).describe()
    await end(client, first, second)


async def test_a_resync_is_told_a_few_at_a_time_and_slower_where_they_are_slow_to_hear_it(
    client: Client, job_ids: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SUBMISSIONS.per_second / 2 >= A_SECOND
    jobs = [next(job_ids) for _ in range(3 * A_FEW)]
    for each in jobs:
        await begin(client, each)
    # No worker answers for these lifecycles: so slow is a worker that has thousands of closes to do.
    slow = timedelta(milliseconds=400)
    monkeypatch.setattr("activities.lifecycles.HEARD_WITHIN", slow)
    one, two = operators(client)
    async with one, two:
        assert await resync(client, "resync-paced", job_ids=tuple(jobs)) == ResyncResult(told=len(jobs))
    when = sorted([(await told_at(client, each)) for each in jobs])
    for first, next_one in pairwise(when[::A_FEW]):
        assert next_one - first >= slow * (1 + LEFT_TO_OTHERS)
    await end(client, *jobs)


async def test_a_page_that_is_taken_up_after_a_crash_tells_nobody_twice(client: Client, job_ids: Iterator[str]) -> None:
    jobs = tuple(next(job_ids) for _ in range(2 * A_FEW))
    for each in jobs:
        await begin(client, each)
    told_before = Signalled(reached=A_FEW - 1, missing=(workflow_id(CUSTOMER, jobs[0]),))
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_details=[told_before.model_dump(mode="json")])
    ids = tuple(workflow_id(CUSTOMER, each) for each in jobs)
    call = SignalLifecycles(workflow_ids=ids, signal=LINKEDIN_RESYNC, message={}, a_second=1_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("activities.lifecycles.HEARD_WITHIN", timedelta(milliseconds=10))
        done = await environment.run(LifecycleActivities(client).signal, call)
    assert done == Signalled(reached=2 * A_FEW - 1, missing=told_before.missing)
    assert [len(await told(client, each)) for each in jobs] == [0] * A_FEW + [1] * A_FEW
    await end(client, *jobs)


async def test_what_people_read_of_a_resync(client: Client) -> None:
    one, two = operators(client)
    async with one, two:
        await resync(client, "resync-read", job_ids=("1", "2"))
        read = await client.get_workflow_handle("resync-read").query("__temporal_workflow_metadata")
    assert "Without a lifecycle that runs, so left alone: 2" in str(read)


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no lifecycle that nobody works on."""
    monkeypatch.setattr("activities.lifecycles.HEARD_WITHIN", timedelta(milliseconds=10))


@pytest.fixture(scope="module")
async def own_client() -> AsyncIterator[Client]:
    """Connect to a server of this module's own, which suggests continue-as-new after a few events."""
    async with running_temporal(dynamic_config=["limit.historyCount.suggestContinueAsNew=30"]) as address:
        yield await client_of(address)


@pytest.mark.usefixtures("no_wait")
async def test_all_open_jobs_of_a_customer_are_told_page_by_page(
    own_client: Client,
) -> None:
    jobs = [str(number) for number in range(1, 31)]
    await asyncio.gather(*(begin(own_client, each) for each in jobs), begin(own_client, "1", "5678"))
    await end(own_client, "30")
    query = "WorkflowType = 'JobPosting' AND ExecutionStatus = 'Running'"
    await eventually(lambda: own_client.count_workflows(query), lambda found: found.count == 30)
    one, two = operators(own_client)
    async with one, two:
        result = await resync(own_client, "resync-all", all_open=True, page_size=4)
        named = await resync(own_client, "resync-many", job_ids=tuple(jobs), page_size=4)
    assert result == ResyncResult(told=29)
    assert named == ResyncResult(told=29, not_open=1)
    for each in jobs[:29]:
        assert len(await told(own_client, each)) == 2
    assert await told(own_client, "1", "5678") == []
    for name in ("resync-all", "resync-many"):
        runs = [each.status async for each in own_client.list_workflows(f"WorkflowId = '{name}'")]
        assert runs.count(WorkflowExecutionStatus.CONTINUED_AS_NEW) >= 1


@pytest.mark.usefixtures("workers")
async def test_from_the_board_to_the_lifecycles(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job_ids: Iterator[str]
) -> None:
    settings = Settings.model_validate(webhook_settings(sandbox_urls))
    job_id = next(job_ids)
    await begin(client, job_id)
    async with running_gateway(client, settings) as gateway, control_of(sandbox_urls) as http:
        await boards.set(linkedin__webhook_url=f"{gateway.base_url}/webhooks/linkedin")
        asked = {"customer_id": CUSTOMER, "job_ids": [job_id], "external_ids": ["odd"]}
        assert (await http.post("/webhooks/linkedin/resync", json=asked)).status_code == 202
        await eventually(lambda: told(client, job_id), lambda found: len(found) == 1)
        await boards.reset()
    await end(client, job_id)


async def test_the_same_request_joins_the_one_that_runs(client: Client, settings: Settings) -> None:
    customer = settings.customers[0]
    requests = [
        ResyncRequest(customer_id=CUSTOMER, job_ids=ids, received_at=NOW) for ids in (("1", "2"), ("2", "1", "2"))
    ]
    first, second = [await Hints(client).resync(customer, each) for each in requests]
    assert first == second
    await client.get_workflow_handle(first).terminate()
