"""Verify one proof file: with nothing but the file, the public key, and checkpoints that were published before."""

from collections.abc import Callable
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from pydantic import JsonValue

from store.ledger import checkpoint, merkle, proof
from store.ledger.canonical import NotCanonicalError, parsed
from store.ledger.checkpoint import Checkpoint
from store.ledger.notes import BadSignatureError, NoteError, VerifierKey, WrongKeyError
from store.ledger.proof import Proof


class FaultKind(StrEnum):
    """What was done to a proof or to the ledger."""

    CHANGED = "changed"
    REMOVED = "removed"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    FORKED = "forked"
    UNSIGNED = "unsigned"
    WRONG_KEY = "wrong key"
    BAD_SIGNATURE = "bad signature"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"


class ProofFault(Exception):  # noqa: N818 - it names a finding
    """The file proves nothing; `kind` and the message say what was found."""

    def __init__(self, kind: FaultKind, words: str) -> None:
        """Keep what was found."""
        super().__init__(words)
        self.kind = kind


class Verified(NamedTuple):
    """What the file proves: this receipt is in this log, which had this size and root when the key signed it."""

    receipt: JsonValue
    leaf: int
    checkpoint: Checkpoint


def verify_file(content: bytes, *keys: VerifierKey, published: tuple[str, ...] = ()) -> Verified:
    """Return what a proof file proves. `published` are checkpoints that were seen elsewhere.

    Raises:
        ProofFault: It proves nothing.
    """
    found = _read(content)
    signed = _checkpoint(found.checkpoint, *keys)
    for note in published:
        _not_forked(signed, _checkpoint(note, *keys))
    if found.extra is None:
        raise ProofFault(FaultKind.REMOVED, "The file holds no receipt: its body was removed after its time.")
    try:
        receipt = parsed(found.extra)
    except NotCanonicalError as error:
        raise ProofFault(FaultKind.CHANGED, f"The receipt was changed: it is {error}.") from None
    leaf = merkle.leaf_hash(found.extra)
    if not merkle.verify_inclusion(leaf, found.leaf, signed.size, found.path, signed.root):
        raise _named(found, leaf, signed)
    return Verified(receipt, found.leaf, signed)


def _read(content: bytes) -> Proof:
    begins = content[: len(proof.HEADER)] == proof.HEADER.encode()[: len(content)]
    if begins and not content.endswith(b"\n"):
        raise ProofFault(FaultKind.TRUNCATED, "The file ends in the middle of a line: it is cut off.")
    try:
        return proof.parse(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise ProofFault(FaultKind.UNREADABLE, "The file is not text in UTF-8.") from None
    except NoteError as error:
        raise ProofFault(_kind(error), f"The proof cannot be read: {error}.") from None


def _kind(error: NoteError) -> FaultKind:
    return FaultKind.TRUNCATED if "cut off" in str(error) else FaultKind.UNREADABLE


def _checkpoint(note: str, *keys: VerifierKey) -> Checkpoint:
    try:
        return checkpoint.read(note, *keys)
    except WrongKeyError as error:
        raise ProofFault(FaultKind.WRONG_KEY, f"The checkpoint is {error}.") from None
    except BadSignatureError as error:
        raise ProofFault(FaultKind.BAD_SIGNATURE, f"The checkpoint was changed: {error}.") from None
    except NoteError as error:
        raise ProofFault(_kind(error), f"The checkpoint cannot be read: {error}.") from None


def _not_forked(one: Checkpoint, other: Checkpoint) -> None:
    if one.origin == other.origin and one.size == other.size and one.root != other.root:
        raise ProofFault(
            FaultKind.FORKED,
            f"The log is forked: its key signed two different trees of {one.size} entries. "
            "Somebody was shown another past.",
        )


def _named(found: Proof, leaf: bytes, signed: Checkpoint) -> ProofFault:
    """Say what was done to the file, as far as that can be told from it alone."""
    size, path = signed.size, list(found.path)
    if found.leaf >= size:
        return ProofFault(
            FaultKind.CHANGED, f"The index {found.leaf} is not in a tree of {size} entries: one of the two was changed."
        )

    def leads(index: int, way: list[bytes]) -> bool:
        return merkle.verify_inclusion(leaf, index, size, way, signed.root)

    expected = len(merkle.inclusion_ranges(found.leaf, size))
    if len(path) != expected:
        return _wrong_length(path, expected, lambda way: leads(found.leaf, way))
    if any(leads(found.leaf, _swapped(path, *pair)) for pair in combinations(range(len(path)), 2)):
        return ProofFault(FaultKind.REORDERED, "Two lines of the path stand in each other's place.")
    if any(leads(index, path) for index in _others(found.leaf, len(path), size)):
        return ProofFault(FaultKind.CHANGED, "The index was changed: the path belongs to another one.")
    return ProofFault(
        FaultKind.CHANGED,
        f"The receipt is not entry {found.leaf} of the signed log: a byte of the receipt or of its path was changed.",
    )


def _wrong_length(path: list[bytes], expected: int, leads: Callable[[list[bytes]], bool]) -> ProofFault:
    if len(path) < expected:
        return ProofFault(
            FaultKind.REMOVED, f"The path has {len(path)} lines where {expected} belong: some are missing."
        )
    if len(set(path)) < len(path) or any(leads(path[:at] + path[at + 1 :]) for at in range(len(path))):
        return ProofFault(FaultKind.DOUBLED, "A line of the path is there twice, or does not belong there.")
    return ProofFault(FaultKind.CHANGED, f"The path has {len(path)} lines where {expected} belong.")


def _swapped(path: list[bytes], one: int, other: int) -> list[bytes]:
    found = list(path)
    found[one], found[other] = found[other], found[one]
    return found


def _others(index: int, length: int, size: int) -> set[int]:
    """Return indexes that differ from this one in one bit, or by little: what a changed digit mostly makes of it."""
    near = {index ^ (1 << bit) for bit in range(length + 1)} | set(range(max(0, index - 1000), index + 1000))
    return {each for each in near if 0 <= each < size and each != index}
