"""What the tests of LinkedIn's track share: customers whose jobs Boardsync creates, LinkedIn's signals, and looks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.providers import Providers, open_http
from config.settings import Settings
from models.events import LinkedInResync, LinkedInStatus, StatusDetail
from models.lifecycle import Attention, BoardState, Intent, Lifecycle, LinkedInTrack, Outcome
from models.temporal import ATS_EVENT, LINKEDIN_RESYNC, LINKEDIN_STATUS, Queue
from tests.support.boards import Boards
from tests.support.lifecycles import Handle, event, eventually, state
from tests.support.settings import sandbox_settings
from worker import create_workers

MEMBER_REPORTED = "MEMBER_REPORTED: The job was closed because it was reported by multiple LinkedIn members"


def creating(urls: dict[str, str], **timing: str) -> Settings:
    """Give settings whose customers have their jobs created on LinkedIn, and use no other board."""
    settings = sandbox_settings(urls, **timing)
    customers = tuple(
        each.model_copy(
            update={
                "boards": each.boards[:1],
                "linkedin": each.linkedin and each.linkedin.model_copy(update={"on_post": "create"}),
            }
        )
        for each in settings.customers
    )
    return settings.model_copy(update={"customers": customers})


@asynccontextmanager
async def linkedin_workers(client: Client, settings: Settings) -> AsyncIterator[None]:
    """Run the workers that a job on LinkedIn needs."""
    async with open_http() as http:
        providers = Providers(settings, http)
        queues = [Queue.JOB_POSTINGS, Queue.LINKEDIN, Queue.ICIMS, Queue.INDEED_SEARCH, Queue.INDEED_MUTATIONS]
        queues.append(Queue.INDEED_READS)
        first, *rest = create_workers(client, providers, queues, workflow_runner=SandboxedWorkflowRunner())
        async with first:
            for worker in rest:
                await worker.__aenter__()
            try:
                yield
            finally:
                for worker in rest:
                    await worker.__aexit__(None, None, None)


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


def track(seen: Lifecycle) -> LinkedInTrack:
    assert seen.boards.linkedin is not None
    return seen.boards.linkedin


def attention(seen: Lifecycle) -> Attention:
    found = track(seen).attention
    assert found is not None
    return found


async def settles(handle: Handle, outcome: Outcome | None) -> LinkedInTrack:
    def done(seen: Lifecycle) -> bool:
        mine = track(seen)
        return mine.state in {BoardState.SETTLED, BoardState.IDLE} and mine.outcome is outcome and not mine.look

    return track(await eventually(lambda: state(handle), done))


async def asks(handle: Handle) -> Lifecycle:
    return await eventually(lambda: state(handle), lambda seen: track(seen).state is BoardState.ATTENTION)


async def submits(boards: Boards, job: str) -> list[str]:
    """Name what was submitted for a job and taken, in order."""
    seen = await boards.records(provider="linkedin", operation="submit", job_id=job)
    return [each["detail"] for each in seen if each["status"] == 200]
