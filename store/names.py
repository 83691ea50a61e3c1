"""What jobs are called: titles and numbers, and jobs found by them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select, tuple_

from store.database import Store
from store.rows import AT_ONCE
from store.schema import jobs

FOUND_AT_MOST = 200


class Named(NamedTuple):
    """A job as the index knows it by name."""

    customer_id: str
    job_id: str
    title: str | None
    number: str | None
    phase: str | None


class JobNames:
    """The names in a job index."""

    def __init__(self, store: Store) -> None:
        """Take the store."""
        self._store = store

    async def of(self, wanted: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Named]:
        """Return what is known of jobs, by customer and job."""
        found: dict[tuple[str, str], Named] = {}
        async with self._store.reading() as connection:
            pairs = list(dict.fromkeys(wanted))
            for start in range(0, len(pairs), AT_ONCE):
                rows = await connection.execute(
                    select(*_COLUMNS).where(
                        tuple_(jobs.c.customer_id, jobs.c.job_id).in_(pairs[start : start + AT_ONCE])
                    )
                )
                found |= {(row.customer_id, row.job_id): Named(*row) for row in rows}
        return found

    async def search(self, text: str, *, customer_id: str | None = None) -> tuple[Named, ...]:
        """Return jobs whose title or number holds a text, those seen last first; `FOUND_AT_MOST` of them."""
        wanted = select(*_COLUMNS).where(
            or_(jobs.c.title.icontains(text, autoescape=True), jobs.c.number.icontains(text, autoescape=True))
        )
        if customer_id is not None:
            wanted = wanted.where(jobs.c.customer_id == customer_id)
        async with self._store.reading() as connection:
            rows = await connection.execute(wanted.order_by(jobs.c.last_seen.desc()).limit(FOUND_AT_MOST))
            return tuple(Named(*row) for row in rows)


_COLUMNS = tuple(jobs.c[name] for name in Named._fields)
