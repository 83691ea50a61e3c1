"""What a run comes to, in numbers. Pure."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.chaos import checker
from benchmarks.chaos.checker import Violation
from benchmarks.chaos.evidence import Evidence, Truth
from models.base import Model
from models.states import Intent

WRITES = {"submit", "update", "clear"}


class Spread(Model):
    """How long something took, in seconds."""

    count: int = 0
    p50: float = 0.0
    p95: float = 0.0
    longest: float = 0.0

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Spread":
        """Return the spread of some measurements."""
        found = sorted(seconds)
        if not found:
            return cls()
        p50, p95 = statistics.median(found), found[min(len(found) - 1, int(len(found) * 0.95))]
        return cls(count=len(found), p50=round(p50, 2), p95=round(p95, 2), longest=round(found[-1], 2))


class Figures(Model):
    """One run."""

    seed: int
    minutes: float
    commit: str
    abilities: tuple[str, ...]
    jobs: int
    sent: Mapping[str, int]
    """Requests, by what they said."""
    acknowledged: Mapping[str, int]
    promised: int
    """Acknowledged events that must reach a lifecycle; of the others a rule lets them change nothing."""
    unanswered: int
    later: int
    """Answered with 503: the sender is to send it again."""
    lost: int
    writes: Mapping[str, int]
    repeats: int
    harmful: int
    receipts: int
    false: int
    foreign: int
    unsettled: int
    asked: int
    not_told: int
    secrets: int
    refused: int
    wrong: int
    faults: Mapping[str, int]
    boards: Mapping[str, int]
    closes: tuple[float, ...]
    """Seconds from the acknowledged unpost to the moment at which both boards were clear in truth, of each job."""
    settled_after: float
    """Seconds after the last fault in which everything was as it is wanted."""
    sending: float
    """Seconds in which events were sent."""
    violations: tuple[Violation, ...]


def figures(
    seen: Evidence,
    *,
    seed: int,
    minutes: float,
    commit: str,
    abilities: Sequence[str],
    boards: Mapping[str, int],
    settled_after: float,
) -> Figures:
    """Return the figures of a run."""
    acknowledged = [each for each in seen.sent if each.acknowledged]
    repeats = checker.repeats(seen)
    writes = Counter(f"{call.provider} {call.detail or call.operation}" for call in seen.calls if _took(call.operation))
    times = [each.at for each in seen.sent]
    return Figures(
        seed=seed,
        minutes=minutes,
        commit=commit,
        abilities=tuple(sorted(abilities)),
        jobs=len(seen.wanted),
        sent=Counter(each.word for each in seen.sent),
        acknowledged=Counter(each.word for each in acknowledged),
        promised=sum(each.promised for each in acknowledged),
        unanswered=sum(each.status == 0 for each in seen.sent),
        later=sum(each.status == checker.again_status(each.word) for each in seen.sent),
        lost=len(checker.lost(seen)),
        writes=writes,
        repeats=repeats.excused + len(repeats.harmful),
        harmful=len(repeats.harmful),
        receipts=len({claim.leaf for claim in seen.claims}),
        false=len(checker.false_claims(seen)) + len(seen.ledger_faults),
        foreign=len(checker.foreign_writes(seen)),
        unsettled=len(seen.unsettled),
        asked=len(seen.asking),
        not_told=len(checker.not_told(seen)),
        secrets=len(seen.secrets),
        refused=len(checker.refused(seen)),
        wrong=len(checker.other_than_wanted(seen)),
        faults=Counter(each.kind for each in seen.disturbances),
        boards=boards,
        closes=tuple(sorted(round(each, 1) for each in closing_times(seen))),
        settled_after=round(settled_after, 1),
        sending=round(max(times) - min(times), 1) if times else 0.0,
        violations=tuple(checker.violations(seen)),
    )


def closing_times(seen: Evidence) -> list[float]:
    """Return how long each job that ended as unposted took, from its last change of mind to clear boards."""
    begun: dict[str, float] = {}
    last: dict[str, Intent] = {}
    for each in sorted((each for each in seen.sent if each.acknowledged and each.intent), key=lambda each: each.at):
        if each.intent is not None and last.get(each.job) is not each.intent:
            last[each.job], begun[each.job] = each.intent, each.answered
    found = []
    for job, intent in last.items():
        off = _off_since(seen.truths.get(job, Truth()))
        if intent is Intent.UNPOSTED and off is not None and off > begun[job] - 1.0:
            found.append(max(0.0, off - begun[job]))
    return found


def _off_since(truth: Truth) -> float | None:
    timelines = [each for each in (truth.listed, *truth.overlays) if any(value for _, value in each)]
    if not timelines or any(each[-1][1] for each in timelines):
        return None
    return max(each[-1][0] for each in timelines)


def _took(operation: str) -> bool:
    return operation in WRITES
