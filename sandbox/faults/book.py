"""The faults that are armed, and which of them hit a call."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.customers import Provider
from sandbox.faults import streams
from sandbox.faults.kinds import Kind, covers
from sandbox.faults.spec import FaultSpec


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

    def stream(self) -> FaultSpec | None:
        """Return the fault that makes the answer a trap."""
        return next((spec for spec in self.specs if spec.kind in streams.KINDS), None)

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

    def take(
        self,
        provider: Provider,
        operation: str,
        customer_id: str | None,
        jobs: Iterable[JobRef],
        aspects: Collection[str] = (),
    ) -> FiredFaults:
        """Return the faults that hit this call, and count them as fired.

        Two faults with the same effect on one call do not fire together: the younger waits for the next call.
        """
        names = frozenset[str]().union(*(job.names for job in jobs))
        taken: dict[str, FaultSpec] = {}
        for armed in self._armed.values():
            spec = armed.spec
            if spec.provider != provider or not covers(spec.operation, operation):
                continue
            if spec.customer_id not in {None, customer_id} or (spec.job_id and spec.job_id not in names):
                continue
            if spec.only is not None and spec.only not in aspects:
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
