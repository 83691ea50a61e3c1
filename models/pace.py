"""Sharing a provider's limit out among all workers: what the workflow `Pace` is asked and answers."""

from datetime import datetime

from models.base import Model


class Reserve(Model):
    """Ask for a share of the limit."""

    holder: str
    """Who asks: one process, for as long as it lives."""
    wanted: int
    per_second: int
    """The limit."""


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
    count: int
    wanted: int
    until: datetime


class PaceState(Model):
    """The input of the workflow `Pace`: what an earlier run has leased out."""

    leases: tuple[Lease, ...] = ()
