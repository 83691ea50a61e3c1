"""What the Temporal Web UI shows of a lifecycle: Markdown that a recruiter understands."""

from datetime import datetime

from models.lifecycle import (
    Attention,
    BoardName,
    BoardState,
    BoardTrack,
    IndeedTrack,
    Intent,
    Lifecycle,
    Outcome,
    Phase,
)

HEADLINES = {
    Phase.OPEN: "Posted: the boards are as the ATS wants them",
    Phase.UPDATING: "Being updated",
    Phase.CLOSING: "Being taken down",
    Phase.CLOSED: "Taken down, and read back from the boards",
    Phase.ATTENTION: "Needs a person",
}
STATES = {
    BoardState.IDLE: "nothing to do",
    BoardState.WORKING: "at work",
    BoardState.CONFIRMING: "waiting for proof",
    BoardState.SETTLED: "done",
    BoardState.ATTENTION: "**needs a person**",
}
OUTCOMES = {
    Outcome.LIVE: "live",
    Outcome.UPDATED: "updated",
    Outcome.CLOSED: "closed: no longer listed",
    Outcome.CLEARED: "cleared: nothing of the agency's changes is left",
    Outcome.ABSENT: "the board has no such job",
}


GAP = "\u00a0" * 3


def details(lifecycle: Lifecycle) -> str:
    """Render a lifecycle."""
    lines = [f"### Job {lifecycle.job_id}: {HEADLINES[lifecycle.phase]}", ""]
    wish = "taken down" if lifecycle.intent is Intent.UNPOSTED else "posted"
    lines += [f"The ATS (customer {lifecycle.customer_id}) wants this job **{wish}**.", ""]
    tracks = board_tracks(lifecycle)
    lines += _attention("The job", lifecycle.attention)
    for board, track in tracks:
        lines += _attention(board.label, track.attention)
    lines += ["| Board | State | What the board said last |", "|---|---|---|"]
    lines += [_row(board, track) for board, track in tracks]
    lines.append("")
    for board, track in tracks:
        lines += _notes(board, track)
    if lifecycle.received:
        last = lifecycle.received[-1]
        who = f" by {last.by}" if last.by else ""
        lines.append(f"Last heard: {last.what}{who}, {moment(last.at)}.")
    return "\n".join(lines)


def board_tracks(lifecycle: Lifecycle) -> list[tuple[BoardName, BoardTrack]]:
    """Give the boards that the customer uses."""
    found = ((board, getattr(lifecycle.boards, board.value)) for board in BoardName)
    return [(board, track) for board, track in found if track is not None]


def _row(board: BoardName, track: BoardTrack) -> str:
    last = track.evidence[-1] if track.evidence else None
    said = f"{last.asked}: {last.answered} ({moment(last.at)})" if last else "no answer recorded yet"
    state = STATES[track.state]
    if track.outcome is not None:
        state = f"{state}: {OUTCOMES[track.outcome]}"
    # The Web UI draws no borders and no padding: the spaces keep the columns apart.
    return f"| {board.label}{GAP} | {_cell(state)}{GAP} | {_cell(said)} |"


def _attention(what: str, asked: Attention | None) -> list[str]:
    if asked is None:
        return []
    lines = [f"**{what} needs a person** since {moment(asked.since)}.", ""]
    lines += [f"- What happened: {asked.reason}", f"- What to do: {asked.remedy}"]
    lines.append('- To send a signal: More Actions, Send a Signal, its name, and `{"by": "your name"}` as input.')
    if asked.retrying:
        lines.append("- Boardsync goes on trying meanwhile.")
    return [*lines, ""]


def _notes(board: BoardName, track: BoardTrack) -> list[str]:
    lines = []
    if track.attention is None and track.awaiting is not None:
        lines += [f"Next on {board.label}: {track.awaiting}.", ""]
    if isinstance(track, IndeedTrack) and track.posting is not None:
        lines += [track.posting, ""]
    return lines


def moment(at: datetime) -> str:
    """Write a time as people read it."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def _cell(text: str) -> str:
    line = " ".join(text.splitlines())
    return line.replace("\\", "\\\\").replace("|", "\\|")
