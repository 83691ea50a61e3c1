"""What a lifecycle measures, by the SDK's own meter: a replay measures nothing, a task that is repeated may."""

from datetime import datetime

from temporalio import workflow

from models.lifecycle import BoardName
from models.temporal import CLOSE_SECONDS


def closed(board: BoardName, asked_at: datetime) -> None:
    """Record how long it took from the event until the board was read back as closed."""
    took = (workflow.now() - asked_at).total_seconds()
    histogram = workflow.metric_meter().create_histogram_float(
        CLOSE_SECONDS, "Time from the event to the read-back that confirms it"
    )
    # The gateway's clock may be ahead of the server's.
    histogram.record(max(took, 0.0), {"board": board.value})
