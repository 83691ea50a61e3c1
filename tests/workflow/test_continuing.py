"""A lifecycle that goes on in a new run is at work, also where visibility does not show it yet, and forgets nothing."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.closing import ClosingActivities
from activities.providers import Providers
from activities.sweeps.telling import Lifecycles, runs_on
from config.settings import Settings
from models.calls.common import Backoff
from models.closing import Closing, WatchCloses
from models.problems import Category
from runtime.stopped import goes_on
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, asks, eventually, linkedin_of, send, without_slots
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Connect to a server that suggests continue-as-new after a few events."""
    async with running_temporal(dynamic_config=["limit.historyCount.suggestContinueAsNew=12"]) as address:
        yield await client_of(address)


async def hide_the_newest_run(client: Client, lifecycle: Handle) -> None:
    """Leave what visibility shows for a moment when a lifecycle goes on: the run that has ended, alone."""

    async def shown() -> list[WorkflowExecutionStatus | None]:
        return [run.status async for run in client.list_workflows(f"WorkflowId = '{lifecycle.id}'")]

    await eventually(shown, lambda seen: WorkflowExecutionStatus.CONTINUED_AS_NEW in seen)
    newest = WorkflowExecution(workflow_id=lifecycle.id, run_id=(await lifecycle.describe()).run_id)
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=newest)
    await client.workflow_service.delete_workflow_execution(request)
    await eventually(shown, lambda seen: set(seen) == {WorkflowExecutionStatus.CONTINUED_AS_NEW})


async def test_it_is_not_taken_for_one_that_was_ended(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    since = datetime.now(UTC)
    async with running_workers(client, settings):
        lifecycle = await without_slots(client, settings, boards, job)
        for number in range(12):
            await lifecycle.signal("confirm", {"reason": str(number)})
        await hide_the_newest_run(client, lifecycle)
    providers = Providers(settings, Mock())

    closing = Closing(customer_id=CUSTOMER, job_id=job, since=since)
    call = WatchCloses(jobs=(closing,), backoff=Backoff(first=settings.timing.confirm_first, longest=since - since))
    with pytest.raises(ApplicationError, match="still being closed"):
        await ActivityEnvironment().run(ClosingActivities(client, providers).watch, call)
    runs = await Lifecycles(client, providers, CUSTOMER).newest([job])
    assert [goes_on(run) for run in runs.values()] == [True]
    assert runs_on(runs, job)


async def test_a_retry_upon_which_it_continues_as_new_asks_for_a_refused_token_anew(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "token", "http", status=401, body={"error": "invalid_client"}, times=None)
    async with running_workers(client, settings):
        lifecycle = await send(client, settings, job)
        await asks(lifecycle, linkedin_of, Category.CREDENTIALS)
        for _ in range(3):
            asked = (await boards.counts())["linkedin.token"]
            await lifecycle.signal("retry", {"by": "Ana"})
            await eventually(boards.counts, lambda counts, asked=asked: counts["linkedin.token"] > asked)  # type: ignore[misc]
            await asks(lifecycle, linkedin_of, Category.CREDENTIALS)
