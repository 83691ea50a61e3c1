"""Act on lifecycles by hand: the signals `close`, `update`, `clear`, `retry` and `confirm`."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.jobs.lifecycles import AT_ONCE, each_of, failure_of, handle_of, is_unknown
from boardsync.jobs.references import JobRef
from boardsync.jobs.waiting import JobState, wait_until_settled
from boardsync.output import one_line
from boardsync.running import settings_if_any
from config.settings import Settings
from models.base import Model
from models.events import ManualAction, UpdateAction
from models.temporal import CLOSE
from models.words import moment
from webhook_gateway.dispatch import Dispatcher, TemporalUnavailable
from workflows.inputs import what_is_wrong


class Sending(StrEnum):
    """What became of a signal."""

    SENT = "sent"
    STARTED = "started"
    """The job had no lifecycle; one was started with it."""
    FAILED = "failed"


NEVER_HEARD_OF = "no event ever came for this job: check its number. A lifecycle looks for it on the boards"


class Result(Model):
    """What became of one job."""

    job: str
    workflow_id: str
    sending: Sending
    problem: str | None = None
    note: str | None = None
    """What a person should know though it is no problem."""
    standing: JobState | None = None
    """Where it was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A signal, who sends it and why."""

    signal: str
    by: str | None
    reason: str | None
    fields: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse what a lifecycle would not take.

        Raises CommandFailed.
        """
        kind = ManualAction if self.fields is None else UpdateAction
        try:
            kind.model_validate(self.payload)
        except ValidationError as error:
            raise misused(what_is_wrong(error)) from None

    @property
    def said(self) -> ManualAction:
        """Return who and why, and what to set."""
        if self.fields is None:
            return ManualAction(by=self.by, reason=self.reason)
        return UpdateAction.model_validate({"by": self.by, "reason": self.reason, "fields": self.fields})

    @property
    def payload(self) -> dict[str, Any]:
        """Return the signal's input."""
        plain = self.said.model_dump(include={"by", "reason"}, exclude_none=True)
        return plain if self.fields is None else {**plain, "fields": self.fields}


async def act(
    client: Client,
    jobs: Iterable[JobRef],
    action: Action,
    *,
    wait: bool,
    told: Callable[[JobRef, Result], None],
    settings: Settings | None = None,
) -> None:
    """Send an action to all jobs, some at a time, and tell what became of each as soon as it is known.

    `settings` are those by which a job without a lifecycle gets one; by themselves those that are named to a command.
    """

    async def one(job: JobRef) -> Result:
        result = _result(job, Sending.FAILED, "interrupted: it may have been sent")
        try:
            result = await _send(client, job, action, settings)
        finally:
            told(job, result)
        return result

    jobs = list(jobs)
    sent = await each_of(jobs, one)
    if not wait:
        return

    # All are waited for together: one that takes a day must not hide how the others stand.
    limit = asyncio.Semaphore(AT_ONCE)

    async def settled(job: JobRef, result: Result) -> None:
        if result.sending is not Sending.FAILED:
            told(job, await _awaited(client, job, result, action.signal, limit))

    await asyncio.gather(*(settled(job, result) for job, result in zip(jobs, sent, strict=True)))


def exit_code(results: Iterable[Result], *, waited: bool) -> ExitCode:
    """Tell by the exit code whether all is done, some of it, or nothing."""
    results = list(results)
    failed = [each for each in results if each.problem is not None]
    if failed and len(failed) == len(results):
        return ExitCode.FAILED
    unsettled = waited and any(each.standing is None or not each.standing.settled for each in results)
    return ExitCode.NOT_DONE if failed or unsettled else ExitCode.DONE


async def _send(client: Client, job: JobRef, action: Action, settings: Settings | None) -> Result:
    try:
        sending, note = await _signal(client, job, action, settings)
        return _result(job, sending).model_copy(update={"note": note})
    except CommandFailed as error:
        return _result(job, Sending.FAILED, str(error))


def _result(job: JobRef, sending: Sending, problem: str | None = None) -> Result:
    return Result(job=str(job), workflow_id=job.workflow_id, sending=sending, problem=problem)


async def _signal(client: Client, job: JobRef, action: Action, settings: Settings | None) -> tuple[Sending, str | None]:
    try:
        await handle_of(client, job).signal(action.signal, action.payload)
    except RPCError as error:
        if action.signal == CLOSE and is_unknown(error):
            return await _start(client, job, action, settings or settings_if_any())
        if is_unknown(error):
            raise CommandFailed(await _why_none_is_open(client, job)) from error
        raise failure_of(error, job) from error
    return Sending.SENT, None


async def _why_none_is_open(client: Client, job: JobRef) -> str:
    try:
        found = await handle_of(client, job).describe()
    except RPCError as error:
        if not is_unknown(error):
            raise failure_of(error, job) from error
        return f"job {job} is not known: no event came for it yet, or its retention is over. Only `close` starts one"
    ended = f"at {moment(found.close_time)}" if found.close_time is not None else "before"
    if found.status is WorkflowExecutionStatus.COMPLETED:
        return (
            f"job {job} was closed {ended}, and there is nothing to do: see boardsync show {job}. `close` looks again"
        )
    how = found.status.name.lower() if found.status is not None else "ended"
    return f"the lifecycle of job {job} was {how} {ended}: `close`, or an event from iCIMS, begins a new one"


async def _is_known(client: Client, job: JobRef) -> bool:
    """Return whether Temporal has ever had a lifecycle of the job; it forgets one after its retention."""
    try:
        await handle_of(client, job).describe()
    except RPCError as error:
        if is_unknown(error):
            return False
        raise failure_of(error, job) from error
    return True


async def _start(client: Client, job: JobRef, action: Action, settings: Settings | None) -> tuple[Sending, str | None]:
    """Take down a job that Boardsync never heard of, or look at a closed one again."""
    if settings is None:
        raise CommandFailed(f"job {job} has no open lifecycle: to start one, name the configuration by --config")
    customer = settings.customer(job.customer_id)
    if customer is None:
        raise CommandFailed(f"customer {job.customer_id} is not in the configuration")
    known = await _is_known(client, job)
    try:
        await Dispatcher(client, settings).close(customer, job.job_id, ManualAction(by=action.by, reason=action.reason))
    except TemporalUnavailable as error:
        raise CommandFailed(f"Temporal did not take it: {one_line(str(error))}") from error
    return Sending.STARTED, None if known else NEVER_HEARD_OF


async def _awaited(client: Client, job: JobRef, result: Result, signal: str, limit: asyncio.Semaphore) -> Result:
    try:
        standing = await wait_until_settled(handle_of(client, job), signal, limit)
    except CommandFailed as error:
        return result.model_copy(update={"problem": str(error)})
    return result.model_copy(update={"standing": standing})
