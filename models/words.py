"""The words for a lifecycle, the same wherever people read of it: plain text, no markup."""

from datetime import datetime

from models.lifecycle import BoardState, Intent, Outcome, Phase

HEADLINES = {
    Phase.OPEN: "Posted: the boards are as the ATS wants them",
    Phase.UPDATING: "Being updated",
    Phase.CLOSING: "Being taken down",
    Phase.CLOSED: "Taken down, and read back from the boards",
    Phase.ATTENTION: "Needs a person",
}
INTENTS = {Intent.POSTED: "posted", Intent.UNPOSTED: "taken down"}
STATES = {
    BoardState.IDLE: "nothing to do",
    BoardState.WORKING: "at work",
    BoardState.CONFIRMING: "waiting for proof",
    BoardState.SETTLED: "done",
    BoardState.ATTENTION: "needs a person",
}
OUTCOMES = {
    Outcome.LIVE: "live",
    Outcome.UPDATED: "updated",
    Outcome.CLOSED: "closed: no longer listed",
    Outcome.CLEARED: "cleared: nothing of the agency's changes is left",
    Outcome.ABSENT: "the board has no such job",
}


def moment(at: datetime) -> str:
    """Write a time as people read it."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
