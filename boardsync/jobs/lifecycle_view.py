"""Show a lifecycle in a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.boards import Attention, BoardRecord
from models.lifecycle import Lifecycle, Receipt
from models.words import board_words, headline, moment, notes, posting_page

COLOURS = {"settled": "green", "attention": "red", "confirming": "yellow", "working": "yellow", "idle": "dim"}


def lifecycle_view(lifecycle: Lifecycle) -> RenderableType:
    """Render where a lifecycle stands."""
    table = Table(title=f"Job {lifecycle.job_id}: {headline(lifecycle)}", title_justify="left")
    for heading in ("Board", "State", "Last answer of the board"):
        table.add_column(heading)
    for board, track in lifecycle.boards.used:
        table.add_row(board.label, _state(track), _last(track))
    asked = [
        Text(f"{board.label}: {_asked(track.attention)}", style="red")
        for board, track in lifecycle.boards.used
        if track.attention is not None
    ]
    told = [Text(words, style="dim") for _, track in lifecycle.boards.used for words in notes(track)]
    pages = [(board.label, posting_page(track)) for board, track in lifecycle.boards.used]
    links = [Text.assemble((f"{label}: ", "bold"), (page, f"link {page}")) for label, page in pages if page is not None]
    return Group(table, *asked, *told, *links)


def receipt_view(receipt: Receipt) -> RenderableType:
    """Render what each board was read as showing in the end: every exchange, with the time of each answer."""
    table = Table(title=f"Receipt: job {receipt.job_id} of customer {receipt.customer_id}", title_justify="left")
    for heading in ("Board", "When (UTC)", "Asked", "Answered"):
        table.add_column(heading, overflow="fold")
    lifecycle = Lifecycle(customer_id=receipt.customer_id, job_id=receipt.job_id, boards=receipt.boards)
    for board, track in lifecycle.boards.used:
        for each in track.evidence:
            table.add_row(board.label, each.at.strftime("%H:%M:%S.%f")[:-3], each.asked, each.answered)
        outcome = Text(board_words(board, track), style="bold green" if track.proven else "bold yellow")
        table.add_row("", moment(track.since)[11:19], Text("Outcome", style="bold"), outcome)
        table.add_section()
    told = [words for _, track in receipt.boards.used for words in notes(track)]
    return Group(table, *(Text(words, style="dim") for words in told))


def transition(lifecycle: Lifecycle) -> str:
    """Write where a lifecycle stands in one line, for output that is not a terminal."""
    boards = ", ".join(f"{board.label} {track.state.value}" for board, track in lifecycle.boards.used)
    return f"job {lifecycle.job_id}: {lifecycle.phase.value} ({boards})"


def _asked(attention: Attention) -> str:
    together = f" It waits for the end of {attention.cause}, as other jobs of the customer may; all go on together."
    return f"{attention.reason} What to do: {attention.remedy}{together if attention.cause is not None else ''}"


def _state(track: BoardRecord) -> Text:
    words = track.state.value if track.outcome is None else f"{track.state.value}: {track.outcome.value}"
    return Text(words, style=COLOURS[track.state.value])


def _last(track: BoardRecord) -> str:
    last = track.last_answer
    if last is None:
        return track.awaiting or "not read yet"
    return f"{last.asked}: {last.answered}"
