"""Commands for runs over many jobs: `bulk-close`, `offboard`, `pause`, `resume`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from boardsync.commands.acting import By, From, Jobs, Reason
from boardsync.commands.options import Config, CustomerId, Json, Query, login_name
from boardsync.exits import ExitCode, misused
from boardsync.jobs.references import read_jobs, read_list
from boardsync.jobs.runs import Followed, checked_id, follow, read_asked, start, tell
from boardsync.jobs.selection import read_file
from boardsync.output import Output
from boardsync.running import connected, run, settings_if_any
from models.bulk import Asked, BulkProgress, BulkResult
from models.closing import BulkCloseInput
from models.offboarding import LARGEST_BATCH, OffboardingInput
from models.temporal import BULK_CLOSE, CLIENT_OFFBOARDING, PAUSE, RESUME

SHOWN = 20
"""Jobs of a kind that are named in a table; with --json all are."""
HELP = {
    PAUSE: "Have a run over many jobs begin nothing new; what is under way finishes.",
    RESUME: "Have a run over many jobs go on, after a pause or after what needed a person.",
}

Act = Annotated[bool, typer.Option("--act", help="Do it. Without it, only tell what would be done.")]
RunId = Annotated[str | None, typer.Option("--id", metavar="ID", help="Name the run. [default: made up]")]
Detach = Annotated[bool, typer.Option("--detach", help="Start the run and do not wait for its end.")]


def bulk_close(
    jobs: Jobs = None,
    from_: From = None,
    query: Query = None,
    act: Act = False,
    by: By = None,
    reason: Reason = None,
    run_id: RunId = None,
    detach: Detach = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Close many jobs of a customer by their own lifecycles, in one run that can be paused. A dry run without --act."""

    async def work() -> ExitCode:
        if [bool(jobs), from_ is not None, query is not None].count(True) != 1:
            raise misused("expected jobs, or --from, or --query")
        named = read_jobs(jobs) if jobs else read_list(read_file(from_)) if from_ is not None else []
        customers = {job.customer_id for job in named}
        if len(customers) > 1:
            raise misused(f"expected jobs of one customer, and got those of {', '.join(sorted(customers))}")
        if not named and query is None:
            raise misused(f"--from: {from_} names no job")
        customer_id = next(iter(customers), None)
        check_customer(customer_id)
        ids = tuple(job.job_id for job in named) or None
        said = {"dry_run": not act, "by": by or login_name(), "reason": reason}
        asked = read_asked(BulkCloseInput, customer_id=customer_id, job_ids=ids, query=query, **said)
        name = run_id or f"bulk-close-{customer_id or 'query'}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        return await _run(Output(as_json=as_json), BULK_CLOSE, name, asked, customer_id, detach=detach)

    run(work)


def offboard(
    customer: CustomerId,
    act: Act = False,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, max=LARGEST_BATCH, help="Jobs in one request to Indeed.")
    ] = 1,
    by: By = None,
    reason: Reason = None,
    run_id: RunId = None,
    detach: Detach = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Leave a client: clear all that the agency has set on its jobs at Indeed. A dry run without --act."""

    async def work() -> ExitCode:
        check_customer(customer)
        said = {"dry_run": not act, "by": by or login_name(), "reason": reason}
        asked = read_asked(OffboardingInput, customer_id=customer, batch_size=batch_size, **said)
        name = run_id or f"offboarding-{customer}"
        return await _run(Output(as_json=as_json), CLIENT_OFFBOARDING, name, asked, customer, detach=detach)

    run(work)


def check_customer(customer_id: str | None) -> None:
    """Make sure that a customer is one, as far as can be seen from here: a run for nobody would wait for ever.

    Raises CommandFailed and ConfigurationError.
    """
    settings = settings_if_any()
    if customer_id is not None and settings is not None and settings.customer(customer_id) is None:
        raise misused(f"customer {customer_id} is not in the configuration")


def run_signal(signal: str) -> Callable[..., None]:
    """Make the command that sends a run a signal."""

    def command(
        run_id: Annotated[str, typer.Argument(metavar="RUN", help='The run, such as "offboarding-1234".')],
        by: By = None,
        reason: Reason = None,
        config: Config = None,
        as_json: Json = False,
    ) -> None:
        async def work() -> ExitCode:
            said = {"by": by or login_name(), "reason": reason}
            given = {name: value for name, value in said.items() if value is not None}
            await tell(await connected(), checked_id(run_id), signal, given)
            Output(as_json=as_json).answer({"run": run_id, "signal": signal}, Text(f"Told {run_id} to {signal}."))
            return ExitCode.DONE

        run(work)

    command.__doc__ = HELP[signal]
    command.__name__ = signal
    return command


pause, resume = run_signal(PAUSE), run_signal(RESUME)


async def _run(out: Output, kind: str, name: str, asked: Asked, customer_id: str | None, *, detach: bool) -> ExitCode:
    started = await start(await connected(), kind, checked_id(name), asked, customer_id)
    if detach:
        words = f"The run {started.id} has begun; `boardsync pause {started.id}` holds it."
        out.answer({"run": started.id}, Text(words))
        return ExitCode.DONE
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out.notes, disable=out.as_json, transient=True) as progress:
        task = progress.add_task(f"Run {started.id}", total=None)

        def told(seen: BulkProgress) -> None:
            done = sum(seen.counts.values())
            progress.update(task, description=seen.step, completed=done, total=seen.of_about)

        followed = await follow(started, told)
    out.answer(followed, *followed_view(followed))
    return ExitCode.NOT_DONE if needs_somebody(followed) else ExitCode.DONE


def needs_somebody(followed: Followed) -> bool:
    """Return whether a run waits for a person, or could not do all."""
    return followed.result is None or bool(followed.result.refused)


def followed_view(followed: Followed) -> list[RenderableType]:
    """Render how a run has ended, or what it asks for."""
    if followed.result is not None:
        return _result_view(followed.result)
    asked = followed.progress.attention if followed.progress is not None else None
    words = f"{asked.reason} What to do: {asked.remedy}" if asked is not None else "It goes on."
    return [Text(f"The run {followed.workflow_id} waits for a person: {words}", style="red")]


def _result_view(result: BulkResult) -> list[RenderableType]:
    table = Table()
    for heading in ("What became of it", "Jobs", "Which"):
        table.add_column(heading, overflow="fold")
    for fate, count in result.counts.items():
        names = result.jobs.get(fate, ())
        more = f" and {count - SHOWN} more" if count > SHOWN else ""
        table.add_row(fate.value, str(count), ", ".join(names[:SHOWN]) + more)
    lines: list[RenderableType] = [table]
    for each in result.refused:
        jobs = ", ".join(each.jobs[:SHOWN])
        lines.append(Text(f"Refused ({jobs}): {each.problem.words} What to do: {each.problem.remedy}", style="red"))
    lines += [Text(note, style="yellow") for note in result.notes]
    if result.dry_run:
        lines.append(Text("Nothing was done: this was a dry run. --act does it."))
    return lines
