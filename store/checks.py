"""Looking again: which board of which job is due, who is looking, and what was found."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import AwareDatetime
from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Model
from store import types
from store.database import Store
from store.schema import checks
from store.together import Together
from store.types import Clock

LEASE = timedelta(minutes=10)


class Check(Model):
    """One look at one board, after the run that took the job off it."""

    id: int = 0
    customer_id: str
    job_id: str
    board: str
    run_id: str
    due_at: AwareDatetime
    done_at: AwareDatetime | None = None
    found: str | None = None
    evidence: str | None = None
    attempts: int = 0


class Checks:
    """The checks in a store."""

    def __init__(self, store: Store, *, clock: Clock = types.now) -> None:
        """Take the store."""
        self._store = store
        self._clock = clock
        self._together = Together(self._schedule, deadline=2 * store.timeout)

    async def schedule(self, *due: Check) -> None:
        """Add checks, together with others that come at this moment; the same one again changes nothing."""
        if due:
            await self._together(due)

    async def _schedule(self, due: Sequence[Sequence[Check]]) -> Sequence[None]:
        async with self._store.writing() as connection:
            await self.schedule_in(connection, [each for some in due for each in some])
        return [None] * len(due)

    async def schedule_in(self, connection: AsyncConnection, due: Sequence[Check]) -> None:
        """Add checks, as a part of a transaction."""
        if due:
            rows = [each.model_dump(include=set(_UNIQUE)) for each in due]
            await connection.execute(self._store.insert(checks).on_conflict_do_nothing(index_elements=[*_UNIQUE]), rows)

    async def claim(self, owner: str, *, limit: int = 500, lease: timedelta = LEASE) -> tuple[Check, ...]:
        """Take checks that are due, oldest first; nobody else gets them until the lease ends."""
        at = self._clock()
        due = (
            select(checks.c.id)
            .where(
                checks.c.done_at.is_(None),
                checks.c.due_at <= at,
                or_(checks.c.leased_until.is_(None), checks.c.leased_until <= at),
            )
            .order_by(checks.c.due_at, checks.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._store.writing() as connection:
            rows = await connection.execute(
                update(checks)
                .where(checks.c.id.in_(due))
                .values(leased_by=owner, leased_until=at + lease, attempts=checks.c.attempts + 1)
                .returning(*_COLUMNS)
            )
            return tuple(sorted((Check(**row._mapping) for row in rows), key=lambda each: (each.due_at, each.id)))

    async def record(self, owner: str, check: Check, found: str, *, evidence: str | None = None) -> bool:
        """Write down what was found; return whether the check was still this owner's to answer."""
        async with self._store.writing() as connection:
            done = await connection.execute(
                update(checks)
                .where(checks.c.id == check.id, checks.c.leased_by == owner, checks.c.done_at.is_(None))
                .values(done_at=self._clock(), found=found, evidence=evidence, leased_by=None, leased_until=None)
            )
            return bool(done.rowcount)

    async def give_back(self, owner: str, *ids: int, again_at: AwareDatetime | None = None) -> None:
        """Let others look, now or later: this one could not."""
        async with self._store.writing() as connection:
            await connection.execute(
                update(checks)
                .where(checks.c.id.in_(ids), checks.c.leased_by == owner, checks.c.done_at.is_(None))
                .values(leased_by=None, leased_until=again_at)
            )

    async def of_job(self, customer_id: str, job_id: str) -> tuple[Check, ...]:
        """Return every check of a job, done or not, in the order in which they fall due."""
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(*_COLUMNS)
                .where(checks.c.customer_id == customer_id, checks.c.job_id == job_id)
                .order_by(checks.c.due_at, checks.c.id)
            )
            return tuple(Check(**row._mapping) for row in rows)

    async def waiting(self) -> int:
        """Return how many checks are due now, leased or not."""
        async with self._store.reading() as connection:
            count = select(func.count()).where(checks.c.done_at.is_(None), checks.c.due_at <= self._clock())
            return await connection.scalar(count.select_from(checks)) or 0


_UNIQUE = ("customer_id", "job_id", "board", "run_id", "due_at")
_COLUMNS = tuple(checks.c[name] for name in Check.model_fields)
