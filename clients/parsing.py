"""JSON from outside, read so that nothing in it can fail later: no half characters, no depth without end."""

import json
import re
from datetime import UTC, datetime
from typing import Any

REPLACEMENT = "\ufffd"
DIGITS_LIMIT = 18
"""Digits of a number: what has more fits into no database, and `int` itself refuses thousands."""
_HALF = re.compile("[\ud800-\udfff]")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
"""Between these every moment of a job lies: with one at the end of the calendar nothing can be calculated."""
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(raw: bytes | str) -> Any:
    """Return what a JSON text holds; a half character (a lone surrogate) becomes U+FFFD, `NaN` and the like `None`.

    Text is read in any of JSON's encodings, with a byte order mark or without (RFC 8259, 8.1).
    Raises ValueError where it is not JSON, or nested too deeply.
    """
    text = raw.decode(json.detect_encoding(raw), "replace") if isinstance(raw, bytes) else raw.removeprefix("\ufeff")
    try:
        value = json.loads(text, parse_constant=_not_a_number)
        return _whole(value) if _ESCAPED_HALF.search(text) or _HALF.search(text) else value
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def plausible(moment: datetime) -> datetime | None:
    """Return a moment in UTC; `None` for one that no job can have."""
    return moment.astimezone(UTC) if EARLIEST <= moment < LATEST else None


def whole_number(text: str) -> int | None:
    """Return a whole number written in digits; `None` for anything else, or more of them than a number here has."""
    text = text.strip()
    return int(text) if len(text) <= DIGITS_LIMIT and text.isascii() and text.isdigit() else None


def whole_text(text: str) -> str:
    """Return the text with U+FFFD for each half character, so that it can be encoded."""
    return _HALF.sub(REPLACEMENT, text)


def is_damaged(text: str | None) -> bool:
    """Return whether a text has lost a half character: an id that has names nothing for certain."""
    return text is not None and REPLACEMENT in text


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {whole_text(key): _whole(each) for key, each in value.items()}
    return value


def _not_a_number(_: str) -> None:
    return None
