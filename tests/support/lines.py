"""The line to a server, which can be cut, slow or silent: what a network does that no server can."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from tests.support.processes import HOST

CHUNK = 65_536


class Line:
    """Hand bytes on to a server, from a port of its own."""

    def __init__(self, target: str) -> None:
        """Take the address of the server: a URL, or `host:port`."""
        parts = urlsplit(target if "://" in target else f"tcp://{target}")
        self._target = (parts.hostname or HOST, parts.port or 80)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._silent = asyncio.Event()
        self._delay = 0.0

    @property
    def address(self) -> str:
        """Return where to connect to instead of the server's address."""
        return f"{HOST}:{self._port}"

    @property
    def url(self) -> str:
        """Return the address to call instead of the server's."""
        return f"http://{self.address}"

    async def open(self) -> None:
        """Take connections and hand on what they bring, at once; the port stays the same."""
        self._delay = 0.0
        if self._silent.is_set():
            # What they have lost would be missed in the midst of an answer.
            self._silent.clear()
            self.break_off()
        if self._server is None:
            self._server = await asyncio.start_server(self._called, HOST, self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Refuse connections, and break those off that there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.break_off()

    def break_off(self) -> None:
        """Break the connections off that there are."""
        for call in self._calls:
            call.cancel()

    def fall_silent(self) -> None:
        """Take connections and bytes, and let nothing through until opened again."""
        self._silent.set()

    def be_slow(self, seconds: float) -> None:
        """Hand on what comes so much later, either way, until opened again."""
        self._delay = seconds

    async def close(self) -> None:
        """End all."""
        self.refuse()
        if self._calls:
            await asyncio.wait(self._calls)

    async def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.ensure_future(self._serve(reader, writer))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        # Also where the call is broken off before it has begun.
        call.add_done_callback(lambda _: writer.transport.abort())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server: asyncio.StreamWriter | None = None
        with suppress(OSError, asyncio.CancelledError):
            from_server, server = await asyncio.open_connection(*self._target)
            ways = [asyncio.create_task(self._carry(*way)) for way in ((reader, server), (from_server, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        if server is not None:
            server.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK):
            if self._silent.is_set():
                continue
            if self._delay:
                await asyncio.sleep(self._delay)
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def lines_to(urls: Mapping[str, str], names: tuple[str, ...]) -> AsyncIterator[dict[str, Line]]:
    """Open lines to servers, by name."""
    lines = {name: Line(urls[name]) for name in names}
    for line in lines.values():
        await line.open()
    try:
        yield lines
    finally:
        for line in lines.values():
            await line.close()
