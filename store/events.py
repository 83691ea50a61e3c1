"""The event log: every event taken or refused, without its body; what was refused can be replayed once mended."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field, ValidationError
from sqlalchemy import ColumnElement, ScalarSelect, and_, delete, func, insert, or_, select, update

from models.base import Model
from store import types
from store.database import Store
from store.schema import events, gaps
from store.sealing import NotOpenable, Sealer
from store.types import Clock

REPLAYABLE = 10_000
"""Refused events that are kept whole, those of nobody apart; the oldest go first."""

OF_NOBODY = "not authenticated"
"""How the reason begins where the sender was not authenticated: anybody may have sent it."""

ROWS_OF_NOBODY = 50_000
"""Rows that are kept of such events; the oldest go first."""

LARGEST_REPLAY = 64 * 1024
"""Bytes of a body that is kept for a replay."""


class Result(StrEnum):
    """What became of an event."""

    TAKEN = "taken"
    REFUSED = "refused"


class Replay(Model):
    """What a refused event was, for another try: kept sealed, and only where its sender may be genuine."""

    method: str = "POST"
    path: str
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    body: bytes = Field(repr=False)

    model_config = Model.model_config | {"ser_json_bytes": "base64", "val_json_bytes": "base64"}


class LoggedEvent(Model):
    """One row of the log."""

    id: int = 0
    at: AwareDatetime
    sender: str
    customer_id: str | None = None
    job_id: str | None = None
    type: str
    result: Result
    reason: str | None = None
    body_digest: str = ""
    status: str | None = None
    """The candidate status that it named, by iCIMS's id; whose it is, is kept nowhere."""
    replayable: bool = False
    replayed_at: AwareDatetime | None = None


class StatusSeen(Model):
    """A candidate status that events of a customer named."""

    status: str
    count: int
    first_at: AwareDatetime
    last_at: AwareDatetime


def body_digest(body: bytes) -> str:
    """Return what a body is recognised by."""
    return hashlib.sha256(body).hexdigest()


class Events:
    """The event log in a store."""

    def __init__(self, store: Store, sealer: Sealer, *, clock: Clock = types.now) -> None:
        """Take the store, and the key that seals what a replay needs; without one nothing can be replayed."""
        self._store = store
        self._sealer = sealer
        self._clock = clock

    async def add(self, happened: Sequence[tuple[LoggedEvent, Replay | None]]) -> None:
        """Write events down, in one transaction."""
        rows = [self._row(event, replay) for event, replay in happened]
        if not rows:
            return
        async with self._store.writing() as connection:
            await connection.execute(insert(events), rows)

    def _row(self, event: LoggedEvent, replay: Replay | None) -> dict[str, Any]:
        row = event.model_dump(exclude={"id", "replayable", "replayed_at"})
        wanted = replay is not None and event.result is Result.REFUSED and self._sealer.configured
        if replay is None or not wanted or len(replay.body) > LARGEST_REPLAY:
            return row | {"sealed": None}
        return row | {"sealed": self._sealer.seal(replay.model_dump_json().encode(), about=_about(event.body_digest))}

    async def note_gap(self, what: str, since: datetime, until: datetime, count: int) -> None:
        """Write down that something could not be stored."""
        async with self._store.writing() as connection:
            await connection.execute(insert(gaps).values(what=what, since=since, until=until, count=count))

    async def find(
        self,
        *,
        refused: bool = False,
        customer_id: str | None = None,
        job_id: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[LoggedEvent, ...]:
        """Return events, newest first; `before` is the id after them."""
        wanted = select(*_COLUMNS)
        for column, value in ((events.c.customer_id, customer_id), (events.c.job_id, job_id)):
            if value is not None:
                wanted = wanted.where(column == value)
        if refused:
            wanted = wanted.where(events.c.result == Result.REFUSED)
        if since is not None:
            wanted = wanted.where(events.c.at >= since)
        if before is not None:
            wanted = wanted.where(events.c.id < before)
        async with self._store.reading() as connection:
            rows = await connection.execute(wanted.order_by(events.c.id.desc()).limit(limit))
            return tuple(LoggedEvent(**row._mapping) for row in rows)

    async def statuses(self, customer_id: str, *, since: datetime | None = None) -> tuple[StatusSeen, ...]:
        """Return the candidate statuses that a customer's events named, the most frequent first."""
        count = func.count().label("count")
        wanted = (
            select(
                events.c.status, count, func.min(events.c.at).label("first_at"), func.max(events.c.at).label("last_at")
            )
            .where(events.c.customer_id == customer_id, events.c.status.is_not(None))
            .group_by(events.c.status)
            .order_by(count.desc(), events.c.status)
        )
        if since is not None:
            wanted = wanted.where(events.c.at >= since)
        async with self._store.reading() as connection:
            return tuple(StatusSeen(**row._mapping) for row in await connection.execute(wanted))

    async def one(self, event_id: int) -> LoggedEvent | None:
        """Return one event."""
        wanted = select(*_COLUMNS).where(events.c.id == event_id)
        async with self._store.reading() as connection:
            row = (await connection.execute(wanted)).first()
        return None if row is None else LoggedEvent(**row._mapping)

    async def replay(self, event_id: int) -> Replay | None:
        """Return what a refused event was; `None` where it was not kept, or went after its time.

        Raises:
            NotSealable: The store has no key.
            NotOpenable: It was sealed with a key that is not configured any more.
        """
        async with self._store.reading() as connection:
            found = select(events.c.sealed, events.c.body_digest).where(events.c.id == event_id)
            row = (await connection.execute(found)).first()
        if row is None or row.sealed is None:
            return None
        try:
            return Replay.model_validate_json(self._sealer.open(row.sealed, about=_about(row.body_digest)))
        except ValidationError:
            raise NotOpenable from None

    async def replayed(self, event_id: int) -> None:
        """Note that an event was replayed with success; what it was is not needed any more."""
        async with self._store.writing() as connection:
            await connection.execute(
                update(events).where(events.c.id == event_id).values(replayed_at=self._clock(), sealed=None)
            )

    async def forget(self, *, whole: timedelta = timedelta(days=30), rows: timedelta = timedelta(days=400)) -> None:
        """Remove what replays need after its time, or beyond `REPLAYABLE`; remove rows after theirs."""
        at = self._clock()
        sealed, of_nobody = events.c.sealed.is_not(None), events.c.reason.startswith(f"{OF_NOBODY}:")
        # Apart: whoever sends with no credentials must not push out what a customer has sent.
        known = or_(events.c.reason.is_(None), ~of_nobody)
        old = (
            events.c.at < at - whole,
            and_(of_nobody, events.c.id <= _beyond(REPLAYABLE, sealed, of_nobody)),
            and_(known, events.c.id <= _beyond(REPLAYABLE, sealed, known)),
        )
        async with self._store.writing() as connection:
            for each in old:
                await connection.execute(update(events).where(sealed, each).values(sealed=None))
            await connection.execute(delete(events).where(events.c.at < at - rows))
            await connection.execute(delete(events).where(of_nobody, events.c.id <= _beyond(ROWS_OF_NOBODY, of_nobody)))


_COLUMNS = (
    *(events.c[name] for name in LoggedEvent.model_fields if name != "replayable"),
    events.c.sealed.is_not(None).label("replayable"),
)


def _beyond(count: int, *wanted: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return the newest id that is not among the newest so many."""
    return select(events.c.id).where(*wanted).order_by(events.c.id.desc()).offset(count).limit(1).scalar_subquery()


def _about(digest: str) -> str:
    return f"event {digest}"
