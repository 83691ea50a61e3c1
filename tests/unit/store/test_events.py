"""The event log: never in the way, nothing readable of what was refused, gaps counted; and the figures."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from models.receipts import BoardClose, LedgerEntry
from store.admin import status
from store.checks import Check, Checks
from store.database import Store
from store.event_log import EventLog
from store.events import LARGEST_REPLAY, Events, LoggedEvent, Replay, Result, body_digest
from store.ledger.ledger import Ledger
from store.ledger.notes import SigningKey
from store.schema import events as table
from store.sealing import NotOpenable, Sealer
from store.stats import Finding, Statistics
from tests.unit.store.conftest import FakeClock
from tests.unit.store.entries import entry

KEY = b"k" * 32
BODY = b'{"candidate": "Jane Doe", "systemId": "1209"}'
AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def happened(number: int = 0, result: Result = Result.TAKEN, **more: object) -> LoggedEvent:
    return LoggedEvent.model_validate(
        {
            "at": AT + timedelta(seconds=number),
            "sender": "icims",
            "customer_id": "1234",
            "job_id": str(number),
            "type": "JobStatus",
            "result": result,
            "body_digest": body_digest(BODY),
            **more,
        }
    )


def replay(body: bytes = BODY) -> Replay:
    return Replay(path="/webhooks/icims", headers={"authorization": "Bearer secret"}, body=body)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the writer tells nobody
        await asyncio.sleep(0.01)


async def test_a_refused_event_is_kept_sealed_and_comes_back_whole(store: Store, clock: FakeClock) -> None:
    log = Events(store, Sealer(KEY), clock=clock)
    await log.add([(happened(1), replay()), (happened(2, Result.REFUSED, reason="unknown customer"), replay())])
    (refused,) = await log.find(refused=True)
    assert (refused.reason, refused.replayable) == ("unknown customer", True)
    assert await log.replay(refused.id) == replay()
    assert len(await log.find()) == 2
    assert [each.replayable for each in await log.find(job_id="1")] == [False]
    async with store.reading() as connection:
        kept = [value for row in await connection.execute(select(table)) for value in row]
    assert not any(secret in str(kept) for secret in ("Jane", "secret"))
    assert "secret" not in repr(replay())
    with pytest.raises(NotOpenable):
        await Events(store, Sealer(b"x" * 32), clock=clock).replay(refused.id)
    await log.replayed(refused.id)
    assert await log.replay(refused.id) is None
    (after,) = await log.find(refused=True)
    assert (after.replayed_at, after.replayable) == (clock(), False)


async def test_without_a_key_or_beyond_the_size_only_the_row_is_kept(store: Store, clock: FakeClock) -> None:
    await Events(store, Sealer(None), clock=clock).add([(happened(1, Result.REFUSED), replay())])
    await Events(store, Sealer(KEY), clock=clock).add(
        [(happened(2, Result.REFUSED), replay(b"x" * (LARGEST_REPLAY + 1)))]
    )
    found = await Events(store, Sealer(KEY), clock=clock).find(refused=True)
    assert [each.replayable for each in found] == [False, False]


async def test_what_replays_need_goes_after_its_time_and_beyond_its_number(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.events.REPLAYABLE", 3)
    log = Events(store, Sealer(KEY), clock=clock)
    await log.add([(happened(number, Result.REFUSED), replay()) for number in range(5)])
    await log.forget()
    assert [each.job_id for each in await log.find(refused=True) if each.replayable] == ["4", "3", "2"]
    clock.forward(days=31)
    await log.forget()
    assert not any(each.replayable for each in await log.find(refused=True))
    clock.forward(days=400)
    await log.forget()
    assert await log.find() == ()


async def test_the_writer_takes_at_once_and_writes_in_order(store: Store, clock: FakeClock) -> None:
    log = Events(store, Sealer(KEY), clock=clock)
    async with EventLog(log, clock=clock) as writer:
        for number in range(500):
            writer.put(happened(number))
        await until(lambda: writer.written == 500)
    found = await log.find(limit=1000)
    assert [each.job_id for each in found] == [str(number) for number in reversed(range(500))]


async def test_what_waits_is_written_at_the_end(store: Store, clock: FakeClock) -> None:
    log = Events(store, Sealer(KEY), clock=clock)
    async with EventLog(log, clock=clock) as writer:
        for number in range(450):
            writer.put(happened(number))
    assert writer.written == 450
    assert writer.dropped == writer.waiting == 0


async def test_a_store_that_is_away_delays_nobody_and_the_gap_shows_afterwards(
    store_url: str, clock: FakeClock
) -> None:
    away = True

    def refuse(*_: object) -> None:
        if away:
            raise ConnectionRefusedError

    async with Store(store_url, timeout=20) as store:
        sqlalchemy_event.listen(store._engine.sync_engine, "do_connect", refuse)
        log = Events(store, Sealer(KEY), clock=clock)
        async with EventLog(log, capacity=100, pauses=(0.01,), clock=clock) as writer:
            for number in range(150):
                writer.put(happened(number), replay())
            assert (writer.waiting, writer.dropped) == (100, 50)
            await until(lambda: writer.unavailable is not None)
            assert writer.unavailable is not None
            assert writer.unavailable.reason == "away"
            away = False
            await until(lambda: writer.written == 100)
            assert len(await log.find(limit=1000)) == 100
    (gap,) = (await status(store_url)).gaps
    assert (gap.what, gap.count, gap.since, gap.until) == (
        "events", 50, AT + timedelta(seconds=100), AT + timedelta(seconds=149),
    )  # fmt: skip


async def test_a_writer_that_ends_while_the_store_is_away_ends_at_once(clock: FakeClock) -> None:
    async with Store("postgresql://u@127.0.0.1:1/x", timeout=2) as store:
        async with EventLog(Events(store, Sealer(None), clock=clock), pauses=(1000,), clock=clock) as writer:
            writer.put(happened())
            await until(lambda: writer.unavailable is not None)
        assert writer.waiting == 1


async def test_the_time_to_close_is_that_of_jobs_that_were_closed(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, SigningKey("ledger.example.com", KEY), clock=clock)
    await ledger.append_all([entry(number, clock(), seconds=number * 10) for number in range(1, 101)])
    unproven = BoardClose(board="indeed", outcome="not_found", proven=False, asked_at=clock(), settled_at=clock())
    await ledger.append(
        LedgerEntry(
            workflow_id="w",
            run_id="r",
            customer_id="77",
            job_id="1",
            ended_at=clock() - timedelta(days=9),
            closes=(unproven,),
        )
    )
    figures = Statistics(store, clock=clock)
    found = await figures.stats(promise=timedelta(minutes=15))
    indeed, linkedin = found.boards
    assert (linkedin.board, linkedin.count) == ("linkedin", 100)
    assert (linkedin.p50, linkedin.p95, linkedin.p99, linkedin.within_promise) == (500, 950, 990, 0.9)
    assert (indeed.count, indeed.p50, indeed.within_promise) == (0, None, 0)
    only = await figures.stats(promise=timedelta(minutes=15), customer_id="1234", since=clock() - timedelta(days=1))
    assert [each.board for each in only.boards] == ["linkedin"]
    assert (await figures.stats(promise=timedelta(1), since=clock() + timedelta(1))).boards == ()


async def test_what_came_back_and_what_was_missed_is_counted(store: Store, clock: FakeClock) -> None:
    checks, figures = Checks(store, clock=clock), Statistics(store, clock=clock)
    due = [Check(customer_id="1234", job_id=str(n), board="indeed", run_id="r", due_at=clock()) for n in range(3)]
    await checks.schedule(*due)
    for number, each in enumerate(await checks.claim("a")):
        await checks.record("a", each, "live again" if number else "still off")
    missed = [
        Finding(
            run_id=run, customer_id="1234", job_id=str(job), board="linkedin", kind="missed unpost", evidence="…",
            remedy="boardsync reconcile 1234 --act", found_at=clock(),
        )
        for run in ("r1", "r2")
        for job in range(4)
    ]  # fmt: skip
    await figures.note(*missed)
    await figures.note(*missed)
    found = await figures.stats(promise=timedelta(minutes=15))
    assert (found.live_again, found.found) == (2, {"missed unpost": 4})


async def test_candidate_statuses_are_counted_for_each_customer_and_told_since_when(store: Store) -> None:
    log = Events(store, Sealer(KEY))
    named = [(happened(number, status="9782"), None) for number in (5, 1, 3)]
    others = [
        (happened(2, status="1752"), None),
        (happened(4), None),
        (happened(6, customer_id="77", status="9"), None),
    ]
    await log.add([*named, *others])
    first, second = await log.statuses("1234")
    assert (first.status, first.count, second.status, second.count) == ("9782", 3, "1752", 1)
    assert (first.first_at, first.last_at) == (AT + timedelta(seconds=1), AT + timedelta(seconds=5))
    assert [each.status for each in await log.statuses("1234", since=AT + timedelta(seconds=3))] == ["9782"]
    assert await log.statuses("12") == ()
