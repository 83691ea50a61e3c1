"""Canonical JSON (RFC 8785): the same receipt is always the same bytes, in every language."""

import json
import math
from typing import Any

import rfc8785
from pydantic import JsonValue

from store.types import storable

# Beyond this an ECMAScript number, which RFC 8785 builds upon, is no longer exact.
_EXACT = 2**53 - 1


class NotCanonicalError(ValueError):
    """The bytes are not the canonical form of a JSON value."""


def canonical(value: JsonValue) -> bytes:
    """Return the value's canonical form, as https://www.rfc-editor.org/rfc/rfc8785 has it.

    What the form cannot hold is put into words, never refused: numbers beyond 2^53 and those that are none become
    text, half characters become U+FFFD.
    """
    return rfc8785.dumps(_expressible(value))


def _expressible(value: JsonValue) -> Any:
    if isinstance(value, str):
        return storable(value) if not value.isascii() or "\x00" in value else value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -_EXACT <= value <= _EXACT else _long(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {_expressible(name): _expressible(each) for name, each in value.items()}
    return [_expressible(each) for each in value]


def _long(number: int) -> str:
    # Python refuses to write more than 4,300 digits, for the time that it takes.
    return str(number) if number.bit_length() < 1000 else hex(number)


def _number(digits: str) -> int | float:
    found = float(digits)
    return int(digits) if abs(found) <= _EXACT else found


def parsed(body: bytes) -> JsonValue:
    """Return the value of which the bytes are the canonical form.

    Raises:
        NotCanonicalError: They are not JSON, or not in canonical form: somebody changed them.
    """
    try:
        value: JsonValue = json.loads(body.decode("utf-8"), parse_int=_number)
        again = rfc8785.dumps(value)
    except (ValueError, OverflowError, RecursionError) as error:
        raise NotCanonicalError("not JSON in UTF-8") from error
    if again != body:
        raise NotCanonicalError("JSON, but not in its canonical form")
    return value
