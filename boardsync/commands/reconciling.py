"""The command `reconcile`: compare a whole customer without any event."""

from typing import Annotated

import typer
from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from boardsync.commands.options import Config, CustomerId, Json, login_name
from boardsync.exits import ExitCode
from boardsync.output import Output
from boardsync.running import connected, run
from boardsync.sweeps.reconciling import follow, start
from models.sweeps import Reconciled, ReconcileInput

STAGES = (
    "asking what it costs",
    "reading iCIMS",
    "reading the boards",
    "telling lifecycles",
    "taking jobs over",
    "done",
)

Act = Annotated[
    bool, typer.Option("--act", help="Take down missed unposts and what is live again, by the jobs' lifecycles.")
]
Adopt = Annotated[bool, typer.Option("--adopt", help="Begin a lifecycle for each job that iCIMS posts and none knows.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it costs in calls, and do nothing.")]


def reconcile(
    customer: CustomerId,
    act: Act = False,
    adopt: Adopt = False,
    dry_run: DryRun = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Compare a customer's jobs in iCIMS, on the boards and in their lifecycles, without any event."""

    async def work() -> ExitCode:
        asked = ReconcileInput(customer_id=customer, act=act, adopt=adopt, dry_run=dry_run, by=login_name())
        return await _reconcile(Output(as_json=as_json), asked)

    run(work)


async def _reconcile(out: Output, asked: ReconcileInput) -> ExitCode:
    client = await connected()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=out.notes, disable=out.as_json, transient=True) as progress:
        task = progress.add_task(STAGES[0], total=len(STAGES) - 1)
        said = False

        def told(seen: Reconciled) -> None:
            nonlocal said
            if seen.terms is not None and not said and not out.as_json:
                out.notes.print(cost_words(seen), highlight=False)
                said = True
            done, total = _bar(seen)
            progress.update(task, description=seen.stage, completed=done, total=total)

        result = await follow(await start(client, asked), told)
    out.answer(result, *shown(result))
    return ExitCode.NOT_DONE if needs_somebody(result) else ExitCode.DONE


def cost_words(seen: Reconciled) -> str:
    """Say what a run costs in calls."""
    if seen.terms is None:
        return ""
    cost = seen.terms.cost
    return (
        f"{seen.customer_name}: about {cost.icims} calls to iCIMS (of {seen.terms.icims_a_day} a day), "
        f"{cost.linkedin} to LinkedIn and {cost.indeed} to Indeed for {seen.terms.jobs} known jobs"
    )


def shown(result: Reconciled) -> list[RenderableType]:
    """Render what was found and done."""
    if result.dry_run:
        return [Text(cost_words(result))]
    parts: list[RenderableType] = [_table(result)] if result.rows else []
    parts.append(Text(_summary(result)))
    if result.total > len(result.rows):
        parts.append(Text(f"{result.total - len(result.rows)} more are in the store and the metrics"))
    if result.held_back is not None:
        parts.append(Text(f"Nothing was taken down: {result.held_back}", style="red"))
    return parts + [Text(f"Not compared: {note}", style="red") for note in result.notes]


def needs_somebody(result: Reconciled) -> bool:
    """Return whether something was found that is not mended, or could not be compared."""
    return result.total > result.acted + result.adopted or bool(result.notes) or result.held_back is not None


def _bar(seen: Reconciled) -> tuple[int, int]:
    if seen.to_adopt and seen.stage == "taking jobs over":
        return seen.adopted, seen.to_adopt
    if seen.to_act and seen.stage == "telling lifecycles":
        return seen.acted, seen.to_act
    return STAGES.index(seen.stage), len(STAGES) - 1


def _table(result: Reconciled) -> Table:
    table = Table()
    for heading in ("Finding", "Job", "Board", "Evidence", "Mends it"):
        table.add_column(heading, overflow="fold")
    for row in result.rows:
        mended = Text("its lifecycle was told", style="green") if row.acted else Text(row.remedy)
        table.add_row(row.finding.value, f"{result.customer_id}/{row.job_id}", row.board, row.evidence, mended)
    return table


def _summary(result: Reconciled) -> str:
    found = ", ".join(f"{count} {kind.value}" for kind, count in result.counts.items()) or "nothing is wrong"
    words = (
        f"iCIMS posts {result.posted} job(s) ({result.asked}); {result.lifecycles} lifecycle(s): {found}. "
        f"Calls: {result.spent.icims} to iCIMS, {result.spent.linkedin} to LinkedIn, {result.spent.indeed} to Indeed."
    )
    if result.to_act:
        words += f" Told to lifecycles: {result.acted}."
    if result.to_adopt:
        words += f" Taken over: {result.adopted} of {result.to_adopt}."
    return words
