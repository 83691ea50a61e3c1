"""What a walk over the ledger reads, part by part: no transaction is long, no part of memory large."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select

from store.database import Store
from store.ledger.merkle import Node
from store.schema import checkpoints, nodes, receipts

PART = 1000
"""Leaves in one part."""


class Part(NamedTuple):
    """The receipts of a range of leaves, and the nodes above them."""

    rows: Mapping[int, Mapping[str, Any]]
    nodes: Mapping[Node, bytes]


class Reader:
    """Reads the ledger's tables."""

    def __init__(self, store: Store) -> None:
        """Take the store."""
        self._store = store

    async def outline(self) -> tuple[list[tuple[int, bytes, str]], int]:
        """Return every checkpoint by size, and the number after the last receipt, as of one moment."""
        async with self._store.reading() as connection:
            last = await connection.scalar(select(func.max(receipts.c.leaf)))
            rows = await connection.execute(
                select(checkpoints.c.tree_size, checkpoints.c.root_hash, checkpoints.c.note).order_by(
                    checkpoints.c.tree_size
                )
            )
            notes = [(row.tree_size, row.root_hash, row.note) for row in rows]
        # In PostgreSQL the second statement may see an append that the first one did not.
        newest = max((size for size, *_ in notes), default=0)
        count = 0 if last is None else last + 1
        return notes, count if count > newest else await self._count(newest)

    async def _count(self, newest: int) -> int:
        async with self._store.reading() as connection:
            found = select(func.max(receipts.c.leaf)).where(receipts.c.leaf < newest)
            last = await connection.scalar(found)
        return 0 if last is None else last + 1

    async def part(self, start: int, end: int, size: int) -> Part:
        """Return the receipts from `start` up to `end`, and every node that one of them is under."""
        levels = range(max(1, size.bit_length() + 1))
        above = or_(
            *(
                and_(nodes.c.level == level, nodes.c.position.between(start >> level, (end - 1) >> level))
                for level in levels
            )
        )
        async with self._store.reading() as connection:
            rows = await connection.execute(select(receipts).where(receipts.c.leaf >= start, receipts.c.leaf < end))
            found = {
                row["leaf"]: {name: _as_bytes(name, value) for name, value in row.items()} for row in rows.mappings()
            }
            tree = await connection.execute(select(nodes.c.level, nodes.c.position, nodes.c.hash).where(above))
            return Part(found, {(level, position): _as_bytes("hash", digest) for level, position, digest in tree})

    async def doubled(self) -> list[tuple[int, int]]:
        """Return entries that are there before: each with the first one of its kind."""
        first = func.min(receipts.c.leaf).label("first")
        twice = select(receipts.c.leaf_hash, first).group_by(receipts.c.leaf_hash).having(func.count() > 1).subquery()
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(receipts.c.leaf, twice.c.first)
                .join(twice, receipts.c.leaf_hash == twice.c.leaf_hash)
                .where(receipts.c.leaf > twice.c.first)
                .order_by(receipts.c.leaf)
                .limit(PART)
            )
            return [(row.leaf, row.first) for row in rows]

    async def place_in_tree(self, digest: bytes) -> int | None:
        """Return where the tree has this entry."""
        async with self._store.reading() as connection:
            found = select(nodes.c.position).where(nodes.c.level == 0, nodes.c.hash == digest).limit(1)
            place: int | None = await connection.scalar(found)
            return place

    async def place_of_receipt(self, digest: bytes) -> int | None:
        """Return where the receipts have this entry."""
        async with self._store.reading() as connection:
            place: int | None = await connection.scalar(
                select(receipts.c.leaf).where(receipts.c.leaf_hash == digest).limit(1)
            )
            return place

    async def hash_of(self, leaf: int) -> bytes | None:
        """Return an entry's hash."""
        async with self._store.reading() as connection:
            found: bytes | None = await connection.scalar(select(receipts.c.leaf_hash).where(receipts.c.leaf == leaf))
            return found

    async def hashes(self, start: int) -> AsyncIterator[tuple[int, bytes]]:
        """Return every entry's hash from one on."""
        while True:
            async with self._store.reading() as connection:
                rows = (
                    await connection.execute(
                        select(receipts.c.leaf, receipts.c.leaf_hash)
                        .where(receipts.c.leaf >= start)
                        .order_by(receipts.c.leaf)
                        .limit(PART)
                    )
                ).all()
            for row in rows:
                yield row.leaf, row.leaf_hash
            if len(rows) < PART:
                return
            start = rows[-1].leaf + 1


_TEXT = frozenset({"workflow_id", "run_id", "customer_id", "job_id"})


def _as_bytes(name: str, value: Any) -> Any:
    """Return a value as bytes where it is to be: SQLite keeps text in any column, as one who changes a row may do."""
    return value.encode("utf-8", "replace") if isinstance(value, str) and name not in _TEXT else value
