"""Answers that are a trap for whoever reads them: without an end, too big, or too big once inflated.

Waits here are real time, also where a test moves the clock.
"""

import asyncio
import gzip
import itertools
import struct
import zlib
from collections.abc import AsyncIterator, Iterable
from functools import lru_cache

from aiohttp import ClientConnectionError, web

from sandbox.faults.spec import FaultSpec

KINDS = frozenset({"drip", "endless", "padded", "gzip_bomb"})

_BLOCK = 64 * 1024


async def stream(request: web.Request, fault: FaultSpec, answer: web.Response) -> web.StreamResponse:
    """Send the answer as the fault wants it, until it is through or the caller hangs up."""
    response = web.StreamResponse(status=200, headers={"Content-Type": "application/json"})
    if fault.kind == "gzip_bomb":
        response.headers["Content-Encoding"] = ", ".join(["gzip"] * fault.layers)
    try:
        await response.prepare(request)
        async for block in _blocks(fault, answer):
            await response.write(block)
        await response.write_eof()
    except (ClientConnectionError, ConnectionError):
        pass
    return response


async def _blocks(fault: FaultSpec, answer: web.Response) -> AsyncIterator[bytes]:
    text = fault.text.encode()
    if fault.kind == "drip":
        while True:
            yield text
            await asyncio.sleep(fault.seconds)
    if fault.kind == "endless":
        block = text * max(1, _BLOCK // len(text))
        while True:
            yield block
            await asyncio.sleep(0)
    if fault.kind == "padded":
        body = answer.body if isinstance(answer.body, bytes) else b""
        yield body
        for size in _sizes(fault.size - len(body)):
            yield b" " * size
        return
    yield await asyncio.to_thread(_bomb, fault.size, fault.layers)


def _sizes(total: int) -> Iterable[int]:
    return itertools.chain(itertools.repeat(_BLOCK, max(0, total) // _BLOCK), [max(0, total) % _BLOCK])


@lru_cache(maxsize=4)
def _bomb(size: int, layers: int) -> bytes:
    """Return so many spaces, compressed so many times."""
    data = _packed_spaces(size)
    for _ in range(layers - 1):
        data = gzip.compress(data, 9)
    return data


def _packed_spaces(size: int) -> bytes:
    """Return one gzip member (RFC 1952) of so many spaces, without compressing them all.

    After a full flush the same input packs to the same bytes, so one packed block is repeated.
    """
    packer = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    block, count, rest = b" " * 1024**2, size // 1024**2, b" " * (size % 1024**2)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(rest) + packer.flush()
    check = 0
    for _ in range(count):
        check = zlib.crc32(block, check)
    check = zlib.crc32(rest, check)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return head + packed * count + end + struct.pack("<II", check, size % 2**32)
