"""What iCIMS was asked holds up neither the end of a lifecycle nor its next run, after which Temporal takes nothing."""

from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import Client

from config.settings import Settings
from models.events import Hire
from models.states import Intent, Phase
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, event, eventually, in_phase, send, shown_phases, state
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers
from webhook_gateway.dispatch import Dispatcher

HIRE = Hire(key="0123456789abcdef", filled=True, close_when="all_positions_filled")
LONGER_THAN_ANY_TEST = 600.0
NEWS = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
"""A signal came while the task was at work: it is done again."""


@pytest.fixture
async def own_client(settings: Settings, boards: Boards) -> AsyncIterator[Client]:
    """Connect to a server that suggests continue-as-new after a few events."""
    async with running_temporal(dynamic_config=["limit.historyCount.suggestContinueAsNew=40"]) as address:
        client = await client_of(address)
        async with running_workers(client, settings):
            yield client


async def asks_icims(
    client: Client, settings: Settings, boards: Boards, job: str, *, after: float = LONGER_THAN_ANY_TEST
) -> Handle:
    """Have a posted job ask iCIMS for its positions, which answers only after so many seconds."""
    await boards.add_job(job, positions=2)
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await boards.fault("icims", "job", "slow", job_id=job, seconds=after)
    filled = event(Intent.POSTED).model_copy(update={"intent": None, "hire": HIRE})
    customer = settings.customer(CUSTOMER)
    assert customer is not None
    await Dispatcher(client, settings).ats_event(customer, job, filled)
    await eventually(boards.faults, lambda seen: seen[-1]["fired"] == 1)
    return lifecycle


async def refused_tasks(client: Client, lifecycle: Handle) -> list[str]:
    """Name the workflow tasks of all runs that Temporal did not take."""
    refused = []
    async for run in client.list_workflows(f"WorkflowId = '{lifecycle.id}'"):
        history = await client.get_workflow_handle(lifecycle.id, run_id=run.run_id).fetch_history()
        for each in history.events:
            failed = each.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
            if failed and each.workflow_task_failed_event_attributes.cause != NEWS:
                refused.append(str(each))
            if each.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                refused.append(str(each))
    return refused


@pytest.mark.usefixtures("workers")
async def test_a_lifecycle_ends_while_icims_owes_it_an_answer(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await asks_icims(client, settings, boards, job)
    receipt = await (await send(client, settings, job)).result()
    assert receipt.phase is Phase.CLOSED
    assert await refused_tasks(client, lifecycle) == []


@pytest.mark.usefixtures("workers")
async def test_nobody_is_asked_about_a_number_of_positions_that_nothing_depends_on_any_more(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("icims", "job", "http", job_id=job, status=404, times=None)
    await boards.fault("linkedin", "submit", "slow", job_id=job, seconds=3.0)
    lifecycle = await asks_icims(client, settings, boards, job, after=1.0)
    receipt = await (await send(client, settings, job)).result()
    assert receipt.phase is Phase.CLOSED
    assert Phase.ATTENTION not in await shown_phases(lifecycle)


async def test_a_lifecycle_goes_on_in_a_new_run_while_icims_owes_it_an_answer(
    own_client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await asks_icims(own_client, settings, boards, job)
    first = (await lifecycle.describe()).run_id
    for _ in range(40):
        await lifecycle.signal("retry", {"by": "Ana"})
    await eventually(lifecycle.describe, lambda seen: seen.run_id != first)
    seen = await eventually(lambda: state(lifecycle), lambda seen: seen.hires_needed == 2)
    assert seen.attention is None
    assert await refused_tasks(own_client, lifecycle) == []
