"""Lifecycles at Indeed alone, with settings of their own."""

from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client

from config.settings import Settings
from models.base import workflow_id
from models.boards import IndeedRecord
from models.events import AtsEvent, IndeedChange
from models.lifecycle import JobInput, Lifecycle, Receipt
from models.states import BoardName, Intent, Outcome, Phase
from models.temporal import ATS_EVENT, JOB_POSTING, Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import WITHIN, Handle, customer_of, event, eventually, indeed_of, state
from tests.support.settings import sandbox_settings


def indeed_settings(urls: dict[str, str], *, company_field: str | None = None, **indeed: Any) -> Settings:
    """Return settings with other values in [customers.indeed]."""
    settings = sandbox_settings(urls)
    customer = customer_of(settings)
    assert customer.indeed is not None
    fields = customer.icims.fields.model_copy(update={"company": company_field})
    changes = {
        "indeed": type(customer.indeed).model_validate({**customer.indeed.model_dump(), **indeed}),
        "icims": customer.icims.model_copy(update={"fields": fields}),
    }
    return settings.model_copy(update={"customers": (customer.model_copy(update=changes), *settings.customers[1:])})


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


async def settles(handle: Handle, phase: Phase = Phase.OPEN, *, within: float = WITHIN) -> IndeedRecord:
    """Wait for a phase, in which the event that was sent last has been heard."""

    def arrived(seen: Lifecycle) -> bool:
        return bool(seen.received) and seen.phase is phase and (phase is not Phase.OPEN or _at_rest(seen))

    seen = await eventually(lambda: state(handle), arrived, within=within)
    return indeed_of(seen)


def _at_rest(seen: Lifecycle) -> bool:
    return indeed_of(seen).state.value == "settled"


async def posted(client: Client, settings: Settings, job: str) -> Handle:
    """Post a job and wait until the agency's changes are through."""
    handle = await post(client, settings, job)
    track = await settles(handle)
    assert track.outcome is Outcome.UPDATED
    return handle


async def overlay(boards: Boards, job: str) -> Any:
    """Return what is set on a job at Indeed."""
    return (await boards.job(job))["indeed"]["overlay_left"]


async def written(boards: Boards, job: str) -> list[list[str]]:
    """Return the fields of each update that was applied; fail where a field was shown before already."""
    records = await boards.records(provider="indeed", operation="update", job_id=job)
    assert [each["repeated"] for each in records if each["repeated"]] == []
    return [each["fields"][job] for each in records if each["fields"]]


async def heard(handle: Handle, what: str, count: int = 1) -> Lifecycle:
    """Wait until something was heard last, so many times."""

    def is_last(seen: Lifecycle) -> bool:
        return bool(seen.received) and (seen.received[-1].what, seen.received[-1].count) == (what, count)

    return await eventually(lambda: state(handle), is_last)


def hint(id_: str | None = None) -> IndeedChange:
    """Make what the gateway sends of an event of Indeed's."""
    return IndeedChange(employer_job_id="opaque", event_id=id_, received_at=datetime.now(UTC))
