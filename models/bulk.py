"""Runs over many jobs: what people ask for, how far a run is, and what became of each job."""

from datetime import timedelta
from enum import StrEnum

from pydantic import ConfigDict, Field

from models.base import Model, Moment
from models.boards import Attention
from models.lifecycle import Received
from models.problems import Problem
from models.timing import Timing


class Fate(StrEnum):
    """What became of a job in a run."""

    CLEARED = "cleared"
    ALREADY_CLEAR = "already_clear"
    WOULD_CLEAR = "would_clear"
    CLOSED = "closed"
    NOT_FOUND = "not_found"
    """Ended, but some board never showed the job: nothing is proven there."""
    WOULD_CLOSE = "would_close"
    REFUSED = "refused"


class Refusal(Model):
    """Why some jobs were refused, and which."""

    problem: Problem
    """Of the first of them; the words of the others are in the run's history."""
    jobs: tuple[str, ...] = ()


class JobRefused(Model):
    """A job that was refused, by its key, and why."""

    key: str
    problem: Problem


class Tally(Model):
    """What became of each job so far, by its name."""

    counts: dict[Fate, int] = Field(default_factory=dict)
    jobs: dict[Fate, tuple[str, ...]] = Field(default_factory=dict)
    """No more than NAMES_KEPT of a kind; the histories of the run name all."""
    refused: tuple[Refusal, ...] = ()


NAMES_KEPT = 20_000


class Asked(Model):
    """What people give to every run over many jobs. An unknown key is an error: a misspelt one must not do harm."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = True
    """Only tell what would be done. To do it, say so."""
    by: str | None = Field(default=None, max_length=200)
    reason: str | None = Field(default=None, max_length=2000)


class Carried(Model):
    """What every run carries over by continue-as-new."""

    started_at: Moment
    paused: bool = False
    resumed_at: Moment | None = None
    attention: Attention | None = None
    received: tuple[Received, ...] = ()
    tally: Tally = Tally()


class Terms(Model):
    """What the configuration says about a run."""

    customer_name: str | None = None
    timing: Timing


class BulkProgress(Model):
    """How far a run is: the answer of the query `progress`."""

    dry_run: bool
    paused: bool
    step: str
    """What is being done, in words."""
    counts: dict[Fate, int]
    waiting: int
    """Jobs that were asked for and are not proven yet."""
    of_about: int | None
    """How many jobs there are in all, as far as is known."""
    per_second: float | None
    time_left: timedelta | None
    attention: Attention | None
    refused: tuple[Refusal, ...]
    received: tuple[Received, ...]
    """What people said to the run."""


class BulkResult(Model):
    """The result of a run: what became of each job."""

    customer_id: str | None
    dry_run: bool
    by: str | None
    reason: str | None
    started_at: Moment
    ended_at: Moment
    counts: dict[Fate, int]
    jobs: dict[Fate, tuple[str, ...]]
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...] = ()
    """What limits what the result says."""
    received: tuple[Received, ...] = ()
