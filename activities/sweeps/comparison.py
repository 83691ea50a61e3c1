"""What a reconciliation makes of what iCIMS, the boards and the lifecycles say of one job: pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from models.states import BoardName, Live
from models.sweeps import EVERYWHERE, Finding, FindingRow

LINKEDIN, INDEED = BoardName.LINKEDIN.value, BoardName.INDEED.value


class Standing(Enum):
    """How a job's newest lifecycle stands."""

    WANTS_POSTED = "wants it posted"
    WANTS_OFF = "is taking it down"
    CLOSED = "has ended after an unpost"
    BROKEN_OFF = "was broken off: terminated, cancelled, or failed"
    NONE = "none is known"


@dataclass(frozen=True, slots=True)
class Posting:
    """One of a job's postings at Indeed."""

    live: Live
    marks: tuple[str, ...] | None
    """What an agency has set and it shows; None where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What everyone says of one job; None is what was not read, and of which nothing follows."""

    job_id: str
    wanted: bool
    """iCIMS posts it."""
    standing: Standing
    linkedin_settled: bool = False
    indeed_settled: bool = False
    """The lifecycle has nothing under way there."""
    linkedin: bool | None = None
    """LinkedIn lists it."""
    postings: tuple[Posting, ...] | None = None
    """Its postings in a complete listing of Indeed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the customer's configuration has an overlay show."""

    customer_id: str
    marks: tuple[str, ...]


def findings(picture: Picture, expected: Expected) -> Iterator[FindingRow]:
    """Return what is wrong with a job."""
    if picture.wanted:
        yield from _of_posted(picture, expected)
    else:
        yield from _of_unposted(picture, expected)


def _of_posted(job: Picture, expected: Expected) -> Iterator[FindingRow]:
    ref = f"{expected.customer_id}/{job.job_id}"
    match job.standing:
        case Standing.NONE | Standing.BROKEN_OFF:
            yield FindingRow(
                finding=Finding.MISSED_POST,
                job_id=job.job_id,
                board=EVERYWHERE,
                evidence=f"iCIMS posts the job; its lifecycle: {job.standing.value}.{_shown(job)}",
                remedy=f"boardsync reconcile {expected.customer_id} --adopt",
            )
        case Standing.CLOSED:
            yield FindingRow(
                finding=Finding.MISSED_POST,
                job_id=job.job_id,
                board=EVERYWHERE,
                evidence=f"iCIMS posts the job; its lifecycle {job.standing.value}.{_shown(job)}",
                remedy=f"Post the job again in iCIMS, or take it off the portal there. See: boardsync show {ref}",
            )
        case Standing.WANTS_POSTED:
            yield from _of_open(job, expected, ref)


def _of_open(job: Picture, expected: Expected, ref: str) -> Iterator[FindingRow]:
    if job.linkedin_settled and job.linkedin is False:
        yield _row(
            job,
            Finding.NOT_ON_BOARD,
            LINKEDIN,
            "iCIMS posts the job; LinkedIn does not list it.",
            f"boardsync confirm {ref}",
        )
    if not job.indeed_settled or job.postings is None:
        return
    live = [each for each in job.postings if each.live is not Live.NOT_LIVE]
    if not live:
        words = f"iCIMS posts the job; Indeed's complete listing has no live posting of it, of {len(job.postings)}."
        yield _row(job, Finding.NOT_ON_BOARD, INDEED, words, f"boardsync confirm {ref}")
    lost = sorted(
        {name for each in live if each.marks is not None for name in expected.marks if name not in each.marks}
    )
    if lost:
        words = f"A live posting does not show what the agency sets: {', '.join(lost)}."
        yield _row(job, Finding.OVERLAY_LOST, INDEED, words, f"boardsync retry {ref}")


def _of_unposted(job: Picture, expected: Expected) -> Iterator[FindingRow]:
    ref = f"{expected.customer_id}/{job.job_id}"
    marked = sum(bool(each.marks) and each.live is not Live.NOT_LIVE for each in job.postings or ())
    left = f"{marked} live posting(s) show what the agency has set."
    match job.standing:
        case Standing.WANTS_POSTED:
            words = f"iCIMS does not post the job; its lifecycle {job.standing.value}.{_shown(job)}"
            yield _row(job, Finding.MISSED_UNPOST, EVERYWHERE, words, f"boardsync close {ref}")
        case Standing.CLOSED:
            if job.linkedin:
                words = f"iCIMS does not post the job; its lifecycle {job.standing.value}; LinkedIn lists it."
                yield _row(job, Finding.LIVE_AGAIN, LINKEDIN, words, f"boardsync close {ref}")
            if marked:
                words = f"iCIMS does not post the job; its lifecycle {job.standing.value}; {left}"
                yield _row(job, Finding.LIVE_AGAIN, INDEED, words, f"boardsync close {ref}")
        case Standing.NONE | Standing.BROKEN_OFF:
            if job.linkedin:
                words = f"iCIMS does not post the job; LinkedIn lists it. Its lifecycle: {job.standing.value}."
                yield _row(job, Finding.MISSED_UNPOST, EVERYWHERE, words, f"boardsync close {ref}")
            elif marked:
                words = f"iCIMS does not post the job; {left} Its lifecycle: {job.standing.value}."
                yield _row(job, Finding.OVERLAY_WITHOUT_JOB, INDEED, words, f"boardsync close {ref}")


def _row(job: Picture, finding: Finding, board: str, evidence: str, remedy: str) -> FindingRow:
    return FindingRow(finding=finding, job_id=job.job_id, board=board, evidence=evidence, remedy=remedy)


def _shown(job: Picture) -> str:
    words = []
    if job.linkedin is not None:
        words.append(f" LinkedIn {'lists' if job.linkedin else 'does not list'} it.")
    if job.postings is not None:
        live = sum(each.live is Live.LIVE for each in job.postings)
        words.append(f" Live postings at Indeed: {live}.")
    return "".join(words)


def counts(rows: Iterable[FindingRow]) -> dict[Finding, int]:
    """Count the rows of each kind."""
    found = [row.finding for row in rows]
    return {kind: found.count(kind) for kind in Finding if kind in found}
