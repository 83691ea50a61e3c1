"""Proof files, as https://c2sp.org/tlog-proof has them: a receipt, its path, and the checkpoint it leads to."""

import base64
from typing import NamedTuple

from store.ledger.checkpoint import number
from store.ledger.notes import NoteError, decode

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST_PATH = 64


class Proof(NamedTuple):
    """One file's content. `extra` is the receipt's canonical JSON, whose leaf hash is SHA-256(0x00 ‖ extra)."""

    extra: bytes | None
    leaf: int
    path: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        """Return the file's content."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines.append(f"index {self.leaf}")
        lines += [base64.b64encode(each).decode() for each in self.path]
        return "".join(f"{line}\n" for line in lines) + "\n" + self.checkpoint


def parse(text: str) -> Proof:
    """Read a proof file.

    Raises:
        NoteError: It is not one; the message says which line is wrong.
    """
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != HEADER:
        raise NoteError(f"the first line is not {HEADER}")
    extra = None
    if len(lines) > 1 and lines[1].startswith("extra "):
        extra = decode(lines.pop(1).removeprefix("extra "))
    if len(lines) < 2 or not lines[1].startswith("index "):
        raise NoteError("the line with the index is missing" if blank else "the file is cut off before its index")
    if not blank:
        raise NoteError("the file is cut off before its checkpoint")
    path = tuple(decode(line) for line in lines[2:])
    if len(path) > LONGEST_PATH or any(len(each) != 32 for each in path):
        raise NoteError("a line of the path is not a hash of 32 bytes")
    return Proof(extra, number(lines[1].removeprefix("index ")), path, checkpoint)
