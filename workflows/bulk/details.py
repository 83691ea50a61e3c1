"""What the Temporal Web UI shows of a run over many jobs: Markdown that a recruiter understands."""

from models.bulk import BulkProgress, Fate, Refusal
from models.words import moment

FATES = {
    Fate.CLEARED: "cleared, and read back as clear",
    Fate.ALREADY_CLEAR: "clear already",
    Fate.WOULD_CLEAR: "would be cleared",
    Fate.CLOSED: "closed or cleared of our changes on each board, and read back",
    Fate.NOT_FOUND: "not found on a board where Boardsync never saw the job: nothing is proven there",
    Fate.WOULD_CLOSE: "would be closed",
    Fate.REFUSED: "refused",
}
SHOWN = 20


def details(progress: BulkProgress, customer_id: str | None) -> str:
    """Render how far a run is."""
    whose = f" for customer {customer_id}" if customer_id else ""
    lines = [f"### {progress.step}{whose}", ""]
    if progress.dry_run:
        lines += ["**Dry run:** nothing is changed.", ""]
    if progress.paused:
        lines += ["**Paused:** nothing new is begun. Send the signal `resume` to go on.", ""]
    lines += _attention(progress)
    lines += [f"- {FATES[fate]}: **{progress.counts[fate]}**" for fate in Fate if fate in progress.counts]
    if progress.waiting:
        lines.append(f"- asked for, and not proven yet: {progress.waiting}")
    if progress.of_about is not None:
        lines.append(f"- of about {progress.of_about} jobs")
    if progress.per_second is not None:
        left = "" if progress.time_left is None else f", about {progress.time_left} left"
        lines.append(f"- {progress.per_second} jobs a second{left}")
    for each in progress.refused:
        lines += _refusal(each)
    return "\n".join(lines)


def _attention(progress: BulkProgress) -> list[str]:
    asked = progress.attention
    if asked is None:
        return []
    lines = [f"**Needs a person** since {moment(asked.since)}.", ""]
    lines += [f"- What happened: {asked.reason}", f"- What to do: {asked.remedy}"]
    lines.append("- Boardsync goes on trying meanwhile." if asked.retrying else "- The run waits until it is resumed.")
    return [*lines, ""]


def _refusal(refusal: Refusal) -> list[str]:
    names, more = refusal.jobs[:SHOWN], len(refusal.jobs) - SHOWN
    shown = ", ".join(names) + (f" and {more} more" if more > 0 else "")
    return ["", f"**Refused:** {refusal.problem.reason} {refusal.problem.remedy}", "", f"Jobs: {shown}"]
