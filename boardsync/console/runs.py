"""`GET /runs`: work over many jobs, and what the clock does: how far each run is, and what came of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError

from boardsync.console.context import Context
from boardsync.console.listing import State
from boardsync.console.rendering import reply
from boardsync.jobs.lifecycles import collected, each_of
from boardsync.jobs.visibility import ANY_RUNNING
from models.base import Model
from models.bulk import BulkProgress, BulkResult, Fate
from models.sweeps import Rechecked, Reconciled
from models.temporal import (
    BULK_CLOSE,
    CLIENT_OFFBOARDING,
    CUSTOMER_ID,
    LEDGER_UPKEEP,
    PROGRESS,
    RECHECK,
    RECONCILE,
    RESYNC_JOBS,
)
from runtime.decoding import UNREADABLE
from webhook_gateway.dispatch import Dispatcher
from webhook_gateway.pages.reading import customer_name
from webhook_gateway.pages.view import Moment
from workflows.bulk.details import FATES

KINDS: Mapping[str, str] = {
    BULK_CLOSE: "Closing many jobs",
    CLIENT_OFFBOARDING: "Leaving a client",
    RECONCILE: "Comparing a whole customer",
    RESYNC_JOBS: "Sending jobs to LinkedIn again",
    RECHECK: "Looking again after closes",
    LEDGER_UPKEEP: "Looking after the ledger",
}
"""By type: what a run is, those that a person asks for first."""
BY_CLOCK = (RECHECK, LEDGER_UPKEEP)
"""Runs of every few minutes: only the newest ones are of interest."""
SHOWN, SHOWN_BY_CLOCK = 40, 5
RPC_WITHIN = timedelta(seconds=3)
RENEW, RENEW_WHILE_RUNNING = 60, 5
STATES: Mapping[WorkflowExecutionStatus, State] = {
    WorkflowExecutionStatus.RUNNING: State(words="Running", tone="busy"),
    WorkflowExecutionStatus.COMPLETED: State(words="Done", tone="done"),
    WorkflowExecutionStatus.FAILED: State(words="Failed", tone="alarm"),
    WorkflowExecutionStatus.TIMED_OUT: State(words="Out of time", tone="alarm"),
    WorkflowExecutionStatus.CANCELED: State(words="Cancelled", tone="idle"),
    WorkflowExecutionStatus.TERMINATED: State(words="Terminated", tone="idle"),
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a run says of itself."""

    lines: Sequence[str]
    done: int | None = None
    of: int | None = None
    """For a bar, where it is known how much there is to do."""
    needs: str | None = None
    paused: bool = False


NOTHING_TOLD = Told(lines=())


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """One run."""

    kind: str
    id: str
    customer: str | None
    state: State
    began: Moment
    ended: Moment | None
    told: Told
    ui_link: str | None


