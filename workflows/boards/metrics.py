"""What a lifecycle measures, by the SDK's own meter: a replay measures nothing, a task that is repeated may."""

from datetime import datetime

from temporalio import workflow

from models.lifecycle import Receipt
from models.states import BoardName
from models.temporal import CLOSE_SECONDS, LIFECYCLES_ENDED


def ended(receipt: Receipt) -> None:
    """Count the end of a lifecycle, once for each board."""
    counter = workflow.metric_meter().create_counter(
        LIFECYCLES_ENDED, "Ends of lifecycles, by what each board was read to say"
    )
    for board, record in receipt.boards.used:
        labels = {
            "customer": receipt.customer_id,
            "board": board.value,
            "phase": receipt.phase.value,
            "outcome": record.outcome.value if record.outcome is not None else "none",
        }
        counter.add(1, labels)


def closed(board: BoardName, asked_at: datetime) -> None:
    """Record how long it took from the event until the board was read back as closed."""
    took = (workflow.now() - asked_at).total_seconds()
    histogram = workflow.metric_meter().create_histogram_float(
        CLOSE_SECONDS, "Time from the event to the read-back that confirms it"
    )
    # The gateway's clock may be ahead of the server's.
    histogram.record(max(took, 0.0), {"board": board.value})
