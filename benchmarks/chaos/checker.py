"""Hold the evidence of a run against the invariants of the design. Pure: it can be given what must not be."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from benchmarks.chaos.evidence import Call, Claim, Disturbance, Evidence, Sent, Truth
from benchmarks.chaos.journeys import Word
from models.base import Model, job_of
from models.states import Intent

OFF = {"linkedin": frozenset({"closed", "gone"}), "indeed": frozenset({"cleared", "gone"})}
CLOCKS = 0.5
"""Seconds by which the times of two processes may differ here."""
DOUBT = 6.0
"""Seconds after a write in which a fault of ours may keep its answer from being heard or noted."""
IN_DOUBT = frozenset({"worker", "workers", "temporal", "store", "deployment"})
ON_THE_WAY = frozenset({"gateway", "temporal", "store"})
"""Parts whose faults may keep a word up, in a gateway or in the inbox."""
WANTS = {"CLOSE": Intent.UNPOSTED, "clear": Intent.UNPOSTED, "CREATE": Intent.POSTED}
LIES = frozenset({"lie", "task_outcome"})
"""Faults of a board that takes a write, says so, and does not carry it out, or that another system's job stands."""
TOLD = {"linkedin": "Unposted", "indeed": "Deletion in Progress"}


class Invariant(IntEnum):
    """The invariants, by their numbers in the design, and what must hold beside them."""

    NOTHING_LOST = 1
    NEWEST_WINS = 2
    PROVEN_MEANS_READ = 3
    ONLY_OUR_JOB = 4
    NO_HARMFUL_REPEAT = 5
    SETTLES_OR_ASKS = 6
    GENUINE_IS_TAKEN = 7
    NO_SECRETS = 8
    NOTHING_MAKES_IT_FAIL = 10
    TOLD = 90
    """iCIMS was told how each closed job stands."""
    PROVABLE = 91
    """The evidence is whole: else nothing is proven."""


class Violation(Model):
    """Something that must not be."""

    invariant: Invariant
    what: str


@dataclass(frozen=True, slots=True)
class Repeats:
    """Writes that were sent again though the one before them was answered with success."""

    excused: int
    """A fault of ours, a lie or a newer wish lay between."""
    harmful: tuple[str, ...]


def violations(seen: Evidence) -> list[Violation]:
    """Return everything that must not be, in the order of the invariants."""
    found: list[Violation] = []

    def add(invariant: Invariant, what: Sequence[str] | Iterator[str]) -> None:
        found.extend(Violation(invariant=invariant, what=each) for each in what)

    add(Invariant.NOTHING_LOST, lost(seen))
    add(Invariant.NEWEST_WINS, other_than_wanted(seen))
    add(Invariant.PROVEN_MEANS_READ, false_claims(seen))
    add(Invariant.PROVEN_MEANS_READ, seen.ledger_faults)
    add(Invariant.ONLY_OUR_JOB, foreign_writes(seen))
    add(Invariant.NO_HARMFUL_REPEAT, repeats(seen).harmful)
    add(Invariant.SETTLES_OR_ASKS, [f"{job}: {why}" for job, why in seen.unsettled.items()])
    add(Invariant.SETTLES_OR_ASKS, asked_in_vain(seen))
    add(Invariant.GENUINE_IS_TAKEN, refused(seen))
    add(Invariant.NO_SECRETS, seen.secrets)
    add(Invariant.NOTHING_MAKES_IT_FAIL, seen.ended)
    add(Invariant.TOLD, not_told(seen))
    add(Invariant.PROVABLE, not_provable(seen))
    return found


def lost(seen: Evidence) -> list[str]:
    """Name each acknowledged event that no lifecycle of its job ever heard; of copies, each counts."""
    copies: dict[str, list[Sent]] = defaultdict(list)
    for sent in seen.sent:
        if sent.acknowledged and sent.promised:
            copies[sent.marker].append(sent)
    found = []
    for marker, those in copies.items():
        due = 1 if those[0].once else len(those)
        missing = due - seen.delivered.get(marker, 0)
        found += [f"{those[0].word} of job {those[0].job}, marker {marker}"] * max(0, missing)
    return found