class RunsPage:
    """Runs over many jobs."""

    def __init__(self, context: Context) -> None:
        """Read from there."""
        self._context = context

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the newest runs, those that go on first."""
        client = self._context.client
        people = ", ".join(f"'{kind}'" for kind in KINDS if kind not in BY_CLOCK)
        clock = [f"WorkflowType = '{kind}'" for kind in BY_CLOCK]
        # A run that continued as new goes on in its next one.
        own = f"WorkflowType IN ({people}) AND ExecutionStatus != 'ContinuedAsNew'"
        found = await asyncio.gather(
            collected(client.list_workflows(f"{own} AND {ANY_RUNNING}", limit=SHOWN)),
            collected(client.list_workflows(f"{own} AND NOT {ANY_RUNNING}", limit=SHOWN)),
            *(collected(client.list_workflows(each, limit=SHOWN_BY_CLOCK)) for each in clock),
        )
        running, ended, *by_clock = await asyncio.gather(*(each_of(runs, self._line) for runs in found))
        return reply(
            request,
            "runs.html",
            renew=RENEW_WHILE_RUNNING if running else RENEW,
            running=running,
            ended=ended,
            by_clock=[line for lines in by_clock for line in lines],
        )

    async def _line(self, run: WorkflowExecution) -> RunLine:
        customer = run.typed_search_attributes.get(CUSTOMER_ID)
        told = await told_by(self._context.client, run)
        link = Dispatcher(self._context.client, self._context.settings).ui_link(run.id)
        status = run.status or WorkflowExecutionStatus.RUNNING
        return RunLine(
            kind=KINDS.get(run.workflow_type, run.workflow_type),
            id=run.id,
            customer=customer_name(self._context.settings, customer) if customer else None,
            state=STATES.get(status, State(words=status.name.lower(), tone="idle")),
            began=Moment.of(run.start_time),
            ended=Moment.of(run.close_time) if run.close_time is not None else None,
            told=told,
            ui_link=link,
        )


async def told_by(client: Client, run: WorkflowExecution) -> Told:
    """Ask a run how far it is, or read what came of it; nothing where that is not to be had."""
    progress, result = _MODELS.get(run.workflow_type, (None, None))
    try:
        if run.status is WorkflowExecutionStatus.RUNNING and progress is not None:
            handle = client.get_workflow_handle(run.id, run_id=run.run_id)
            return told(await handle.query(PROGRESS, result_type=progress, rpc_timeout=RPC_WITHIN))
        if run.status is WorkflowExecutionStatus.COMPLETED and result is not None:
            ended: WorkflowHandle[object, Model] = client.get_workflow_handle(
                run.id, run_id=run.run_id, result_type=result
            )
            return told(await ended.result(follow_runs=False, rpc_timeout=RPC_WITHIN))
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError, WorkflowFailureError):
        return NOTHING_TOLD
    except (RPCError, *UNREADABLE):
        return Told(lines=("How far it is cannot be read right now.",))
    return NOTHING_TOLD


_MODELS: Mapping[str, tuple[type[Model] | None, type[Model] | None]] = {
    BULK_CLOSE: (BulkProgress, BulkResult),
    CLIENT_OFFBOARDING: (BulkProgress, BulkResult),
    RECONCILE: (Reconciled, Reconciled),
    RECHECK: (None, Rechecked),
}


def told(said: Model) -> Told:
    """Say what a run tells, in lines."""
    match said:
        case BulkProgress():
            return _progress(said)
        case BulkResult():
            dry = ("Nothing was changed: a dry run.",) if said.dry_run else ()
            return Told(lines=(*dry, *_fates(said.counts), *_who(said.by, said.reason), *said.notes))
        case Reconciled():
            return _reconciled(said)
        case Rechecked():
            found = ", ".join(f"{count} {kind}" for kind, count in said.found.items())
            put_off = (f"{said.put_off} put off: {said.reason or 'no reason is known'}",) if said.put_off else ()
            return Told(lines=(f"{said.looked} looked at{f': {found}' if found else ''}", *put_off))
    return NOTHING_TOLD


def _progress(said: BulkProgress) -> Told:
    done = sum(said.counts.values())
    lines = [said.step, *_fates(said.counts)]
    if said.dry_run:
        lines.insert(0, "A dry run: nothing is changed.")
    if said.waiting:
        lines.append(f"{said.waiting} asked for, and not proven yet")
    if said.per_second is not None:
        left = "" if said.time_left is None else f", about {said.time_left} left"
        lines.append(f"{said.per_second:g} jobs a second{left}")
    lines += [f"Refused: {each.problem.reason} {each.problem.remedy}" for each in said.refused]
    asked = said.attention
    needs = f"{asked.reason} {asked.remedy}" if asked is not None else None
    return Told(lines=tuple(lines), done=done, of=said.of_about, needs=needs, paused=said.paused)


def _fates(counts: Mapping[Fate, int]) -> tuple[str, ...]:
    return tuple(f"{counts[fate]} {words}" for fate, words in FATES.items() if counts.get(fate))


def _who(by: str | None, reason: str | None) -> tuple[str, ...]:
    said = " ".join(part for part in (f"By {by}." if by else "", reason or "") if part)
    return (said,) if said else ()


def _reconciled(said: Reconciled) -> Told:
    found = ", ".join(f"{count} {kind}" for kind, count in said.counts.items())
    lines = [f"{said.posted} jobs posted by iCIMS, {said.lifecycles} lifecycles" if said.asked else said.stage]
    if said.asked:
        lines.append(f"Found: {found or 'nothing is wrong'}")
    if said.to_act:
        lines.append(f"{said.acted} of {said.to_act} told to lifecycles")
    if said.to_adopt:
        lines.append(f"{said.adopted} of {said.to_adopt} taken over")
    if said.held_back is not None:
        lines.append(f"Nothing was taken down: {said.held_back}")
    lines += [f"Not compared: {note}" for note in said.notes]
    done, of = (said.adopted, said.to_adopt) if said.to_adopt else (said.acted, said.to_act)
    return Told(lines=tuple(lines), done=done if of else None, of=of or None)
