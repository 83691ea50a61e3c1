"""What all of LinkedIn's writes share: submitting, and waiting for a write that a newer wish has superseded."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio import activity

from activities.linkedin.evidence import submission_evidence
from activities.linkedin.judgement import under_way, unfinished
from activities.metrics import LINKEDIN_RECORDS
from activities.problems import not_yet
from clients.errors import ProviderError
from clients.linkedin.client import LinkedInClient
from models.boards import EarlierWrite
from models.calls.common import Backoff
from models.calls.linkedin import LinkedInSubmitted
from models.problems import Category
from models.states import Operation

CONFLICT = 409


async def submit(
    client: LinkedInClient, built: dict[str, object], external_id: str, *, customer_id: str
) -> LinkedInSubmitted:
    """Submit one element, counted for the customer.

    "Already closed or does not exist" is an answer; any other refusal is raised.
    """
    operation = Operation(str(built["jobPostingOperationType"]))
    LINKEDIN_RECORDS.labels(customer_id).inc()
    try:
        answer = await client.submit_one(built)
    except ProviderError as error:
        if error.status != CONFLICT or operation is not Operation.CLOSE:
            raise
        evidence = submission_evidence(operation, external_id, f"409: {error.problem.provider_text}")
        return LinkedInSubmitted(operation=operation, conflict=True, evidence=(evidence,))
    evidence = submission_evidence(operation, external_id, f"accepted as {answer.task_id}", answer.task_id)
    return LinkedInSubmitted(task_id=answer.task_id, operation=operation, evidence=(evidence,))


async def still_under_way(
    client: LinkedInClient, earlier: Sequence[EarlierWrite], settle: timedelta
) -> tuple[EarlierWrite, ...]:
    """Return the writes that LinkedIn may yet carry out; one of which no answer was seen is over after a while."""
    ids = [write.task_id for write in earlier if write.task_id is not None]
    tasks = dict(zip(ids, await asyncio.gather(*(client.task(each) for each in ids)), strict=True))

    def pending(write: EarlierWrite) -> bool:
        if write.task_id is None:
            return _now() < write.at + settle
        return unfinished(tasks.get(write.task_id))

    return tuple(write for write in earlier if pending(write))


async def before_the_close(
    client: LinkedInClient, earlier: Sequence[EarlierWrite], settle: timedelta, backoff: Backoff
) -> tuple[EarlierWrite, ...]:
    """Let a close wait until writes that list the job have ended, so that it is carried out last; return the others.

    A close is not held up for longer than LinkedIn usually takes.
    """
    pending = await still_under_way(client, earlier, settle)
    for write in pending:
        left = write.at + settle - _now()
        if left > timedelta(0):
            raise not_yet(under_way(write.operation, Category.STILL_SHOWN), backoff, at_most=left)
    return pending


async def until_done(
    client: LinkedInClient,
    earlier: Sequence[EarlierWrite],
    settle: timedelta,
    backoff: Backoff,
    category: Category,
) -> None:
    """Let a read wait for writes that a newer wish has superseded: what LinkedIn shows meanwhile proves nothing."""
    for write in await still_under_way(client, earlier, settle):
        raise not_yet(under_way(write.operation, category), backoff)


async def until_shown(
    client: LinkedInClient,
    earlier: Sequence[EarlierWrite],
    settle: timedelta,
    backoff: Backoff,
    category: Category,
) -> None:
    """Let a read wait until superseded writes have ended, and for as long again as LinkedIn may take to show them."""
    if not earlier:
        return
    await until_done(client, earlier, settle, backoff, category)
    ended = activity.info().heartbeat_details
    ended_at = datetime.fromisoformat(ended[0]) if ended else _now()
    activity.heartbeat(ended_at.isoformat())
    left = ended_at + settle - _now()
    if left > timedelta(0):
        raise not_yet(under_way(earlier[-1].operation, category), backoff, at_most=left)


def earlier_try() -> tuple[Operation | None, datetime]:
    """Read what an earlier try of this activity was about to submit when it last told of itself."""
    details = activity.info().heartbeat_details
    if len(details) != 2:
        return None, _now()
    return Operation(details[0]), datetime.fromisoformat(details[1])


def _now() -> datetime:
    return datetime.now(UTC)
