"""Receipts to add."""

from datetime import datetime, timedelta

from models.receipts import BoardClose, LedgerEntry


def entry(number: int, at: datetime, *, customer: str = "1234", seconds: float = 60) -> LedgerEntry:
    """Make the receipt of one lifecycle."""
    return LedgerEntry(
        workflow_id=f"job-{customer}-{number}",
        run_id=f"run-{number}",
        customer_id=customer,
        job_id=str(number),
        ended_at=at,
        receipt={"intent": "unposted", "boards": {"linkedin": {"outcome": "closed", "tasks": [f"task-{number}"]}}},
        closes=(
            BoardClose(
                board="linkedin",
                outcome="closed",
                proven=True,
                asked_at=at - timedelta(seconds=seconds),
                settled_at=at,
            ),
        ),
    )
