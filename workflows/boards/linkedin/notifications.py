"""What LinkedIn's notifications say, in words that a lifecycle keeps: pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.boards import EVIDENCE_KEPT, Evidence
from models.events import LinkedInStatus, StatusDetail
from models.linkedin_statuses import APPLY, LISTING, PROMOTION, Meaning, note_of, words_of

NOTIFICATION = "Notification"
NOTIFICATIONS_KEPT = 5


def notification(status: LinkedInStatus, at: datetime) -> Evidence:
    """Keep a notification in words, with what it means; it is a reason to read the job, and proves nothing.

    What it says of LinkedIn Apply and promotion is left out where nobody has anything to do: it comes with every one.
    """
    parts = [] if status.listing is None else [_told("the job is", LISTING, status.listing)]
    for what, table, detail in (
        ("LinkedIn Apply is", APPLY, status.apply),
        ("The promotion is", PROMOTION, status.promotion),
    ):
        if detail is not None and (status.listing is None or note_of(table, detail).remedy):
            parts.append(_told(what, table, detail))
    return Evidence(at=at, asked=NOTIFICATION, answered=f"LinkedIn says: {' '.join(parts) or 'something has changed.'}")


def notes(status: LinkedInStatus) -> dict[str, Any]:
    """Return what a notification says, as fields of the track."""
    found: dict[str, Any] = {} if status.url is None else {"url": status.url}
    if status.listing is not None:
        found["listing"] = note_of(LISTING, status.listing)
    if status.apply is not None:
        found["apply"] = note_of(APPLY, status.apply)
    if status.promotion is not None:
        found["promotion"] = note_of(PROMOTION, status.promotion)
    return found


def with_notification(kept: Sequence[Evidence], news: Evidence) -> tuple[Evidence, ...]:
    """Append a notification to the evidence: a storm of them must not push out what the board answered."""
    same = [each for each in kept if each.asked == NOTIFICATION and each.answered != news.answered]
    dropped = {id(each) for each in same[: max(0, len(same) - NOTIFICATIONS_KEPT + 1)]}
    rest = [
        each
        for each in kept
        if id(each) not in dropped and not (each.asked == NOTIFICATION and each.answered == news.answered)
    ]
    return (*rest, news)[-EVIDENCE_KEPT:]


def with_answers(kept: Sequence[Evidence], answers: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Append what LinkedIn answered; the same answer once more takes the place of the one before."""
    for news in answers:
        before = next((each for each in reversed(kept) if each.asked != NOTIFICATION), None)
        if before is not None and (before.asked, before.answered, before.ids) == (news.asked, news.answered, news.ids):
            kept = [each for each in kept if each is not before]
        kept = (*kept, news)
    return tuple(kept)[-EVIDENCE_KEPT:]


def _told(what: str, table: tuple[Meaning, ...], detail: StatusDetail) -> str:
    return f"{what} {words_of(detail).rstrip('.')}. {note_of(table, detail).meaning}"
