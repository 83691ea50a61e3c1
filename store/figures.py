"""What the console shows of the store: time to close over time, shares, checks, findings, events and receipts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, case, cast, func, select

from models.base import Model
from models.receipts import StoredReceipt
from models.states import Outcome
from store import types
from store.database import Store
from store.events import Result
from store.schema import checks, closes, events, findings, receipts
from store.types import Clock


class Bucket(NamedTuple):
    """Closes of one board that were proven in a span of time: how many, and how many seconds they took."""

    board: str
    start: datetime
    closes: int
    p50: float
    p95: float


class Unproven(NamedTuple):
    """How many of a customer's closes ended with the job not found on a board, where nothing is proven."""

    customer_id: str
    closes: int
    not_found: int


class Looks(Model):
    """Looks at boards after closes."""

    last: datetime | None
    waiting: int
    """Due by now."""
    found: dict[str, int]


class Refused(NamedTuple):
    """Refused events of one sender."""

    sender: str
    events: int
    last: datetime


class Figures:
    """The figures in a store."""

    def __init__(self, store: Store, *, clock: Clock = types.now) -> None:
        """Take the store."""
        self._store = store
        self._clock = clock

    async def times(self, since: datetime, width: timedelta) -> tuple[Bucket, ...]:
        """Return the time to close, board by board and span by span; spans without a close are left out."""
        bucket = self._span_of(closes.c.settled_at, width).label("bucket")
        whose = (closes.c.board, bucket)
        ranked = (
            select(
                closes.c.board,
                bucket,
                closes.c.seconds,
                func.row_number().over(partition_by=whose, order_by=closes.c.seconds).label("rank"),
                func.count().over(partition_by=whose).label("total"),
            )
            .where(closes.c.settled_at >= since, closes.c.proven.is_(True))
            .subquery()
        )

        def rank(percent: int) -> ColumnElement[Any]:
            # The nearest rank, as `boardsync stats` has it: a time that a job did take.
            return func.max(
                case((ranked.c.rank == (ranked.c.total * percent + 99) // 100, ranked.c.seconds), else_=None)
            )

        wanted = (
            select(ranked.c.board, ranked.c.bucket, func.max(ranked.c.total), rank(50), rank(95))
            .group_by(ranked.c.board, ranked.c.bucket)
            .order_by(ranked.c.board, ranked.c.bucket)
        )
        seconds = int(width.total_seconds())
        async with self._store.reading() as connection:
            rows = await connection.execute(wanted)
            return tuple(
                Bucket(board, datetime.fromtimestamp(int(at) * seconds, UTC), count, p50, p95)
                for board, at, count, p50, p95 in rows
            )

    def _span_of(self, column: ColumnElement[datetime], width: timedelta) -> ColumnElement[int]:
        seconds = int(width.total_seconds())
        if self._store.is_sqlite:
            return cast(func.strftime("%s", column), Integer) // seconds
        return cast(func.floor(func.extract("epoch", column) / seconds), Integer)

    async def unproven(self, since: datetime) -> tuple[Unproven, ...]:
        """Return the customers with jobs that were not found, the largest share first."""
        missing = func.sum(case((closes.c.outcome == Outcome.NOT_FOUND, 1), else_=0))
        wanted = (
            select(closes.c.customer_id, func.count(), missing)
            .where(closes.c.settled_at >= since)
            .group_by(closes.c.customer_id)
            .having(missing > 0)
        )
        async with self._store.reading() as connection:
            rows = [Unproven(*row) for row in await connection.execute(wanted)]
        return tuple(sorted(rows, key=lambda each: each.not_found / each.closes, reverse=True))

    async def looks(self, since: datetime) -> Looks:
        """Return what looks at boards after closes have found."""
        async with self._store.reading() as connection:
            last = await connection.scalar(select(func.max(checks.c.done_at)))
            due = select(func.count()).where(checks.c.done_at.is_(None), checks.c.due_at <= self._clock())
            waiting = await connection.scalar(due.select_from(checks)) or 0
            rows = await connection.execute(
                select(checks.c.found, func.count()).where(checks.c.done_at >= since).group_by(checks.c.found)
            )
            return Looks(last=last, waiting=waiting, found={str(found): count for found, count in rows})

    async def findings(self, since: datetime) -> Mapping[str, int]:
        """Return what reconciliations have found, by kind."""
        async with self._store.reading() as connection:
            rows = await connection.execute(
                select(findings.c.kind, func.count()).where(findings.c.found_at >= since).group_by(findings.c.kind)
            )
            return {row[0]: row[1] for row in rows}

    async def refused(self, since: datetime) -> Sequence[Refused]:
        """Return refused events by sender."""
        wanted = (
            select(events.c.sender, func.count(), func.max(events.c.at))
            .where(events.c.result == Result.REFUSED, events.c.at >= since)
            .group_by(events.c.sender)
            .order_by(func.count().desc())
        )
        async with self._store.reading() as connection:
            return [Refused(*row) for row in await connection.execute(wanted)]

    async def receipts(
        self, *, customer_id: str | None = None, before: int | None = None, limit: int = 50
    ) -> tuple[StoredReceipt, ...]:
        """Return receipts, newest first; `before` is the leaf after them."""
        wanted = select(receipts).order_by(receipts.c.leaf.desc()).limit(limit)
        if customer_id is not None:
            wanted = wanted.where(receipts.c.customer_id == customer_id)
        if before is not None:
            wanted = wanted.where(receipts.c.leaf < before)
        async with self._store.reading() as connection:
            rows = await connection.execute(wanted)
            return tuple(StoredReceipt.model_validate(dict(row)) for row in rows.mappings())

    async def receipt(self, leaf: int) -> StoredReceipt | None:
        """Return one receipt."""
        async with self._store.reading() as connection:
            row = (await connection.execute(select(receipts).where(receipts.c.leaf == leaf))).mappings().first()
        return StoredReceipt.model_validate(dict(row)) if row is not None else None
