"""A gateway on a real port."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import pytest
from temporalio.client import Client

from config.live import Live
from config.settings import Settings
from tests.support.processes import HOST, free_port
from webhook_gateway.app import create_app, create_runner
from webhook_gateway.connections import Connection, listen


@asynccontextmanager
async def running_gateway(
    client: Client, settings: Settings, live: Live | None = None, *, port: int | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve; yield a client for it."""
    runner = create_runner(create_app(client, settings, live))
    await runner.setup()
    port = port or free_port()
    await listen(runner, HOST, port)
    try:
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False, timeout=30) as http:
            yield http
    finally:
        await runner.cleanup()


def begun_requests(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Return a list to which each request is added once its headers are read: the time at which it came."""
    begun: list[datetime] = []
    usual = Connection.request_begins

    def request_begins(connection: Connection) -> datetime:
        begun.append(usual(connection))
        return begun[-1]

    monkeypatch.setattr(Connection, "request_begins", request_begins)
    return begun


def basic(user: str, password: str) -> str:
    """Return the header of Basic authentication."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
