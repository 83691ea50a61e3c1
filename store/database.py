"""The connection to the database: short transactions, each with a deadline, and one kind of error when it cannot."""

import asyncio
import hashlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.schema import Table

from store.errors import StoreUnavailable, reason_of

# At DEBUG it writes every statement with its values, which are nobody's to read.
logging.getLogger("aiosqlite").setLevel(logging.INFO)

TIMEOUT = 3.0
"""Seconds that a call may take, the wait for a connection and for other writers included."""

POOL = 8
"""Connections that one process keeps; as many again while there is more to do."""


T = TypeVar("T")


class OnConflictInsert(Protocol):
    """What SQLite's and PostgreSQL's `INSERT … ON CONFLICT` have in common."""

    @property
    def excluded(self) -> Any:
        """The row that could not be inserted."""
        ...

    def values(self, *args: Any, **kwargs: Any) -> "OnConflictInsert":
        """Say which rows."""
        ...

    def on_conflict_do_nothing(self, *, index_elements: list[str]) -> Insert:
        """Leave a row that is there as it is."""
        ...

    def on_conflict_do_update(self, *, index_elements: list[str], set_: dict[str, Any]) -> Insert:
        """Change a row that is there."""
        ...


def database_url(url: str) -> URL:
    """Return the URL with the drivers that are used here.

    Raises:
        ValueError: Not a URL of SQLite or PostgreSQL. The message does not repeat it: it may hold a password.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except Exception as error:
        raise ValueError("The store's url is not a database URL") from error
    if backend == "sqlite":
        if parsed.database in {None, "", ":memory:"}:
            raise ValueError("The store needs a file: sqlite:///PATH")
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        query = dict(parsed.query)
        if "sslmode" in query:  # libpq's name, which asyncpg calls `ssl`
            query["ssl"] = query.pop("sslmode")
        return parsed.set(drivername="postgresql+asyncpg", query=query)
    raise ValueError("The store is kept in SQLite or PostgreSQL: sqlite:///PATH or postgresql://…")


class Store:
    """An open store. Belongs to one event loop."""

    def __init__(self, url: str, *, timeout: float = TIMEOUT) -> None:
        """Prepare the connections; none is opened yet, so a store that is away holds up no start."""
        self.url = database_url(url)
        self.timeout = timeout
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _engine(self.url, timeout)
        # SQLite has one writer. To wait here is fair and ends at once; to wait in SQLite is a sleep that may lose.
        self._writer = asyncio.Lock()
        self._ending: set[asyncio.Task[Any]] = set()
        self._is_closed = False

    async def close(self) -> None:
        """Close every connection; what is still lent, or being opened, is closed when it is given back."""
        self._is_closed = True
        while self._ending:
            await asyncio.wait(self._ending)
        await self._engine.dispose()

    async def __aenter__(self) -> "Store":
        """Return the store."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that reads.

        Raises:
            StoreUnavailable: The store cannot do it within the deadline.
        """
        with _translated():
            async with (
                asyncio.timeout(self.timeout),
                self._connected() as connection,
                connection.begin(),
                self._interrupted(connection),
            ):
                yield connection

    @asynccontextmanager
    async def writing(self, *, alone: str | None = None) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that writes, committed at the end of the block.

        `alone` names what only one writer of all processes may do at a time.

        Raises:
            StoreUnavailable: The store cannot do it within the deadline; whether it was committed is then not known.
        """
        with _translated():
            async with asyncio.timeout(self.timeout):
                if self.is_sqlite:
                    async with self._writer, self._begin_immediate() as connection:
                        yield connection
                else:
                    async with self._connected() as connection, connection.begin():
                        if alone is not None:
                            await connection.execute(_ADVISORY_LOCK, {"key": _lock_key(alone)})
                        yield connection

    @asynccontextmanager
    async def _begin_immediate(self) -> AsyncIterator[AsyncConnection]:
        async with self._connected() as connection:
            await connection.execution_options(boardsync_writes=True)
            async with connection.begin(), self._interrupted(connection):
                yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """Lend a connection; to open it and to give it back are not called off, as nobody would close half of one."""
        opening = self._to_its_end(self._engine.connect().start())
        try:
            connection = await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._to_its_end(self._not_wanted(opening))
            raise
        try:
            yield connection
        finally:
            await asyncio.shield(self._to_its_end(self._given_back(connection)))

    async def _not_wanted(self, opening: asyncio.Task[AsyncConnection]) -> None:
        """Give a connection back once it is open; one that cannot be opened is nobody's loss."""
        with suppress(Exception):
            await self._given_back(await opening)

    async def _given_back(self, connection: AsyncConnection) -> None:
        if self._is_closed:
            # Its pool is gone: nobody else would close it.
            await connection.run_sync(Connection.detach)
        await connection.close()

    def _to_its_end(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin what is done also when nobody waits for it any more; `close` does."""
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task

    @asynccontextmanager
    async def _interrupted(self, connection: AsyncConnection) -> AsyncIterator[None]:
        """End a statement of SQLite shortly before the deadline: its thread does not see that nobody waits any more."""
        if not self.is_sqlite:
            yield
            return
        driver = (await connection.get_raw_connection()).driver_connection
        raw = getattr(driver, "_conn", None)
        if raw is None:
            raise RuntimeError("aiosqlite keeps its connection under another name: see store/database.py")
        ends = asyncio.get_running_loop().call_later(self.timeout * 0.9, raw.interrupt)
        try:
            yield
        finally:
            ends.cancel()

    def insert(self, table: Table) -> OnConflictInsert:
        """Return an `INSERT` of this database's kind, which can say what happens to a row that is there."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)


_ADVISORY_LOCK = text("SELECT pg_advisory_xact_lock(:key)")


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"boardsync {name}".encode()).digest()[:8], "big", signed=True)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        reason = reason_of(error)
        if reason is None:
            raise
        # Not chained: a driver's message may hold an address or a row's values.
        raise StoreUnavailable(reason) from None


