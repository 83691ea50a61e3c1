"""What a run leaves behind: what was sent and answered, what the boards recorded, what Temporal and the store hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.base import Model
from models.states import Intent


@dataclass(slots=True)
class Sent:
    """One request to a gateway, and its answer."""

    marker: str
    """Tells what was said: the same for each copy. It travels with the event into Temporal."""
    word: str
    job: str
    intent: Intent | None
    at: float
    answered: float = 0.0
    status: int = 0
    """0: no answer, as the gateway was killed, stopped or cut off."""
    promised: bool = False
    """Whether it must reach the lifecycle where it is acknowledged; else the rule lets it change nothing."""
    once: bool = False
    """Whether copies are known to be the same event, of which one must arrive."""

    @property
    def acknowledged(self) -> bool:
        """Return whether the sender was told that it is taken."""
        return self.status in {200, 204, 303}


class Disturbance(Model):
    """A fault that was carried out, from when to when."""

    kind: str
    target: str
    began: float
    ended: float


class Call(Model):
    """A call of a provider's records, as the sandbox kept it."""

    n: int
    at: float
    provider: str
    operation: str
    customer_id: str | None
    job_ids: tuple[str, ...]
    detail: str
    status: int | None
    applied: bool
    fault: str | None
    written: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Return whether it was answered with success, and nothing was wrong with the answer."""
        return self.status is not None and 200 <= self.status < 300 and self.fault is None


class Truth(Model):
    """How a job stands at the boards in truth, and since when."""

    listed: tuple[tuple[float, bool], ...] = ()
    """LinkedIn's listing, as it changed."""
    overlays: tuple[tuple[tuple[float, bool], ...], ...] = ()
    """Whether our values are on each posting at Indeed, as that changed."""
    told: Mapping[str, str] = {}
    """What iCIMS was told of each board."""
    postings: tuple[str, ...] = ()
    """Indeed's postings of the job, by sourcedPostingId."""


class Claim(Model):
    """What a receipt of the ledger says of one board."""

    job: str
    leaf: int
    board: str
    outcome: str
    proven: bool
    asked_at: float
    settled_at: float


@dataclass
class Evidence:
    """Everything that a checker looks at."""

    sent: Sequence[Sent]
    delivered: Mapping[str, int]
    """How often each marker is in the history of a lifecycle of its job."""
    wanted: Mapping[str, Intent]
    """The newest intent of each job, by what was acknowledged."""
    posted: frozenset[str]
    """Jobs that were ever posted through a gateway."""
    calls: Sequence[Call]
    truths: Mapping[str, Truth]
    claims: Sequence[Claim]
    ledger_faults: Sequence[str] = ()
    disturbances: Sequence[Disturbance] = ()
    unsettled: Mapping[str, str] = field(default_factory=dict)
    """Lifecycles that neither settled nor asked, with the steps that were under way."""
    asking: Mapping[str, str] = field(default_factory=dict)
    """Lifecycles that asked for a person at some time, with why."""
    left_in_inbox: int = 0
    secrets: Sequence[str] = ()
    """Where a secret or a candidate's id was found, and which kind of it."""
    canary_seen: bool = True
    """Whether the search found what must be there: it can find."""
    ended: Sequence[str] = ()
    """Parts of ours that ended by themselves."""
    gaps: int = 0
    """Calls that the sandbox had forgotten before they were read: then nothing can be proven."""
