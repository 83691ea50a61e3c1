"""The words for a lifecycle, the same wherever people read of it: plain text, no markup."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from models.boards import BoardRecord, IndeedRecord, LinkedInRecord
from models.lifecycle import Lifecycle
from models.overlay import Verdict
from models.states import ENDED, BoardName, BoardState, Intent, JobStatus, Live, Outcome, Phase

HEADLINES = {
    Phase.OPEN: "Posted: the boards are as the ATS wants them",
    Phase.UPDATING: "Being updated",
    Phase.CLOSING: "Being taken down",
    Phase.CLOSED: "Closed, or cleared of our changes, on every board, and read back",
    Phase.NOT_FOUND: "Not found on a board: nothing is proven there",
    Phase.ATTENTION: "Needs a person",
    Phase.CANCELLED: "Stopped by a person: nothing is done until the ATS sends an event.",
}
"""A phase in few words, where no more is known; `headline` says what was read."""
TOLD_LATER = "iCIMS is told as soon as it takes the report."
STORED_LATER = "Its receipt is stored as soon as the store takes it."
NOT_SHOWN = "Posted in the ATS; not listed on {boards}"
NOT_READ = "{board} was not read as rid of the job."
NOTHING_ASKED = "Nothing has been asked of the boards yet"
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
TAKEN_OFF = {
    BoardName.LINKEDIN: "closed on LinkedIn",
    BoardName.INDEED: "cleared of our changes on Indeed, where its feed ends the posting itself",
}
"""What an unpost does on each board, no more than Boardsync can do there."""
_AFTER_A_CLEAR = {
    Live.LIVE: "the posting itself is still live, its feed decides",
    Live.NOT_LIVE: "the posting itself is no longer live",
    Live.UNKNOWN: "whether the posting itself is live is not known",
}
_SENTENCES = {
    Outcome.LIVE: "Live on {board}.",
    Outcome.UPDATED: "Live on {board}, as the ATS and the agency want it.",
    Outcome.CLOSED: "Closed on {board}: it no longer lists the job.",
    Outcome.CLEARED: "Our changes are off {board}; {posting}.",
    Outcome.GONE: "Gone from {board}: the posting is no longer live.",
    Outcome.NOT_FOUND: "Not found on {board}, where Boardsync never saw it: this proves nothing.",
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


def headline(lifecycle: Lifecycle) -> str:
    """Say where a job stands, and of a job that has ended only what was read from each board."""
    used = lifecycle.boards.used
    if lifecycle.phase in ENDED and used:
        said = [board_words(board, track) for board, track in used]
        return " ".join([*said, *later_words(lifecycle)])
    if lifecycle.phase is Phase.CANCELLED:
        return stopped_words(lifecycle)
    missing = [board.label for board, track in used if track.outcome is None]
    if lifecycle.phase is Phase.OPEN and missing:
        return NOTHING_ASKED if lifecycle.posted_at is None else NOT_SHOWN.format(boards=" and ".join(missing))
    return HEADLINES[lifecycle.phase]


def stopped_words(lifecycle: Lifecycle) -> str:
    """Say of a lifecycle that was cancelled who had that done, and what each board was read to show then."""
    stop = lifecycle.stopped
    by = f" by {stop.by}" if stop is not None and stop.by else " by a person"
    why = f" ({stop.reason})" if stop is not None and stop.reason else ""
    read = [
        board_words(board, track) if track.outcome is not None else NOT_READ.format(board=board.label)
        for board, track in lifecycle.boards.used
    ]
    return " ".join([f"Stopped{by}{why}: nothing is done until the ATS sends an event.", *read])


def later_words(lifecycle: Lifecycle) -> list[str]:
    """Say what an ended job still waits for; nothing of one that has not ended."""
    due = ((lifecycle.report_due, TOLD_LATER), (lifecycle.receipt_due, STORED_LATER))
    return [words for waits, words in due if waits and lifecycle.phase in ENDED]


def is_missing(lifecycle: Lifecycle, record: BoardRecord) -> bool:
    """Return whether a board, as far as it was read, does not show a job that the ATS wants posted."""
    shown = {Outcome.LIVE, Outcome.UPDATED, Outcome.CLEARED}
    at_rest = record.state in {BoardState.IDLE, BoardState.SETTLED}
    return lifecycle.intent is Intent.POSTED and at_rest and record.outcome not in shown and bool(record.evidence)


def aside_words(lifecycle: Lifecycle) -> list[str]:
    """Say which boards the customer no longer uses."""
    return [
        f"The customer no longer uses {board.label}: nothing is done there, and nothing is proven."
        for board, _ in lifecycle.boards.set_aside
    ]


def board_words(board: BoardName, track: BoardRecord) -> str:
    """Say what a board was read as showing, in one sentence and no more than was read."""
    return outcome_words(board, track.outcome, track.live)


def outcome_words(board: BoardName, outcome: Outcome | None, live: Live) -> str:
    """Say what an outcome means on a board; `live` is whether the posting itself is."""
    if outcome is None:
        return f"{board.label} shows nothing of the job yet."
    return _SENTENCES[outcome].format(board=board.label, posting=_AFTER_A_CLEAR[live])


def posting_words(track: IndeedRecord) -> list[str]:
    """Return what is known of the posting itself, and of each field that the agency sets on it."""
    told = []
    if track.outcome == Outcome.GONE:
        told.append(POSTINGS[Live.NOT_LIVE])  # what was read of its postings before is over
    elif track.posting is not None:
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


def apply_words(track: LinkedInRecord) -> list[str]:
    """Return what LinkedIn said of the job beside its listing, and how often it listed the job again."""
    said = (
        ("Listing on LinkedIn", track.listing),
        ("LinkedIn Apply", track.apply),
        ("Promotion on LinkedIn", track.promotion),
    )
    told = [f"{what}: {note.status}. {note.meaning} {note.remedy}".rstrip() for what, note in said if note is not None]
    if track.reopened:
        told.append(f"LinkedIn listed the job again after it was closed: {track.reopened} time(s).")
    return told


NOTES: Mapping[type[BoardRecord], Callable[[Any], list[str]]] = {
    LinkedInRecord: apply_words,
    IndeedRecord: posting_words,
}
"""What is said of a board beside its state, by what is recorded of it."""


def notes(track: BoardRecord) -> list[str]:
    """Return what is known of a board beside its state and outcome."""
    return NOTES[type(track)](track)


def posting_page(track: BoardRecord) -> str | None:
    """Return the address of the posting on its board, for people to open; None where the board named none."""
    return track.url if isinstance(track, LinkedInRecord) else None


def moment(at: datetime) -> str:
    """Write a time as people read it."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
