"""Servers that speak bytes, for what no real server says."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from tests.support.processes import HOST

Serve = Callable[[StreamReader, StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, *, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve connections for the length of a block, each until `serve` returns; yield the port.

    What is still connected at the end is broken off: a connection left to the garbage collector is a warning, which
    fails whatever test runs by then.
    """
    calls: set[asyncio.Task[None]] = set()

    def connected(reader: StreamReader, writer: StreamWriter) -> None:
        call = asyncio.ensure_future(_served(serve, reader, writer))
        calls.add(call)
        # Also where the call is called off before it has begun.
        call.add_done_callback(lambda _: writer.transport.abort() if call.cancelled() else writer.close())
        call.add_done_callback(calls.discard)

    async with await asyncio.start_server(connected, HOST, port, ssl=tls) as server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for call in calls:
                call.cancel()
            if calls:
                await asyncio.wait(calls)


async def _served(serve: Serve, reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        await serve(reader, writer)


async def silence(reader: StreamReader, _: StreamWriter) -> None:
    """Answer nothing."""
    while await reader.read(65_536):
        pass


async def hang_up_at_once(_: StreamReader, __: StreamWriter) -> None:
    """Close the connection at once."""
