"""What people see of jobs in a terminal."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from boardsync.jobs.attention import OpenAttention
from boardsync.jobs.dossier import Dossier
from boardsync.jobs.lifecycle_view import COLOURS, lifecycle_view, receipt_view
from boardsync.jobs.timeline import Moment
from boardsync.jobs.visibility import JobRow
from models.boards import BoardRecord
from models.states import BoardName, Phase
from models.words import moment

PHASES = {
    Phase.OPEN: "green",
    Phase.UPDATING: "yellow",
    Phase.CLOSING: "yellow",
    Phase.CLOSED: "green",
    Phase.NOT_FOUND: "yellow",
    Phase.ATTENTION: "red",
    Phase.CANCELLED: "red",
}


def jobs_table(rows: Iterable[JobRow]) -> RenderableType:
    """Render jobs, one to a line."""
    table = Table()
    boards = [board.label for board in BoardName]
    for heading in ("Job", "Title", "Phase", *boards, "Needs a person", "Began (UTC)", "Ended (UTC)"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            f"{row.customer_id}/{row.job_id}",
            row.title or "",
            Text(f"stopped: {row.status}", style="red") if row.stopped else _phase(row.phase),
            *(_state(getattr(row, board.value)) for board in BoardName),
            ", ".join(each for each in (row.attention, *row.waits_for) if each),
            _short(row.started_at),
            _short(row.closed_at),
        )
    return table


def counts_line(counts: dict[str, int], *, shown: int | None = None) -> RenderableType:
    """Render how many jobs are in which phase, and how many of them are shown."""
    if not counts:
        return Text("no jobs", style="dim")
    total = sum(counts.values())
    of = f"{total} in all" if shown is None or shown == total else f"{shown} of {total} shown (--limit)"
    return Text(f"{of}: " + ", ".join(f"{count} {phase}" for phase, count in counts.items()))


def dossier_view(dossier: Dossier) -> list[RenderableType]:
    """Render everything that is known of a job, part by part."""
    parts: list[RenderableType] = []
    if dossier.lifecycle is not None:
        parts += [lifecycle_view(dossier.lifecycle), evidence_table(dossier.tracks)]
    elif dossier.receipt is not None:
        parts.append(receipt_view(dossier.receipt))
    else:
        parts.append(jobs_table([dossier.row]))
    if dossier.remark is not None:
        parts.append(Text(f"Note: {dossier.remark}", style="yellow"))
    parts += [*_awaited(dossier), "", Text("What happened", style="bold"), timeline_view(dossier.timeline)]
    if dossier.links:
        parts += ["", *(Text.assemble((f"{name}: ", "bold"), url) for name, url in dossier.links.items())]
    return parts


def evidence_table(tracks: Sequence[tuple[BoardName, BoardRecord]]) -> RenderableType:
    """Render what each board was asked and answered."""
    table = Table(title="Evidence", title_justify="left")
    for heading in ("Board", "When (UTC)", "Asked", "Answered"):
        table.add_column(heading, overflow="fold")
    for board, track in tracks:
        for each in track.evidence:
            table.add_row(board.label, _short(each.at), Text(each.asked), Text(each.answered))
    return table


def timeline_view(moments: Sequence[Moment]) -> RenderableType:
    """Render a history in sentences."""
    table = Table.grid(padding=(0, 2))
    for each in moments:
        table.add_row(Text(each.at.strftime("%Y-%m-%d %H:%M:%S"), style="dim"), Text(each.what))
    return table


def needs_view(needs: Sequence[OpenAttention]) -> list[RenderableType]:
    """Render what needs a person, each as a paragraph."""
    if not needs:
        return [Text("Nothing needs a person.", style="green")]
    return [*(line for need in needs for line in _need(need)), Text(f"{len(needs)} in all")]


def age(since: datetime, *, now: datetime | None = None) -> str:
    """Write how long ago something was, in the largest unit that fits."""
    seconds = max((now or datetime.now(UTC)) - since, timedelta(0)).total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def _need(need: OpenAttention) -> list[RenderableType]:
    what = f"{need.customer_id}/{need.job_id}" if need.job_id else need.workflow_id
    head = f"[bold]{escape(what)}[/]  {escape(need.where)}  [red]{need.category or 'attention'}[/]"
    lines: list[RenderableType] = [
        Text.from_markup(f"{head}  [dim]for {age(need.since)}, since {moment(need.since)}[/]"),
        Text(f"  What happened: {need.reason}"),
    ]
    if need.remedy is not None:
        lines.append(Text(f"  What to do:    {need.remedy}"))
    if need.jobs is not None:
        lines.append(Text(f"  Jobs that wait: {need.jobs} (boardsync jobs --cause {need.cause})", style="dim"))
    if need.retrying:
        lines.append(Text("  Boardsync goes on trying meanwhile.", style="dim"))
    return [*lines, ""]


def _awaited(dossier: Dossier) -> list[RenderableType]:
    tracks = dossier.tracks if dossier.lifecycle is not None else []
    lines = [Text(f"{board.label}: {track.awaiting}.") for board, track in tracks if track.awaiting is not None]
    for step in dossier.under_way:
        when = f", next at {moment(step.next_at)}" if step.next_at is not None else ", under way now"
        last = f"; so far: {step.last_answer}" if step.last_answer else ""
        lines.append(Text(f"{step.what} Try {step.attempt}{when}{last}"))
    return ["", Text("What is awaited", style="bold"), *lines] if lines else []


def _phase(phase: str | None) -> Text:
    known = Phase(phase) if phase in list(Phase) else None
    return Text(phase or "", style=PHASES[known] if known is not None else "")


def _state(state: str | None) -> Text:
    return Text(state or "", style=COLOURS.get(state or "", ""))


def _short(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at is not None else ""
