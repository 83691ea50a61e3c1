"""How fast and how well: time to close per board, the share within the promise, and what came back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.base import Model
from store import types
from store.database import Store
from store.schema import checks, closes, findings
from store.types import Clock

LIVE_AGAIN = "live again"


class Finding(Model):
    """One row of a reconciliation."""

    run_id: str
    customer_id: str
    job_id: str
    board: str
    kind: str
    evidence: str
    remedy: str
    acted: bool = False
    found_at: AwareDatetime


class TimeToClose(Model):
    """From the event to the proof on one board, in seconds, over the closes that are proven."""

    board: str
    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    within_promise: float | None
    """Share, 0 to 1, of all closes, those without a proof included."""


class Stats(Model):
    """What the store tells about a span of time."""

    since: AwareDatetime | None
    customer_id: str | None
    boards: tuple[TimeToClose, ...]
    live_again: int
    found: dict[str, int]
    """Findings of reconciliations by kind; a finding of several runs counts once for each job."""


class Statistics:
    """The figures in a store."""

    def __init__(self, store: Store, *, clock: Clock = types.now) -> None:
        """Take the store."""
        self._store = store
        self._clock = clock

    async def note(self, *found: Finding) -> None:
        """Keep what a reconciliation found; the same again changes nothing."""
        rows = [each.model_dump() for each in found]
        if not rows:
            return
        async with self._store.writing() as connection:
            await connection.execute(
                self._store.insert(findings)
                .values(rows)
                .on_conflict_do_nothing(index_elements=["run_id", "customer_id", "job_id", "board", "kind"])
            )

    async def findings(self, run_id: str) -> tuple[Finding, ...]:
        """Return what one reconciliation found."""
        async with self._store.reading() as connection:
            columns = (findings.c[name] for name in Finding.model_fields)
            rows = await connection.execute(select(*columns).where(findings.c.run_id == run_id).order_by(findings.c.id))
            return tuple(Finding(**row._mapping) for row in rows)

    async def stats(
        self, *, promise: timedelta, customer_id: str | None = None, since: datetime | None = None
    ) -> Stats:
        """Return the figures of a customer, or of all, since a moment or since ever."""
        async with self._store.reading() as connection:
            wanted = _of(closes.c.customer_id, customer_id) + _from(closes.c.settled_at, since)
            boards = (
                await connection.scalars(select(closes.c.board).distinct().where(*wanted).order_by(closes.c.board))
            ).all()
            timed = [
                await _time_to_close(connection, board, [*wanted, closes.c.board == board], promise) for board in boards
            ]
            again = select(func.count()).where(
                checks.c.found == LIVE_AGAIN,
                *_of(checks.c.customer_id, customer_id),
                *_from(checks.c.done_at, since),
            )
            live_again = await connection.scalar(again.select_from(checks)) or 0
            kinds = await connection.execute(
                select(findings.c.kind, func.count(distinct(findings.c.customer_id + "/" + findings.c.job_id)))
                .where(*_of(findings.c.customer_id, customer_id), *_from(findings.c.found_at, since))
                .group_by(findings.c.kind)
            )
            found = {row[0]: row[1] for row in kinds}
        return Stats(since=since, customer_id=customer_id, boards=tuple(timed), live_again=live_again, found=found)


def _of(column: ColumnElement[str], customer_id: str | None) -> list[ColumnElement[bool]]:
    return [] if customer_id is None else [column == customer_id]


def _from(column: ColumnElement[datetime], since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [column >= since]


async def _time_to_close(
    connection: AsyncConnection, board: str, wanted: Iterable[ColumnElement[bool]], promise: timedelta
) -> TimeToClose:
    whole = tuple(wanted)
    proven = (*whole, closes.c.proven.is_(True))
    total = await connection.scalar(select(func.count()).select_from(closes).where(*whole)) or 0
    count = await connection.scalar(select(func.count()).select_from(closes).where(*proven)) or 0
    kept = (*proven, closes.c.seconds <= promise.total_seconds())
    in_time = await connection.scalar(select(func.count()).select_from(closes).where(*kept)) or 0

    async def percentile(percent: int) -> float | None:
        if not count:
            return None
        # The nearest rank: a time that a job did take, and the same in both databases.
        rank = max(1, -(-count * percent // 100))
        value = select(closes.c.seconds).where(*proven).order_by(closes.c.seconds).offset(rank - 1).limit(1)
        return float(await connection.scalar(value) or 0.0)

    return TimeToClose(
        board=board,
        count=count,
        p50=await percentile(50),
        p95=await percentile(95),
        p99=await percentile(99),
        within_promise=in_time / total if total else None,
    )
