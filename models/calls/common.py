"""What the activities of several boards take or return."""

from datetime import datetime, timedelta
from typing import TypeVar

from models.base import Model, Moment
from models.boards import Evidence
from models.configured import Configured
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

    anew_since: Moment | None = None
    """When a person last asked to begin anew: credentials that were refused before are put to the test again."""
    configured: str | None = None
    """The digest of the configuration that the lifecycle follows; where it has changed the answer brings it."""
    paused: bool = False
    """People know that the customer is not in the configuration: the step waits until it is back."""


Call = TypeVar("Call")


def asked_anew(call: Call, since: datetime | None, configured: str | None = None, *, paused: bool = False) -> Call:
    """Return the input of an activity with the time at which a person last asked to begin anew.

    Also with the digest of the configuration that the lifecycle follows, and whether it waits for its customer.
    """
    said = {"anew_since": since, "configured": configured, "paused": paused}
    return call.model_copy(update=said) if isinstance(call, ProviderCall) else call


class Answer(Model):
    """What a step that calls a provider answers."""

    configured: Configured | None = None
    """What the configuration says by now, where that is not what the lifecycle follows."""


class Confirmed(Answer):
    """What a board says of a job, read back."""

    outcome: Outcome | None = None
    """None where the board is only watched and shows nothing."""
    posting: Live | None = None
    evidence: tuple[Evidence, ...]
