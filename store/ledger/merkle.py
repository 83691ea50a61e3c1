"""The Merkle tree of https://www.rfc-editor.org/rfc/rfc9162#section-2.1: hashes, proofs and their verification.

A node is `(level, position)`: the hash of the `2**level` leaves from `position * 2**level` on, all of them there.
Whatever else is asked about a tree is put together from such nodes, few of them: a tree is never read as a whole.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

Node = tuple[int, int]
Range = tuple[int, int]
"""Leaves from the first number up to, and without, the second."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def nodes_of(leaves: Range) -> list[Node]:
    """Return the fewest nodes that cover the leaves, left to right; the range begins where a subtree begins."""
    start, end = leaves
    found = []
    while start < end:
        # The largest subtree that begins here and fits.
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash above subtrees that become smaller from left to right; the empty tree's of none."""
    if not hashes:
        return EMPTY_ROOT
    above = hashes[-1]
    for left in reversed(hashes[:-1]):
        above = node_hash(left, above)
    return above


def range_hash(leaves: Range, hashes: Mapping[Node, bytes]) -> bytes:
    """Return MTH(D[start:end]) from the nodes of `nodes_of`."""
    return fold([hashes[node] for node in nodes_of(leaves)])


class Frontier:
    """The right edge of a growing tree: the few nodes that its root, and every later one, can be computed from."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Take up a tree of `size` leaves by the hashes of `nodes_of((0, size))`."""
        self.size = size
        self._hashes = list(hashes)
        if len(self._hashes) != size.bit_count():
            raise ValueError(f"A tree of {size} leaves has {size.bit_count()} nodes at its edge, not {len(hashes)}")

    def add(self, leaf: bytes) -> dict[Node, bytes]:
        """Add the hash of one leaf; return the nodes that it made complete, the leaf itself first."""
        made, level, position, above = {(0, self.size): leaf}, 0, self.size, leaf
        while position & 1:
            above = node_hash(self._hashes.pop(), above)
            level, position = level + 1, position >> 1
            made[level, position] = above
        self._hashes.append(above)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        return fold(self._hashes)

    def root_with(self, leaf: bytes) -> bytes:
        """Return the root that the tree would have with one more leaf."""
        other = self.copy()
        other.add(leaf)
        return other.root()

    def copy(self) -> "Frontier":
        """Return the same edge, to grow by itself."""
        return Frontier(self.size, self._hashes)


def _split(count: int) -> int:
    """Return the largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the leaves under each hash of PATH(index, D[size]), from the leaf's sibling up (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"A tree of {size} leaves has no leaf {index}")
    start, end, down = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            down.append((middle, end))
            end = middle
        else:
            down.append((start, middle))
            start = middle
    return down[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Return the leaves under each hash of PROOF(first, D[second]) (RFC 9162, 2.1.4.1)."""
    if not 0 <= first <= second:
        raise ValueError(f"A tree of {first} leaves does not precede one of {second}")
    if first in {0, second}:
        return []
    start, end, down, whole = 0, second, [], True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            down.append((middle, end))
            end = middle
        else:
            down.append((start, middle))
            start, whole = middle, False
    return ([] if whole else [(start, end)]) + down[::-1]


def nodes_for(ranges: Iterable[Range]) -> set[Node]:
    """Return every node that the hashes of these ranges are put together from."""
    return {node for leaves in ranges for node in nodes_of(leaves)}


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Return whether the path leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(root) != len(EMPTY_ROOT):
        return False
    position, last, above = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            above = node_hash(sibling, above)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            above = node_hash(above, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and above == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Return whether the path shows that the first tree is the beginning of the second (RFC 9162, 2.1.4.2)."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if first == 0:  # the RFC has no such proof: every tree grew from nothing
        return False
    hashes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not path:
        return False
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, each)
        position, last = position >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