class _Connection(sqlite3.Connection):
    """A connection that is closed with its transaction.

    A statement that was called off may live on in a traceback. SQLite keeps a closed connection, and with it the file's
    lock, as long as one of its statements lives (https://www.sqlite.org/c3ref/close.html).
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def _engine(url: URL, timeout: float) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(
            url,
            pool_size=POOL,
            max_overflow=POOL,
            pool_timeout=timeout,
            hide_parameters=True,
            connect_args={"factory": _Connection},
        )
        event.listen(engine.sync_engine, "connect", _sqlite_connected(timeout))
        event.listen(engine.sync_engine, "begin", _sqlite_begins)
        return engine
    milliseconds = str(int(timeout * 1000))
    return create_async_engine(
        url,
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=timeout,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "timeout": timeout,
            "command_timeout": timeout,
            "server_settings": {
                "application_name": "boardsync",
                "statement_timeout": milliseconds,
                "lock_timeout": milliseconds,
                # A process that was stopped in the middle of a transaction keeps no lock for longer than this.
                "idle_in_transaction_session_timeout": str(int(timeout * 2000)),
            },
        },
    )


def _sqlite_connected(timeout: float) -> Any:
    def connected(connection: Any, _record: object) -> None:
        # The driver begins no transaction by itself: it would do so without IMMEDIATE, and too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        # A wait that ends before the deadline leaves no statement behind in the driver's thread.
        cursor.execute(f"PRAGMA busy_timeout = {int(timeout * 800)}")
        # What is committed stays, also when the machine's power fails.
        cursor.execute("PRAGMA synchronous = FULL")
        # Of each connection, two megabytes by default; the machine keeps the file's pages in memory anyway.
        cursor.execute("PRAGMA cache_size = -256")
        cursor.close()

    return connected


def _sqlite_begins(connection: Connection) -> None:
    writes = connection.get_execution_options().get("boardsync_writes")
    # https://www.sqlite.org/lang_transaction.html: a read that becomes a write fails at once when another one wrote.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def sqlite_file(url: URL) -> str:
    """Return the path of an SQLite store."""
    return str(url.database)


def connect_file(path: str, *, timeout: float = TIMEOUT) -> sqlite3.Connection:
    """Open an SQLite file without SQLAlchemy, for what only SQLite itself can do."""
    return sqlite3.connect(path, timeout=timeout, isolation_level=None)
