"""What people read of a reconciliation in the Web UI: Markdown."""

from models.sweeps import Reconciled

SHOWN = 30


def details(seen: Reconciled) -> str:
    """Render how far it has come, and what was found."""
    lines = [f"### {seen.customer_name or seen.customer_id}: {seen.stage}", ""]
    if seen.terms is not None:
        cost = seen.terms.cost
        lines.append(
            f"About {cost.icims} calls to iCIMS (of {seen.terms.icims_a_day} a day), {cost.linkedin} to LinkedIn, "
            f"{cost.indeed} to Indeed, for {seen.terms.jobs} known jobs."
        )
    if seen.asked:
        lines.append(f"iCIMS posts {seen.posted} job(s): {seen.asked}. Lifecycles: {seen.lifecycles}.")
    lines += ["", *(f"- {kind.value}: {count}" for kind, count in seen.counts.items())]
    if seen.to_act:
        lines.append(f"- told to lifecycles: {seen.acted} of {seen.to_act}")
    if seen.to_adopt:
        lines.append(f"- taken over: {seen.adopted} of {seen.to_adopt}")
    lines += [f"- not acted upon: {seen.held_back}"] if seen.held_back else []
    lines += [f"- not compared: {note}" for note in seen.notes]
    for row in seen.rows[:SHOWN]:
        lines.append(
            f"- **{row.finding.value}** {seen.customer_id}/{row.job_id} ({row.board}): {row.evidence} `{row.remedy}`"
        )
    if seen.total > SHOWN:
        lines.append(f"- and {seen.total - SHOWN} more")
    return "\n".join(lines)
