"""How fast the simulated boards were called."""

from collections.abc import Sequence
from typing import Any


def most_in_a_second(records: Sequence[dict[str, Any]]) -> int:
    """Count the calls in the fullest second, wherever it begins."""
    times = sorted(record["at"] for record in records)
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def per_second(records: Sequence[dict[str, Any]]) -> float:
    """Return the mean rate from the first call to the last."""
    times = sorted(record["at"] for record in records)
    between = float(times[-1] - times[0])
    return (len(times) - 1) / between
