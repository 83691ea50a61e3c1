"""Bodies of answers, inflated as they come and never beyond a limit."""

import zlib
from collections.abc import AsyncIterable, Iterator

ACCEPTED = "gzip, deflate"
"""The codings to ask for: those that are read here."""
_GZIP, _ZLIB, _BARE = 31, 15, -15
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


class BodyError(Exception):
    """A body that is too large, or not what its header says."""


async def read_body(chunks: AsyncIterable[bytes], *, coding: str, limit: int) -> bytes:
    """Return a body of at most `limit` bytes, on the wire as well as inflated.

    Raises BodyError.
    """
    inflate = _inflater(coding)
    body, received = bytearray(), 0
    async for chunk in chunks:
        received += len(chunk)
        if received > limit:
            raise BodyError("the answer is too large")
        for piece in inflate.pieces(chunk, limit):
            body += piece
            if len(body) > limit:
                raise BodyError("the answer is too large once it is inflated")
    inflate.finish()
    return bytes(body)


class _Plain:
    def pieces(self, chunk: bytes, _: int) -> Iterator[bytes]:
        yield chunk

    def finish(self) -> None:
        return


class _Inflater:
    """Inflate one coding; gzip may come in several members (RFC 1952, 2.2)."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._begun = False

    def pieces(self, chunk: bytes, most: int) -> Iterator[bytes]:
        """Return what a chunk inflates to, in pieces of at most `most` bytes."""
        data = chunk
        while data:
            if self._stream.eof:
                if self._window != _GZIP:
                    raise BodyError("there is more after the end of the compressed answer")
                self._stream = zlib.decompressobj(self._window)
            yield self._decompress(data, most)
            data = self._stream.unconsumed_tail or self._stream.unused_data

    def finish(self) -> None:
        if self._begun and not self._stream.eof:
            raise BodyError("the compressed answer ends early")

    def _decompress(self, data: bytes, most: int) -> bytes:
        if self._window == _ZLIB and not self._begun and data[0] & 0x0F != zlib.DEFLATED:
            # Some servers send `deflate` without the zlib header that the standard asks for (RFC 9110, 8.4.1.2).
            self._window, self._stream = _BARE, zlib.decompressobj(_BARE)
        self._begun = True
        try:
            return self._stream.decompress(data, most)
        except zlib.error as error:
            raise BodyError("the answer is not compressed as its header says") from error


def _inflater(coding: str) -> _Plain | _Inflater:
    names = [name for each in coding.split(",") if (name := each.strip().lower()) and name != "identity"]
    if not names:
        return _Plain()
    if len(names) > 1:
        raise BodyError("the answer is compressed more than once")
    if names[0] not in _WINDOWS:
        raise BodyError("the answer is compressed in a way that was not asked for")
    return _Inflater(_WINDOWS[names[0]])
