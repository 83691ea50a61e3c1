"""The sandbox's servers, started once, with a world made anew for every test."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.seed import seed
from sandbox.server import Servers
from sandbox.world import World
from tests.sandbox.harness import ManualClock, Sandbox
from tests.sandbox.receiver import Receiver, receiving


@pytest.fixture(scope="session")
async def running() -> AsyncIterator[tuple[World, ManualClock, Sandbox]]:
    clock = ManualClock()
    world = World(clock=clock, seed=seed)
    async with Servers(world) as servers, httpx.AsyncClient(trust_env=False, verify=False) as http:  # noqa: S501
        yield world, clock, Sandbox(http, servers.urls, clock)


@pytest.fixture
def sandbox(running: tuple[World, ManualClock, Sandbox]) -> Sandbox:
    world, clock, sandbox = running
    clock.restart()
    world.reset()
    return sandbox


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
