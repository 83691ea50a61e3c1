"""Addresses of a job's postings that a person may open: on the boards' own sites alone. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from models.states import BoardName


@dataclass(frozen=True, kw_only=True)
class Link:
    """An address that a person may open."""

    label: str
    url: str


def board_link(board: BoardName, url: str) -> Link | None:
    """Return a link for a person to open; None where it does not lead to the board's own site."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    site = f"{board.value}.com"
    if parts.scheme != "https" or not (host == site or host.endswith(f".{site}")):
        return None
    return Link(label=f"See the job on {board.label}", url=url)
