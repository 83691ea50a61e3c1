"""What an address asks for beside its path: read leniently, as people edit it. Pure."""

from collections.abc import Mapping

from boardsync.exits import CommandFailed
from boardsync.jobs.references import JobRef, read_one
from models.base import is_id

LARGEST_NUMBER = 2**53


def customer_in(said: Mapping[str, str]) -> str | None:
    """Return the customer that an address names."""
    value = said.get("customer", "")
    return value if is_id(value) else None


def job_in(said: Mapping[str, str]) -> JobRef | None:
    """Return the job that an address names by customer and id."""
    try:
        return read_one(said.get("job", "").split())
    except CommandFailed:
        return None


def number_in(said: Mapping[str, str], name: str) -> int | None:
    """Return a number that an address names."""
    value = said.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 16):
        return None
    return min(int(value), LARGEST_NUMBER)
