"""Lifecycles at LinkedIn alone: jobs that Boardsync creates or a feed posts, and what LinkedIn signals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.client import Client

from config.loading import parse_settings
from config.settings import Settings
from models.base import workflow_id
from models.boards import Boards as LifecycleBoards
from models.boards import LinkedInRecord
from models.events import LinkedInResync, LinkedInStatus, StatusDetail
from models.lifecycle import JobInput, Lifecycle, Receipt
from models.states import BoardName, BoardState, Intent, Outcome
from models.temporal import ATS_EVENT, JOB_POSTING, LINKEDIN_RESYNC, LINKEDIN_STATUS, Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, event, eventually, linkedin_of, state
from tests.support.settings import raw_settings
from tests.support.workers import running_workers

MEMBER_REPORTED = "MEMBER_REPORTED: The job was closed because it was reported by multiple LinkedIn members"


def watching(urls: dict[str, str], *, boards: tuple[str, ...] = ("linkedin",), **timing: str) -> Settings:
    """Return settings whose customers use LinkedIn alone, unless `boards` says more, and whose jobs a feed posts."""
    raw = raw_settings(urls, **{"linkedin_task_after": "250ms", **timing})
    for customer in raw["customers"]:
        customer["boards"] = boards
    return parse_settings(raw, {}, base=Path())


def creating(urls: dict[str, str], *, workplace: str | None = "hybrid", **timing: str) -> Settings:
    """Return settings whose customers have their jobs created on LinkedIn, and use no other board."""
    raw = raw_settings(urls, **{"linkedin_task_after": "250ms", **timing})
    for customer in raw["customers"]:
        customer["boards"] = ("linkedin",)
        customer["linkedin"]["on_post"] = "create"
        customer["linkedin"] |= {"workplace_type": workplace} if workplace is not None else {}
    return parse_settings(raw, {}, base=Path())


@asynccontextmanager
async def linkedin_workers(client: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    """Run workers on all queues against a LinkedIn that needs a moment for everything, but not a long one."""
    await boards.set(linkedin__task_seconds=0.1, linkedin__visibility_seconds=0.05)
    async with running_workers(client, settings):
        yield


async def created(client: Client, settings: Settings, boards: Boards, job: str) -> Handle:
    """Take up a lifecycle that has created its job on LinkedIn, as continue-as-new does."""
    await boards.add_job(job, indeed=False)
    now = datetime.now(UTC)
    mine = LinkedInRecord(
        state=BoardState.SETTLED,
        outcome=Outcome.LIVE,
        since=now,
        submitted=True,
        submitted_at=now,
        created=True,
        seen_listed=True,
        sent_location="San Francisco, California, United States",
    )
    carried = Lifecycle(customer_id=CUSTOMER, job_id=job, boards=LifecycleBoards(linkedin=mine), posted_at=now)
    handle: Handle = await client.start_workflow(
        JOB_POSTING,
        JobInput(
            customer_id=CUSTOMER,
            job_id=job,
            boards=(BoardName.LINKEDIN,),
            timing=settings.timing.frozen(),
            state=carried,
        ),
        id=workflow_id(CUSTOMER, job),
        task_queue=Queue.JOB_POSTINGS.value,
        result_type=Receipt,
    )
    return handle


def status(listing: str | None = None, message: str | None = None, **more: Any) -> LinkedInStatus:
    name = message.partition(":")[0] if message else None
    told = StatusDetail(status=listing, name=name, message=message) if listing else None
    return LinkedInStatus(listing=told, received_at=datetime.now(UTC), **more)


async def hint(handle: Handle, listing: str | None = None, message: str | None = None, **more: Any) -> None:
    await handle.signal(LINKEDIN_STATUS, status(listing, message, **more))


async def resync(handle: Handle) -> None:
    await handle.signal(LINKEDIN_RESYNC, LinkedInResync(received_at=datetime.now(UTC)))


async def edit(handle: Handle) -> None:
    message = event(Intent.POSTED).model_copy(update={"event_type": "JobEditToWebEvent", "edited": True})
    await handle.signal(ATS_EVENT, message)


async def settles(handle: Handle, outcome: Outcome | None) -> LinkedInRecord:
    """Wait until LinkedIn rests with an outcome, and no read is due."""

    def done(seen: Lifecycle) -> bool:
        mine = linkedin_of(seen)
        return mine.state in {BoardState.SETTLED, BoardState.IDLE} and mine.outcome is outcome and not mine.look

    seen = await eventually(lambda: state(handle), done)
    return linkedin_of(seen)


async def submits(boards: Boards, job: str) -> list[str]:
    """Return the operations that were submitted for a job and taken, in order."""
    seen = await boards.records(provider="linkedin", operation="submit", job_id=job)
    return [each["detail"] for each in seen if each["status"] == 200]
