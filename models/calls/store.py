"""Input and output of the activities that use the store."""

from models.base import Model
from models.lifecycle import Receipt


class StoreReceipt(Model):
    """Keep what a lifecycle has come to, for years."""

    receipt: Receipt
    run_id: str
    number: int = 1
    """Which receipt of this run it is: a job may be posted again before its lifecycle has completed."""


class ReceiptStored(Model):
    """The receipt is in the ledger."""

    leaf: int
    """Its number there."""
