"""Input and output of iCIMS's activities."""

from models.base import Model, Moment
from models.boards import Evidence
from models.calls.common import Answer, ProviderCall
from models.states import BoardName, Intent


class IcimsPositions(ProviderCall):
    """Ask iCIMS how many positions a job has."""

    customer_id: str
    job_id: str


class Positions(Model):
    """How many positions a job has."""

    count: int
    never: bool = False
    """No number of hires closes it, as a rule of the customer's says."""


class IcimsWanted(ProviderCall):
    """Ask iCIMS whether it wants a job posted."""

    customer_id: str
    job_id: str


class Wanted(Answer):
    """Whether iCIMS wants a job posted."""

    intent: Intent | None = None
    """None where iCIMS does not tell."""
    evidence: tuple[Evidence, ...] = ()


class BoardStatus(Model):
    """How a board stands, in iCIMS's words."""

    board: BoardName
    status: str
    """Posting in Progress, Live, Deletion in Progress, Unposted or Expired."""
    start: Moment
    end: Moment


class Reported(Model):
    """The ATS took a report."""

    at: Moment


class IcimsReport(ProviderCall):
    """Report to iCIMS how all boards of a job stand."""

    customer_id: str
    job_id: str
    boards: tuple[BoardStatus, ...]
