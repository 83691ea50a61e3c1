"""The store away, slow, locked, outdated or damaged says so in time; migrations, status and backups."""

import asyncio
import os
import shutil
import signal
import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text

from store.admin import BackupError, _has_wal, backup, migrate, status
from store.database import Store, database_url
from store.errors import WORDS, Reason, StoreUnavailable, within
from store.events import Events
from store.revisions import NEWEST
from store.schema import jobs, metadata
from store.sealing import Sealer
from store.types import key
from tests.support.postgresql import running_postgresql
from tests.unit.store.conftest import FakeClock

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ROW = {"customer_id": "1", "job_id": "1", "first_seen": AT, "last_seen": AT}


async def reason_of(store: Store) -> Reason:
    with pytest.raises(StoreUnavailable) as error:
        async with store.writing() as connection:
            await connection.execute(insert(jobs).values(ROW))
    assert str(error.value) == WORDS[error.value.reason]
    return error.value.reason


async def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with store.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_empty_database_becomes_a_store_by_many_at_once(empty_url: str) -> None:
    assert set(await asyncio.gather(*(migrate(empty_url) for _ in range(4)))) == {NEWEST}
    found = await status(empty_url)
    assert found.current
    assert set(found.rows) == set(metadata.tables)
    assert not any(found.rows.values())


async def test_a_file_that_another_process_has_locked_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, looks = tmp_path / "store.db", []
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("CREATE TABLE any (thing)")
        other.execute("BEGIN EXCLUSIVE")

        def look(path: str) -> bool:
            looks.append(_has_wal(path))
            if len(looks) == 1:
                other.execute("COMMIT")
            return looks[-1]

        monkeypatch.setattr("store.admin._has_wal", look)
        assert await migrate(f"sqlite:///{file}") == NEWEST
    assert looks == [False, True]


async def test_a_file_that_stays_locked_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.admin.PREPARED_WITHIN", 0.0)
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE any (thing)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable) as error:
            await migrate(f"sqlite:///{file}")
    assert error.value.reason == "locked"


async def test_a_store_without_tables_says_that_it_needs_them(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        file = Path(str(database_url(empty_url).database))
        await asyncio.to_thread(file.parent.mkdir)
        await asyncio.to_thread(file.touch)
    assert not (await status(empty_url)).current
    async with Store(empty_url, timeout=20) as store:
        assert await reason_of(store) == "outdated"


async def test_gaps_and_rows_show_in_the_status(store_url: str, clock: FakeClock) -> None:
    async with Store(store_url, timeout=20) as store:
        async with store.writing() as connection:
            await connection.execute(insert(jobs).values(ROW))
        await Events(store, Sealer(None), clock=clock).note_gap("events", AT, AT, 12)
    found = await status(store_url)
    assert found.rows["jobs"] == 1
    assert [(gap.what, gap.count, gap.since) for gap in found.gaps] == [("events", 12, AT)]


async def test_a_writer_that_waits_too_long_is_told_that_the_store_is_locked(store_url: str) -> None:
    async with Store(store_url, timeout=30) as holder, Store(store_url, timeout=0.5) as store:
        async with holder.writing(alone="x") as connection:
            await connection.execute(insert(jobs).values(ROW))
            began = asyncio.get_running_loop().time()
            assert await reason_of(store) in {"locked", "slow"}
            assert asyncio.get_running_loop().time() - began < 20
            async with store.reading() as other:  # who only reads is not held up
                assert (await other.execute(select(jobs.c.job_id))).all() == []
        async with store.writing() as again:
            await again.execute(jobs.delete())


async def test_a_deadline_ends_a_call_and_leaves_the_store_usable(store_url: str) -> None:
    async with Store(store_url, timeout=0.5) as store:
        slow = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000) SELECT count(*) FROM n"
            if store.is_sqlite
            else "SELECT pg_sleep(30)"
        )
        for _ in range(3):
            with pytest.raises(StoreUnavailable) as error:
                async with store.reading() as connection:
                    await connection.execute(text(slow))
            assert error.value.reason == "slow"
    async with Store(store_url, timeout=30) as store, store.writing() as connection:
        await connection.execute(insert(jobs).values(ROW))


async def test_a_statement_that_was_called_off_keeps_no_lock_while_its_traceback_lives(migrated_file: Path) -> None:
    running = threading.Event()

    def slowly(value: int) -> int:
        running.set()
        time.sleep(0.05)  # in the driver's thread, which does not see that nobody waits any more
        return value

    async with (
        Store(f"sqlite:///{migrated_file}", timeout=20) as called_off,
        Store(f"sqlite:///{migrated_file}", timeout=20) as other,
    ):

        async def read() -> None:
            async with called_off.writing() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.create_function("slowly", 1, slowly)
                await connection.execute(text("SELECT slowly(1) UNION ALL SELECT 2"))

        reading = asyncio.create_task(read())
        assert await asyncio.to_thread(running.wait, 20)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError) as kept:
            await reading
        async with other.writing() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
        assert kept.traceback, "the statement lives on in it"


def open_ones() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if "_connection_worker_thread" in each.name}


async def only(before: set[threading.Thread]) -> bool:
    for left in open_ones() - before:
        await asyncio.to_thread(left.join, 20)
    return open_ones() <= before


