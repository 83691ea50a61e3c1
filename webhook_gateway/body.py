"""Read a request's body with caps, and its JSON without surprises."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from aiohttp import web

BODY_LIMIT = 256 * 1024
"""Bytes, before and after decompression: an event is a few hundred."""


class BadRequest(Exception):  # noqa: N818 -- named as HTTP names it
    """The request cannot be used; `status` is 400, 413 or 415."""

    def __init__(self, status: int, reason: str) -> None:
        """Keep what the sender is told."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


async def read_capped(request: web.Request) -> bytes:
    """Read the transferred body.

    Raises BadRequest (413).
    """
    if (request.content_length or 0) > BODY_LIMIT:
        raise BadRequest(413, f"the body is larger than {BODY_LIMIT} bytes")
    body = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > BODY_LIMIT:
            raise BadRequest(413, f"the body is larger than {BODY_LIMIT} bytes")
    return bytes(body)


def decode(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Undo the content encoding: none or gzip.

    Raises BadRequest: 415 for another encoding, 400 for false or truncated gzip, 413 for a bomb.
    """
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise BadRequest(415, "Content-Encoding must be gzip or absent")
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = inflater.decompress(body, BODY_LIMIT + 1)
    except zlib.error as error:
        raise BadRequest(400, "the body is not valid gzip") from error
    if len(plain) > BODY_LIMIT:
        raise BadRequest(413, f"the decompressed body is larger than {BODY_LIMIT} bytes")
    if not inflater.eof or inflater.unused_data:
        raise BadRequest(400, "the body is not one complete gzip stream")
    return plain


def check_content_type(headers: Mapping[str, str]) -> None:
    """Accept JSON in UTF-8 only.

    Raises BadRequest (415).
    """
    kind, *parameters = headers.get("Content-Type", "").split(";")
    if kind.strip().lower() != "application/json":
        raise BadRequest(415, "Content-Type must be application/json")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in {"utf-8", "us-ascii"}:
            raise BadRequest(415, "the charset must be utf-8")


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object.

    Raises BadRequest (400), also for repeated keys: two readers could take different ones.
    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadRequest(400, "the body is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise BadRequest(400, f"the body is not valid JSON: {error.msg} at character {error.pos}") from error
    except ValueError as error:  # of int: a number of thousands of digits
        raise BadRequest(400, "the body is not valid JSON: a number is too long") from error
    except RecursionError as error:
        raise BadRequest(400, "the body is nested too deeply") from error
    if not isinstance(value, dict):
        raise BadRequest(400, "the body must be a JSON object")
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest(400, "the body names a key twice")
    return found


def _no_constant(name: str) -> Any:
    raise BadRequest(400, f"the body is not valid JSON: {name}")
