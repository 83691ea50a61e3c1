"""What an operator does with the store: bring its tables up to date, look at it, copy it."""

import asyncio
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select

from store.database import Store, connect_file, database_url, sqlite_file
from store.errors import StoreUnavailable
from store.revisions import NEWEST, revision
from store.schema import gaps, metadata

logger = logging.getLogger(__name__)

MIGRATION_TIMEOUT = 600.0
"""Seconds that the steps may take; a table of years may need an index."""

PREPARED_WITHIN, LOOK_AGAIN = 30.0, 0.1
"""Seconds for which a file is waited for that another process is preparing, and until it is looked at again."""
BACKUP_TIMEOUT = 3600.0


class BackupError(Exception):
    """The store could not be copied; the message says why and what to do."""


class Gap(BaseModel):
    """Something that was not stored while the store was away."""

    model_config = ConfigDict(frozen=True)

    what: str
    since: datetime
    until: datetime
    count: int


class StoreStatus(BaseModel):
    """What the store holds, and whether its tables fit this version."""

    model_config = ConfigDict(frozen=True)

    database: str
    revision: str | None
    head: str
    rows: dict[str, int]
    gaps: tuple[Gap, ...]

    @property
    def current(self) -> bool:
        """Whether the tables are those of this version."""
        return self.revision == self.head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    return config


async def migrate(url: str) -> str:
    """Bring the tables up to date and return their revision; several processes may do it at the same time.

    Raises:
        StoreUnavailable: The store is away, locked or full.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        await asyncio.to_thread(_prepare_file, sqlite_file(parsed))
    async with Store(url, timeout=MIGRATION_TIMEOUT) as store, store.writing(alone="migrate") as connection:
        await connection.run_sync(_upgrade)
    return NEWEST


def _prepare_file(path: str) -> None:
    give_up = time.monotonic() + PREPARED_WITHIN
    while not _has_wal(path):
        if time.monotonic() > give_up:
            raise StoreUnavailable("locked")
        time.sleep(LOOK_AGAIN)


def _has_wal(path: str) -> bool:
    """Have readers and the one writer not hold each other up, which the file keeps; return False where it is locked.

    SQLite does not always wait for a lock here: where several do this at once, it refuses all but one of them.
    """
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with closing(connect_file(path, timeout=LOOK_AGAIN)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith("SQLITE_BUSY"):
            return False
        raise StoreUnavailable("away") from None
    except sqlite3.DatabaseError:
        raise StoreUnavailable("damaged") from None
    except OSError:
        raise StoreUnavailable("away") from None
    return True


def _upgrade(connection: Connection) -> None:
    before = revision(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if before != NEWEST:
        logger.info("the store's tables are brought up to date: %s, before %s", NEWEST, before or "none")


async def status(url: str) -> StoreStatus:
    """Return what the store holds.

    Raises:
        StoreUnavailable: The store is away, locked, or holds no tables yet.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(sqlite_file(parsed)).exists):
        raise StoreUnavailable("away")  # to open it would make an empty one
    async with Store(url, timeout=60) as store, store.reading() as connection:
        found = await connection.run_sync(revision)
        rows: dict[str, int] = {}
        holes: tuple[Gap, ...] = ()
        if found is not None:
            rows = {
                table.name: await connection.scalar(select(func.count()).select_from(table)) or 0
                for table in metadata.sorted_tables
            }
            away = await connection.execute(select(gaps).order_by(gaps.c.since))
            holes = tuple(Gap(**row._mapping) for row in away)
    return StoreStatus(
        database=parsed.get_backend_name(), revision=found, head=NEWEST, rows=dict(sorted(rows.items())), gaps=holes
    )


async def backup(url: str, file: Path) -> None:
    """Copy the store into a file while it is in use: SQLite's own form, or `pg_dump`'s custom form.

    Raises:
        BackupError: It could not be copied; no part of a file is left.
    """
    parsed = database_url(url)
    part = file.with_name(file.name + ".part")
    copy: Callable[[], None] | None = None
    try:
        if parsed.get_backend_name() == "sqlite":
            copy = _copier(sqlite_file(parsed), part)
            await asyncio.to_thread(copy)
        else:
            await _pg_dump(url, part)
        part.replace(file)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(
            f"The backup could not be written: {type(error).__name__}. Is there space and the right to?"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _copier(source: str, target: Path) -> Callable[[], None]:
    def copy() -> None:
        if not Path(source).exists():
            raise BackupError("There is no store to copy: its file does not exist.")
        with closing(connect_file(source, timeout=60)) as here, closing(connect_file(str(target))) as there:
            here.backup(there)
            # The copy is one file, readable without the two that WAL keeps beside it.
            there.execute("PRAGMA journal_mode = DELETE")

    return copy


async def _pg_dump(url: str, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupError(
            "PostgreSQL is copied by its own `pg_dump`, which is not on this machine's PATH. "
            "Install PostgreSQL's client programs, or copy the database where they are."
        )
    parsed = database_url(url)
    # By the environment: what is on a command line is read by every user of the machine.
    environment = dict(os.environ)
    environment |= {
        name: str(value)
        for name, value in {
            "PGHOST": parsed.query.get("host") or parsed.host,
            "PGPORT": parsed.port,
            "PGUSER": parsed.username,
            "PGPASSWORD": parsed.password,
            "PGDATABASE": parsed.database,
            "PGSSLMODE": parsed.query.get("ssl"),
        }.items()
        if value
    }
    process = await asyncio.create_subprocess_exec(
        program, "--format=custom", f"--file={target}", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, words = await asyncio.wait_for(process.communicate(), BACKUP_TIMEOUT)
    except TimeoutError:
        raise BackupError("`pg_dump` did not end within an hour.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = (words.decode("utf-8", "replace").strip().splitlines() or ["no words"])[-1]
        raise BackupError(f"`pg_dump` failed: {last[:300]}")
