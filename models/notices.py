"""What Boardsync tells others of a job, and what became of telling it."""

from datetime import datetime, timedelta
from enum import StrEnum

from models.base import Model
from models.lifecycle import Attention, BoardName, BoardState, Intent, Live, Outcome, Phase


class NoticeType(StrEnum):
    """What happened; the value is the `type` of the webhook."""

    CLOSED = "job.closed"
    ATTENTION = "job.attention"
    REOPENED = "job.reopened"


class BoardStands(Model):
    """How a board stands."""

    state: BoardState
    outcome: Outcome | None
    posting: Live | None = None
    since: datetime


class Notice(Model):
    """One event to tell: ids and states, no personal data."""

    id: str
    """The `webhook-id`: the same at each try, so that a receiver can tell repeats."""
    type: NoticeType
    at: datetime
    customer_id: str
    job_id: str
    intent: Intent
    phase: Phase
    boards: dict[str, BoardStands]
    board: BoardName | None = None
    """The board that needs a person; None where the job as a whole does."""
    attention: Attention | None = None
    reason: str | None = None
    """Why a job was reopened."""


class NoticePlan(Model):
    """Whom to tell, by the endpoints' names, and how long to wait after each try that failed."""

    endpoints: tuple[str, ...]
    waits: tuple[timedelta, ...]


class DeliveryCall(Model):
    """One try to tell one endpoint."""

    notice: Notice
    endpoint: str
    last: bool
    """There is no further try after this one."""


class DeliveryResult(StrEnum):
    """What became of a try."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GONE = "gone"
    """The endpoint answered 410: it wants nothing any more."""
    WITHDRAWN = "withdrawn"
    """The configuration no longer names the endpoint, or no longer for this."""


class Delivery(Model):
    """What an endpoint answered to one try."""

    at: datetime
    result: DeliveryResult
    answered: str
    retry_after: timedelta | None = None


class DeliveryLog(Model):
    """Every try at one endpoint."""

    endpoint: str
    tries: tuple[Delivery, ...] = ()


class NotificationReceipt(Model):
    """The result of the workflow `Notification`."""

    id: str
    type: NoticeType
    deliveries: tuple[DeliveryLog, ...]
