"""What iCIMS's answers say of the day's quota (docs/providers/icims.md)."""

from dataclasses import dataclass
from datetime import timedelta

from clients.http import Response
from clients.icims.errors import resets_in

MOST = 10**9
"""Requests of a day: a larger number is no quota, and would not fit into the store."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What an answer says of the day's requests."""

    left: int
    limit: int
    resets_in: timedelta | None = None
    """Until midnight UTC, as iCIMS counts it."""


def read_quota(response: Response) -> Quota | None:
    """Read how many requests of the day's limit are left; `None` where the headers are missing or make no sense."""
    try:
        left, limit = (int(response.headers[f"x-ratelimit-{name}"]) for name in ("remaining", "limit"))
    except (KeyError, ValueError):
        return None
    if not 0 <= left <= limit <= MOST or limit == 0:
        return None
    return Quota(left, limit, resets_in(response))
