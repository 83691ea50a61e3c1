"""In which states a lifecycle and its boards can be."""

from enum import StrEnum


class Intent(StrEnum):
    """What the ATS wants now."""

    POSTED = "posted"
    UNPOSTED = "unposted"


class BoardName(StrEnum):
    """A job board."""

    LINKEDIN = "linkedin"
    INDEED = "indeed"

    @property
    def label(self) -> str:
        """Spell the board as its owner does."""
        return {"linkedin": "LinkedIn", "indeed": "Indeed"}[self.value]


class Phase(StrEnum):
    """Where the whole lifecycle stands."""

    OPEN = "open"
    UPDATING = "updating"
    CLOSING = "closing"
    CLOSED = "closed"
    """Ended: every board is `closed`, `cleared` or `gone`."""
    NOT_FOUND = "not_found"
    """Ended: some board shows no such job and never did, which proves nothing; the others are as for `closed`."""
    ATTENTION = "attention"
    CANCELLED = "cancelled"
    """Ended: a person asked Temporal to cancel it, and the boards were read once more."""


ENDED = frozenset({Phase.CLOSED, Phase.NOT_FOUND})
"""Phases of a lifecycle that has completed; one that was cancelled has not."""
UNDER_WAY = tuple(phase for phase in Phase if phase not in ENDED and phase is not Phase.CANCELLED)
"""Phases of a lifecycle that runs."""


class BoardState(StrEnum):
    """Where one board stands."""

    IDLE = "idle"
    WORKING = "working"
    CONFIRMING = "confirming"
    SETTLED = "settled"
    ATTENTION = "attention"


class Outcome(StrEnum):
    """What a board said when it was read back."""

    LIVE = "live"
    UPDATED = "updated"
    CLOSED = "closed"
    """The listing reads as ended."""
    CLEARED = "cleared"
    """Nothing that we set is left on any posting; the postings themselves may still be live."""
    GONE = "gone"
    """Postings that were seen before are no longer live."""
    NOT_FOUND = "not_found"
    """The board shows no such job, and we never saw one: this proves nothing."""

    @property
    def proven(self) -> bool:
        """Return whether a board that said so was read, and the job, or what we set on it, is off it."""
        return self in {Outcome.CLOSED, Outcome.CLEARED, Outcome.GONE}


class Live(StrEnum):
    """Whether a posting itself, which at Indeed only the ATS's feed can end, is live."""

    LIVE = "live"
    NOT_LIVE = "not live"
    UNKNOWN = "unknown"


class Operation(StrEnum):
    """What LinkedIn is asked to do with a posting (jobPostingOperationType)."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    RENEW = "RENEW"
    CLOSE = "CLOSE"


class JobStatus(StrEnum):
    """How a posting stands in Indeed's search (Job Update API guide, Job status)."""

    ORGANIC = "organic"
    SPONSORED_WITH_SPEND = "sponsored_with_spend"
    SPONSORED_WITHOUT_SPEND = "sponsored_without_spend"
    NOWHERE = "nowhere"
    NOT_LIVE = "not_live"
    PENDING = "pending"
    UNKNOWN = "unknown"


HIDDEN = frozenset({JobStatus.SPONSORED_WITHOUT_SPEND, JobStatus.NOWHERE, JobStatus.NOT_LIVE})
"""How a posting stands that no member finds in search."""
