"""Checkpoints, as https://c2sp.org/tlog-checkpoint has them: the log's size and root, signed."""

import base64
from typing import NamedTuple

from store.ledger.notes import NoteError, SigningKey, VerifierKey, decode, opened, split


class Checkpoint(NamedTuple):
    """A tree at one size."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the text that is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def sign(key: SigningKey, size: int, root: bytes) -> str:
    """Return the signed checkpoint of a tree; the log's name is the key's."""
    return key.sign(Checkpoint(key.name, size, root).text())


UNSIGNED = "unsigned"
"""The name of a log that has no key."""


def unsigned(size: int, root: bytes) -> str:
    """Return the checkpoint of a tree that nobody signs: it proves nothing to others."""
    return Checkpoint(UNSIGNED, size, root).text()


def is_signed(note: str) -> bool:
    """Return whether a kept checkpoint was meant to be signed; whether it is, and by whom, `read` tells."""
    return not note.startswith(f"{UNSIGNED}\n") or "\n\n" in note


def number(text: str) -> int:
    """Return a decimal number that has one spelling.

    Raises:
        NoteError: It is not one.
    """
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or (text[0] == "0" and text != "0"):
        raise NoteError("a number is not one")
    return int(text)


def _parsed(text: str) -> Checkpoint:
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise NoteError("a checkpoint has three lines: the log's name, its size, its root")
    root = decode(lines[2])
    if len(root) != 32:
        raise NoteError("the root is not a hash of 32 bytes")
    return Checkpoint(lines[0], number(lines[1]), root, tuple(lines[3:]))


def read(note: str, *keys: VerifierKey) -> Checkpoint:
    """Return the checkpoint that one of the keys signed for its own log.

    Raises:
        NoteError: It is no checkpoint, or none of these keys signed it (`WrongKeyError`, `BadSignatureError`).
    """
    found = _parsed(opened(note, *keys))
    if found.origin not in {key.name for key in keys}:
        raise NoteError(f"the checkpoint is of the log {found.origin}, not of the key's")
    return found


def peek(note: str) -> Checkpoint:
    """Return what a checkpoint says, without any proof of it.

    Raises:
        NoteError: It is no checkpoint.
    """
    return _parsed(split(note)[0])
