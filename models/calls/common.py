"""What the activities of several boards take or return."""

from datetime import timedelta

from models.base import Model
from models.lifecycle import Evidence, Live, Outcome


class Backoff(Model):
    """How a read-back waits between its tries."""

    first: timedelta
    longest: timedelta

    def delay(self, attempt: int) -> timedelta:
        """Return the wait after the given try, the first being 1: doubled each time, up to the longest."""
        return min(self.first * 2.0 ** min(attempt - 1, 20), self.longest)


class Confirmed(Model):
    """What a board says of a job, read back."""

    outcome: Outcome | None = None
    """None where the board is only watched and shows nothing."""
    posting: Live | None = None
    evidence: tuple[Evidence, ...]
