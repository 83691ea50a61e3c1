"""The job index: which postings each job has on each board, read and written by every process."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import case, delete, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Model
from store import types
from store.database import Store
from store.posting_keys import posting_key
from store.rows import Row, Whose, keys, merged, of, whose_key
from store.schema import jobs, postings
from store.together import Together
from store.types import Clock


class Source(StrEnum):
    """How we know that a posting is the job's."""

    LISTING = "listing"
    NOTIFICATION = "notification"
    BY_HAND = "by hand"
    CREATED = "created"


class Posting(Model):
    """One entry of a job on a board. `live` is `None` while nobody has looked."""

    board: str
    posting_id: str
    url: str | None = None
    live: bool | None = None
    source: str = Source.LISTING
    account: str | None = None
    """Under which of the customer's accounts at the board it was seen; None where that is not known."""
    first_seen: AwareDatetime | None = None
    last_seen: AwareDatetime | None = None


class IndexedJob(Model):
    """A job as the index knows it. What is `None` is not known, and leaves what was known before."""

    customer_id: str
    job_id: str
    title: str | None = None
    number: str | None = None
    intent: str | None = None
    phase: str | None = None
    first_seen: AwareDatetime | None = None
    last_seen: AwareDatetime | None = None
    postings: tuple[Posting, ...] = ()


JOB, POSTING = ("customer_id", "job_id"), ("board", "posting_key", "customer_id", "job_id")
BY_HAND = ("source", Source.BY_HAND)
"""What a person entered stays a person's word."""


