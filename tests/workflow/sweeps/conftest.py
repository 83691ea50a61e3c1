"""A store with its tables, and workers that use it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from config.settings import Settings
from runtime.provisioning import register_search_attributes
from store.admin import migrate
from store.database import Store
from tests.support.boards import Boards
from tests.support.runner import runner_of
from tests.support.temporal import client_of, end_all, running_temporal
from tests.support.workers import running_workers


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Return an SQLite store of the test's own."""
    url = f"sqlite:///{tmp_path}/store.db"
    await migrate(url)
    store = Store(url)
    yield store
    await store.close()


def with_store(settings: Settings, store: Store) -> Settings:
    """Return the settings with this store."""
    url = store.url.set(drivername="sqlite").render_as_string(hide_password=False)
    return settings.model_copy(update={"store": settings.store.model_copy(update={"url": url})})


@pytest.fixture
async def sweeping(
    request: pytest.FixtureRequest, client: Client, settings: Settings, boards: Boards, store: Store
) -> AsyncIterator[None]:
    """Run workers on all queues, with the store."""
    async with running_workers(client, with_store(settings, store), runner=runner_of(request)):
        yield


@pytest.fixture(scope="module")
async def own_server() -> AsyncIterator[Client]:
    """Run a Temporal server of a module's own."""
    async with running_temporal() as address:
        client = await client_of(address)
        await register_search_attributes(client)
        yield client


@pytest.fixture
async def own_client(own_server: Client) -> AsyncIterator[Client]:
    """Connect to a Temporal server that no other module's tests use; what a test left there is ended with it."""
    yield own_server
    await end_all(own_server)
