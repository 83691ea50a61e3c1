"""Authentication that every sender's webhook shares: the request as it was transferred, and comparisons. Pure."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass


class Unauthorized(Exception):  # noqa: N818 -- named as HTTP names it
    """The credentials are missing or wrong; `reason` reveals no secret."""

    def __init__(self, reason: str) -> None:
        """Keep what the log and the sender may know."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it was transferred: path and query undecoded, body still compressed."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes


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
