"""A console on a real port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from aiohttp import web
from temporalio.client import Client

from boardsync.console.app import create_app
from config.console import Console
from config.settings import Settings
from tests.support.processes import HOST, free_port

USER_HEADER = "X-Forwarded-User"
ANA = {USER_HEADER: "ana@example.com"}


def with_console(settings: Settings, **console: object) -> Settings:
    """Return settings whose console takes people's names from a header, unless told otherwise."""
    section = Console.model_validate({"user_header": USER_HEADER, **console})
    return settings.model_copy(update={"console": section})


@asynccontextmanager
async def running_console(client: Client, settings: Settings) -> AsyncIterator[str]:
    """Serve; yield the address."""
    runner = web.AppRunner(create_app(client, settings), access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def console_client(client: Client, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Serve; yield an HTTP client for it."""
    async with (
        running_console(client, settings) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=30) as http,
    ):
        yield http
