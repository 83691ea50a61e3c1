"""The words for a lifecycle, the same wherever people read of it: plain text, no markup."""

from datetime import datetime

from models.lifecycle import BoardState, Intent, Live, Outcome, Phase

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
POSTINGS = {
    Live.LIVE: "The posting itself is still live on Indeed: only the ATS's feed can end it.",
    Live.NOT_LIVE: "The posting itself is no longer live on Indeed.",
    Live.UNKNOWN: "Indeed does not say whether the posting itself is live.",
}


def moment(at: datetime) -> str:
    """Write a time as people read it."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