class Jobs:
    """The job index in a store."""

    def __init__(self, store: Store, *, clock: Clock = types.now) -> None:
        """Take the store."""
        self._store = store
        self._clock = clock
        # SQLite has one writer and a commit costs a sync of the disk: what comes at once goes in one.
        self._saw_together = Together(self._saw, deadline=2 * store.timeout)
        self._found_together = Together(self._found, deadline=2 * store.timeout)
        self._read_together = Together(self._read, deadline=2 * store.timeout)

    async def saw(self, *seen: IndexedJob) -> None:
        """Add what was seen of jobs, together with what others see at this moment; all of one call or nothing.

        What was seen later wins, in whatever order it is written.

        Raises:
            StoreUnavailable: The store cannot do it now.
        """
        if seen:
            at = self._clock()
            await self._saw_together(([_job_row(job, at) for job in seen], [*_rows_of_postings(seen, at)]))

    async def _saw(self, seen: Sequence[tuple[list[Row], list[Row]]]) -> Sequence[None]:
        async with self._store.writing() as connection:
            await self._write(connection, seen)
        return [None] * len(seen)

    async def saw_in(self, connection: AsyncConnection, seen: Sequence[IndexedJob]) -> None:
        """Add what was seen of jobs, as a part of a transaction."""
        at = self._clock()
        await self._write(connection, [([_job_row(job, at) for job in seen], [*_rows_of_postings(seen, at)])])

    async def _write(self, connection: AsyncConnection, seen: Sequence[tuple[list[Row], list[Row]]]) -> None:
        job_rows = merged((row for rows, _ in seen for row in rows), JOB, stays=BY_HAND)
        posting_rows = merged((row for _, rows in seen for row in rows), POSTING, stays=BY_HAND)
        # Row by row and not all as one statement, which SQLAlchemy would write anew for each number of rows.
        if job_rows:
            await connection.execute(self._upsert_jobs, job_rows)
        if posting_rows:
            await connection.execute(self._upsert_postings, posting_rows)

    @cached_property
    def _upsert_jobs(self) -> Any:
        statement = self._store.insert(jobs)
        new, newer = statement.excluded, statement.excluded.last_seen >= jobs.c.last_seen
        return statement.on_conflict_do_update(
            index_elements=["customer_id", "job_id"],
            set_={
                name: case(
                    (newer, func.coalesce(new[name], jobs.c[name])), else_=func.coalesce(jobs.c[name], new[name])
                )
                for name in ("title", "number", "intent", "phase")
            }
            | _span(jobs.c, new),
        )

    @cached_property
    def _upsert_postings(self) -> Any:
        statement = self._store.insert(postings)
        new, newer = statement.excluded, statement.excluded.last_seen >= postings.c.last_seen
        return statement.on_conflict_do_update(
            index_elements=["board", "posting_key", "customer_id", "job_id"],
            set_={
                name: case(
                    (newer, func.coalesce(new[name], postings.c[name])),
                    else_=func.coalesce(postings.c[name], new[name]),
                )
                for name in ("url", "live", "account")
            }
            # The board's own spelling of the newest sight; what a person entered stays a person's word.
            | {
                "posting_id": case((newer, new.posting_id), else_=postings.c.posting_id),
                "source": case((postings.c.source == Source.BY_HAND, postings.c.source), else_=new.source),
            }
            | _span(postings.c, new),
        )

    async def link(self, customer_id: str, job_id: str, board: str, posting_id: str) -> None:
        """Enter by hand that a posting is the job's."""
        posting = Posting(board=board, posting_id=posting_id, source=Source.BY_HAND)
        await self.saw(IndexedJob(customer_id=customer_id, job_id=job_id, postings=(posting,)))

    async def unlink(self, customer_id: str, job_id: str, board: str, posting_id: str) -> bool:
        """Take a posting off a job; return whether it was there.

        Also one that an earlier version kept under another key: its id is as it was spelt then.
        """
        async with self._store.writing() as connection:
            done = await connection.execute(
                delete(postings).where(
                    postings.c.board == board,
                    or_(postings.c.posting_key == posting_key(posting_id), postings.c.posting_id == posting_id.strip()),
                    postings.c.customer_id == customer_id,
                    postings.c.job_id == job_id,
                )
            )
            return bool(done.rowcount)

    async def job(self, customer_id: str, job_id: str) -> IndexedJob | None:
        """Return a job with its postings: those that were live last come first, then the newest."""
        return await self._read_together((customer_id, job_id))

    async def _read(self, asked: Sequence[Whose]) -> Sequence[IndexedJob | None]:
        wanted = keys(asked)
        async with self._store.reading() as connection:
            rows = (await connection.execute(select(jobs).where(of(jobs).in_(wanted)))).all()
            found = await connection.execute(
                select(postings)
                .where(of(postings).in_(wanted))
                .order_by(func.coalesce(postings.c.live, False).desc(), postings.c.last_seen.desc())
            )
        of_each: dict[Whose, list[Posting]] = {}
        for each in found:
            of_each.setdefault((each.customer_id, each.job_id), []).append(Posting(**each._mapping))
        seen = {
            (row.customer_id, row.job_id): IndexedJob(
                **row._mapping, postings=tuple(of_each.get((row.customer_id, row.job_id), ()))
            )
            for row in rows
        }
        return [seen.get(whose_key(each)) for each in asked]

    async def ids(self, customer_id: str) -> tuple[str, ...]:
        """Return the id of every job of a customer."""
        async with self._store.reading() as connection:
            return tuple(await connection.scalars(select(jobs.c.job_id).where(jobs.c.customer_id == customer_id)))

    async def count(self, customer_id: str) -> int:
        """Return how many jobs of a customer are known."""
        async with self._store.reading() as connection:
            counted = select(func.count()).select_from(jobs).where(jobs.c.customer_id == customer_id)
            return await connection.scalar(counted) or 0

    async def jobs_of(self, board: str, posting_id: str) -> tuple[tuple[str, str], ...]:
        """Return customer and job of every job that has this posting, whichever way its id is spelt."""
        return await self._found_together((board, posting_key(posting_id)))

    async def _found(self, asked: Sequence[tuple[str, str]]) -> Sequence[tuple[tuple[str, str], ...]]:
        wanted = sorted({(board, types.key(whose)) for board, whose in asked})
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(postings.c.board, postings.c.posting_key, postings.c.customer_id, postings.c.job_id)
                .where(tuple_(postings.c.board, postings.c.posting_key).in_(wanted))
                .order_by(postings.c.last_seen.desc())
            )
            for row in rows:
                found.setdefault((row.board, row.posting_key), []).append((row.customer_id, row.job_id))
        return [tuple(found.get((board, types.key(whose)), ())) for board, whose in asked]


def _span(old: Any, new: Any) -> dict[str, Any]:
    return {
        "first_seen": case((new.first_seen < old.first_seen, new.first_seen), else_=old.first_seen),
        "last_seen": case((new.last_seen > old.last_seen, new.last_seen), else_=old.last_seen),
    }


def _seen(what: IndexedJob | Posting, at: datetime) -> dict[str, datetime]:
    last = what.last_seen or at
    return {"first_seen": what.first_seen or last, "last_seen": last}


def _job_row(job: IndexedJob, at: datetime) -> Row:
    return job.model_dump(exclude={"postings"}) | _seen(job, at)


def _posting_rows(job: IndexedJob, at: datetime) -> Iterable[Row]:
    for posting in job.postings:
        whose = {"customer_id": job.customer_id, "job_id": job.job_id, "posting_key": posting_key(posting.posting_id)}
        yield posting.model_dump() | whose | _seen(posting, at)


def _rows_of_postings(seen: Iterable[IndexedJob], at: datetime) -> Iterable[Row]:
    return (row for job in seen for row in _posting_rows(job, at))
