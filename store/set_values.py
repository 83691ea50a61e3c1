"""Every value that we ever set on a job's postings, by its digest: what is read there is known for ours."""

import hashlib
from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from sqlalchemy import select

from models.base import Model
from store import types
from store.database import Store
from store.ledger.canonical import canonical
from store.posting_keys import posting_key
from store.rows import Row, Whose, distinct, keys, of, whose_key
from store.schema import set_values
from store.together import Together
from store.types import Clock


class SetValue(Model):
    """A value that we set on a posting, by its digest."""

    board: str
    posting_id: str
    field: str
    digest: str


def digest(value: JsonValue) -> str:
    """Return what a value is recognised by."""
    return hashlib.sha256(canonical(value)).hexdigest()


class SetValues:
    """The values in a store."""

    def __init__(self, store: Store, *, clock: Clock = types.now) -> None:
        """Take the store."""
        self._store, self._clock = store, clock
        self._together = Together(self._add, deadline=2 * store.timeout)
        self._read_together = Together(self._read, deadline=2 * store.timeout)

    async def add(
        self, customer_id: str, job_id: str, board: str, posting_id: str, values: Mapping[str, JsonValue]
    ) -> None:
        """Remember by their digests that we set these values on a posting, so that they are known when read there."""
        if not values:
            return
        at = self._clock()
        rows: list[Row] = [
            {
                "customer_id": customer_id,
                "job_id": job_id,
                "board": board,
                "posting_key": posting_key(posting_id),
                "field": field,
                "digest": digest(value),
                "set_at": at,
            }
            for field, value in sorted(values.items())
        ]
        await self._together(rows)

    async def _add(self, values: Sequence[list[Row]]) -> Sequence[None]:
        names = ["customer_id", "job_id", "board", "posting_key", "field", "digest"]
        rows = distinct((row for part in values for row in part), names)
        statement = self._store.insert(set_values)
        async with self._store.writing() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=names, set_={"set_at": statement.excluded.set_at}), rows
            )
        return [None] * len(values)

    async def of(self, customer_id: str, job_id: str) -> tuple[SetValue, ...]:
        """Return every value that we ever set on the job's postings; `posting_id` is its key."""
        return await self._read_together((customer_id, job_id))

    async def _read(self, asked: Sequence[Whose]) -> Sequence[tuple[SetValue, ...]]:
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(set_values).where(of(set_values).in_(keys(asked))).order_by(set_values.c.set_at)
            )
        found: dict[Whose, list[SetValue]] = {}
        for row in rows:
            value = SetValue(board=row.board, posting_id=row.posting_key, field=row.field, digest=row.digest)
            found.setdefault((row.customer_id, row.job_id), []).append(value)
        return [tuple(found.get(whose_key(each), ())) for each in asked]
