"""A request's body: read with caps and a deadline, and taken out of whatever compression it arrives in."""

import asyncio
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from webhook_gateway.connections import RECEIVED_AT, waiting_for_sender
from webhook_gateway.requests import Arrived, BadRequest, Fault, HungUp, SignedRequest

BODY_LIMIT = 256 * 1024
"""Bytes, before and after decompression: an event is a few hundred."""
READ_WITHIN = 10.0
"""Seconds for a whole body."""
HELD_LIMIT = 64 * 1024 * 1024
"""Bytes of all bodies that are being read: most of them are nobody's yet."""
LARGE_AT_ONCE = 4
"""Bodies over BODY_LIMIT that may be read at a time."""
LAYERS = 2
"""A proxy may compress what is compressed already."""
MEMBERS = 64
"""Parts of one gzip body, each of which is complete in itself (RFC 1952, 2.2)."""

_GZIP = b"\x1f\x8b"
_KNOWN = {"identity", "gzip", "x-gzip", "deflate"}
_JSON_BEGINS = re.compile(rb"[\xef\xbb\xbf\xfe\xff\x00\s]*[{\[]")


@dataclass(slots=True)
class _Held:
    """The unfinished bodies that this process holds."""

    bytes: int = 0
    large: int = 0


_held = _Held()


async def arrive(request: web.Request | Arrived, limit: int = BODY_LIMIT) -> Arrived:
    """Read a request to its end; one that is tried again has arrived already.

    Raises BadRequest and HungUp, as `read_capped`.
    """
    if isinstance(request, Arrived):
        return request
    body = await read_capped(request, limit)
    path, _, query = request.raw_path.partition("?")
    return Arrived(SignedRequest(request.method, path, query, request.headers, body), request[RECEIVED_AT])


async def read_capped(request: web.Request, limit: int = BODY_LIMIT) -> bytes:
    """Read the transferred body; of those larger than usual, where a limit allows them, few at once.

    Raises BadRequest where it is too large or does not arrive in time, and HungUp where the sender went away.
    """
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    body, large = bytearray(), False
    try:
        with waiting_for_sender(request):
            async with asyncio.timeout(READ_WITHIN):
                async for chunk in request.content.iter_chunked(64 * 1024):
                    body += chunk
                    _held.bytes += len(chunk)
                    if len(body) > limit:
                        raise _too_large(limit)
                    if not large and len(body) > BODY_LIMIT:
                        large = _take_large()
                    if _held.bytes > HELD_LIMIT:
                        raise _busy()
    except TimeoutError as error:
        raise BadRequest(Fault.TOO_SLOW, f"the body did not arrive within {READ_WITHIN:g} seconds") from error
    except web.RequestPayloadError as error:
        raise BadRequest(Fault.UNREADABLE, "the body is not transferred as its headers say") from error
    except OSError as error:
        raise HungUp from error
    finally:
        _held.bytes -= len(body)
        _held.large -= large
    return bytes(body)


def _take_large() -> bool:
    if _held.large >= LARGE_AT_ONCE:
        raise _busy()
    _held.large += 1
    return True


def _busy() -> BadRequest:
    return BadRequest(Fault.TOO_SLOW, "too many bodies are being read; send the request again")


def decode(body: bytes, headers: Mapping[str, str], limit: int = BODY_LIMIT) -> bytes:
    """Undo compression, as the bytes show it: proxies undo it and leave the header, and drop the header alone.

    JSON begins neither like gzip nor like zlib. Raises BadRequest for a compression that is broken, unknown or a bomb.
    """
    for _ in range(LAYERS):
        if body.startswith(_GZIP):
            body = _gunzip(body, limit)
        elif _is_zlib(body):
            body = _inflate(body, limit, zlib.MAX_WBITS)
    stated = {each.strip().lower() for each in headers.get("Content-Encoding", "").split(",")} - {""}
    if not stated or _JSON_BEGINS.match(body) is not None:
        return body
    if stated - _KNOWN:
        raise BadRequest(Fault.UNREADABLE, "Content-Encoding must be gzip, deflate or absent")
    return _inflate(body, limit, -zlib.MAX_WBITS) if "deflate" in stated else body


def _gunzip(body: bytes, limit: int) -> bytes:
    plain = bytearray()
    for _ in range(MEMBERS):
        inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        plain += _whole(inflater, body, limit - len(plain), limit)
        # gzip itself passes over padding, too.
        body = inflater.unused_data.lstrip(b"\0\r\n")
        if not body:
            return bytes(plain)
    raise BadRequest(Fault.UNREADABLE, f"the body has more than {MEMBERS} gzip members")


def _inflate(body: bytes, limit: int, wbits: int) -> bytes:
    inflater = zlib.decompressobj(wbits=wbits)
    plain = _whole(inflater, body, limit, limit)
    if inflater.unused_data.strip(b"\0\r\n"):
        raise BadRequest(Fault.UNREADABLE, "the compressed body has something after its end")
    return plain


def _whole(inflater: "zlib._Decompress", body: bytes, left: int, limit: int) -> bytes:
    try:
        plain = inflater.decompress(body, left + 1)
    except zlib.error as error:
        raise BadRequest(Fault.UNREADABLE, "the body is not validly compressed") from error
    if len(plain) > left:
        raise BadRequest(Fault.TOO_LARGE, f"the decompressed body is larger than {limit} bytes")
    if not inflater.eof:
        raise BadRequest(Fault.UNREADABLE, "the compressed body is not complete")
    return plain


def _is_zlib(body: bytes) -> bool:
    # RFC 1950, 2.2: the method is 8, and the first two bytes are a multiple of 31. "x" begins no JSON.
    return len(body) > 2 and body[0] == 0x78 and int.from_bytes(body[:2], "big") % 31 == 0


def _too_large(limit: int) -> BadRequest:
    return BadRequest(Fault.TOO_LARGE, f"the body is larger than {limit} bytes")
