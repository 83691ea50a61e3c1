"""One cause that holds up many jobs of a customer: what lifecycles tell of it, and what is kept of it."""

from datetime import timedelta

from pydantic import Field

from models.base import Model, Moment, NumericId
from models.boards import Attention, Evidence
from models.events import BoardHint
from models.notices import JobNotice
from models.problems import Problem
from models.states import BoardName

PROBE_EVERY = timedelta(minutes=1)
"""How often one of the jobs that wait tries again."""


def cause_id(customer_id: str, cause: str) -> str:
    """Name the workflow that stands for a cause."""
    return f"cause-{customer_id}-{cause.replace('.', '-')}"


class Waits(Model):
    """What a lifecycle has told of: one of its boards waits for a cause to end."""

    board: BoardName | None
    """None where it is the job as a whole."""
    cause: str
    asked_at: Moment | None = None
    """When the intent was asked for that waits; another one is another matter."""


class TellCause(Model):
    """Tell of one job: that it waits for a cause, got through, or wants nothing any more."""

    customer_id: NumericId
    job_id: NumericId
    cause: str
    waits: bool
    trying: bool = False
    """It goes on trying by itself, and needs no probe."""
    passed: bool = False
    """It got through, so the others may, too; where it does not wait."""
    problem: Problem | None = None
    notice: JobNotice | None = None
    """What others are told where it is the first job; None where nobody is to be told."""
    probe_every: timedelta = PROBE_EVERY


class CauseTold(Model):
    """The answer to that."""

    evidence: tuple[Evidence, ...] = ()


class CauseNews(Model):
    """What several jobs tell of one cause together: the message of the signal `told`."""

    waiting: tuple[str, ...] = ()
    trying: tuple[str, ...] = ()
    """Those of the waiting that go on by themselves."""
    passed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    problem: Problem | None = None
    notice: JobNotice | None = None


class WaitingJob(Model):
    """A job that waits."""

    job_id: str
    trying: bool = False


class CauseInput(Model):
    """The input of the workflow `CommonCause`. By hand none is started: the first job that waits does."""

    customer_id: NumericId
    cause: str
    every: timedelta = Field(default=PROBE_EVERY, gt=timedelta(0))
    jobs: tuple[WaitingJob, ...] = ()
    """Carried over by continue-as-new, like all that follows."""
    attention: Attention | None = None
    problem: Problem | None = None
    notice: JobNotice | None = None
    told: bool = False
    freed: int = 0


class CauseReport(Model):
    """How a cause stands: the answer of the query `cause`, and the result of the workflow."""

    customer_id: str
    cause: str
    attention: Attention | None = None
    job_ids: tuple[str, ...] = ()
    freed: int = 0
    """Jobs that waited and got through, or were no longer wanted so."""


class GoOn(BoardHint):
    """Try again what a cause has stopped: sent to one job as a probe, and to all once one got through."""

    cause: str

    @property
    def words(self) -> str:
        """Return what it asks for."""
        return f"tried again: what stopped it ({self.cause}) may be over"
