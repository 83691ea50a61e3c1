"""The ledger: one receipt for each lifecycle that ended, added once, signed in the same transaction, never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import RowMapping, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.receipts import LedgerEntry, StoredReceipt
from store import types
from store.database import Store
from store.ledger import checkpoint, merkle, tree
from store.ledger.canonical import canonical
from store.ledger.merkle import Frontier
from store.ledger.notes import SigningKey
from store.ledger.proof import Proof
from store.schema import checkpoints, closes, receipts
from store.together import Together
from store.types import Clock

LOCK = "ledger"
REMOVED_AT_ONCE = 500


class NotSigned(Exception):  # noqa: N818 - it names a state
    """No signed checkpoint covers this receipt: set [ledger] key (`boardsync ledger key new`), restart the worker."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(self.__doc__)


def body_of(entry: LedgerEntry) -> bytes:
    """Return the bytes that are kept and hashed: the receipt with whose it is."""
    whose: dict[str, JsonValue] = {
        "customer_id": entry.customer_id,
        "job_id": entry.job_id,
        "workflow_id": entry.workflow_id,
        "run_id": entry.run_id,
        "ended_at": entry.ended_at.isoformat(),
    }
    return canonical({**entry.receipt, **whose})


class Ledger:
    """The ledger in a store."""

    def __init__(self, store: Store, key: SigningKey | None, *, clock: Clock = types.now) -> None:
        """Take the key that signs; without one receipts are added under checkpoints that nobody signed."""
        self._store = store
        self._key = key
        self._clock = clock
        self._together = Together(self.append_all, deadline=2 * store.timeout)

    async def append(self, entry: LedgerEntry) -> int:
        """Add a receipt, together with others that come at this moment; return its leaf number.

        To add the same run again changes nothing and returns the number that it has.

        Raises:
            LedgerDamaged: The ledger no longer fits its last checkpoint.
            StoreUnavailable: The store cannot do it now; add the same again later.
        """
        return await self._together(entry)

    async def append_all(self, entries: Sequence[LedgerEntry]) -> list[int]:
        """Add receipts that are not there yet, and a checkpoint over them; return the leaf number of each entry.

        All or nothing. To add the same run again changes nothing and returns the number that it has.

        Raises:
            LedgerDamaged: The ledger no longer fits its last checkpoint.
            StoreUnavailable: The store cannot do it now; add the same again later.
        """
        async with self._store.writing(alone=LOCK) as connection:
            return await self.append_in(connection, entries)

    async def append_in(self, connection: AsyncConnection, entries: Sequence[LedgerEntry]) -> list[int]:
        """Add receipts, as a part of a transaction that holds the `LOCK`; return the leaf number of each.

        Raises:
            LedgerDamaged: The ledger no longer fits its last checkpoint.
        """
        known = await _known(connection, entries)
        fresh = {_run(entry): (entry, body_of(entry)) for entry in entries if _run(entry) not in known}
        if fresh:
            known |= await self._add(connection, list(fresh.values()))
        return [known[_run(entry)] for entry in entries]

    async def sign(self) -> bool:
        """Sign what was added while there was no key; return whether there was anything to sign.

        Raises:
            LedgerDamaged: The ledger no longer fits its last checkpoint.
            StoreUnavailable: The store cannot do it now.
        """
        if self._key is None:
            return False
        async with self._store.writing(alone=LOCK) as connection:
            newest = await _newest(connection)
            if newest is None or checkpoint.is_signed(newest):
                return False
            edge = await tree.frontier(connection)
            note = checkpoint.sign(self._key, edge.size, edge.root())
            await connection.execute(
                update(checkpoints)
                .where(checkpoints.c.tree_size == edge.size)
                .values(note=note, signed_at=self._clock())
            )
        return True

    async def _add(
        self, connection: AsyncConnection, fresh: Sequence[tuple[LedgerEntry, bytes]]
    ) -> dict[tuple[str, str], int]:
        edge = await tree.frontier(connection)
        first, stored_at = edge.size, self._clock()
        made: dict[merkle.Node, bytes] = {}
        for _, body in fresh:
            made |= edge.add(merkle.leaf_hash(body))
        await connection.execute(
            insert(receipts),
            [_row(leaf, entry, body, stored_at) for leaf, (entry, body) in enumerate(fresh, first)],
        )
        timed = [each for leaf, (entry, _) in enumerate(fresh, first) for each in _closes(leaf, entry)]
        if timed:
            await connection.execute(insert(closes), timed)
        await tree.write_nodes(connection, made)
        await _sign(connection, edge, self._key, stored_at)
        return {_run(entry): leaf for leaf, (entry, _) in enumerate(fresh, first)}

    async def receipt(self, customer_id: str, job_id: str) -> StoredReceipt | None:
        """Return the newest receipt of a job."""
        found = await self.receipts(customer_id, job_id, limit=1)
        return found[0] if found else None

    async def receipts(self, customer_id: str, job_id: str, *, limit: int = 100) -> tuple[StoredReceipt, ...]:
        """Return the receipts of a job, newest first."""
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(receipts)
                .where(receipts.c.customer_id == customer_id, receipts.c.job_id == job_id)
                .order_by(receipts.c.leaf.desc())
                .limit(limit)
            )
            return tuple(stored(row) for row in rows.mappings())

    async def checkpoint(self) -> str | None:
        """Return the newest checkpoint, which nobody signed where there was no key; `None` before the first receipt."""
        async with self._store.reading() as connection:
            return await _newest(connection)

    async def proof(self, leaf: int) -> Proof | None:
        """Return the proof of one receipt under the newest checkpoint; `None` where there is no such receipt.

        Its `extra` is `None` once the receipt's body was removed.

        Raises:
            LedgerDamaged: A node of the tree is missing.
            NotSigned: The newest checkpoint was made without a key.
        """
        async with self._store.reading() as connection:
            row = (await connection.execute(select(receipts.c.body).where(receipts.c.leaf == leaf))).first()
            note = await _newest(connection)
            if row is None or note is None:
                return None
            if not checkpoint.is_signed(note):
                raise NotSigned
            size = checkpoint.peek(note).size
            path = await tree.hashes_of(connection, merkle.inclusion_ranges(leaf, size))
        return Proof(row.body, leaf, path, note)

    async def consistency(self, first: int, second: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `first` leaves is the beginning of that of `second`.

        Raises:
            LedgerDamaged: A node of the tree is missing.
        """
        async with self._store.reading() as connection:
            return await tree.hashes_of(connection, merkle.consistency_ranges(first, second))

    async def keep(self, age: timedelta, *, at_most: int | None = None) -> int:
        """Remove the bodies of receipts whose job ended longer ago than this; return how many. Their hashes stay.

        The tree, every proof of other receipts and every checkpoint stay as they are.

        Raises:
            StoreUnavailable: The store cannot do it now; what was removed before is removed.
        """
        at, removed = self._clock(), 0
        while (limit := REMOVED_AT_ONCE if at_most is None else min(REMOVED_AT_ONCE, at_most - removed)) > 0:
            async with self._store.writing() as connection:
                old = (
                    select(receipts.c.leaf)
                    .where(receipts.c.ended_at < at - age, receipts.c.body.is_not(None))
                    .order_by(receipts.c.leaf)
                    .limit(limit)
                )
                done = await connection.execute(
                    update(receipts).where(receipts.c.leaf.in_(old)).values(body=None, removed_at=at)
                )
            removed += done.rowcount
            if done.rowcount < limit:
                break
        return removed


def _run(entry: LedgerEntry) -> tuple[str, str]:
    return types.key(entry.workflow_id), types.key(entry.run_id)


async def _known(connection: AsyncConnection, entries: Sequence[LedgerEntry]) -> dict[tuple[str, str], int]:
    rows = await connection.execute(
        select(receipts.c.workflow_id, receipts.c.run_id, receipts.c.leaf).where(
            tuple_(receipts.c.workflow_id, receipts.c.run_id).in_([_run(entry) for entry in entries])
        )
    )
    return {(workflow_id, run_id): leaf for workflow_id, run_id, leaf in rows}


async def _newest(connection: AsyncConnection) -> str | None:
    return await connection.scalar(select(checkpoints.c.note).order_by(checkpoints.c.tree_size.desc()).limit(1))


async def _sign(connection: AsyncConnection, edge: Frontier, key: SigningKey | None, at: datetime) -> None:
    root = edge.root()
    note = checkpoint.unsigned(edge.size, root) if key is None else checkpoint.sign(key, edge.size, root)
    await connection.execute(insert(checkpoints).values(tree_size=edge.size, root_hash=root, note=note, signed_at=at))


def _row(leaf: int, entry: LedgerEntry, body: bytes, stored_at: datetime) -> dict[str, object]:
    return {
        "leaf": leaf,
        "workflow_id": entry.workflow_id,
        "run_id": entry.run_id,
        "customer_id": entry.customer_id,
        "job_id": entry.job_id,
        "ended_at": entry.ended_at,
        "stored_at": stored_at,
        "body": body,
        "leaf_hash": merkle.leaf_hash(body),
    }


def _closes(leaf: int, entry: LedgerEntry) -> list[dict[str, object]]:
    return [
        {
            "leaf": leaf,
            "board": each.board,
            "customer_id": entry.customer_id,
            "outcome": each.outcome,
            "proven": each.proven,
            "asked_at": each.asked_at,
            "settled_at": each.settled_at,
            "seconds": max(0.0, (each.settled_at - each.asked_at).total_seconds()),
        }
        for each in {close.board: close for close in entry.closes}.values()
    ]


def stored(row: RowMapping | Mapping[str, object]) -> StoredReceipt:
    """Return a row of the table as a value."""
    return StoredReceipt.model_validate(dict(row))
