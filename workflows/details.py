"""What the Temporal Web UI shows of a lifecycle: Markdown that a recruiter understands."""

from datetime import datetime

from models.lifecycle import BoardName, BoardState, BoardTrack, IndeedTrack, Intent, Lifecycle, Outcome, Phase

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


def details(lifecycle: Lifecycle) -> str:
    """Render a lifecycle."""
    lines = [f"### Job {lifecycle.job_id}: {HEADLINES[lifecycle.phase]}", ""]
    wish = "taken down" if lifecycle.intent is Intent.UNPOSTED else "posted"
    lines += [f"The ATS (customer {lifecycle.customer_id}) wants this job **{wish}**.", ""]
    lines += ["| Board | State | Since | What the board said last |", "|---|---|---|---|"]
    tracks = board_tracks(lifecycle)
    lines += [_row(board, track) for board, track in tracks]
    lines.append("")
    for board, track in tracks:
        lines += _notes(board, track)
    if lifecycle.received:
        last = lifecycle.received[-1]
        lines.append(f"Last heard: {last.what}, {moment(last.at)}.")
    return "\n".join(lines)


def board_tracks(lifecycle: Lifecycle) -> list[tuple[BoardName, BoardTrack]]:
    """Give the boards that the customer uses."""
    found = ((board, getattr(lifecycle.boards, board.value)) for board in BoardName)
    return [(board, track) for board, track in found if track is not None]


def _row(board: BoardName, track: BoardTrack) -> str:
    last = track.evidence[-1] if track.evidence else None
    said = f"{last.asked}: {last.answered} ({moment(last.at)})" if last else "not read yet"
    state = STATES[track.state]
    if track.outcome is not None:
        state = f"{state}: {OUTCOMES[track.outcome]}"
    return f"| {board.label} | {_cell(state)} | {moment(track.since)} | {_cell(said)} |"


def _notes(board: BoardName, track: BoardTrack) -> list[str]:
    lines = []
    if track.attention is not None:
        lines += [f"**{board.label} needs a person** since {moment(track.attention.since)}.", ""]
        lines += [f"- What happened: {track.attention.reason}", f"- What to do: {track.attention.remedy}"]
        if track.attention.retrying:
            lines.append("- Boardsync goes on trying meanwhile.")
        lines.append("")
    elif track.awaiting is not None:
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
