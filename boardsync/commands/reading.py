"""Commands that only read: `jobs`, `show`, `attention`, `receipt`."""

import re
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.text import Text
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from boardsync.commands.options import AttentionOf, Config, Customer, Job, Json, Query, ago
from boardsync.commands.receipts import export, stored_receipt
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.jobs.attention import read_needs
from boardsync.jobs.dossier import read_dossier
from boardsync.jobs.lifecycles import (
    NoAnswer,
    collected,
    each_of,
    failure_of,
    handle_of,
    is_unknown,
    query_lifecycle,
    read_receipt,
)
from boardsync.jobs.public_receipt import public
from boardsync.jobs.references import JobRef, read_one
from boardsync.jobs.views import counts_line, dossier_view, jobs_table, needs_view
from boardsync.jobs.visibility import (
    COMPLETED,
    HIDDEN_AT_INDEED,
    LIFECYCLES,
    JobRow,
    count_by_phase,
    job_query,
    list_jobs,
    list_stopped,
    of_stopped,
)
from boardsync.output import Output, print_json
from boardsync.running import connected, run, settings_if_any
from models.lifecycle import Receipt
from models.problems import Category
from models.states import ENDED, BoardName, BoardState, Phase

LIMIT = 100

OlderThan = Annotated[
    str | None, typer.Option("--older-than", metavar="AGE", help='That began longer ago than this, such as "2d".')
]
Cause = Annotated[
    str | None, typer.Option("--cause", metavar="CAUSE", help='That wait for this cause: "linkedin.credentials".')
]
Hidden = Annotated[
    bool, typer.Option("--hidden", help="Posted jobs that nobody finds at Indeed: nowhere, unsponsored, not live.")
]
Stopped = Annotated[
    bool, typer.Option("--stopped", help="Only those whose lifecycle somebody stopped, or that failed.")
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help='That closed since: "30d", or a date. With --all.')
]