async def test_a_connection_that_is_lent_while_the_store_is_closed_is_closed_when_it_is_given_back(
    migrated_file: Path,
) -> None:
    before = open_ones()
    store = Store(f"sqlite:///{migrated_file}", timeout=20)
    async with store.reading() as read:
        await store.close()
        assert await read.scalar(text("SELECT 1")) == 1
        async with store.reading():
            pass
    assert await only(before)


async def test_a_call_that_is_called_off_leaves_no_open_connection_once_the_store_is_closed(
    migrated_file: Path,
) -> None:
    async def read(store: Store) -> None:
        async with store.reading() as connection:
            await connection.execute(text("SELECT 1"))

    before = open_ones()
    for turns in range(120):
        async with Store(f"sqlite:///{migrated_file}", timeout=20) as store:
            reading = asyncio.create_task(read(store))
            # Ever later: before, while and after the connection is opened.
            for _ in range(turns):
                await asyncio.sleep(0 if turns % 2 else 0.0001)
            reading.cancel()
        await asyncio.wait([reading])
        assert await only(before), f"called off after {turns} turns of the loop"


async def test_what_takes_too_long_for_who_can_do_without_it_is_called_slow() -> None:
    with pytest.raises(StoreUnavailable, match="did not answer in time"):
        async with within(0.001):
            await asyncio.Event().wait()


async def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_bytes(b"not a database " * 1000)
    async with Store(f"sqlite:///{file}") as store:
        assert await reason_of(store) == "damaged"
    with pytest.raises(StoreUnavailable) as error:
        await migrate(f"sqlite:///{file}")
    assert error.value.reason == "damaged"


async def test_a_folder_that_is_not_there_is_away(tmp_path: Path) -> None:
    async with Store(f"sqlite:///{tmp_path}/no/store.db") as store:
        assert await reason_of(store) == "away"
    with pytest.raises(StoreUnavailable):
        await status(f"sqlite:///{tmp_path}/no/store.db")
    assert not (tmp_path / "no").exists()


async def test_a_full_disk_is_called_full(migrated_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    shutil.copy(migrated_file, file)
    async with Store(f"sqlite:///{file}", timeout=20) as store:
        with pytest.raises(StoreUnavailable) as error:  # noqa: PT012 - the transaction has several statements
            async with store.writing() as connection:
                # SQLite's own limit gives the same error as the disk's.
                pages = await connection.scalar(text("PRAGMA page_count"))
                await connection.execute(text(f"PRAGMA max_page_count = {int(pages)}"))
                rows = [ROW | {"job_id": str(number), "title": "x" * 1000} for number in range(200)]
                await connection.execute(insert(jobs), rows)
        assert error.value.reason == "full"


async def test_postgresql_away_stopped_and_back(clock: FakeClock) -> None:
    with running_postgresql() as folder:
        url = f"postgresql://boardsync@/postgres?host={folder}"
        await migrate(url)
        pid = int((Path(folder) / "data" / "postmaster.pid").read_text().splitlines()[0])
        async with Store(url, timeout=2) as store:
            async with store.writing() as connection:
                await connection.execute(insert(jobs).values(ROW))
                backend = await connection.scalar(text("SELECT pg_backend_pid()"))
            signal_process(int(backend), signal.SIGSTOP)
            try:
                assert await reason_of(store) == "slow"
            finally:
                signal_process(int(backend), signal.SIGCONT)
            async with store.writing() as connection:
                await connection.execute(jobs.delete())
                assert (
                    await connection.scalar(
                        text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")
                    )
                    == 0
                )
            assert pid
        folder_gone = url
    async with Store(folder_gone, timeout=2) as store:
        assert await reason_of(store) == "away"
    async with Store("postgresql://u:secret@127.0.0.1:1/x", timeout=2) as store:
        assert await reason_of(store) == "away"


def signal_process(pid: int, number: signal.Signals) -> None:
    os.kill(pid, number)


async def test_a_backup_holds_what_the_store_holds(store_url: str, tmp_path: Path) -> None:
    async with Store(store_url, timeout=20) as store, store.writing() as connection:
        await connection.execute(insert(jobs).values(ROW))
    file = tmp_path / "backup"
    await backup(store_url, file)
    if store_url.startswith("sqlite"):
        with closing(sqlite3.connect(file)) as copy:
            assert copy.execute("SELECT count(*) FROM jobs").fetchone() == (1,)
    else:
        assert file.read_bytes().startswith(b"PGDMP")
    assert await asyncio.to_thread(lambda: [path.name for path in tmp_path.glob("backup*")]) == ["backup"]


async def test_a_backup_that_fails_says_why_and_leaves_nothing(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BackupError):
        await backup(store_url, tmp_path / "no folder" / "backup")
    if not store_url.startswith("sqlite"):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(BackupError, match="pg_dump"):
            await backup(store_url, tmp_path / "backup")
    with pytest.raises(BackupError):
        await backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "backup")
    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("url", ["", "x", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "postgresql"])
def test_what_is_no_store_s_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="store") as error:
        database_url(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("customer", ["half \ud83d", "nul \x00", "long " * 1000, "é" * 5000, "1234"])
async def test_no_id_from_outside_breaks_the_store(store: Store, customer: str) -> None:
    async with store.writing() as connection:
        await connection.execute(insert(jobs).values(ROW | {"customer_id": customer, "title": customer}))
    async with store.reading() as connection:
        assert await connection.scalar(select(jobs.c.job_id).where(jobs.c.customer_id == customer)) == "1"
    assert key(key(customer)) == key(customer)
    assert key(customer) != key(customer + "x")
