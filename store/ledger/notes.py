"""Signed notes, as https://c2sp.org/signed-note has them, signed with Ed25519."""

import base64
import binascii
import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
LONGEST_NOTE = 1_000_000
_DASH = "\u2014 "  # begins a line with a signature
_PRIVATE = "PRIVATE+KEY+"


class NoteError(ValueError):
    """A note, a key or a signature is not what it should be; the message says what is wrong."""


class WrongKeyError(NoteError):
    """The note is signed, but by no key that was given."""


class BadSignatureError(NoteError):
    """The note names a key that was given, but that key did not sign this text."""


class Signature(NamedTuple):
    """One line below a note."""

    name: str
    key_id: bytes
    value: bytes


def decode(text: str) -> bytes:
    """Return the bytes of one standard base64 text, which has exactly one spelling.

    Raises:
        NoteError: It is not base64, or not the one spelling.
    """
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("a line is not base64") from error
    if base64.b64encode(value).decode() != text:
        raise NoteError("a line is not the one base64 spelling of its bytes")
    return value


def _checked_name(name: str) -> str:
    if not name or "+" in name or any(each.isspace() or each < " " for each in name):
        raise NoteError("A key's name is not empty and has neither spaces nor `+`, like ledger.example.com")
    return name


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


class VerifierKey:
    """A public key under its name: what somebody needs to verify our notes."""

    def __init__(self, name: str, public: bytes) -> None:
        """Take the 32 bytes of an Ed25519 public key."""
        self.name = _checked_name(name)
        self.public = public
        self.key_id = _key_id(name, public)
        try:
            self._key = Ed25519PublicKey.from_public_bytes(public)
        except ValueError as error:
            raise NoteError("The key's 32 bytes are not an Ed25519 public key") from error

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `name+id+base64`.

        Raises:
            NoteError: It is not such a key, or its id is not that of its bytes.
        """
        parts = text.strip().split("+", 2)  # base64 may hold `+` as well
        if len(parts) != 3:
            raise NoteError("A public key has the form name+id+base64")
        name, key_id, encoded = parts
        material = decode(encoded)
        if material[:1] != ED25519 or len(material) != 33:
            raise NoteError("The key is not an Ed25519 key")
        found = cls(name, material[1:])
        if key_id != found.key_id.hex():
            raise NoteError("The key's id does not belong to its name and bytes: a character was lost or changed")
        return found

    def __str__(self) -> str:
        """Return `name+id+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Return whether this key signed the text."""
        try:
            self._key.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """The private key under its name; its text is a secret."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Take the 32 bytes of an Ed25519 seed."""
        if len(seed) != 32:
            raise NoteError("The private key does not have 32 bytes")
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, self._key.public_key().public_bytes_raw())
        self.name = self.verifier.name

    @classmethod
    def new(cls, name: str) -> "SigningKey":
        """Make a key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """Read `PRIVATE+KEY+name+id+base64`, the form of https://pkg.go.dev/golang.org/x/mod/sumdb/note.

        Raises:
            NoteError: It is not such a key. The message holds nothing of it.
        """
        stripped = text.strip()
        parts = stripped.removeprefix(_PRIVATE).split("+", 2)
        if not stripped.startswith(_PRIVATE) or len(parts) != 3:
            raise NoteError("A private key has the form PRIVATE+KEY+name+id+base64; make one: boardsync ledger key new")
        name, key_id, encoded = parts
        material = decode(encoded)
        if material[:1] != ED25519:
            raise NoteError("The private key is not an Ed25519 key")
        found = cls(name, material[1:])
        if key_id != found.verifier.key_id.hex():
            raise NoteError("The private key's id does not belong to its name and bytes")
        return found

    def text(self) -> str:
        """Return the secret text of this key."""
        encoded = base64.b64encode(ED25519 + self._seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{encoded}"

    def __repr__(self) -> str:
        """Return the public key: a private one never gets into a log."""
        return f"SigningKey({self.verifier})"

    def sign(self, text: str) -> str:
        """Return the text as a note with this key's signature.

        Raises:
            NoteError: The text does not end with a line, or holds control characters.
        """
        _check_text(text)
        signed = base64.b64encode(self.verifier.key_id + self._key.sign(text.encode())).decode()
        return f"{text}\n{_DASH}{self.name} {signed}\n"


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise NoteError("the file ends before its last line does: it is cut off")
    if any(each < " " and each != "\n" for each in text):
        raise NoteError("the note holds control characters")


def split(note: str) -> tuple[str, list[Signature]]:
    """Return a note's text and its signatures, none of them verified.

    Raises:
        NoteError: It is not a note.
    """
    if len(note) > LONGEST_NOTE:
        raise NoteError("the note is longer than any that is taken")
    _check_text(note)
    end = note.rfind("\n\n")
    if end < 0:
        raise NoteError("the note has no signature: it is cut off")
    text, lines = note[: end + 1], note[end + 2 :].split("\n")[:-1]
    if not lines:
        raise NoteError("the note has no signature: it is cut off")
    return text, [_signature(line) for line in lines]


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError("a line below the note is not a signature")
    value = decode(encoded)
    if len(value) < 5:
        raise NoteError("a signature is too short: it is cut off")
    return Signature(_checked_name(name), value[:4], value[4:])


def opened(note: str, *keys: VerifierKey) -> str:
    """Return the text of a note that one of the keys signed.

    Raises:
        WrongKeyError: No signature is by one of the keys.
        BadSignatureError: A signature names one of the keys, but does not verify: the text was changed.
        NoteError: It is not a note.
    """
    text, signatures = split(note)
    known = {(key.name, key.key_id): key for key in keys}
    verified = False
    for signature in signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.verifies(text, signature.value):
            raise BadSignatureError("the signature does not fit the text: one of the two was changed")
        verified = True
    if not verified:
        by = ", ".join(f"{each.name} ({each.key_id.hex()})" for each in signatures[:4])
        raise WrongKeyError(f"signed by {by}, not by {', '.join(f'{key.name} ({key.key_id.hex()})' for key in keys)}")
    return text