def other_than_wanted(seen: Evidence) -> list[str]:
    """Name each job that is not on the boards as the newest acknowledged intent wants it."""
    found = []
    for job, intent in seen.wanted.items():
        truth = seen.truths[job]
        listed, set_ = _now(truth.listed), [_now(each) for each in truth.overlays]
        right = (listed and all(set_)) if intent is Intent.POSTED else (not listed and not any(set_))
        if not right:
            found.append(f"{job}: {intent.value} is wanted; listed on LinkedIn: {listed}, set on Indeed: {set_}")
    return found


def false_claims(seen: Evidence) -> list[str]:
    """Name each receipt that calls a board proven though it was not so then, or was not read after the last write."""
    reads, writes = _times(seen.calls, _is_read), _times(seen.calls, _is_write)
    found = []
    for claim in seen.claims:
        if claim.proven and claim.outcome in OFF[claim.board]:
            why = _against(claim, seen.truths.get(claim.job), reads, writes)
            found += [f"receipt {claim.leaf}, job {claim.job}, {claim.board} {claim.outcome}: {why}"] if why else []
    return found


def foreign_writes(seen: Evidence) -> list[str]:
    """Name each write that took effect on a job of which nothing was said, or on a posting of another job."""
    found = []
    for call in seen.calls:
        if not (call.applied and _is_write(call)):
            continue
        strangers = [job for job in call.job_ids if job not in seen.wanted]
        own = {each for job in call.job_ids if job in seen.truths for each in seen.truths[job].postings}
        strangers += [posting for posting in call.written if posting not in own]
        found += [f"{call.provider}.{call.operation} {call.detail} of {each}".replace("  ", " ") for each in strangers]
    return found


def repeats(seen: Evidence) -> Repeats:
    """Find what was closed, created or cleared twice in a row, and whether anything excuses it."""
    last: dict[tuple[str, str], Call] = {}
    excused, harmful = 0, []
    wishes = _wishes(seen.sent)
    # A board notes a call once it has answered it, which may take long.
    for call in sorted(seen.calls, key=lambda each: each.at):
        if not _is_write(call) or call.status is None or call.status >= 300:
            continue
        operation = call.detail if call.provider == "linkedin" else call.operation
        if operation not in WANTS:
            if operation in {"update", "UPDATE"}:
                for job in call.job_ids:
                    last.pop((job, call.provider), None)  # then there is something to clear again
            continue
        for job in call.job_ids:
            before, last[job, call.provider] = last.get((job, call.provider)), call
            same = before is not None and (before.detail, before.operation) == (call.detail, call.operation)
            if before is None or not same:
                continue
            said = wishes.get(job, ())
            wished = _newer_wish(said, WANTS[operation], before.at, call.at)
            if not before.sure or _doubt(before, seen) or wished or _began_anew(said, seen, before.at, call.at):
                excused += 1
            else:
                harmful.append(f"{call.provider} {operation} of {job}, {call.at - before.at:.1f} s after the same")
    return Repeats(excused, tuple(harmful))


def asked_in_vain(seen: Evidence) -> list[str]:
    """Name each lifecycle that asked for a person though no board had lied of its job: all else passes by itself."""
    lied_to = {job for call in seen.calls if not LIES.isdisjoint((call.fault or "").split(",")) for job in call.job_ids}
    return [
        f"{each} asked for a person: {why}"
        for each, why in seen.asking.items()
        if (named := job_of(each)) is None or named[1] not in lied_to
    ]


def refused(seen: Evidence) -> list[str]:
    """Name each genuine event that was answered with anything but success, or with what has it sent again."""
    wrong = Counter((each.word, each.status) for each in seen.sent if each.status and not each.acknowledged)
    return [
        f"{word}: {count} times {status}" for (word, status), count in wrong.items() if status != again_status(word)
    ]


def again_status(word: str) -> int:
    """Return what a gateway answers to have an event sent again: LinkedIn knows 200, 400 and 500 only."""
    return 500 if word == Word.LINKEDIN else 503


def not_told(seen: Evidence) -> list[str]:
    """Name each job that is off the boards without iCIMS having been told."""
    found = []
    for job, intent in seen.wanted.items():
        truth, told = seen.truths[job], seen.truths[job].told
        # Nothing is told of a job that LinkedIn never had. Of one that was never posted to us nobody says since when it
        # is on Indeed, and iCIMS wants to know that.
        owed = {"linkedin": any(listed for _, listed in truth.listed), "indeed": job in seen.posted}
        due = {board: word for board, word in TOLD.items() if owed[board]}
        if intent is Intent.UNPOSTED and not due.items() <= dict(told).items():
            found.append(f"{job}: iCIMS was told {dict(told)}")
    return found


