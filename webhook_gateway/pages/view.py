"""What a job's page says, from the state of its lifecycle. Pure; everything here is text for the template to escape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.boards import Attention, BoardRecord, Evidence
from models.lifecycle import Lifecycle, Received
from models.plain_words import plainly
from models.states import ENDED, BoardName, BoardState, Phase
from models.words import HEADLINES, INTENTS, OUTCOMES, STATES, aside_words, headline, moment, notes, posting_page
from webhook_gateway.pages.outside import Link, board_link

REFRESH_SOON = 10
REFRESH_LATER = 60
REFRESH = {Phase.OPEN: REFRESH_LATER, Phase.CLOSED: None, Phase.NOT_FOUND: None}
"""Seconds until the page loads itself again; every other phase changes soon."""

TONES: Mapping[Phase | BoardState, str] = {
    Phase.OPEN: "done",
    Phase.UPDATING: "busy",
    Phase.CLOSING: "busy",
    Phase.CLOSED: "done",
    Phase.NOT_FOUND: "idle",
    Phase.CANCELLED: "idle",
    Phase.ATTENTION: "alarm",
    BoardState.IDLE: "idle",
    BoardState.WORKING: "busy",
    BoardState.CONFIRMING: "busy",
    BoardState.SETTLED: "done",
    BoardState.ATTENTION: "alarm",
}
"""The colour of a state. It never stands alone: each is named in words and has a sign of its own."""

ID_LABELS = {
    "task": "Task",
    "job_posting": "Job posting",
    "employer_job_id": "Employer job",
    "job_posting_id": "Job posting id",
    "external_job_posting_id": "External job posting id",
    "url": "Address",
}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A time for people and for machines."""

    date: str
    clock: str
    iso: str

    @classmethod
    def of(cls, at: datetime) -> "Moment":
        """Take a time in any zone."""
        utc = at.astimezone(UTC)
        date, _, clock = moment(utc).partition(" ")
        return cls(date=date, clock=clock, iso=utc.isoformat(timespec="seconds").replace("+00:00", "Z"))


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something that a person must do."""

    subject: str
    reason: str
    remedy: Sequence[str]
    """Plain text and names of signals in turn, beginning with text."""
    since: Moment
    retrying: bool


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One question to a board, and its answer."""

    at: Moment
    asked: str
    answered: str
    ids: Sequence[tuple[str, str]]
    by_signal: bool = False
    """A person's signal, which is told once for the whole job."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A call to a board that has not succeeded yet."""

    number: int
    next_at: Moment | None = None
    """None while it is under way."""
    last_answer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Board:
    """One board."""

    anchor: str
    label: str
    tone: str
    state: str
    outcome: str | None
    since: Moment | None = None
    awaiting: str | None = None
    posting: str | None = None
    link: str | None = None
    """The posting on its board."""
    evidence: Sequence[Exchange] = ()
    """Newest first."""
    attempts: Sequence[Attempt] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An event of the ATS or a manual action."""

    at: Moment
    text: str
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """The whole page."""

    job_id: str
    customer: str
    tone: str
    headline: str
    wish: str | None
    hires: str | None
    report_failed: str | None
    """Why iCIMS could not be told how the boards stand."""
    needs: Sequence[Need]
    boards: Sequence[Board]
    heard: Sequence[Heard]
    """Newest first."""
    notice: str | None
    closed_at: Moment | None
    read_at: Moment
    refresh: int | None
    ui_link: str | None
    title: str | None = None
    number: str | None = None
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What a page says of itself rather than of its job's state."""

    job_id: str
    customer: str
    """The customer's name, or its id where it is no longer configured."""
    read_at: datetime
    ui_link: str | None = None
    closed_at: datetime | None = None
    stopped: bool = False
    """The lifecycle was ended from outside, so that nothing goes on."""
    title: str | None = None
    number: str | None = None
    attempts: Mapping[BoardName, Sequence[Attempt]] = field(default_factory=dict)
    links: Mapping[BoardName, Sequence[Link]] = field(default_factory=dict)


STOPPED = "Somebody stopped this job's workflow: Boardsync does nothing more for it until the ATS sends a new event."
NO_DETAILS = "The details are not available right now. What is shown is the last known state; nothing is lost."


