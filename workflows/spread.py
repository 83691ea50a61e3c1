"""When many jobs are read again that nobody waits for: spread over time, and together."""

import hashlib
import math
from datetime import datetime, timedelta

MOMENTS = 96
"""In one interval, at which a customer's jobs are read: a day's are a quarter of an hour apart. So 50,000 jobs come by
520, which is eleven requests of 50, and not all at once."""
EARLIEST, SPAN = 0.8, 0.19
"""Of the interval: when a job is read, by chance, before its customer's next moment is waited for: never after it."""


def until_read_again(now: datetime, every: timedelta, customer_id: str, chance: float) -> timedelta:
    """Return how long to wait, at most `every`, until one of the customer's moments; `chance` lies between 0 and 1."""
    apart = every / MOMENTS
    digest = hashlib.sha256(customer_id.encode(errors="replace")).digest()
    first = apart * (int.from_bytes(digest[:4]) / 2**32)
    earliest = now.timestamp() + (every * (EARLIEST + SPAN * chance)).total_seconds() - first.total_seconds()
    moment = math.ceil(earliest / apart.total_seconds()) * apart.total_seconds() + first.total_seconds()
    return timedelta(seconds=max(0.0, moment - now.timestamp()))
