"""The inbox: events that Temporal cannot take now, kept until it can, handed on in order of receipt per job."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update

from models.base import Model
from store import types
from store.database import Store
from store.schema import inbox
from store.together import Together
from store.types import Clock

LOCK = "inbox"
LEASE = timedelta(seconds=60)


class Waiting(Model):
    """An event that waits. `job_key` names what keeps its order, `repeat_key` what is the same event."""

    id: int = 0
    job_key: str
    kind: str
    payload: bytes
    received_at: AwareDatetime
    repeat_key: str | None = None
    attempts: int = 0


class Backlog(Model):
    """What waits in the inbox."""

    count: int
    oldest: AwareDatetime | None
    error: str | None = None
    """Why the oldest was not handed on when that was tried last."""


class Inbox:
    """The inbox in a store."""

    def __init__(self, store: Store, *, clock: Clock = types.now) -> None:
        """Take the store."""
        self._store = store
        self._clock = clock
        self._together = Together(self._put, deadline=2 * store.timeout)

    async def put(self, event: Waiting) -> None:
        """Keep an event, together with others that come at this moment; on return it is on the disk.

        The same event again changes nothing.

        Raises:
            StoreUnavailable: It is not known to be kept.
        """
        await self._together(event)

    async def _put(self, events: Sequence[Waiting]) -> Sequence[None]:
        rows = [event.model_dump(exclude={"id", "attempts"}) for event in events]
        async with self._store.writing() as connection:
            await connection.execute(
                self._store.insert(inbox).values(rows).on_conflict_do_nothing(index_elements=["repeat_key"])
            )
        return [None] * len(events)

    async def claim(self, owner: str, *, limit: int = 200, lease: timedelta = LEASE) -> tuple[Waiting, ...]:
        """Take events to hand on, oldest first; during the lease nobody else gets them, or later ones of their jobs.

        Hand on a job's events in this order; when one fails, give it back with every later one of its job.
        """
        at, other = self._clock(), inbox.alias()
        taken = exists().where(
            other.c.job_key == inbox.c.job_key, other.c.delivered_at.is_(None), other.c.leased_until > at
        )
        free = (
            select(inbox.c.id)
            .where(inbox.c.delivered_at.is_(None), ~taken)
            .order_by(inbox.c.received_at, inbox.c.id)
            .limit(limit)
        )
        # Alone: two that claim at the same moment would each take some of the same job's.
        async with self._store.writing(alone=LOCK) as connection:
            rows = await connection.execute(
                update(inbox)
                .where(inbox.c.id.in_(free))
                .values(leased_by=owner, leased_until=at + lease, attempts=inbox.c.attempts + 1)
                .returning(*_COLUMNS)
            )
            return tuple(
                sorted((Waiting(**row._mapping) for row in rows), key=lambda each: (each.received_at, each.id))
            )

    async def renew(self, owner: str, ids: Iterable[int], *, lease: timedelta = LEASE) -> set[int]:
        """Hold events for longer; return those that are still this owner's. Hand on none that is not."""
        at = self._clock()
        async with self._store.writing() as connection:
            rows = await connection.execute(
                update(inbox)
                .where(inbox.c.id.in_(list(ids)), _held(owner, at))
                .values(leased_until=at + lease)
                .returning(inbox.c.id)
            )
            return {row.id for row in rows}

    async def delivered(self, owner: str, *ids: int) -> int:
        """Note that events were handed on; return how many were still this owner's."""
        async with self._store.writing() as connection:
            done = await connection.execute(
                update(inbox)
                .where(inbox.c.id.in_(ids), inbox.c.leased_by == owner, inbox.c.delivered_at.is_(None))
                .values(delivered_at=self._clock(), leased_by=None, leased_until=None, error=None)
            )
            return done.rowcount

    async def give_back(self, owner: str, *ids: int, error: str, again_at: AwareDatetime | None = None) -> None:
        """Let events be taken again, now or later: they could not be handed on."""
        async with self._store.writing() as connection:
            await connection.execute(
                update(inbox)
                .where(inbox.c.id.in_(ids), inbox.c.leased_by == owner, inbox.c.delivered_at.is_(None))
                .values(leased_by=None, leased_until=again_at, error=error)
            )

    async def backlog(self) -> Backlog:
        """Return how many events wait, and since when."""
        async with self._store.reading() as connection:
            waits = inbox.c.delivered_at.is_(None)
            count = await connection.scalar(select(func.count()).select_from(inbox).where(waits)) or 0
            oldest = select(inbox.c.received_at, inbox.c.error).where(waits)
            row = (await connection.execute(oldest.order_by(inbox.c.received_at, inbox.c.id).limit(1))).first()
        return Backlog(count=count, oldest=row.received_at if row else None, error=row.error if row else None)

    async def probe(self) -> None:
        """See whether an event would be kept now: write one and take it back, in one transaction.

        Raises:
            StoreUnavailable: It would not.
        """
        row = {"job_key": "probe", "kind": "probe", "payload": b"", "received_at": self._clock()}
        async with self._store.writing() as connection:
            number = await connection.scalar(insert(inbox).values(row).returning(inbox.c.id))
            await connection.execute(delete(inbox).where(inbox.c.id == number))

    async def waits_for(self, job_key: str) -> bool:
        """Return whether an event of this job waits: a later one then has to queue behind it."""
        async with self._store.reading() as connection:
            found = select(inbox.c.id).where(inbox.c.job_key == job_key, inbox.c.delivered_at.is_(None)).limit(1)
            return await connection.scalar(found) is not None

    async def forget(self, age: timedelta) -> int:
        """Remove what was handed on longer ago than this; return how much."""
        async with self._store.writing() as connection:
            done = await connection.execute(delete(inbox).where(inbox.c.delivered_at < self._clock() - age))
            return done.rowcount


def _held(owner: str, at: AwareDatetime) -> ColumnElement[bool]:
    return and_(
        inbox.c.leased_by == owner,
        inbox.c.delivered_at.is_(None),
        or_(inbox.c.leased_until.is_(None), inbox.c.leased_until > at),
    )


_COLUMNS = tuple(inbox.c[name] for name in Waiting.model_fields)
