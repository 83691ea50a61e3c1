"""A store of each kind, with its tables, for every test of its own."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from store.admin import migrate
from store.database import Store
from store.schema import metadata
from tests.support.postgresql import running_postgresql

NUMBERS = itertools.count(1)
MIGRATED = "migrated"
EMPTY = f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY"


class FakeClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a server whose database `migrated` holds every table."""
    with running_postgresql() as folder:
        _in_thread(_admin(folder, f"CREATE DATABASE {MIGRATED}"))
        _in_thread(migrate(postgresql_url(folder, MIGRATED)))
        yield folder


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an SQLite store that holds every table."""
    file = tmp_path_factory.mktemp("store") / "migrated.db"
    _in_thread(migrate(f"sqlite:///{file}"))
    return file


def postgresql_url(folder: str, name: str) -> str:
    return f"postgresql://boardsync@/{name}?host={folder}"


def _in_thread(work: Coroutine[Any, Any, object]) -> None:
    """Do it to the end, whether or not a loop runs in this thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _admin(folder: str, statement: str, database: str = "postgres") -> None:
    engine = create_async_engine(
        f"postgresql+asyncpg://boardsync@/{database}?host={folder}", isolation_level="AUTOCOMMIT"
    )
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Name a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'folder' / 'empty.db'}"
    else:
        folder, name = request.getfixturevalue("postgresql"), f"empty_{next(NUMBERS)}"
        _in_thread(_admin(folder, f"CREATE DATABASE {name}"))
        yield postgresql_url(folder, name)
        _in_thread(_admin(folder, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Name a database with every table, and nothing in them."""
    if request.param == "sqlite":
        file = tmp_path / "store.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        yield f"sqlite:///{file}"
    else:
        folder = request.getfixturevalue("postgresql")
        yield postgresql_url(folder, MIGRATED)
        _in_thread(_admin(folder, EMPTY, MIGRATED))  # many times quicker than a database for each test


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    # A deadline that a busy machine does not reach; what the deadline does is tried with short ones.
    async with Store(store_url, timeout=30) as opened:
        yield opened
