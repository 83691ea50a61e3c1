"""Lifecycles at Indeed alone, with settings of their own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from temporalio.client import Client
from temporalio.worker import WorkflowRunner

from activities.providers import Providers, open_http
from config.settings import Settings
from models.base import workflow_id
from models.events import AtsEvent
from models.lifecycle import BoardName, IndeedTrack, Intent, JobInput, Lifecycle, Phase, Receipt
from models.temporal import ATS_EVENT, JOB_POSTING, Queue
from tests.support.boards import CUSTOMER
from tests.support.lifecycles import Handle, event, eventually, indeed_of, state
from tests.support.runner import SANDBOXED
from tests.support.settings import sandbox_settings
from worker import create_workers


def indeed_settings(urls: dict[str, str], *, company_field: str | None = None, **indeed: Any) -> Settings:
    """Give settings with other values in [customers.indeed]."""
    settings = sandbox_settings(urls)
    customer = settings.customers[0]
    assert customer.indeed is not None
    fields = customer.icims.fields.model_copy(update={"company": company_field})
    changes = {
        "indeed": type(customer.indeed).model_validate({**customer.indeed.model_dump(), **indeed}),
        "icims": customer.icims.model_copy(update={"fields": fields}),
    }
    return settings.model_copy(update={"customers": (customer.model_copy(update=changes), *settings.customers[1:])})


@asynccontextmanager
async def running_workers(
    client: Client, settings: Settings, runner: WorkflowRunner | None = None
) -> AsyncIterator[None]:
    """Run workers on all queues, in the SDK's sandbox unless told otherwise."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http())
        runner = runner or SANDBOXED
        for worker in create_workers(client, Providers(settings, http), list(Queue), workflow_runner=runner):
            await stack.enter_async_context(worker)
        yield


async def post(
    client: Client, settings: Settings, job_id: str, intent: Intent = Intent.POSTED, *, edited: bool = False
) -> Handle:
    """Send an event of the ATS to a lifecycle that knows Indeed alone."""
    message: AtsEvent = event(intent).model_copy(update={"edited": edited})
    handle: Handle = await client.start_workflow(
        JOB_POSTING,
        JobInput(customer_id=CUSTOMER, job_id=job_id, boards=(BoardName.INDEED,), timing=settings.timing.frozen()),
        id=workflow_id(CUSTOMER, job_id),
        task_queue=Queue.JOB_POSTINGS.value,
        start_signal=ATS_EVENT,
        start_signal_args=[message],
        result_type=Receipt,
    )
    return handle


async def settles(handle: Handle, phase: Phase = Phase.OPEN, *, within: float = 20.0) -> IndeedTrack:
    """Wait for a phase, in which the event that was sent last has been heard."""

    def arrived(seen: Lifecycle) -> bool:
        return bool(seen.received) and seen.phase is phase and (phase is not Phase.OPEN or _at_rest(seen))

    seen = await eventually(lambda: state(handle), arrived, within=within)
    return indeed_of(seen)


def _at_rest(seen: Lifecycle) -> bool:
    return indeed_of(seen).state.value == "settled"
