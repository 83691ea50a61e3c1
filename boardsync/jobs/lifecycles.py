"""Read lifecycles: by query while they run, from their result once they are closed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError, RPCStatusCode

from boardsync.exits import CommandFailed
from boardsync.jobs.references import JobRef
from boardsync.output import one_line
from boardsync.running import from_rpc, is_missing_namespace
from models.lifecycle import Lifecycle, Receipt
from models.temporal import LIFECYCLE
from runtime.decoding import UNREADABLE
from runtime.encryption import Undecryptable

AT_ONCE = 20
"""Calls to Temporal under way at the same time."""
QUERY_WITHIN = timedelta(seconds=5)
STEPS_FAIL = (
    "each of its steps fails, by an error of Boardsync itself, so that signals wait: see the last WorkflowTaskFailed "
    "of its history, and docs/alerts.md, WorkflowsFailing"
)

NO_ANSWER = (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError, *UNREADABLE)
"""What asking a workflow raises where it is not answered, or the answer cannot be read."""

T = TypeVar("T")
R = TypeVar("R")


class NoAnswer(Exception):  # noqa: N818 -- a state of the workers, told to the user
    """No worker answered for a lifecycle; the message says why and what to do."""


def handle_of(client: Client, job: JobRef, run_id: str | None = None) -> WorkflowHandle[Any, Receipt]:
    """Get at a job's newest lifecycle, or at one run of it."""
    return client.get_workflow_handle(job.workflow_id, run_id=run_id, result_type=Receipt)


async def query_lifecycle(handle: WorkflowHandle[Any, Any]) -> Lifecycle:
    """Ask a lifecycle for its whole state; signals that came before are taken into account.

    Raises NoAnswer.
    """
    try:
        state: Lifecycle = await handle.query(LIFECYCLE, result_type=Lifecycle, rpc_timeout=QUERY_WITHIN)
    except RPCError as error:
        if is_missing_namespace(error):
            raise
        if error.status is RPCStatusCode.FAILED_PRECONDITION:
            raise NoAnswer(f"{STEPS_FAIL} ({one_line(error.message)})") from error
        why = f"no worker answers for it ({one_line(error.message)}): start a worker on the queue job-postings"
        raise NoAnswer(why) from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        raise NoAnswer(f"its worker could not answer: {one_line(str(error))}") from error
    except Undecryptable as error:
        raise NoAnswer(str(error)) from error
    except UNREADABLE as error:
        raise NoAnswer(f"its answer cannot be read, is it of a newer version? {one_line(str(error))}") from error
    return state


async def read_receipt(handle: WorkflowHandle[Any, Receipt]) -> Receipt:
    """Read the result of a completed lifecycle.

    Raises CommandFailed where it cannot be read, as where a key is missing, and RPCError where Temporal does not have
    it any more.
    """
    try:
        return await handle.result(follow_runs=False)
    except Undecryptable as error:
        raise CommandFailed(f"the receipt of {handle.id} cannot be read: {error}") from error
    except UNREADABLE as error:
        why = one_line(str(error))
        raise CommandFailed(f"the receipt of {handle.id} cannot be read, is it of a newer version? {why}") from error


def is_unknown(error: RPCError) -> bool:
    """Return whether no such lifecycle runs; a missing namespace is another matter."""
    return error.status is RPCStatusCode.NOT_FOUND and not is_missing_namespace(error)


def never_heard_of(job: JobRef) -> CommandFailed:
    """Make the failure of a job that has no lifecycle."""
    return CommandFailed(f"job {job} has no lifecycle: no event came for it yet, or its retention is over")


def failure_of(error: RPCError, job: JobRef) -> CommandFailed:
    """Return what a failed call for one job means."""
    return never_heard_of(job) if is_unknown(error) else from_rpc(error)


async def each_of(items: Iterable[T], work: Callable[[T], Awaitable[R]], *, at_once: int = AT_ONCE) -> list[R]:
    """Do the work for all, so many at a time; return the answers in the items' order."""
    limit = asyncio.Semaphore(at_once)

    async def one(item: T) -> R:
        async with limit:
            return await work(item)

    return await asyncio.gather(*(one(item) for item in items))


async def collected(found: AsyncIterator[T]) -> list[T]:
    """Read an iterator to its end."""
    return [each async for each in found]
