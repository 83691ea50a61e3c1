"""JSON from outside, read so that nothing in it can fail later: no half characters, no depth without end."""

import json
import re
from typing import Any

REPLACEMENT = "\ufffd"
_HALF = re.compile("[\ud800-\udfff]")
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


def whole_text(text: str) -> str:
    """Return the text with U+FFFD for each half character, so that it can be encoded."""
    return _HALF.sub(REPLACEMENT, text)


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
