"""What Boardsync tells others, of a job, the webhook or the ledger, and what became of telling it."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from models.base import Model, Moment
from models.boards import Attention
from models.notice_types import JobNoticeType, NoticeType
from models.scrubbing import Said
from models.states import BoardName, BoardState, Intent, Live, Outcome, Phase


class BoardStands(Model):
    """How a board stands."""

    state: BoardState
    outcome: Outcome | None
    posting: Live | None = None
    since: Moment


class JobNotice(Model):
    """One event of a job to tell: ids and states, no personal data."""

    id: str
    """The `webhook-id`: the same at each try, so that a receiver can tell repeats."""
    type: JobNoticeType
    at: Moment
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
    cause: str | None = None
    """What holds up other jobs of the customer, too: this is told once for all of them, of the first."""
    jobs: int | None = None
    """How many jobs wait for that cause to end, as this is told."""

    @property
    def subject(self) -> str:
        """Say what it is about."""
        return f"job {self.job_id}, customer {self.customer_id}"


class WebhookNotice(Model):
    """LinkedIn's webhook needs a person, for all customers alike."""

    id: str
    """The `webhook-id`: the same at each try."""
    type: Literal[NoticeType.WEBHOOK] = NoticeType.WEBHOOK
    at: Moment
    attention: Attention

    @property
    def subject(self) -> str:
        """Say what it is about."""
        return "LinkedIn's webhook"


class CheckpointNotice(Model):
    """How far the ledger has come, signed: who keeps it can show later that the ledger's past was not rewritten."""

    id: str
    """The `webhook-id`: the same at each try."""
    type: Literal[NoticeType.CHECKPOINT] = NoticeType.CHECKPOINT
    at: Moment
    log: str
    """The log's name, which is its key's."""
    size: int
    """How many receipts it has."""
    root: str
    """The root of their tree, in base64."""
    note: str
    """The signed checkpoint itself, as C2SP's tlog-checkpoint has it."""

    @property
    def subject(self) -> str:
        """Say what it is about."""
        return f"the ledger {self.log} at {self.size} receipts"


Notice = Annotated[JobNotice | WebhookNotice | CheckpointNotice, Field(discriminator="type")]
"""Whatever is told."""


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

    at: Moment
    result: DeliveryResult
    answered: Said
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