def full_page(lifecycle: Lifecycle, frame: Frame) -> Page:
    """Show the whole state."""
    used = lifecycle.boards.used
    asking = [("This job", lifecycle.attention), *((board.label, track.attention) for board, track in used)]
    return Page(
        job_id=frame.job_id,
        customer=frame.customer,
        tone="idle" if frame.stopped else TONES[lifecycle.phase],
        headline="Stopped" if frame.stopped else headline(lifecycle),
        wish=INTENTS[lifecycle.intent],
        hires=_hires(lifecycle),
        report_failed=lifecycle.report_failed,
        needs=[_need(subject, attention) for subject, attention in asking if attention is not None],
        boards=[_board(board, track, frame) for board, track in used],
        heard=[_heard(each) for each in reversed(lifecycle.received)],
        notice=STOPPED if frame.stopped else " ".join(aside_words(lifecycle)) or None,
        closed_at=Moment.of(frame.closed_at) if frame.closed_at else None,
        read_at=Moment.of(frame.read_at),
        refresh=REFRESH_LATER
        if frame.stopped or ((lifecycle.report_due or lifecycle.receipt_due) and lifecycle.phase in ENDED)
        else REFRESH.get(lifecycle.phase, REFRESH_SOON),
        ui_link=frame.ui_link,
        title=frame.title,
        number=frame.number,
        stopped=frame.stopped,
    )


def partial_page(phase: Phase | None, states: Mapping[BoardName, BoardState], frame: Frame) -> Page:
    """Show the little that Temporal itself knows, while no worker answers."""
    known, tone = (HEADLINES[phase], TONES[phase]) if phase else ("Known to Boardsync", "idle")
    return Page(
        job_id=frame.job_id,
        customer=frame.customer,
        tone="idle" if frame.stopped else tone,
        headline="Stopped" if frame.stopped else known,
        wish=None,
        hires=None,
        report_failed=None,
        needs=(),
        boards=[
            Board(anchor=board.value, label=board.label, tone=TONES[state], state=STATES[state], outcome=None)
            for board, state in states.items()
        ],
        heard=(),
        notice=f"{STOPPED} {NO_DETAILS}" if frame.stopped else NO_DETAILS,
        closed_at=None,
        read_at=Moment.of(frame.read_at),
        refresh=REFRESH_LATER if frame.stopped else REFRESH_SOON,
        ui_link=frame.ui_link,
        title=frame.title,
        number=frame.number,
        stopped=frame.stopped,
    )


def _board(board: BoardName, track: BoardRecord, frame: Frame) -> Board:
    return Board(
        anchor=board.value,
        label=board.label,
        tone=TONES[track.state],
        state=STATES[track.state],
        outcome=OUTCOMES[track.outcome] if track.outcome else None,
        since=Moment.of(track.since),
        awaiting=track.awaiting,
        posting=plainly(" ".join(notes(track))) or None,
        link=posting_page(track),
        evidence=[_exchange(each) for each in reversed(track.evidence)],
        attempts=frame.attempts.get(board, ()),
        links=_links(board, track, frame.links.get(board, ())),
    )


def _links(board: BoardName, track: BoardRecord, known: Sequence[Link]) -> Sequence[Link]:
    """Return where the job is on the board itself: what the board named last, and what the job index knows."""
    named = [each.ids["url"] for each in reversed(track.evidence) if "url" in each.ids][:1]
    found = [link for url in named if (link := board_link(board, url)) is not None]
    return [*found, *(each for each in known if each.url not in {link.url for link in found})]


def _exchange(evidence: Evidence) -> Exchange:
    ids = [(ID_LABELS.get(name, name), value) for name, value in evidence.ids.items()]
    return Exchange(
        at=Moment.of(evidence.at),
        asked=evidence.asked,
        answered=evidence.answered,
        ids=ids,
        by_signal=evidence.by_hand and evidence.asked.startswith("Signal "),
    )


def _need(subject: str, attention: Attention) -> Need:
    return Need(
        subject=subject,
        reason=attention.reason,
        remedy=attention.remedy.split("`"),
        since=Moment.of(attention.since),
        retrying=attention.retrying,
    )


def _heard(received: Received) -> Heard:
    text = received.what
    if received.by:
        text += f" by {received.by}"
    if received.count > 1:
        text += f", {received.count} times"
    return Heard(at=Moment.of(received.at), text=text, reason=received.reason)


def _hires(lifecycle: Lifecycle) -> str | None:
    if not lifecycle.hires and not lifecycle.closed_by_hires:
        return None
    of = f" of {lifecycle.hires_needed} needed" if lifecycle.hires_needed else ""
    because = ": this is why the job is taken down" if lifecycle.closed_by_hires else ""
    return f"{len(lifecycle.hires) + lifecycle.earlier_hires}{of}{because}"
