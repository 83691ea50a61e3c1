"""Input and output of Indeed's activities."""

from datetime import timedelta

from pydantic import Field

from models.boards import Evidence, IndeedPosting
from models.calls.common import Answer, Backoff, ProviderCall
from models.overlay import Overlay, Verdict, WrittenField
from models.problems import Problem
from models.states import Outcome


class IndeedFind(ProviderCall):
    """Find the postings of a job at Indeed."""

    customer_id: str
    job_id: str
    known: tuple[str, ...] = ()
    """IRIs of postings that were known before: they may still be there though no listing has them."""
    fresh: bool = True
    """Distrust earlier listings: there may be further postings."""
    expected: bool = False
    """The job should be there: look again until it is."""
    backoff: Backoff


class IndeedFound(Answer):
    """The postings of a job, those that are live first; none means that their absence is proven."""

    postings: tuple[IndeedPosting, ...] = ()
    evidence: tuple[Evidence, ...]


class IndeedPostings(ProviderCall):
    """All postings of a job at Indeed."""

    customer_id: str
    job_id: str
    employer_job_ids: tuple[str, ...]


class IndeedOverlaid(IndeedPostings):
    """The postings of a job, and what of its overlay only the lifecycle knows."""

    overrides: Overlay | None = None
    """What people set by hand."""
    written: dict[str, WrittenField] = Field(default_factory=dict)
    """What Indeed has accepted before."""
    again_after: timedelta
    """How long an accepted field that does not show is left alone."""


class IndeedUpdate(IndeedOverlaid):
    """Set what the postings do not show yet of the job's overlay."""

    distrust: bool = False
    """A clear was accepted and not read back: what is still shown may be about to go."""


class IndeedReadBack(IndeedOverlaid):
    """Read the postings until they show the whole overlay."""

    shown: tuple[str, ...] = ()
    """Fields already known to be through: news is told at once."""
    backoff: Backoff


class IndeedClear(IndeedPostings):
    """Clear the overlay of a job's postings."""

    overrides: Overlay | None = None
    written: dict[str, str] = Field(default_factory=dict)
    """Digests of what was sent since Indeed was last read as clear."""
    unseen: bool = False
    """Some of it may not be shown yet, so a clear is needed whatever is shown."""
    cleared: tuple[str, ...] = ()
    """IRIs whose clear was accepted before: they are not sent again."""
    find: bool = False
    """Find all postings first; those that are named are only known from before."""


class IndeedClearedBack(IndeedClear):
    """Read the postings until nothing of the overlay is left on any of them."""

    backoff: Backoff


class IndeedSeen(Answer):
    """How the postings of a job stand, as they were read."""

    postings: tuple[IndeedPosting, ...] = ()
    title: str | None = None
    """The job's title, as iCIMS or else Indeed has said it; it is not asked for."""
    evidence: tuple[Evidence, ...]


class IndeedShown(IndeedSeen):
    """What Indeed shows of a job: with no outcome yet, there is news of single fields, or something is to be done."""

    outcome: Outcome | None = None
    fields: dict[str, Verdict] = Field(default_factory=dict)
    again: bool = False
    """Something is missing that is to be sent again."""
    lost: bool = False
    """A posting is no longer there, or there are others: they are to be looked for."""
    asks: Problem | None = None
    """What a person is to be asked for though the job is as wanted: the customer wants that."""


class IndeedWritten(IndeedSeen):
    """Indeed's answer to a clear."""

    found: tuple[IndeedPosting, ...] | None = None
    """All postings, where they were to be found, those that are live first; none means that absence is proven."""
    sent: tuple[str, ...] = ()
    """IRIs whose clear was accepted."""
    failed: Problem | None = None
    """Why others are still to be cleared."""
    shown: IndeedShown | None = None
    """What Indeed showed right after, where that settles it."""


class IndeedUpdated(IndeedShown):
    """Indeed's answer to an update."""

    sent: dict[str, str] = Field(default_factory=dict)
    """Digests of the fields that were sent."""
    stale: tuple[str, ...] = ()
    """Fields that were sent and are no longer wanted: nothing was sent, as only a clear takes a field off."""
