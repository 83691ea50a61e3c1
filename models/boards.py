"""What is recorded of each board in one job's lifecycle."""

from datetime import datetime
from typing import Any

from pydantic import Field, model_validator

from models.base import Model, Moment
from models.overlay import Overlay, Verdict, WrittenField
from models.problems import PASSING, Category, Problem
from models.scrubbing import scrub
from models.states import HIDDEN, BoardName, BoardState, JobStatus, Live, Operation, Outcome, Phase

EVIDENCE_KEPT = 30


class Attention(Model):
    """A state that needs a person."""

    reason: str
    category: Category
    remedy: str
    since: Moment
    retrying: bool = False
    """Boardsync goes on trying meanwhile."""
    cause: str | None = None
    """What holds up other jobs of the customer, too: they all wait for its end, and a person is asked once."""
    jobs: int | None = None
    """How many jobs wait, where it stands for a cause and not for one of them."""

    @classmethod
    def of(
        cls, problem: Problem, *, now: datetime, before: "Attention | None" = None, retrying: bool | None = None
    ) -> "Attention":
        """Return what asks for a person; one of the same category as `before` goes on since then.

        `retrying` is taken from the problem unless it is given. A failure that only passes does not take the place of
        what a person is asked for: nothing was learned that would end it.
        """
        if before is not None and problem.category in PASSING and before.category not in PASSING:
            return before if retrying is None else before.model_copy(update={"retrying": retrying})
        return cls(
            reason=problem.words,
            category=problem.category,
            remedy=problem.remedy,
            since=before.since if before is not None and _same(before, problem) else now,
            retrying=problem.retried if retrying is None else retrying,
            cause=problem.cause,
        )


def _same(before: Attention, problem: Problem) -> bool:
    return before.category is problem.category and before.cause == problem.cause


class Evidence(Model):
    """One exchange with a board: what was asked, what it answered, when."""

    at: Moment
    asked: str
    answered: str
    ids: dict[str, str] = Field(default_factory=dict)
    """The provider's own ids: task, employer job, transaction."""
    by_hand: bool = False
    """What a person asked of this board, who and why; no answer of the board."""

    @model_validator(mode="before")
    @classmethod
    def _without_secrets_of_others(cls, given: Any) -> Any:
        # Who asked by hand signs with whatever name they like, and is to be found by it.
        if isinstance(given, dict) and not given.get("by_hand") and isinstance(given.get("answered"), str):
            return {**given, "answered": scrub(given["answered"])}
        return given


class BoardRecord(Model):
    """One board's side of a lifecycle. The first five names are a public contract."""

    state: BoardState = BoardState.IDLE
    outcome: Outcome | None = None
    attention: Attention | None = None
    evidence: tuple[Evidence, ...] = ()
    since: Moment
    awaiting: str | None = None
    """What happens next, in words."""
    submitted: bool = False
    """The board took the request of the present intent; only the read-back is left."""
    submitted_at: Moment | None = None
    sent_again: bool = False
    """The board did not do in time what it had said to do, and was asked once more."""
    asked_at: Moment | None = None
    """When the present intent was asked for; None once it is reached."""
    reached_asked_at: Moment | None = None
    """When the intent that was reached last had been asked for."""
    reopened: int = 0
    """How often the board listed the job again after it had been closed."""
    seen: bool = False
    """The board was read as having the job, by us: only then can it be gone."""
    set_aside: bool = False
    """The customer no longer uses this board: nothing is done or proven there."""

    @property
    def proven(self) -> bool:
        """Return whether the board was read as rid of the job, or of what we set on it."""
        return self.outcome is not None and self.outcome.proven

    @property
    def live(self) -> Live:
        """Return whether the posting itself is live, as far as the board said."""
        if self.outcome in {Outcome.LIVE, Outcome.UPDATED}:
            return Live.LIVE
        return Live.NOT_LIVE if self.outcome in {Outcome.CLOSED, Outcome.GONE} else Live.UNKNOWN

    @property
    def there_since(self) -> datetime | None:
        """Return since when the posting is there, as the board itself dates it."""
        return None

    @property
    def last_answer(self) -> Evidence | None:
        """Return what the board answered last."""
        return next((each for each in reversed(self.evidence) if not each.by_hand), None)


class EarlierWrite(Model):
    """A write that a newer wish superseded: until it is done, what the board shows proves nothing."""

    operation: Operation
    task_id: str | None = None
    """None where LinkedIn's answer was not seen, so that it may or may not have been taken."""
    at: Moment


class StatusNote(Model):
    """A status of LinkedIn that says something of the job, and blocks nothing."""

    status: str
    meaning: str
    remedy: str = ""