def jobs(
    customer: Customer = None,
    phase: Annotated[Phase | None, typer.Option("--phase", help="In this phase.")] = None,
    linkedin: Annotated[BoardState | None, typer.Option("--linkedin", help="With LinkedIn in this state.")] = None,
    indeed: Annotated[BoardState | None, typer.Option("--indeed", help="With Indeed in this state.")] = None,
    attention: AttentionOf = None,
    cause: Cause = None,
    hidden: Hidden = False,
    older_than: OlderThan = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed jobs too.")] = False,
    stopped: Stopped = False,
    query: Query = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show at most so many, the newest first.")] = LIMIT,
    count: Annotated[bool, typer.Option("--count", help="Only count, by phase.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List jobs, from what Temporal can search for, and count them by phase."""

    async def work() -> ExitCode:
        standing = {BoardName.LINKEDIN: linkedin, BoardName.INDEED: indeed}
        asked = partial(
            job_query,
            customer=customer,
            states=standing,
            attention=attention,
            cause=_cause(cause),
            started_before=ago(older_than) if older_than is not None else None,
            raw=(query, HIDDEN_AT_INDEED if hidden else None),
        )
        only_stopped = stopped or phase is Phase.CANCELLED
        # Whoever asks for how jobs stand that are kept in step does not ask for those that are not.
        with_stopped = only_stopped or not any((phase, linkedin, indeed, attention, cause, hidden))
        rows, counts = await _found(
            await connected(),
            kept=None if only_stopped else asked(phase=phase, closed=closed),
            ended=of_stopped(asked(phase=phase)) if with_stopped else None,
            limit=0 if count else limit,
        )
        answer: dict[str, object] = {"counts": counts} if count else {"jobs": rows, "counts": counts}
        shown = counts_line(counts, shown=None if count else len(rows))
        Output(as_json=as_json).answer(answer, *([shown] if count or not rows else [jobs_table(rows), shown]))
        return ExitCode.DONE

    run(work)


async def _found(
    client: Client, *, kept: str | None, ended: str | None, limit: int
) -> tuple[list[JobRow], dict[str, int]]:
    """Return at most so many of the jobs that are kept in step, and of those that are not, and the counts of all."""
    rows: list[JobRow] = []
    counts: dict[str, int] = {}
    if kept is not None:
        rows = await collected(list_jobs(client, kept, limit=limit)) if limit else []
        counts = await count_by_phase(client, kept)
    if ended is not None:
        stopped = await list_stopped(client, ended)
        rows = [*stopped, *rows][:limit]
        counts = counts | ({"stopped": len(stopped)} if stopped else {})
    return rows, counts


def _cause(value: str | None) -> str | None:
    """Check the name of a cause, which goes into a query."""
    if value is not None and not re.fullmatch(r"[a-z_.]{1,60}", value):
        raise misused('--cause: expected a name such as "linkedin.credentials"; `boardsync attention` names them')
    return value


def show(job: Job, config: Config = None, as_json: Json = False) -> None:
    """Show all there is of one job: state, evidence, what happened, what is awaited, where to look."""

    async def work() -> ExitCode:
        wanted, settings = read_one(job), settings_if_any()
        dossier = await read_dossier(await connected(), wanted, settings)
        Output(as_json=as_json).answer(dossier, *dossier_view(dossier))
        return ExitCode.DONE

    run(work)


def attention(
    customer: Customer = None,
    category: Annotated[Category | None, typer.Option("--category", metavar="CATEGORY", help="Of this one.")] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show everything that needs a person, the oldest first, and what to do. Exit code 3 where there is any."""

    async def work() -> ExitCode:
        needs = await read_needs(await connected(), customer=customer, category=category)
        Output(as_json=as_json).answer({"attention": needs}, *needs_view(needs))
        return ExitCode.NOT_DONE if needs else ExitCode.DONE

    run(work)


def receipt(
    job: Annotated[list[str] | None, typer.Argument(metavar="JOB", help="A job, or --all.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Of every closed job: one to a line, or with --json in one list.")
    ] = False,
    customer: Customer = None,
    since: Since = None,
    proof: Annotated[
        Path | None, typer.Option("--proof", metavar="FILE", help="Write a proof that anybody can verify (tlog-proof).")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write it on paper.")] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Export the proof that a job is off the boards, as JSON. Exit code 3 where one is missing.

    Once Temporal has forgotten the job, the store's ledger tells it.
    """

    async def work() -> ExitCode:
        if every == bool(job):
            raise misused("expected either a job or --all")
        if every:
            return await _export(Output(as_json=as_json), customer, since)
        if customer is not None or since is not None:
            raise misused("--customer and --since go with --all")
        wanted = read_one(job or [])
        if proof or html or pdf:
            written = await export(wanted, proof=proof, html=html, pdf=pdf)
            Output(as_json=as_json).answer({"written": written}, *(Text(f"Wrote {file}.") for file in written))
            return ExitCode.DONE
        found = await _receipt_of(wanted)
        print_json(public(found) if isinstance(found, Receipt) else found)
        return ExitCode.DONE

    run(work)


async def _receipt_of(job: JobRef) -> Receipt | dict[str, JsonValue]:
    client = await connected()
    try:
        found = await handle_of(client, job).describe()
    except RPCError as error:
        if is_unknown(error) and settings_if_any() is not None:
            return await stored_receipt(job)
        raise failure_of(error, job) from error
    if found.status is WorkflowExecutionStatus.RUNNING:
        return await _receipt_so_far(client, job)
    if found.status is WorkflowExecutionStatus.CANCELED and settings_if_any() is not None:
        return await stored_receipt(job)
    if found.status is not WorkflowExecutionStatus.COMPLETED:
        raise CommandFailed(f"job {job} ended without a receipt: see boardsync show {job}")
    return await read_receipt(handle_of(client, job, found.run_id))


async def _receipt_so_far(client: Client, job: JobRef) -> Receipt:
    """Return the receipt of a lifecycle that only waits to tell the ATS: its job is closed all the same."""
    not_yet = CommandFailed(f"job {job} is not closed yet: see boardsync show {job}", ExitCode.NOT_DONE)
    try:
        lifecycle = await query_lifecycle(handle_of(client, job))
    except NoAnswer as error:
        raise not_yet from error
    if lifecycle.phase not in ENDED:
        raise not_yet
    return Receipt.of(lifecycle)


async def _export(out: Output, customer: str | None, since: str | None) -> ExitCode:
    parts = [LIFECYCLES, COMPLETED]
    parts += [f"CustomerId = '{customer}'"] if customer is not None else []
    parts += [f"CloseTime >= '{ago(since).isoformat()}'"] if since is not None else []
    client = await connected()

    async def result(row: JobRow) -> Receipt | None:
        job = JobRef(row.customer_id, row.job_id)
        try:
            return await read_receipt(handle_of(client, job, row.run_id))
        except CommandFailed as error:
            out.remark(str(error))
        except RPCError as error:
            out.remark(str(failure_of(error, job)))
        return None

    read = await each_of(await collected(list_jobs(client, " AND ".join(parts))), result)
    receipts = [each for each in read if each is not None]
    if out.as_json:
        print_json({"receipts": [public(each) for each in receipts]})
    else:
        for each in receipts:
            print_json(public(each), indent=None)
    return ExitCode.DONE if len(receipts) == len(read) else ExitCode.NOT_DONE
