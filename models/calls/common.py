"""What the activities of several boards take or return."""

from datetime import datetime, timedelta
from typing import TypeVar

from models.base import Model
from models.boards import Evidence
from models.states import Live, Outcome


class Backoff(Model):
    """How a read-back waits between its tries."""

    first: timedelta
    longest: timedelta

    def delay(self, attempt: int) -> timedelta:
        """Return the wait after the given try, the first being 1: doubled each time, up to the longest."""
        return min(self.first * 2.0 ** min(attempt - 1, 20), self.longest)


class ProviderCall(Model):
    """The input of an activity that calls a provider."""

    anew_since: datetime | None = None
    """When a person last asked to begin anew: credentials that were refused before are put to the test again."""


Call = TypeVar("Call")


def asked_anew(call: Call, since: datetime | None) -> Call:
    """Return the input of an activity with the time at which a person last asked to begin anew."""
    return call.model_copy(update={"anew_since": since}) if isinstance(call, ProviderCall) else call


class Confirmed(Model):
    """What a board says of a job, read back."""

    outcome: Outcome | None = None
    """None where the board is only watched and shows nothing."""
    posting: Live | None = None
    evidence: tuple[Evidence, ...]
