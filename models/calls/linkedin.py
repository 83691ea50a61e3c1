"""Input and output of LinkedIn's activities."""

from datetime import timedelta

from models.base import Moment
from models.boards import EarlierWrite, Evidence, StatusNote
from models.calls.common import Answer, Backoff, ProviderCall
from models.problems import Problem
from models.states import Operation, Outcome


class LinkedInClose(ProviderCall):
    """Ask LinkedIn to close a job."""

    customer_id: str
    job_id: str
    earlier: tuple[EarlierWrite, ...] = ()
    """Writes that may yet list the job: that it looks closed now is no reason not to close it."""
    settle: timedelta = timedelta(minutes=5)
    """How long the close waits for them, so that it is carried out last."""
    backoff: Backoff = Backoff(first=timedelta(seconds=15), longest=timedelta(minutes=15))
    portal_url: str | None = None
    """Where candidates apply, as the ATS said."""


class LinkedInShown(Answer):
    """What LinkedIn shows of a job; None where it was not read, or says nothing."""

    url: str | None = None
    listing: StatusNote | None = None
    apply: StatusNote | None = None
    promotion: StatusNote | None = None


class LinkedInSubmitted(LinkedInShown):
    """LinkedIn's answer to a submission."""

    task_id: str | None = None
    operation: Operation | None = None
    """What was submitted; None where LinkedIn, read first, gave no reason to."""
    conflict: bool = False
    listed: bool = False
    """LinkedIn listed the job before."""
    listed_at: Moment | None = None
    """Since when, as LinkedIn itself dates it."""
    location: str | None = None
    """The location that was sent."""
    moved_from: str | None = None
    """What LinkedIn showed as the location before, where another one was sent now."""
    seen: bool = False
    """LinkedIn, read first, had the job."""
    title: str | None = None
    """The job's title, as iCIMS said it."""
    pending: tuple[EarlierWrite, ...] = ()
    """Earlier writes that were still under way: once they have ended, the close is sent again."""
    evidence: tuple[Evidence, ...]


class LinkedInConfirm(ProviderCall):
    """Read a job back from LinkedIn until it is no longer listed."""

    customer_id: str
    job_id: str
    task_id: str | None
    conflict: bool = False
    """LinkedIn refused the close as "already closed or does not exist"."""
    earlier: tuple[EarlierWrite, ...] = ()
    """Writes that were under way when the close was sent, so that they may be carried out after it."""
    settle: timedelta = timedelta(minutes=5)
    """How long a write may be under way of which no answer was seen."""
    backoff: Backoff


class LinkedInClosed(LinkedInShown):
    """What LinkedIn says of a job that was to be closed."""

    outcome: Outcome | None = None
    """None where the close is to be sent again."""
    problem: Problem | None = None
    """Why LinkedIn did not carry the close out; None where an earlier write may have undone it."""
    evidence: tuple[Evidence, ...]


class LinkedInLook(ProviderCall):
    """Read whether a job that was off LinkedIn is listed."""

    customer_id: str
    job_id: str
    backoff: Backoff


class LinkedInPlan(ProviderCall):
    """What decides how a posted job is brought onto LinkedIn, once LinkedIn was read."""

    customer_id: str
    job_id: str
    fresh: bool = False
    """The ATS has just asked for the job, so it is posted where it is missing; else LinkedIn is only looked at."""
    resend: bool = False
    resync: bool = False
    """It is LinkedIn that asks for it, not an edit."""
    created: bool = False
    taken_down: bool = False


class LinkedInWatch(LinkedInPlan):
    """Read whether LinkedIn lists a job that the ATS wants posted."""

    seen_listed: bool = False
    earlier: tuple[EarlierWrite, ...] = ()
    settle: timedelta = timedelta(minutes=5)
    asked: str | None = None
    """What a person is asked for already: read until LinkedIn says something else."""
    backoff: Backoff


class LinkedInPost(LinkedInPlan):
    """Create, update or renew a job on LinkedIn."""

    sent_location: str | None = None
    """The location that was sent last."""
    portal_url: str | None = None
    """Where candidates apply, as the ATS said."""
    settle: timedelta = timedelta(minutes=5)
    """How long LinkedIn may take to show a job after a try that it did not answer."""
    backoff: Backoff


class LinkedInConfirmPosted(ProviderCall):
    """Read a job back from LinkedIn until it is listed as it was sent."""

    customer_id: str
    job_id: str
    task_id: str | None
    operation: Operation | None
    location: str | None = None
    moved_from: str | None = None
    asked: str | None = None
    backoff: Backoff


class LinkedInSeen(LinkedInShown):
    """How a job that the ATS wants posted stands on LinkedIn."""

    outcome: Outcome | None = None
    operation: Operation | None = None
    """What is to be asked of LinkedIn."""
    problem: Problem | None = None
    """What needs a person, while LinkedIn is read on."""
    seen: bool = False
    """LinkedIn has the job, listed or not."""
    evidence: tuple[Evidence, ...]
