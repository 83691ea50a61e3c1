"""What is wanted of a job: of all wishes the newest counts, by when it was received and not by when it arrived here."""

from datetime import datetime, timedelta

from models.lifecycle import Decision, Lifecycle
from models.states import Intent

AHEAD = timedelta(minutes=1)
"""A clock that is further ahead of Temporal's is wrong: what it dates would win over all that comes for so long."""


def received(at: datetime, now: datetime) -> datetime:
    """Return when an event was received that is heard now: by the gateway's clock, unless that is far ahead."""
    return now if at - now > AHEAD else at


class Wish:
    """Keep the present intent, and what decided it.

    The clocks of all gateways and of Temporal are taken to agree, but for one that is far ahead (docs/operating.md,
    *Which wish counts*).
    """

    def __init__(self, state: Lifecycle, now: datetime) -> None:
        """Take up the wish where the state stands; what decided it lies before `now`."""
        self.intent = state.intent
        before = state.decided
        self.decided = before and before.model_copy(update={"at": received(before.at, now)})

    def is_late(self, received_at: datetime) -> bool:
        """Return whether something newer has decided already; what was received at the same time is not late."""
        return self.decided is not None and received_at < self.decided.at

    def decide(self, intent: Intent, at: datetime, *, by_event: bool) -> bool:
        """Take up a wish; return whether it is another one than before."""
        if self.decided is not None:
            at = max(at, self.decided.at)
        news = intent is not self.intent
        # A person who says the same once more does not take the word of the ATS away.
        self.decided = Decision(at=at, by_event=by_event or (not news and self.by_event))
        self.intent = intent
        return news

    @property
    def by_event(self) -> bool:
        """Return whether it was the ATS itself that decided."""
        return self.decided is not None and self.decided.by_event
