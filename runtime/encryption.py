"""What Temporal keeps, encrypted: AES-GCM under the first configured key; older keys still open what they sealed.

The form is that of Temporal's own samples, so that the Web UI and the CLI know it for encrypted: a payload whose
`encoding` is `binary/encrypted`, and whose `encryption-key-id` names the key.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec

from config.temporal import Temporal
from runtime.failures import EncodedFailures, data_converter
from runtime.logs import Seldom

ENCRYPTED = b"binary/encrypted"
DAMAGED = b"binary/damaged"
"""What was changed on its way: it reaches whoever asked for it unread, as any other encoding that nobody knows."""
KEY_ID = "encryption-key-id"
_NONCE = 12

_seldom = Seldom(logging.getLogger(__name__))


class Undecryptable(RuntimeError):  # noqa: N818 -- it names a state
    """Something in Temporal was encrypted with a key that this process does not have."""

    def __init__(self, key_id: str, known: Iterable[str]) -> None:
        """Say what it means and what to do; a key's id tells nothing of the key."""
        have = ", ".join(known) or "none"
        super().__init__(
            f"a payload in Temporal was encrypted with the key {key_id}, which is not configured here (configured: "
            f"{have}): it cannot be read, and nothing is lost. Put that key into [temporal] encryption_keys, behind "
            "the first where it is an older one, and restart this process; what waits then goes on by itself"
        )
        self.key_id = key_id


class EncryptionCodec(PayloadCodec):
    """Encrypt with the first key, decrypt with any; without keys nothing is encrypted, and what is says so."""

    def __init__(self, keys: Sequence[bytes] = (), *, encrypting: bool = True) -> None:
        """Take keys of 32 bytes. One that is not `encrypting` only reads, as while keys are being given out."""
        self._keys = {key_id(each): AESGCM(each) for each in keys}
        self._current = key_id(keys[0]) if keys and encrypting else None

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Return the names of all keys, the first of which encrypts."""
        return tuple(self._keys)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload, its metadata included."""
        if self._current is None:
            return list(payloads)
        return [self._sealed(each, self._current) for each in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what is encrypted; what others wrote in the clear stays as it is.

        Raises Undecryptable where a key is missing, so that a workflow waits for it and loses nothing.
        """
        return [self._opened(each) if each.metadata.get("encoding") == ENCRYPTED else each for each in payloads]

    def _sealed(self, payload: Payload, current: str) -> Payload:
        nonce = os.urandom(_NONCE)
        name = current.encode()
        sealed = nonce + self._keys[current].encrypt(nonce, payload.SerializeToString(), name)
        return Payload(metadata={"encoding": ENCRYPTED, KEY_ID: name}, data=sealed)

    def _opened(self, payload: Payload) -> Payload:
        name = payload.metadata.get(KEY_ID, b"")
        named = name.decode("ascii", "replace")
        if not _is_key_id(named):
            return _damaged(payload)
        key = self._keys.get(named)
        if key is None:
            raise Undecryptable(named, self._keys)
        nonce, sealed = payload.data[:_NONCE], payload.data[_NONCE:]
        try:
            return Payload.FromString(key.decrypt(nonce, sealed, name))
        except (InvalidTag, ValueError, DecodeError):
            return _damaged(payload)


def key_id(key: bytes) -> str:
    """Return the name of a key, which tells nothing of it."""
    return hashlib.sha256(b"boardsync payload key\n" + key).hexdigest()[:8]


def converter_for(temporal: Temporal) -> DataConverter:
    """Return how this process writes to Temporal, and what it can read."""
    codec = EncryptionCodec(temporal.key_bytes, encrypting=temporal.encrypt)
    if not temporal.key_bytes or not temporal.encrypt:
        return replace(data_converter, payload_codec=codec)
    return replace(data_converter, payload_codec=codec, failure_converter_class=EncodedFailures)


def _is_key_id(name: str) -> bool:
    return len(name) == 8 and all(each in "0123456789abcdef" for each in name)


def _damaged(payload: Payload) -> Payload:
    # Whoever may write to Temporal could otherwise hold a lifecycle up for ever by one signal.
    _seldom.warning(
        "damaged",
        "an encrypted payload was changed on its way to us, or was never encrypted by Boardsync: it is not read",
    )
    return Payload(metadata={**payload.metadata, "encoding": DAMAGED}, data=payload.data)
