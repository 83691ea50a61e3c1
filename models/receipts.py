"""What the ledger keeps of a lifecycle that ended, and what comes back from it."""

from datetime import datetime

from pydantic import AwareDatetime, Field, JsonValue

from models.base import Model


class BoardClose(Model):
    """How long one board took, from the event that asked for it to the proof."""

    board: str
    outcome: str
    proven: bool
    asked_at: AwareDatetime
    settled_at: AwareDatetime


class LedgerEntry(Model):
    """A lifecycle that ended. `receipt` is what is kept for years, as JSON; it may hold no personal data."""

    workflow_id: str
    run_id: str
    customer_id: str
    job_id: str
    ended_at: AwareDatetime
    receipt: dict[str, JsonValue] = Field(default_factory=dict)
    closes: tuple[BoardClose, ...] = ()


class StoredReceipt(Model):
    """An entry of the ledger. `body` is its canonical JSON; `None` once `keep` has passed."""

    leaf: int
    workflow_id: str
    run_id: str
    customer_id: str
    job_id: str
    ended_at: datetime
    stored_at: datetime
    body: bytes | None
    leaf_hash: bytes
    removed_at: datetime | None
