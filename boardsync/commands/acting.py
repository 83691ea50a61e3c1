"""Commands that act on jobs by hand: `close`, `update`, `clear`, `retry`, `confirm`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from boardsync.commands.options import AttentionOf, Config, Customer, Json, Query, login_name
from boardsync.exits import ExitCode, misused
from boardsync.jobs.actions import Action, Result, Sending, act, exit_code
from boardsync.jobs.references import FORMS, JobRef
from boardsync.jobs.selection import Selection, ask
from boardsync.output import Output
from boardsync.running import connected, run
from models.temporal import CLEAR, CLOSE, CONFIRM, RETRY, UPDATE

HELP = {
    CLOSE: "Take jobs down as if the ATS had unposted them; a job without a lifecycle gets one.",
    CLEAR: "Clear what the agency has set on jobs at Indeed.",
    RETRY: "Begin again on every board that is not done.",
    CONFIRM: "Read the boards now, without writing.",
}

Jobs = Annotated[list[str] | None, typer.Argument(metavar="JOB", help=f"Jobs, written {FORMS}.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE", help="Read jobs from a file, one to a line; - is standard input."),
]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does this. [default: your login name]")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept in the receipt.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before acting on more than one job.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until each job has settled or needs a person.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=TEXT", help="Set a field; FIELD:=JSON for other values.")
]
Fields = Annotated[
    Path | None, typer.Option("--fields", metavar="FILE", help="Set the fields of a JSON object.", dir_okay=False)
]


def plain_action(signal: str) -> Callable[..., None]:
    """Make the command that sends a signal without fields."""

    def command(
        jobs: Jobs = None,
        from_: From = None,
        query: Query = None,
        attention: AttentionOf = None,
        customer: Customer = None,
        by: By = None,
        reason: Reason = None,
        yes: Yes = False,
        wait: Wait = False,
        config: Config = None,
        as_json: Json = False,
    ) -> None:
        async def work() -> ExitCode:
            selection = Selection(named=jobs, file=from_, query=query, attention=attention, customer=customer)
            action = Action(signal=signal, by=by or login_name(), reason=reason)
            return await _act(Output(as_json=as_json), action, selection, yes=yes, wait=wait)

        run(work)

    command.__doc__ = HELP[signal]
    command.__name__ = signal
    return command


close, clear, retry, confirm = (plain_action(signal) for signal in (CLOSE, CLEAR, RETRY, CONFIRM))


def update(
    jobs: Jobs = None,
    set_: Set = None,
    fields: Fields = None,
    from_: From = None,
    query: Query = None,
    attention: AttentionOf = None,
    customer: Customer = None,
    by: By = None,
    reason: Reason = None,
    yes: Yes = False,
    wait: Wait = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Set fields of jobs at Indeed, such as the title or the tracking URL."""

    async def work() -> ExitCode:
        selection = Selection(named=jobs, file=from_, query=query, attention=attention, customer=customer)
        action = Action(signal=UPDATE, by=by or login_name(), reason=reason, fields=read_fields(set_ or [], fields))
        return await _act(Output(as_json=as_json), action, selection, yes=yes, wait=wait)

    run(work)


def read_fields(pairs: list[str], file: Path | None) -> dict[str, Any]:
    """Read what to set: a file's object, and pairs that win over it.

    Raises CommandFailed.
    """
    found: dict[str, Any] = {} if file is None else _object(file)
    for pair in pairs:
        name, equals, value = pair.partition("=")
        as_json = name.endswith(":")
        name = name.removesuffix(":").strip()
        if not equals or not name:
            raise misused(f"--set: {pair!r} is no FIELD=TEXT")
        found[name] = _json(value, f"--set {name}") if as_json else value
    if not found:
        raise misused("nothing to set: expected --set FIELD=TEXT or --fields FILE")
    return found


def results_table(results: list[Result]) -> RenderableType:
    """Render what became of each job."""
    table = Table()
    for heading in ("Job", "Signal", "Stands"):
        table.add_column(heading, overflow="fold")
    for each in results:
        colour = "red" if each.sending is Sending.FAILED else "green"
        table.add_row(each.job, Text(each.sending.value, style=colour), _stands(each))
    return table


async def _act(out: Output, action: Action, selection: Selection, *, yes: bool, wait: bool) -> ExitCode:
    client = await connected()
    jobs, shown = await selection.resolve(client)
    if not jobs:
        out.answer({"results": []}, Text("No job matches: nothing was sent."))
        return ExitCode.DONE
    ask(out, action.signal, jobs, shown, yes=yes)
    results: dict[JobRef, Result] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    quiet = out.as_json or len(jobs) == 1
    try:
        with Progress(*columns, console=out.notes, disable=quiet, transient=True) as progress:
            sending = progress.add_task(f"Sending {action.signal}", total=len(jobs))
            waiting = progress.add_task("Waiting", total=len(jobs), visible=wait)

            def told(job: JobRef, result: Result) -> None:
                progress.advance(waiting if job in results else sending)
                results[job] = result

            await act(client, jobs, action, wait=wait, told=told)
    finally:
        # Also after Ctrl-C: what was sent by then is sent.
        known = [results[job] for job in jobs if job in results]
        if known:
            out.answer({"results": known}, results_table(known))
    return exit_code(results.values(), waited=wait)


def _stands(result: Result) -> Text:
    if result.problem is not None:
        return Text(result.problem, style="red")
    if result.standing is None:
        return Text(result.note or "", style="yellow")
    style = "green" if result.standing.settled else "red"
    return Text.assemble((result.standing.phase.value, style), f"  {result.standing.said}")


def _object(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise misused(f"--fields: cannot read {file}: {error}") from error
    value = _json(text, f"--fields {file}")
    if not isinstance(value, dict):
        raise misused(f"--fields: {file} holds no JSON object")
    return value


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise misused(f"{what}: not valid JSON: {error}") from error
