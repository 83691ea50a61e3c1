"""What every sender's webhook shares: the request as it was transferred, why one is refused, comparisons. Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """Why a request is refused: a label of the metrics, so a fixed set."""

    CREDENTIALS = "credentials"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    UNREADABLE = "unreadable"
    EVENT_TYPE = "event_type"
    FIELD = "field"
    CONTRADICTION = "contradiction"
    CUSTOMER = "customer"
    NOT_SET_UP = "not_set_up"


class Refused(Exception):  # noqa: N818 -- an answer to the sender
    """The request is not taken; `reason` reveals neither secrets nor personal data."""

    def __init__(self, fault: Fault, reason: str) -> None:
        """Keep what the log and the sender may know."""
        super().__init__(reason)
        self.fault = fault
        self.reason = reason


class Unauthorized(Refused):
    """The credentials are missing or wrong."""

    def __init__(self, reason: str) -> None:
        """Keep what the log and the sender may know."""
        super().__init__(Fault.CREDENTIALS, reason)


class BadRequest(Refused):
    """The request cannot be used as it is."""


class NotSetUp(Refused):
    """The configuration does not provide for the request."""

    def __init__(self, reason: str) -> None:
        """Keep what the log and the sender may know."""
        super().__init__(Fault.NOT_SET_UP, reason)


class HungUp(Exception):  # noqa: N818 -- a state, told to nobody
    """The sender closed the connection before its request was whole."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it was transferred: path and query undecoded, body still compressed."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request that was read to its end, and when its first byte came."""

    signed: SignedRequest
    received_at: datetime


def only_header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a header's value, None where it is missing.

    Raises Unauthorized where it is given twice: two readers could take different ones.
    """
    values = [value for key, value in headers.items() if key.lower() == name]
    if len(values) > 1:
        raise Unauthorized(f"the header {name} is given twice")
    return values[0] if values else None


def same_text(given: str, expected: str | None) -> bool:
    """Compare in constant time; nothing equals None."""
    same = hmac.compare_digest(as_bytes(given), as_bytes(expected or ""))
    return same & (expected is not None)


def as_bytes(text: str) -> bytes:
    """Return a header's text as bytes."""
    # Headers that are no UTF-8 reach us with surrogates.
    return text.encode("utf-8", "surrogatepass")
