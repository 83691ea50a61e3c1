"""What all of LinkedIn's writes share: submitting, and waiting for a write that a newer wish has superseded."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from temporalio import activity

from activities.linkedin.evidence import submission_evidence
from activities.linkedin.judgement import under_way
from activities.problems import not_yet
from clients.errors import ProviderError
from clients.linkedin.client import LinkedInClient
from clients.linkedin.protocol import Accepted, TaskState
from models.calls.common import Backoff
from models.calls.linkedin import LinkedInSubmitted
from models.lifecycle import EarlierWrite, Operation
from models.problems import Category

T = TypeVar("T")
CONFLICT = 409


async def to_its_end(write: Awaitable[T]) -> T:
    """Await a write although the lifecycle calls it off: one whose answer nobody sees may or may not have been taken.

    Only a worker that stops breaks it off.
    """
    task = asyncio.ensure_future(write)
    while True:
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            why = activity.cancellation_details()
            if task.done() or why is None or why.worker_shutdown:
                task.cancel()
                with suppress(asyncio.CancelledError, ProviderError):
                    await task
                raise


async def submit(client: LinkedInClient, built: dict[str, object], external_id: str) -> LinkedInSubmitted:
    """Submit one element; "already closed or does not exist" is an answer, any other refusal is raised."""
    operation = Operation(str(built["jobPostingOperationType"]))
    try:
        answer = (await client.submit([built]))[0]
    except ProviderError as error:  # LinkedIn may refuse the element as a whole request
        answer = error
    if isinstance(answer, Accepted):
        evidence = submission_evidence(operation, external_id, f"accepted as {answer.task_id}", answer.task_id)
        return LinkedInSubmitted(task_id=answer.task_id, operation=operation, evidence=(evidence,))
    if answer.status != CONFLICT or operation is not Operation.CLOSE:
        raise answer
    evidence = submission_evidence(operation, external_id, f"409: {answer.problem.provider_text}")
    return LinkedInSubmitted(operation=operation, conflict=True, evidence=(evidence,))


async def until_done(
    client: LinkedInClient,
    earlier: Sequence[EarlierWrite],
    settle: timedelta,
    backoff: Backoff,
    category: Category,
) -> None:
    """Let a read wait for writes that a newer wish has superseded: what LinkedIn shows meanwhile proves nothing."""
    ids = [write.task_id for write in earlier if write.task_id is not None]
    tasks = await client.tasks(ids) if ids else {}
    for write in earlier:
        if write.task_id is None:
            pending = _now() < write.at + settle
        else:
            task = tasks.get(write.task_id)
            pending = task is not None and task.state in {TaskState.IN_PROGRESS, TaskState.UNKNOWN}
        if pending:
            raise not_yet(under_way(write.operation, category), backoff)


def earlier_try() -> tuple[Operation | None, datetime]:
    """Read what an earlier try of this activity was about to submit when it last told of itself."""
    details = activity.info().heartbeat_details
    if len(details) != 2:
        return None, _now()
    return Operation(details[0]), datetime.fromisoformat(details[1])


def _now() -> datetime:
    return datetime.now(UTC)