class LinkedInRecord(BoardRecord):
    """LinkedIn's side."""

    task_id: str | None = None
    operation: Operation | None = None
    """What the task does."""
    listed_at: Moment | None = None
    """Since when LinkedIn lists the job, as it says itself."""
    sent_location: str | None = None
    """The location that was sent last: of what an edit changes, LinkedIn shows only this."""
    moved_from: str | None = None
    """What LinkedIn showed as the location before another one was sent; None where it stayed the same."""
    conflict: bool = False
    """LinkedIn answered 409 "already closed or does not exist", which proves neither."""
    earlier: tuple[EarlierWrite, ...] = ()
    created: bool = False
    """LinkedIn took the job from Boardsync."""
    seen_listed: bool = False
    """LinkedIn was read as listing the job while the ATS wanted it posted."""
    taken_down: bool = False
    """LinkedIn took a close from Boardsync and was not read as listing the job since."""
    relisted: tuple[Moment, ...] = ()
    """When LinkedIn was read as listing the job again after it had been off, over all runs."""
    ask_ats: bool = False
    """The job is back on LinkedIn: the ATS is to be asked what it wants before the job is closed again."""
    resend: bool = False
    """The posting is to be sent again: it was edited in the ATS, or LinkedIn asks for it."""
    look: bool = False
    """Somebody says that something has changed: LinkedIn is to be read as soon as it can be."""
    url: str | None = None
    """The posting's page at LinkedIn, which partners must show beside the three statuses (jobPostingStatus API)."""
    listing: StatusNote | None = None
    """Whether LinkedIn lists the job, as it said last: read or heard, so it proves nothing."""
    resync: bool = False
    """LinkedIn has asked for the job to be sent again."""
    apply: StatusNote | None = None
    """LinkedIn Apply, as LinkedIn said last."""
    promotion: StatusNote | None = None

    @property
    def there_since(self) -> datetime | None:
        """Return since when LinkedIn lists the job, as it says itself."""
        return self.listed_at


class IndeedPosting(Model):
    """One posting of a job at Indeed: a job may have several, by location or as it was ingested anew."""

    id: str
    """Its IRI: opaque."""
    live: Live = Live.UNKNOWN
    status: JobStatus = JobStatus.UNKNOWN
    posted_at: Moment | None = None
    """When Indeed says that it went live."""

    @property
    def ended(self) -> bool:
        """Return whether it is off Indeed."""
        return self.live == Live.NOT_LIVE


def hidden_as(postings: "tuple[IndeedPosting, ...]", before: JobStatus | None) -> JobStatus | None:
    """Return how a job stands none of whose postings is found in search; `before` where Indeed does not say by now."""
    stands = {each.status for each in postings}
    if not stands or JobStatus.UNKNOWN in stands:
        return before
    return postings[0].status if stands <= HIDDEN else None


class IndeedRecord(BoardRecord):
    """Indeed's side."""

    postings: tuple[IndeedPosting, ...] = ()
    """Every posting of the job that is known, those that are live first."""
    located: bool = False
    """The postings were looked for since the present intent was asked for."""
    fields: dict[str, Verdict] = Field(default_factory=dict)
    """How each field that the agency sets stands on the posted job: on every posting of it."""
    overrides: Overlay | None = None
    """What people set by the signal `update`."""
    taken_back: Overlay | None = None
    """What they set before and want no more: it is gone only once a clear was read back."""
    written: dict[str, WrittenField] = Field(default_factory=dict)
    """What was sent to Indeed since it was last read as clear."""
    touched: bool = False
    """An update was begun since Indeed was last read as clear: it may show at any time, though no answer was seen."""
    clearing: dict[str, str] | None = None
    """A clear was accepted and not read back yet: the digests of what it is to take off."""
    cleared: tuple[str, ...] = ()
    """Postings whose clear Indeed has accepted since it was decided upon."""
    recheck: bool = False
    """The settled job is to be compared once: Indeed says that it changed, or a day has passed."""
    held_off: bool = False
    """A person took the agency's changes off the posted job: they stay off until something new is wanted."""
    hidden: JobStatus | None = None
    """How the posted job stands, where no posting of it is found in search; None where one is, or may be."""

    @property
    def employer_job_id(self) -> str | None:
        """Return the IRI of the first posting, by which the lifecycle is found."""
        return self.postings[0].id if self.postings else None

    @property
    def posting(self) -> Live | None:
        """Return whether any posting is live, which only the ATS's feed can end; None while none was read."""
        found = {each.live for each in self.postings}
        return next((each for each in (Live.LIVE, Live.UNKNOWN, Live.NOT_LIVE) if each in found), None)

    @property
    def there_since(self) -> datetime | None:
        """Return when Indeed says that the oldest posting went live."""
        return min((each.posted_at for each in self.postings if each.posted_at is not None), default=None)

    @property
    def posting_since(self) -> datetime | None:
        """Return when Indeed says that the first posting went live."""
        return self.postings[0].posted_at if self.posting == Live.LIVE else None

    @property
    def status(self) -> JobStatus | None:
        """Return how the first posting stands in Indeed's search."""
        return self.postings[0].status if self.postings else None

    @property
    def live(self) -> Live:
        """Return whether a posting is live, which at Indeed only the ATS's feed can end."""
        if self.outcome == Outcome.GONE:
            return Live.NOT_LIVE
        return self.posting or Live.UNKNOWN


class Boards(Model):
    """The boards a customer posts to; a board not used is None."""

    linkedin: LinkedInRecord | None = None
    indeed: IndeedRecord | None = None

    @property
    def used(self) -> "list[tuple[BoardName, BoardRecord]]":
        """Return the boards that the customer uses, with what is recorded of each."""
        return [(board, record) for board, record in self._all if not record.set_aside]

    @property
    def set_aside(self) -> "list[tuple[BoardName, BoardRecord]]":
        """Return the boards that the customer no longer uses, with what was recorded of each."""
        return [(board, record) for board, record in self._all if record.set_aside]

    @property
    def _all(self) -> "list[tuple[BoardName, BoardRecord]]":
        found = ((board, getattr(self, board.value)) for board in BoardName)
        return [(board, record) for board, record in found if record is not None]

    @property
    def end(self) -> Phase:
        """Return the phase in which a lifecycle ends whose boards are all settled."""
        found = all(record.outcome is None or record.outcome.proven for _, record in self.used)
        return Phase.CLOSED if found else Phase.NOT_FOUND
