"""The network between a gateway and Temporal, which can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.support.processes import HOST, free_port


class Road:
    """Passes bytes on to an address while it is whole; cut, it refuses every connection."""

    def __init__(self, address: str) -> None:
        """Lead to an address, from a free port."""
        host, _, port = address.rpartition(":")
        self._to = (host, int(port))
        self._port = free_port()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        """Where it begins."""
        return f"{HOST}:{self._port}"

    async def mend(self) -> None:
        """Let everything through."""
        self._server = await asyncio.start_server(self._pass_on, HOST, self._port)

    async def cut(self) -> None:
        """Break off what is open, and take nothing new."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._to)
        both = (_copy(reader, there_writer), _copy(there_reader, writer))
        self._open |= {writer, there_writer}
        try:
            await asyncio.gather(*both)
        finally:
            self._open -= {writer, there_writer}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while part := await reader.read(64 * 1024):
            writer.write(part)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def road_to(address: str) -> AsyncIterator[Road]:
    """Give a road that is whole."""
    road = Road(address)
    await road.mend()
    try:
        yield road
    finally:
        await road.cut()
