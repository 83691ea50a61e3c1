"""Have the worker that runs a workflow do a small thing itself, at once: one event instead of six, and no new step."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

from models.temporal import Queue
from workflows.problems import was_cancelled

ONCE = RetryPolicy(maximum_attempts=1)
AT_ONCE = timedelta(seconds=4)
"""Meanwhile the workflow hears no signal; something that has much to do at once is no reason for another step."""
CALL_TIMEOUT = timedelta(seconds=30)
"""The store and Temporal answer within seconds or say why not; a worker that died is noticed soon."""

Call = TypeVar("Call")
Answer = TypeVar("Answer")


async def at_once(
    activity: Callable[[Any, Call], Awaitable[Answer]],
    call: Call,
    *,
    queue: Queue,
    summary: str,
    tries: RetryPolicy,
    within: timedelta | None = None,
) -> None:
    """Have something done at once by this worker, which takes milliseconds, or else for as long as it takes.

    The server does not hear of the former before it is done; `within` bounds the latter. What is done may be done
    twice: a try that came too late to tell of may have succeeded.
    Raises ActivityError.
    """
    try:
        await workflow.execute_local_activity_method(
            activity, call, summary=summary, schedule_to_close_timeout=AT_ONCE, retry_policy=ONCE
        )
    except FailureError as error:  # what a local activity raises comes as it is, not within an ActivityError
        if was_cancelled(error):
            raise asyncio.CancelledError from error
        await workflow.execute_activity_method(
            activity,
            call,
            task_queue=queue.value,
            summary=summary,
            start_to_close_timeout=CALL_TIMEOUT,
            schedule_to_close_timeout=within,
            retry_policy=tries,
        )
