"""Sharing a provider's limit out among all workers: what the workflow `Pace` is asked and answers."""

from pydantic import Field

from models.base import Model, Moment

LONGEST_ANSWER = 10.0
"""Seconds after which an ask is given up."""


class Reserve(Model):
    """Ask for a share of the limit."""

    holder: str
    """Who asks: one process, for as long as it lives."""
    number: int
    """Counts its asks: one that arrives after a later one is void."""
    wanted: int
    callers: int = 1
    """How many call side by side: shares follow the work."""
    using: int
    """It uses no more than this from now on, whatever it held, until it is answered."""
    per_second: int
    """The limit."""
    answer_takes: float = Field(default=0.0, ge=0, le=LONGEST_ANSWER)
    """Seconds that the last answer took: a share must outlive its way to the holder."""


class Reserved(Model):
    """A share of the limit."""

    count: int
    valid_for: float
    """Seconds from the moment of asking."""
    ask_again_after: float
    """Seconds after which there may be more."""


class Lease(Model):
    """What a holder may use, and what it wanted."""

    holder: str
    number: int
    count: int
    wanted: int
    callers: int = 1
    until: Moment


class PaceState(Model):
    """The input of the workflow `Pace`: what an earlier run has leased out."""

    leases: tuple[Lease, ...] = ()
