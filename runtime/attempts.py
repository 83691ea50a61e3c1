"""Wrong passwords, slowed by who tries them: guessing takes for ever, and nobody else waits.

Who that is, the caller says: an address, for one, or an address and the user that it claims to be.
"""

import asyncio
import hashlib
import os
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

FREE = 10
"""Wrong attempts that cost an address nothing: a person's typing errors, a secret that is being changed."""
FIRST_WAIT, LONGEST_WAIT = 0.05, 1.0
"""Seconds before an attempt is looked at, doubling with each wrong one; senders wait 10 s for an answer."""
FORGOTTEN_AFTER = 300.0
"""Seconds after its last wrong attempt in which an address is remembered."""
ADDRESSES = 4096
KNOWN = 1024
WAITING_OF_ONE, WAITING_OF_ALL = 16, 512


class TooMany(Exception):  # noqa: N818 -- a state, told to the sender
    """Too many attempts of this address wait already: this one is not looked at."""


@dataclass(slots=True)
class _Address:
    wrong: int = 0
    last: float = 0.0
    waiting: int = 0


class Attempts:
    """Know the addresses that tried wrong credentials, and the credentials that were right."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._addresses: OrderedDict[str, _Address] = OrderedDict()
        self._right: OrderedDict[bytes, None] = OrderedDict()
        self._salt = os.urandom(16)
        self._waiting = 0

    @asynccontextmanager
    async def looking(self, address: str, credentials: str) -> AsyncIterator["Attempt"]:
        """Wait as an address must before credentials are looked at, unless just these were right before.

        So a genuine sender is not slowed by others that share its address, as behind a proxy. Raises TooMany.
        """
        digest = hashlib.blake2b(credentials.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=16).digest()
        if digest not in self._right:
            await self._wait(address)
        yield Attempt(self, address, digest)

    def wait_of(self, address: str) -> float:
        """Return the seconds that an unknown attempt of an address waits now."""
        known = self._addresses.get(address)
        if known is None or known.wrong < FREE:
            return 0.0
        if asyncio.get_running_loop().time() - known.last > FORGOTTEN_AFTER:
            return 0.0
        return float(min(FIRST_WAIT * 2 ** min(known.wrong - FREE, 10), LONGEST_WAIT))

    async def _wait(self, address: str) -> None:
        seconds = self.wait_of(address)
        if not seconds:
            return
        known = self._addresses[address]
        if known.waiting >= WAITING_OF_ONE or self._waiting >= WAITING_OF_ALL:
            raise TooMany
        known.waiting += 1
        self._waiting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            known.waiting -= 1
            self._waiting -= 1

    def right(self, digest: bytes) -> None:
        """Remember credentials that are right; the address's other attempts stay as slow as they were."""
        self._right[digest] = None
        self._right.move_to_end(digest)
        while len(self._right) > KNOWN:
            self._right.popitem(last=False)

    def wrong(self, address: str, digest: bytes) -> None:
        """Count a wrong attempt; credentials that were right once, and are changed since, are known no more."""
        self._right.pop(digest, None)
        now = asyncio.get_running_loop().time()
        known = self._addresses.setdefault(address, _Address())
        known.wrong = known.wrong + 1 if now - known.last <= FORGOTTEN_AFTER else 1
        known.last = now
        self._addresses.move_to_end(address)
        while len(self._addresses) > ADDRESSES:
            self._addresses.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: whoever looks at it says what it was."""

    attempts: Attempts
    address: str
    digest: bytes

    def was_right(self) -> None:
        """Say that the credentials are right."""
        self.attempts.right(self.digest)

    def was_wrong(self) -> None:
        """Say that they are wrong."""
        self.attempts.wrong(self.address, self.digest)
