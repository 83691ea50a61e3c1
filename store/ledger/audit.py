"""Walk the whole ledger: every receipt, node and checkpoint, and name what somebody did to it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from store import types
from store.database import Store
from store.ledger import checkpoint, merkle
from store.ledger.canonical import NotCanonicalError, parsed
from store.ledger.checkpoint import Checkpoint
from store.ledger.merkle import Frontier
from store.ledger.notes import BadSignatureError, NoteError, VerifierKey, WrongKeyError
from store.ledger.reading import PART, Part, Reader
from store.ledger.verify import FaultKind

MOST_FAULTS = 100
"""Faults that are listed; a ledger that was rewritten has no end of them."""


class Fault(NamedTuple):
    """One thing that is wrong. `leaf` is the entry, `size` the checkpoint that it was found at."""

    kind: FaultKind
    words: str
    leaf: int | None = None
    size: int | None = None


class Audit(NamedTuple):
    """What the walk found. `removed` counts the bodies that `keep` took away; their hashes are there."""

    entries: int
    checkpoints: int
    removed: int
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


async def audit(store: Store, *keys: VerifierKey, published: Sequence[str] = ()) -> Audit:
    """Verify the ledger from its first entry to its last. `published` are checkpoints that were seen elsewhere.

    Receipts that are added meanwhile are left to the next walk.

    Raises:
        StoreUnavailable: The store cannot be read.
    """
    return await _Walk(Reader(store), keys).run(published)


class _Walk:
    """One walk: the tree grows leaf by leaf as it did, and is held against every checkpoint on the way."""

    def __init__(self, reader: Reader, keys: Sequence[VerifierKey]) -> None:
        self._reader = reader
        self._keys = keys
        self._faults: list[Fault] = []
        self._edge = Frontier()
        self._removed = 0
        self._entries = 0
        self._nodes_differ = False
        # The last tree that had its signed root, and the sizes that had another one.
        self._good = Frontier()
        self._bad: list[int] = []

    async def run(self, published: Sequence[str]) -> Audit:
        notes, count = await self._reader.outline()
        signed = self._signed([each for each in notes if checkpoint.is_signed(each[-1])])
        outside = self._published(published)
        newest = max((size for size, *_ in notes), default=0)
        end = max(newest, count)
        for leaf, first in await self._reader.doubled():
            self._add(FaultKind.DOUBLED, f"Entry {leaf} is a copy of entry {first}.", leaf)
        for start in range(0, end, PART):
            part = await self._reader.part(start, min(start + PART, end), newest)
            for leaf in range(start, min(start + PART, end)):
                await self._leaf(leaf, part, covered=leaf < newest)
                self._hold(signed, outside)
        last = max((size for size, _, note in notes if checkpoint.is_signed(note)), default=0)
        if count > last:
            self._add(FaultKind.UNSIGNED, f"Entries {last} to {count - 1} are under no signed checkpoint.", last)
        await self._explain(signed)
        self._cut_off(outside)
        return Audit(self._entries, len(notes), self._removed, tuple(self._faults[:MOST_FAULTS]))

    def _add(self, kind: FaultKind, words: str, leaf: int | None = None, size: int | None = None) -> None:
        self._faults.append(Fault(kind, words, leaf, size))

    def _signed(self, notes: Sequence[tuple[int, bytes, str]]) -> dict[int, Checkpoint]:
        found: dict[int, Checkpoint] = {}
        for size, root, note in notes:
            what = f"The checkpoint over {size} entries"
            each = self._verified(note, what, size)
            if each is None:
                continue
            if (each.size, each.root) != (size, root):
                self._add(FaultKind.CHANGED, f"{what} says something else than what was signed.", size=size)
            found[each.size] = each
        return found

    def _published(self, notes: Sequence[str]) -> dict[int, Checkpoint]:
        found = [self._verified(note, "A published checkpoint", None) for note in notes]
        return {each.size: each for each in found if each is not None}

    def _verified(self, note: str, what: str, size: int | None) -> Checkpoint | None:
        try:
            return checkpoint.read(note, *self._keys)
        except WrongKeyError as error:
            self._add(FaultKind.WRONG_KEY, f"{what} is {error}.", size=size)
        except BadSignatureError as error:
            self._add(FaultKind.BAD_SIGNATURE, f"{what} was changed: {error}.", size=size)
        except NoteError as error:
            cut = "cut off" in str(error)
            kind = FaultKind.TRUNCATED if cut else FaultKind.UNREADABLE
            self._add(kind, f"{what} cannot be read: {error}.", size=size)
        return None

    async def _leaf(self, leaf: int, part: Part, *, covered: bool) -> None:
        row, belongs = part.rows.get(leaf), part.nodes.get((0, leaf))
        if row is None:
            self._add(FaultKind.REMOVED, f"Entry {leaf} was removed.", leaf)
            self._edge.add(belongs or merkle.EMPTY_ROOT)
            return
        self._entries += 1
        self._body(leaf, row)
        if covered and belongs is not None and belongs != row["leaf_hash"]:
            await self._misplaced(leaf, row["leaf_hash"], belongs)
        made = self._edge.add(belongs or row["leaf_hash"])
        if not covered or self._nodes_differ:
            return
        for node, digest in made.items():
            if part.nodes.get(node) != digest:
                what = "was changed" if node in part.nodes else "is missing"
                self._add(FaultKind.CHANGED, f"Node {node[1]} on level {node[0]} of the tree {what}.", leaf)
                self._nodes_differ = True  # those above it then differ as well

    def _body(self, leaf: int, row: Mapping[str, Any]) -> None:
        if row["body"] is None:
            self._removed += 1
            if row["removed_at"] is None:
                self._add(FaultKind.REMOVED, f"The receipt of entry {leaf} was removed, not by `keep`.", leaf)
            return
        if merkle.leaf_hash(row["body"]) != row["leaf_hash"]:
            self._add(FaultKind.CHANGED, f"The receipt of entry {leaf} was changed.", leaf)
            return
        try:
            value = parsed(row["body"])
        except NotCanonicalError as error:
            self._add(FaultKind.CHANGED, f"The receipt of entry {leaf} is {error}.", leaf)
            return
        for name in ("customer_id", "job_id", "workflow_id", "run_id"):
            said = value.get(name) if isinstance(value, dict) else None
            if not isinstance(said, str) or types.key(said) != row[name]:
                self._add(FaultKind.CHANGED, f"Entry {leaf} is filed under another {name} than it says.", leaf)

    async def _misplaced(self, leaf: int, found: bytes, expected: bytes) -> None:
        """Name an entry that is not the one that the tree has in its place."""
        if len(self._faults) >= MOST_FAULTS:
            return
        belongs = await self._reader.place_in_tree(found)
        if belongs is None:
            self._add(FaultKind.CHANGED, f"Entry {leaf} is not the one that was signed.", leaf)
        elif await self._reader.place_of_receipt(expected) is None:
            self._add(FaultKind.REMOVED, f"Entry {leaf} was removed; entry {belongs} was put in its place.", leaf)
        else:
            self._add(FaultKind.REORDERED, f"Entry {leaf} stands where entry {belongs} belonged.", leaf)

    def _hold(self, signed: Mapping[int, Checkpoint], outside: Mapping[int, Checkpoint]) -> None:
        """Hold the tree as it is now against what was signed at this size."""
        size = self._edge.size
        here, there = signed.get(size), outside.get(size)
        if here is None and there is None:
            return
        root = self._edge.root()
        if there is not None and there.root != root:
            self._add(
                FaultKind.FORKED,
                f"The log is forked: the published tree of {size} entries is not the one that is kept here.",
                size=size,
            )
        if here is not None and here.root == root:
            self._good = self._edge.copy()
        elif here is not None:
            self._bad.append(size)

    async def _explain(self, signed: Mapping[int, Checkpoint]) -> None:
        """Say why trees do not have the roots that were signed."""
        for size in [each for each in self._bad if each < self._good.size]:
            self._add(
                FaultKind.FORKED,
                f"The log is forked: its key signed another tree of {size} entries than later ones grew from.",
                size=size,
            )
        later = [each for each in self._bad if each > self._good.size]
        if later:
            first = later[0]
            kind, words = await self._break(first, signed[first].root)
            where = (
                f"Entry {self._good.size}"
                if first == self._good.size + 1
                else f"One of {self._good.size} to {first - 1}"
            )
            self._add(
                kind, f"{where} {words}: the tree of {first} entries is not the signed one.", self._good.size, first
            )

    async def _break(self, size: int, root: bytes) -> tuple[FaultKind, str]:
        """Find what was done where the tree was rewritten to fit: the root that was signed tells the true entry."""
        good, short = self._good, self._entries < max(self._bad)
        if size == good.size + 1:
            present = await self._reader.hash_of(good.size)
            async for leaf, digest in self._reader.hashes(good.size + 1):
                if good.root_with(digest) != root:
                    continue
                if leaf == good.size + 1 and present is not None and not short:
                    return FaultKind.DOUBLED, f"was put in before the one that is now entry {leaf}"
                return FaultKind.REORDERED, f"stands in the place of the one that is now entry {leaf}"
        if short:
            return FaultKind.REMOVED, "was removed, and the later ones moved up"
        return FaultKind.CHANGED, "was changed together with the tree"

    def _cut_off(self, outside: Mapping[int, Checkpoint]) -> None:
        for size in sorted(each for each in outside if each > self._edge.size):
            self._add(
                FaultKind.TRUNCATED,
                f"A checkpoint over {size} entries was published, the ledger has {self._edge.size}: "
                "its newest entries were cut off, or an old copy was put back.",
                size=size,
            )
