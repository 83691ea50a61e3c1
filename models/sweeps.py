"""Looking again, and comparing a whole customer: what the sweeps `Recheck`, `StillLive` and `Reconcile` pass around."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from models.base import Model, Moment, NumericId
from models.boards import Attention

BY_RECONCILIATION = "found by reconciliation"
"""The reason that a lifecycle is given, in place of an event's type."""
ADOPTED = "adopted by reconciliation"
EVERYWHERE = "all"
"""In place of a board: the finding concerns the job on all of them."""


class Found(StrEnum):
    """What a look at a board after a close showed."""

    STILL_OFF = "still off"
    LIVE_AGAIN = "live again"
    GONE = "gone"
    """An Indeed posting that was live after our changes had been cleared has ended meanwhile."""
    STILL_LIVE = "still live"
    """An Indeed posting without our changes: its feed decides."""
    POSTED_AGAIN = "posted again"
    """The job is wanted on the boards again: there is nothing to look at."""
    NOT_SEEN = "not seen"
    """The board has no posting of the job that anybody knows: nothing is proven."""


class RecheckInput(Model):
    """The input of the workflow `Recheck`."""

    batch: Annotated[int, Field(ge=1, le=1000)] = 500
    """Checks that are taken up at a time."""
    batches: Annotated[int, Field(ge=1, le=500)] = 100
    """At most so many of them in one run; the next run goes on."""


class RecheckBatch(Model):
    """Take up checks that are due."""

    owner: str
    limit: int


class Rechecked(Model):
    """What was looked at; the result of the workflow `Recheck`."""

    looked: int = 0
    found: dict[Found, int] = Field(default_factory=dict)
    put_off: int = 0
    """Checks that could not be made now: a board did not answer, or the customer is not configured."""
    reason: str | None = None
    """Why the last of those could not be made."""

    def plus(self, other: "Rechecked") -> "Rechecked":
        """Return the sum of both."""
        kinds = [kind for kind in Found if kind in self.found or kind in other.found]
        return Rechecked(
            looked=self.looked + other.looked,
            found={kind: self.found.get(kind, 0) + other.found.get(kind, 0) for kind in kinds},
            put_off=self.put_off + other.put_off,
            reason=other.reason or self.reason,
        )


class StillLiveJobs(Model):
    """Jobs whose postings at Indeed are live long after our changes were cleared: a signal of `StillLive`."""

    job_ids: tuple[NumericId, ...]


class StillLiveInput(Model):
    """The input of the workflow `StillLive`, one for each customer."""

    customer_id: NumericId
    every: timedelta = Field(default=timedelta(days=1), gt=timedelta(0))
    job_ids: tuple[NumericId, ...] = ()
    """Carried over by continue-as-new, like what is asked."""
    attention: Attention | None = None


class Finding(StrEnum):
    """What a reconciliation finds."""

    MISSED_UNPOST = "missed unpost"
    MISSED_POST = "missed post"
    LIVE_AGAIN = "live again"
    OVERLAY_LOST = "overlay lost"
    OVERLAY_WITHOUT_JOB = "overlay without a job"
    NOT_ON_BOARD = "not on the board"


class ReconcileInput(Model):
    """The input of the workflow `Reconcile`. By hand, the customer suffices."""

    customer_id: NumericId
    dry_run: bool = False
    """Say what it costs in calls, and do nothing."""
    act: bool = False
    """Act on what may be acted upon, whatever the configuration says."""
    adopt: bool = False
    """Begin a lifecycle for each job that iCIMS posts and none knows."""
    by: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    """Who asked for it."""
    state: "Adopting | None" = None
    """Carried over by continue-as-new."""


class Cost(Model):
    """Calls that a run makes."""

    icims: int = 0
    linkedin: int = 0
    indeed: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Return the sum of both."""
        return Cost(
            icims=self.icims + other.icims, linkedin=self.linkedin + other.linkedin, indeed=self.indeed + other.indeed
        )


class Terms(Model):
    """What a run costs and may do."""

    customer_name: str
    jobs: int
    """Jobs that are known: of which a lifecycle or the job index tells."""
    cost: Cost
    icims_a_day: int
    """Calls to iCIMS that reconciliation may make in a day."""
    acts_on: tuple[Finding, ...]
    adopted_a_day: int | None = None
    """Jobs that may be taken over in a day; None where that costs no calls to iCIMS."""


class AskTerms(Model):
    """Ask what a run costs and may do."""

    customer_id: str


class ReadWanted(Model):
    """Ask iCIMS which jobs the customer posts now."""

    customer_id: str


class Wanted(Model):
    """Which jobs the customer posts."""

    job_ids: tuple[str, ...]
    asked: str
    """What was read, in words."""
    at: Moment
    """When the reading began: what was decided later is not in it."""
    calls: int


class Compare(Model):
    """Compare what iCIMS posts with boards and lifecycles."""

    customer_id: str
    run_id: str
    wanted: Wanted
    acts_on: tuple[Finding, ...]
    unlimited: bool = False
    """Act also where a large part of the customer's jobs would be taken down: a person asked for it."""


class FindingRow(Model):
    """Something that no event told, with its evidence and the command that mends it."""

    finding: Finding
    job_id: str
    board: str
    evidence: str
    remedy: str
    acted: bool = False


class ToAct(Model):
    """A job that is to be acted upon."""

    finding: Finding
    job_id: str
    board: str


class Compared(Model):
    """What the comparison showed."""

    jobs: int
    lifecycles: int
    counts: dict[Finding, int]
    rows: tuple[FindingRow, ...]
    """The first ones; all are in the store."""
    to_act: tuple[ToAct, ...]
    unknown: tuple[str, ...]
    """Jobs that iCIMS posts and no lifecycle knows."""
    held_back: str | None = None
    """Why nothing is taken down."""
    notes: tuple[str, ...] = ()
    """What could not be compared, and why."""
    wanted_at: Moment
    """When iCIMS was asked last about what is to be acted upon."""
    cost: Cost


class ActOn(Model):
    """Tell lifecycles what was found."""

    customer_id: str
    run_id: str
    jobs: tuple[ToAct, ...]
    wanted_at: Moment


class Adopt(Model):
    """Begin lifecycles for jobs that iCIMS posts, as far as there is room."""

    customer_id: str
    job_ids: tuple[str, ...]
    wanted_at: Moment


class Adopted(Model):
    """How many of them were begun, in their order; the others wait for room."""

    begun: int


class Reconciled(Model):
    """What a reconciliation found and did; the result of the workflow `Reconcile`."""

    customer_id: str
    customer_name: str = ""
    dry_run: bool = False
    stage: str = "asking what it costs"
    terms: Terms | None = None
    posted: int = 0
    """Jobs that iCIMS posts."""
    asked: str = ""
    lifecycles: int = 0
    counts: dict[Finding, int] = Field(default_factory=dict)
    rows: tuple[FindingRow, ...] = ()
    acted: int = 0
    to_act: int = 0
    adopted: int = 0
    to_adopt: int = 0
    held_back: str | None = None
    notes: tuple[str, ...] = ()
    spent: Cost = Cost()

    @property
    def total(self) -> int:
        """Return how many findings there are."""
        return sum(self.counts.values())


class Adopting(Model):
    """How far a run that takes jobs over has come."""

    so_far: Reconciled
    waiting: tuple[str, ...]
    wanted_at: Moment
    day: date
    begun_today: int = 0
