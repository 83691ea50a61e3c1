"""Secrets at rest: AES-GCM with a key from the configuration, and older keys to read what they sealed."""

import hashlib
import os
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ID = 4
_NONCE = 12


class NotSealable(Exception):  # noqa: N818 - it names a state
    """The store has no key: set [store] key, 32 bytes. Until then nothing secret is kept in it."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(self.__doc__)


class NotOpenable(Exception):  # noqa: N818 - it names a state
    """What is kept was sealed with a key that is not configured any more, or was changed in the database."""

    def __init__(self) -> None:
        """Say what it means."""
        super().__init__(self.__doc__)


class Sealer:
    """Seals with the first key, opens with any."""

    def __init__(self, key: bytes | None, *, previous: Iterable[bytes] = ()) -> None:
        """Take keys of 16, 24 or 32 bytes; without the first one nothing can be sealed.

        Raises:
            ValueError: A key has another length.
        """
        keys = [each for each in (key, *previous) if each is not None]
        self._keys = {key_id(each): AESGCM(each) for each in keys}
        self._current = None if key is None else key_id(key)

    @property
    def configured(self) -> bool:
        """Whether something can be sealed."""
        return self._current is not None

    def seal(self, value: bytes, *, about: str) -> bytes:
        """Return the sealed value: key id, nonce, text. It opens only for the same `about`, so rows cannot be swapped.

        Raises:
            NotSealable: There is no key.
        """
        if self._current is None:
            raise NotSealable
        nonce = os.urandom(_NONCE)
        return self._current + nonce + self._keys[self._current].encrypt(nonce, value, _bound(about))

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return what was sealed.

        Raises:
            NotSealable: There is no key at all.
            NotOpenable: No key opens it.
        """
        if not self._keys:
            raise NotSealable
        found, nonce = self._keys.get(sealed[:_ID]), sealed[_ID : _ID + _NONCE]
        if found is None or len(nonce) != _NONCE:
            raise NotOpenable
        try:
            return found.decrypt(nonce, sealed[_ID + _NONCE :], _bound(about))
        except InvalidTag:
            raise NotOpenable from None


def key_id(key: bytes) -> bytes:
    """Return the name of a key, which tells nothing of it."""
    return hashlib.sha256(b"boardsync store key\n" + key).digest()[:_ID]


def _bound(about: str) -> bytes:
    return about.encode("utf-8", "surrogatepass")
