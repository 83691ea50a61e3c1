"""A body's JSON, in any charset and with whatever decoration, and the values that are asked of it. Pure.

What decides is read strictly; what only decorates may be odd, missing or contradict itself.
"""

import codecs
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from models.base import is_id
from webhook_gateway.requests import BadRequest, Fault

EXACT = 2**53
"""From here on a number with a point or an exponent may have been rounded by its sender (IEEE 754 double)."""

_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE | re.ASCII)
_SINGLE_BYTE = re.compile(r"iso8859-\d+|cp125\d|koi8-[ru]|mac-roman")
_HALF_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")


class _Contradicted:
    """The value of a key that is given twice, with different values: of use to nobody."""


CONTRADICTED: Final = _Contradicted()


def parse_object(body: bytes, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Parse a JSON object; half characters become U+FFFD, and `NaN` and numbers of more than 64 digits None.

    Raises BadRequest.
    """
    text = _text(body, headers or {})
    try:
        value = _DECODER.decode(text)
        if _HALF_ESCAPE.search(text) is not None:
            value = _whole_characters(value)
    except json.JSONDecodeError as error:
        reason = f"the body is not valid JSON: {error.msg} at character {error.pos}"
        raise BadRequest(Fault.UNREADABLE, reason) from error
    except RecursionError as error:
        raise BadRequest(Fault.UNREADABLE, "the body is nested too deeply") from error
    if not isinstance(value, dict):
        raise BadRequest(Fault.UNREADABLE, "the body must be a JSON object")
    return value


def field(payload: Mapping[str, Any], name: str) -> Any:
    """Return a field's value, None where it is missing or null; its name is compared without case if it must be.

    Raises BadRequest where it is given twice, with different values.
    """
    value = payload.get(name)
    if name not in payload:
        others = [each for key, each in payload.items() if key.lower() == name.lower()]
        value = others[0] if others else None
        if any(each != value for each in others):
            value = CONTRADICTED
    if value is CONTRADICTED:
        raise BadRequest(Fault.CONTRADICTION, f"{name} is given twice, with different values")
    return value


def digits(value: object) -> str | None:
    """Return an id of 1 to 20 digits, whether it is written as text or as a number; None for anything else.

    The text is kept as it is but for spaces around it. A number must be whole, and not rounded by who wrote it.
    """
    match value:
        case bool():
            return None
        case int():
            text = str(value)
        case Decimal() if value.is_finite() and abs(value) < EXACT and value == int(value):
            text = str(int(value))
        case str():
            text = value.strip(" \t\r\n")
        case _:
            return None
    return text if is_id(text) else None


def _text(body: bytes, headers: Mapping[str, str]) -> str:
    # RFC 8259 wants UTF-8; a byte order mark or the zeros of ASCII in wider units tell the others.
    encoding = json.detect_encoding(body)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        # The ids are ASCII, and that is the same in every charset that is left.
        text = body.decode(_declared(headers) or encoding, "replace")
    return text.strip("\ufeff\0 \t\r\n")


def _declared(headers: Mapping[str, str]) -> str | None:
    found = _CHARSET.search(headers.get("Content-Type", ""))
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1]).name
    except LookupError:
        return None
    return name if _SINGLE_BYTE.fullmatch(name) else None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = CONTRADICTED if key in found and found[key] != value else value
    return found


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text) if len(text) <= 64 else None
    except ArithmeticError:  # an exponent of many digits
        return None


def _whole_characters(value: Any) -> Any:
    match value:
        case str():
            return _HALF.sub("\ufffd", value)
        case list():
            return [_whole_characters(each) for each in value]
        case dict():
            return {_HALF.sub("\ufffd", key): _whole_characters(each) for key, each in value.items()}
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_distinct,
    parse_constant=lambda _: None,
    parse_int=lambda text: int(text) if len(text) <= 64 else None,
    parse_float=_decimal,
    strict=False,
)
