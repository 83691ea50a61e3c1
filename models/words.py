"""The words for a lifecycle, the same wherever people read of it: plain text, no markup."""

from datetime import datetime

from models.lifecycle import BoardState, IndeedRecord, Intent, JobStatus, Live, Outcome, Phase
from models.overlay import Verdict

HEADLINES = {
    Phase.OPEN: "Posted: the boards are as the ATS wants them",
    Phase.UPDATING: "Being updated",
    Phase.CLOSING: "Being taken down",
    Phase.CLOSED: "Off its boards as far as Boardsync can take it, and read back",
    Phase.NOT_FOUND: "Not found on a board: nothing is proven there",
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
    Outcome.CLEARED: "cleared: none of our changes are left",
    Outcome.GONE: "gone: the posting is no longer live",
    Outcome.NOT_FOUND: "not found: the board shows no such job, and Boardsync never saw one there",
}
POSTINGS = {
    Live.LIVE: "The posting itself is still live on Indeed: only the ATS's feed can end it.",
    Live.NOT_LIVE: "The posting itself is no longer live on Indeed.",
    Live.UNKNOWN: "Indeed does not say whether the posting itself is live.",
}

JOB_STATUSES = {
    JobStatus.ORGANIC: "organic: found in search without sponsorship",
    JobStatus.SPONSORED_WITH_SPEND: "sponsored only, with spend: found in search because it is sponsored",
    JobStatus.SPONSORED_WITHOUT_SPEND: "sponsored only, without spend: not found in search until it is sponsored",
    JobStatus.NOWHERE: "nowhere: rejected from search",
    JobStatus.NOT_LIVE: "not live",
    JobStatus.PENDING: "pending: not live yet",
    JobStatus.UNKNOWN: "unknown",
}
VERDICTS = {
    Verdict.CONFIRMED: "shown",
    Verdict.PENDING: "not shown yet",
    Verdict.CONTRADICTED: "not taken",
    Verdict.UNREADABLE: "not told",
    Verdict.NOT_COMPARABLE: "accepted, but shown in another form",
}


def posting_words(track: IndeedRecord) -> list[str]:
    """Return what is known of the posting itself, and of each field that the agency sets on it."""
    told = []
    if track.posting is not None:
        since = f" Since {moment(track.posting_since)}." if track.posting_since is not None else ""
        told.append(POSTINGS[track.posting] + since)
    if track.status is not None:
        told.append(f"In Indeed's search: {JOB_STATUSES[track.status]}.")
    if track.fields:
        fields = ", ".join(f"{name} {VERDICTS[verdict]}" for name, verdict in track.fields.items())
        told.append(f"What the agency sets: {fields}.")
    if track.held_off:
        told.append("The agency's changes were taken off by hand, until something new is wanted.")
    return told


def moment(at: datetime) -> str:
    """Write a time as people read it."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