def not_provable(seen: Evidence) -> list[str]:
    """Say where the evidence is not whole."""
    found = []
    if seen.gaps:
        found.append(f"{seen.gaps} records of the boards were forgotten before they were read")
    if not seen.canary_seen:
        found.append("the search for secrets does not find what must be there")
    if seen.left_in_inbox:
        found.append(f"{seen.left_in_inbox} events still wait in the inbox")
    return found


def _now(changes: Sequence[tuple[float, bool]]) -> bool:
    return bool(changes) and changes[-1][1]


def _was_off(changes: Sequence[tuple[float, bool]], begin: float, end: float) -> bool:
    """Return whether a board did not show it at some time from `begin` to `end`."""
    times = [at for at, _ in changes]
    first = max(0, bisect_right(times, begin) - 1)
    return any(not value for at, value in changes[first:] if at <= end) or not changes


def _against(
    claim: Claim,
    truth: Truth | None,
    reads: Mapping[tuple[str, str], Sequence[float]],
    writes: Mapping[tuple[str, str], Sequence[float]],
) -> str | None:
    if truth is None:
        return "nothing was ever said of the job"
    at, key = claim.settled_at, (claim.board, claim.job)
    # It was read a moment before, and a newer wish may have changed it since.
    written = [each for each in writes.get(key, ()) if each <= at]
    read = [each for each in reads.get(key, ()) if each <= at + CLOCKS]
    if not read or (written and max(read) < written[-1]):
        return "it was not read after the last write"
    begin = max(read) - CLOCKS
    timelines = (truth.listed,) if claim.board == "linkedin" else truth.overlays
    if not all(_was_off(each, begin, at + CLOCKS) for each in timelines):
        return "it was not off then"
    return None


def _is_write(call: Call) -> bool:
    return call.operation in {"submit", "update", "clear"}


def _is_read(call: Call) -> bool:
    return call.operation in {"status", "node", "nodes", "find"} and call.status == 200


def _times(calls: Sequence[Call], which: Callable[[Call], bool]) -> Mapping[tuple[str, str], Sequence[float]]:
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for call in calls:
        if which(call):
            for job in call.job_ids:
                found[call.provider, job].append(call.at)
    return found


def _wishes(sent: Sequence[Sent]) -> Mapping[str, Sequence[Sent]]:
    found: dict[str, list[Sent]] = defaultdict(list)
    for each in sent:
        if each.intent is not None:
            found[each.job].append(each)
    return found


def _newer_wish(wishes: Sequence[Sent], wanted: Intent, first: float, second: float) -> bool:
    """Return whether the opposite was wished about the time between two writes, and then the same again."""
    asked = [each.at for each in wishes if each.intent is wanted and each.at <= second]
    opposite = [each for each in wishes if each.intent is not wanted]
    return any(
        asked and asked[0] < each.at < asked[-1] and max(each.at, each.answered) >= first - DOUBT for each in opposite
    )


def _began_anew(wishes: Sequence[Sent], seen: Evidence, first: float, second: float) -> bool:
    """Return whether a lifecycle ended between two writes, and what was said of the job afterwards began another."""
    return any(
        claim.job == each.job and first <= claim.settled_at <= second and _heard_after(claim.settled_at, each, seen)
        for each in wishes
        if each.at <= second
        for claim in seen.claims
    )


def _heard_after(end: float, sent: Sent, seen: Evidence) -> bool:
    """Return whether a word may have been heard only after an end: it was answered then, or kept up on its way."""
    if max(sent.at, sent.answered) + CLOCKS >= end:
        return True
    return any(each.began <= end and each.ended >= sent.at and _part(each) in ON_THE_WAY for each in seen.disturbances)


def _doubt(call: Call, seen: Evidence) -> bool:
    """Return whether a fault of ours was under way as a write was answered."""
    return any(
        each.began <= call.at + DOUBT and each.ended + CLOCKS >= call.at
        for each in seen.disturbances
        if _part(each) in IN_DOUBT
    )


def _part(disturbance: Disturbance) -> str:
    return disturbance.target.partition("-")[0].partition(":")[0]
