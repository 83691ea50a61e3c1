"""Signed requests of iCIMS that were taken already: a recorded one has no effect a second time.

A signature covers date and body, so the same one is the same request. It is good for `MAX_SKEW` either way; for that
long it is known here, in each gateway. One that was refused, or that nothing took, is not known: it may come again.

The date tells seconds, so a job that is unposted, posted and unposted again within one has the same signature twice:
what comes within a moment of the first is taken for another event. Where it was the same, it changes nothing.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runtime.attempts import Attempts
from webhook_gateway.icims.signature import MAX_SKEW, SCHEME, read_signature
from webhook_gateway.requests import SignedRequest, Unauthorized, only_header

DUPLICATE = "duplicate"
KEPT_FOR = 2 * MAX_SKEW.total_seconds()
"""Seconds: from the earliest moment at which a request is good to the last."""
KEPT = 200_000
A_MOMENT = 2.0
"""Seconds: the one that the date tells, and one more for the way."""


class Replays:
    """Know the signatures of what was taken."""

    def __init__(self, kept: int = KEPT) -> None:
        """Know nothing yet."""
        self._kept = kept
        self._taken: OrderedDict[bytes, float] = OrderedDict()
        self._under_way: dict[bytes, asyncio.Event] = {}

    @asynccontextmanager
    async def taking(self, key: bytes | None) -> AsyncIterator[bool]:
        """Say whether a request was taken already; else it is, once the block ends without an error.

        One that is being taken at this moment is waited for: what becomes of it decides.
        """
        if key is None:
            yield False
            return
        while (other := self._under_way.get(key)) is not None:
            await other.wait()
        self._forget()
        if time.monotonic() - self._taken.get(key, math.inf) > A_MOMENT:
            yield True
            return
        done = self._under_way[key] = asyncio.Event()
        try:
            yield False
            self._taken.setdefault(key, time.monotonic())
        finally:
            del self._under_way[key]
            done.set()

    def _forget(self) -> None:
        now = time.monotonic()
        while self._taken:
            oldest = next(iter(self._taken.values()))
            if now - oldest <= KEPT_FOR and len(self._taken) <= self._kept:
                return
            self._taken.popitem(last=False)


class Guard:
    """What a gateway knows of those who send as iCIMS; it outlasts a change of the configuration."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.replays, self.attempts = Replays(), Attempts()


def replay_key(request: SignedRequest) -> bytes | None:
    """Return what stands for a signed request; None for one that is not signed, which has no identity."""
    try:
        scheme, _, rest = (only_header(request.headers, "authorization") or "").partition(" ")
        return bytes.fromhex(read_signature(rest).hexdigest) if scheme.lower() == SCHEME else None
    except Unauthorized:
        return None
