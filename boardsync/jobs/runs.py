"""Runs over many jobs, by hand: start one, follow it, pause it, have it go on."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import TypedSearchAttributes
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from boardsync.exits import CommandFailed, misused
from boardsync.jobs.lifecycles import NO_ANSWER, QUERY_WITHIN, is_unknown
from boardsync.running import from_rpc
from models.base import Model
from models.bulk import Asked, BulkProgress, BulkResult
from models.temporal import BULK_CLOSE, CLIENT_OFFBOARDING, PROGRESS, Queue, customer_attributes
from runtime.provisioning import with_known_attributes
from workflows.inputs import what_is_wrong

Run = WorkflowHandle[Any, BulkResult]
LOOK_EVERY = 1.0
KINDS = frozenset({BULK_CLOSE, CLIENT_OFFBOARDING})
RUN_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Followed(Model):
    """How a run stands: its result, or what it asks for while it goes on."""

    workflow_id: str
    result: BulkResult | None = None
    progress: BulkProgress | None = None


async def start(client: Client, kind: str, run_id: str, asked: Asked, customer_id: str | None) -> Run:
    """Start a run.

    Raises CommandFailed where one of that name goes on already.
    """
    attributes = TypedSearchAttributes.empty if customer_id is None else customer_attributes(customer_id)

    async def begin(known: TypedSearchAttributes) -> Run:
        return await client.start_workflow(
            kind,
            asked.model_dump(mode="json", exclude_none=True),
            id=run_id,
            task_queue=Queue.JOB_POSTINGS.value,
            search_attributes=known,
            result_type=BulkResult,
        )

    try:
        return await with_known_attributes(client, attributes, begin)
    except WorkflowAlreadyStartedError as error:
        why = f"the run {run_id} goes on already: follow it in the Web UI, or give this one a name by --id"
        raise CommandFailed(why) from error
    except RPCError as error:
        raise from_rpc(error) from error


async def follow(run: Run, told: Callable[[BulkProgress], None]) -> Followed:
    """Wait until a run ends, or needs a person; it goes on whatever becomes of this command.

    Raises CommandFailed where it ended without a result.
    """
    ending = asyncio.create_task(run.result())
    try:
        while not ending.done():
            seen = await _progress(run)
            if seen is not None:
                told(seen)
                if seen.attention is not None:
                    return Followed(workflow_id=run.id, progress=seen)
            await asyncio.wait([ending], timeout=LOOK_EVERY)
        return Followed(workflow_id=run.id, result=ending.result())
    except WorkflowFailureError as error:
        why = error.cause.message if isinstance(error.cause, ApplicationError) else str(error.cause)
        raise CommandFailed(f"the run {run.id} ended without a result: {why}") from error
    except RPCError as error:
        raise from_rpc(error) from error
    finally:
        ending.cancel()


async def tell(client: Client, run_id: str, signal: str, said: dict[str, str]) -> None:
    """Send a run a signal.

    Raises CommandFailed where no such run goes on: a lifecycle, say, would not follow it, and say nothing.
    """
    handle = client.get_workflow_handle(run_id)
    try:
        kind = (await handle.describe()).workflow_type
        if kind not in KINDS:
            raise misused(f"{run_id} is no run over many jobs: it is of the type {kind}")
        await handle.signal(signal, said)
    except RPCError as error:
        if is_unknown(error):
            raise CommandFailed(f"no run {run_id} goes on") from error
        raise from_rpc(error) from error


def checked_id(run_id: str) -> str:
    """Check the name of a run.

    Raises CommandFailed.
    """
    if RUN_ID.fullmatch(run_id) is None:
        raise misused(f"{run_id!r} is no name of a run: letters, digits, dots, dashes and underscores")
    return run_id


def read_asked(kind: type[Asked], **given: Any) -> Asked:
    """Make the input of a run.

    Raises CommandFailed where the workflow would not take it.
    """
    try:
        return kind.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise misused(what_is_wrong(error)) from None


async def _progress(run: Run) -> BulkProgress | None:
    try:
        found: BulkProgress = await run.query(PROGRESS, result_type=BulkProgress, rpc_timeout=QUERY_WITHIN)
    except NO_ANSWER as error:
        if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
            raise from_rpc(error) from error
        return None
    return found
