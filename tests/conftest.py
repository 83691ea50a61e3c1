"""The real parts that tests run against: Temporal dev server, sandbox, workers."""

import gc
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import hypothesis
import pytest
from temporalio.client import Client

from activities.indeed.pacing import shared_out
from config.settings import Settings
from runtime.process import GARBAGE_AFTER
from tests.support.boards import Boards, control_of, counted
from tests.support.dealing import deal
from tests.support.processes import free_port, running_sandbox_process
from tests.support.runner import runner_of
from tests.support.settings import sandbox_settings
from tests.support.shared import SERVERS
from tests.support.store import begin_a_new_day
from tests.support.telling import Telling
from tests.support.temporal import client_of, end_all, running_server, server_command
from tests.support.time_limit import pytest_runtest_teardown, pytest_timeout_set_timer
from tests.support.workers import running_workers

__all__ = ["pytest_runtest_teardown", "pytest_timeout_set_timer"]  # hooks, found here

JOB_IDS = itertools.count(100_000)

# No test depends on the clock: an example that took long says that the machine is busy, and nothing else.
hypothesis.settings.register_profile("boardsync", deadline=None)
hypothesis.settings.load_profile("boardsync")


def pytest_configure(config: pytest.Config) -> None:
    """Tell of failures as they happen, and let a run in the background be interrupted, which then sums them up.

    What is compiled is kept, also where the environment says otherwise: some hundred processes need the same modules.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    config.pluginmanager.register(Telling(config))
    if not hasattr(config, "workerinput"):
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the tests, where several processes run them."""
    if (processes := getattr(config, "workerinput", {}).get("workercount", 1)) > 1:
        deal(items, processes)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Look through as little for garbage as a worker does: the tests themselves, thousands, are none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_AFTER)


@pytest.fixture(scope="session")
def ui_port() -> int:
    """Return the port of the Temporal Web UI."""
    return free_port()


@pytest.fixture(scope="session")
async def temporal(ui_port: int) -> AsyncIterator[str]:
    """Return the address of a Temporal dev server, in memory, with its Web UI."""
    port = free_port()
    starting = running_server(server_command(port, ui_port=ui_port), port)
    async with SERVERS.shared("the Temporal dev server", starting, client_of) as address:
        yield address


@pytest.fixture(scope="session")
async def client(temporal: str) -> Client:
    """Connect to the dev server."""
    return await client_of(temporal)


@pytest.fixture(scope="session")
async def sandbox_urls() -> AsyncIterator[dict[str, str]]:
    """Run the simulated boards as a process of their own."""
    async with SERVERS.shared("the sandbox", running_sandbox_process(), counted) as urls:
        yield urls


@pytest.fixture(scope="session")
def settings(sandbox_urls: dict[str, str]) -> Settings:
    """Return settings that point at the sandbox, with short waits."""
    return sandbox_settings(sandbox_urls)


@pytest.fixture
async def boards(request: pytest.FixtureRequest, sandbox_urls: dict[str, str]) -> AsyncIterator[Boards]:
    """Return the simulated boards, as new; whatever works on them is ended with the test."""
    async with control_of(sandbox_urls) as http:
        boards = Boards(http)
        await boards.reset()
        await begin_a_new_day()
        yield boards
    if "client" in request.fixturenames:
        await end_all(request.getfixturevalue("client"))


@pytest.fixture
def refused_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a provider's refusals of fresh tokens last already: a person is asked at once."""
    monkeypatch.setattr("clients.authorized.PASSES_WITHIN", 0.0)


@pytest.fixture
def job_ids() -> Iterator[str]:
    """Return ids of jobs that no other test uses."""
    return map(str, JOB_IDS)


@pytest.fixture
async def job(boards: Boards, job_ids: Iterator[str]) -> str:
    """Post a job on both boards."""
    job_id = next(job_ids)
    await boards.add_job(job_id)
    return job_id


@pytest.fixture
async def workers(
    request: pytest.FixtureRequest, client: Client, settings: Settings, boards: Boards
) -> AsyncIterator[None]:
    """Run workers on all queues; made for each test, as the sandbox forgets their tokens and listings.

    Nothing is waited for once the test has ended: what is under way then belongs to lifecycles that end with it.
    """
    runner, shared = runner_of(request), shared_out(client)
    async with running_workers(client, settings, runner=runner, shared_out=shared, grace=timedelta(0)):
        yield
