"""What the Temporal Web UI shows of a lifecycle: Markdown that a recruiter understands."""

from models.boards import Attention, BoardRecord
from models.by_hand import EXAMPLE_INPUT, signal_command, signals_named
from models.causes import cause_id
from models.lifecycle import Lifecycle
from models.states import BoardName, BoardState, Phase
from models.temporal import RETRY
from models.texts import as_markdown
from models.words import INTENTS, OUTCOMES, STATES, aside_words, headline, is_missing, moment, notes, posting_page
from workflows.lifecycle.links import with_runbook

TO_GO_ON = (
    "What to do: nothing, if that is right. Else post, edit or unpost the job in iCIMS, or run "
    "`boardsync close {job}`, and a new lifecycle begins."
)
GAP = "\u00a0" * 3


def details(lifecycle: Lifecycle, *, namespace: str = "default") -> str:
    """Render a lifecycle; the namespace is for the commands to copy."""
    tracks = lifecycle.boards.used
    asked = [("The job", lifecycle.attention), *((board.label, track.attention) for board, track in tracks)]
    stopped = lifecycle.phase is Phase.CANCELLED
    needs = [] if stopped else [(what, attention) for what, attention in asked if attention is not None]
    lines = _head(lifecycle, needs[0][1] if needs else None)
    for what, attention in needs:
        lines += [*_attention(lifecycle.customer_id, what, attention), *_signals(lifecycle, attention, namespace), ""]
    if stopped:
        lines += [TO_GO_ON.format(job=f"{lifecycle.customer_id}/{lifecycle.job_id}"), ""]
    elif not needs:
        lines += ["What to do: nothing. Boardsync goes on by itself.", ""]
    lines += ["| Board | State | What the board said last |", "|---|---|---|"]
    lines += [_row(board, track, missing=is_missing(lifecycle, track)) for board, track in tracks]
    lines.append("")
    for board, track in tracks:
        lines += _notes(board, track)
    for each in aside_words(lifecycle):
        lines += [each, ""]
    lines += _report_notes(lifecycle)
    if lifecycle.received:
        last = lifecycle.received[-1]
        who = f" by {last.by}" if last.by else ""
        lines.append(f"Last heard: {last.what}{who}, {moment(last.at)}.")
    return "\n".join(lines)


def _head(lifecycle: Lifecycle, asked: Attention | None) -> list[str]:
    title = f"{as_markdown(lifecycle.title)}, job" if lifecycle.title else "Job"
    name = f"{as_markdown(lifecycle.customer_name)}, " if lifecycle.customer_name else ""
    wish = INTENTS[lifecycle.intent]
    lines = [f"### {title} {lifecycle.job_id}: {headline(lifecycle)}", ""]
    lines += [f"The ATS ({name}customer {lifecycle.customer_id}) wants this job **{wish}**.", ""]
    links = lifecycle.links if asked is None else with_runbook(lifecycle.links, asked.category)
    if links:
        lines += ["See " + " · ".join(f"[{name}](<{url}>)" for name, url in links.items()), ""]
    return lines


def _row(board: BoardName, track: BoardRecord, *, missing: bool) -> str:
    last = track.last_answer
    said = f"{last.asked}: {last.answered} ({moment(last.at)})" if last else "no answer recorded yet"
    state = STATES[track.state]
    if track.state is BoardState.ATTENTION:
        state = f"**{state}**"
    if missing:
        state = f"{state}: {board.label} does not list the job"
    elif track.outcome is not None:
        state = f"{state}: {OUTCOMES[track.outcome]}"
    # The Web UI draws no borders and no padding: the spaces keep the columns apart.
    return f"| {board.label}{GAP} | {_cell(state)}{GAP} | {_cell(said)} |"


def _attention(customer_id: str, what: str, asked: Attention) -> list[str]:
    lines = [f"**{what} needs a person** since {moment(asked.since)}.", ""]
    lines += [f"- What happened: {asked.reason}", f"- What to do: {asked.remedy}"]
    if asked.retrying:
        lines.append("- Boardsync goes on trying meanwhile.")
    if asked.cause is not None:
        cause = cause_id(customer_id, asked.cause)
        lines.append(f"- Other jobs of the customer may wait for the same: see `{cause}`, which has all of them go on.")
    return lines


def _signals(lifecycle: Lifecycle, asked: Attention, namespace: str) -> list[str]:
    named = signals_named(asked.remedy)
    lines = [] if named else ["- No signal is needed. `retry` tries at once."]
    for signal in named or (RETRY,):
        command = signal_command(lifecycle.customer_id, lifecycle.job_id, signal, namespace=namespace)
        lines += [
            f"- To send `{signal}`: More Actions, Send a Signal, with this input: `{EXAMPLE_INPUT}`",
            f"- Or in a terminal: `{command}`",
        ]
    return lines


def _notes(board: BoardName, track: BoardRecord) -> list[str]:
    lines = []
    if track.attention is None and track.awaiting is not None:
        lines += [f"Next on {board.label}: {track.awaiting}.", ""]
    for each in notes(track):
        lines += [" ".join(each.split()), ""]
    if (page := posting_page(track)) is not None:
        lines += [f"[See the job on {board.label}](<{page}>)", ""]
    return lines


def _report_notes(lifecycle: Lifecycle) -> list[str]:
    if lifecycle.report_failed is None:
        return []
    again = f" It is told again at {moment(lifecycle.report_after)}." if lifecycle.report_after is not None else ""
    return [f"iCIMS was not told how the boards stand: {' '.join(lifecycle.report_failed.splitlines())}{again}", ""]


def _cell(text: str) -> str:
    line = " ".join(text.splitlines())
    return line.replace("\\", "\\\\").replace("|", "\\|")
