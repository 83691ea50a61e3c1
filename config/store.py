"""Where the store is, what seals secrets in it, and what signs the ledger."""

import base64
import binascii
import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from config.values import YEAR, Duration, Secret, Section, Text

KEY_BYTES = 32
_DATABASE = re.compile(r"sqlite:///[^/?:].*|sqlite:////.+|postgres(?:ql)?(?:\+asyncpg)?://.+")
_PUBLIC_KEY = re.compile(r"[^+\s]+\+[0-9a-f]{8}\+\S+")
_SIGNING_KEY = re.compile(r"PRIVATE\+KEY\+[^+\s]+\+[0-9a-f]{8}\+\S+")


def _a_database(url: str) -> str:
    # The message does not repeat it: it may hold a password.
    if _DATABASE.fullmatch(url) is None:
        raise ValueError("expected sqlite:///PATH or postgresql://USER@HOST/DATABASE")
    return url


def _sealing_key(text: SecretStr) -> SecretStr:
    key_bytes(text)
    return text


def key_bytes(text: SecretStr) -> bytes:
    """Return the bytes of a sealing key.

    Raises ValueError where it is not base64 of 32 bytes; the message holds nothing of it.
    """
    try:
        key = base64.b64decode(text.get_secret_value(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("expected 32 random bytes in base64: boardsync store key")
    return key


def _signing_key(text: SecretStr) -> SecretStr:
    if _SIGNING_KEY.fullmatch(text.get_secret_value().strip()) is None:
        raise ValueError("expected a private key PRIVATE+KEY+name+id+base64: boardsync ledger key new")
    return text


def _public_key(text: str) -> str:
    if _PUBLIC_KEY.fullmatch(text) is None:
        raise ValueError("expected a public key name+id+base64, as boardsync ledger key show prints it")
    return text


PublicKey = Annotated[Text, AfterValidator(_public_key)]
SealingKey = Annotated[Secret, AfterValidator(_sealing_key)]
SigningKey = Annotated[Secret, AfterValidator(_signing_key)]


class Store(Section):
    """The database behind ledger, job index, checks, event log and shared tokens."""

    url: Annotated[Text, AfterValidator(_a_database), Field(repr=False)] = "sqlite:///.boardsync/store.db"
    """Where it is: an SQLite file, its path taken from where the process runs, or `postgresql://USER@HOST/DATABASE`."""
    key: SealingKey | None = None
    """Seals tokens and refused events: 32 random bytes in base64. Without it neither is kept."""
    previous_keys: tuple[SealingKey, ...] = ()
    """Older keys, which still open what they sealed."""

    @property
    def sealing_key(self) -> bytes | None:
        """Return the key's bytes."""
        return None if self.key is None else key_bytes(self.key)

    @property
    def opening_keys(self) -> tuple[bytes, ...]:
        """Return the bytes of the older keys."""
        return tuple(key_bytes(each) for each in self.previous_keys)


class Ledger(Section):
    """The append-only log of all receipts."""

    key: SigningKey | None = None
    """Signs the log: a private key made by `boardsync ledger key new`. Without it receipts are kept, unsigned."""
    previous_keys: tuple[PublicKey, ...] = ()
    """The public part of older keys: what they signed stays verified."""
    keep: Duration = timedelta(days=3 * YEAR)
    """How long after a job's end its receipt is kept; its hash stays for ever."""
