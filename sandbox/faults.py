"""Faults to be had on request: which calls they hit, and how often."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.customers import Provider

Kind = Literal[
    "http",
    "http_after",
    "lost_answer",
    "drop",
    "slow",
    "expire_token",
    "garbage",
    "lie",
    "delay_visibility",
    "element_error",
    "task_outcome",
    "slow_task",
    "withhold",
    "graphql_error",
    "partial",
]

OPERATIONS: dict[Provider, frozenset[str]] = {
    "icims": frozenset({"token", "job", "address", "jobboardposts"}),
    "linkedin": frozenset({"token", "submit", "tasks", "status", "webhooks", "revalidate"}),
    "indeed": frozenset({"token", "update", "clear", "node", "nodes", "find"}),
}

_WRITES = frozenset({"linkedin.submit", "indeed.update", "indeed.clear"})

# Kinds that hit single items of a call, and the only operations where they mean something.
_ITEM_KINDS: dict[str, frozenset[str]] = {
    "lie": _WRITES | {"icims.jobboardposts"},
    "delay_visibility": _WRITES,
    "element_error": frozenset({"linkedin.submit"}),
    "task_outcome": frozenset({"linkedin.submit"}),
    "slow_task": frozenset({"linkedin.submit"}),
    "withhold": frozenset({"linkedin.submit"}),
    "graphql_error": frozenset(f"indeed.{name}" for name in OPERATIONS["indeed"] - {"token"}),
    "partial": frozenset({"indeed.update"}),
}


class FaultSpec(BaseModel):
    """A fault as the control API takes it; the lower half are parameters of single kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Provider
    operation: str
    kind: Kind
    times: int | None = Field(default=1, ge=1)
    after: int = Field(default=0, ge=0)
    job_id: str | None = None
    customer_id: str | None = None

    status: int = Field(default=500, ge=100, le=599)
    headers: dict[str, str] = {}
    body: Any = None
    seconds: float = Field(default=1.0, ge=0)
    code: str = "INTERNAL_SERVER_ERROR"
    message: str = "An internal server error occurred."
    fields: tuple[str, ...] = ()
    keep_item: bool = False
    outcome: Literal["SUCCEEDED", "FAILED", "PROCESSED", "PROCESSED_WITH_ERROR"] = "FAILED"

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.operation not in OPERATIONS[self.provider]:
            raise ValueError(f"{self.provider} has the operations {sorted(OPERATIONS[self.provider])}")
        meant = _ITEM_KINDS.get(self.kind)
        if meant is not None and f"{self.provider}.{self.operation}" not in meant:
            raise ValueError(f"{self.kind} works on {sorted(meant)}")
        return self

    @property
    def hits_items(self) -> bool:
        """Return whether it hits single items of a call, not the call as a whole."""
        return self.kind in _ITEM_KINDS

    @property
    def stage(self) -> str:
        """Return what it changes; of one call, each stage takes one fault."""
        if self.hits_items:
            return f"{self.kind}:{self.job_id or ''}"
        return self.kind if self.kind in {"slow", "expire_token"} else "reply"


@dataclass(frozen=True, slots=True)
class JobRef:
    """A job that a call speaks of, with every name it goes by."""

    job_id: str
    names: frozenset[str]

    @classmethod
    def of(cls, job_id: str, *names: str) -> "JobRef":
        """Return a reference to the job under its id and the other names."""
        return cls(job_id, frozenset({job_id, *names}))


@dataclass(frozen=True, slots=True)
class FiredFaults:
    """The faults that hit one call."""

    specs: tuple[FaultSpec, ...] = ()

    def first(self, kind: Kind) -> FaultSpec | None:
        """Return the fault of that kind which hits the call."""
        return next((spec for spec in self.specs if spec.kind == kind), None)

    def on_item(self, kind: Kind, job: JobRef | None) -> FaultSpec | None:
        """Return the fault of that kind which hits this item of the call."""
        names = job.names if job else frozenset[str]()
        return next(
            (spec for spec in self.specs if spec.kind == kind and (not spec.job_id or spec.job_id in names)),
            None,
        )

    def __str__(self) -> str:
        return ",".join(spec.kind for spec in self.specs)


@dataclass(slots=True)
class _Armed:
    fault_id: str
    spec: FaultSpec
    seen: int = 0
    fired: int = 0

    @property
    def ready(self) -> bool:
        return self.seen > self.spec.after and (self.spec.times is None or self.fired < self.spec.times)


@dataclass(slots=True)
class FaultBook:
    """Hold the faults, oldest first."""

    _armed: dict[str, _Armed] = field(default_factory=dict)
    _count: int = 0

    def add(self, spec: FaultSpec) -> str:
        """Arm a fault and return its id."""
        self._count += 1
        fault_id = f"fault-{self._count}"
        self._armed[fault_id] = _Armed(fault_id, spec)
        return fault_id

    def remove(self, fault_id: str) -> bool:
        """Disarm a fault; return whether there was one."""
        return self._armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Disarm all faults."""
        self._armed.clear()

    def take(self, provider: Provider, operation: str, customer_id: str | None, jobs: Iterable[JobRef]) -> FiredFaults:
        """Return the faults that hit this call, and count them as fired.

        Two faults with the same effect on one call do not fire together: the younger waits for the next call.
        """
        names = frozenset[str]().union(*(job.names for job in jobs))
        taken: dict[str, FaultSpec] = {}
        for armed in self._armed.values():
            spec = armed.spec
            if (spec.provider, spec.operation) != (provider, operation):
                continue
            if spec.customer_id not in {None, customer_id} or (spec.job_id and spec.job_id not in names):
                continue
            armed.seen += 1
            if armed.ready and spec.stage not in taken:
                armed.fired += 1
                taken[spec.stage] = spec
        return FiredFaults(tuple(taken.values()))

    def describe(self) -> list[dict[str, Any]]:
        """Return all faults as the control API shows them, with what is set and how often each fired."""
        return [
            {"id": armed.fault_id, "seen": armed.seen, "fired": armed.fired}
            | armed.spec.model_dump(mode="json", exclude_unset=True)
            | {"times": armed.spec.times}
            for armed in self._armed.values()
        ]
