"""The gateway's connections: so many in all and from each address, and none that waits for its sender for ever.

aiohttp bounds the size of headers, but neither their time nor the number of connections, and tells a request that is no
HTTP what it has sent, credentials included.
"""

import asyncio
import logging
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from prometheus_client import Counter, Gauge

from runtime.logs import Seldom

HEADERS_WITHIN = 10.0
"""Seconds from a request's first byte to the end of its headers, and from a new connection to its first byte."""
IDLE_FOR = 75.0
"""Seconds that a connection is kept between two requests."""
YOUNG = 1.0
"""Seconds within which a connection that waits is not taken for stuck: many senders may come at once."""
ACCEPTED_AT_ONCE = 16
"""Connections that asyncio accepts at each turn of its loop: it does so while the last ones are still being set up."""
BEING_ACCEPTED = 4 * ACCEPTED_AT_ONCE
"""Connections that are open and not known here yet."""
BACKLOG = 1024
"""Connections that wait in the kernel until they are accepted."""
OTHER_FILES = 64
"""Files that the process has open beside its connections: to Temporal, to the store, its log."""

logger = logging.getLogger(__name__)

OPEN = Gauge("boardsync_gateway_connections", "Open connections to the gateway")
DROPPED = Counter(
    "boardsync_gateway_connections_dropped", "Connections that the gateway closed on its own account", ("reason",)
)
for _reason in ("headers", "idle", "evicted", "full", "malformed"):
    DROPPED.labels(_reason)
RECEIVED_AT = web.RequestKey("received_at", datetime)


class Connections:
    """Know every open connection, and close those that wait for their sender for too long or are too many."""

    def __init__(self, in_all: int, per_address: int) -> None:
        """Allow so many connections; those of one address that are at work do not count."""
        self._in_all, self._per_address = _within_open_files(in_all), per_address
        self._open: dict[Connection, None] = {}
        self._by_address: dict[str, dict[Connection, None]] = {}
        self._sweeper: asyncio.TimerHandle | None = None
        self._seldom = Seldom(logger)

    def opened(self, connection: "Connection") -> None:
        """Take up a new connection, closing the one that has waited longest where they are too many."""
        self._open[connection] = None
        mine = self._by_address.setdefault(connection.address, {})
        mine[connection] = None
        OPEN.set(len(self._open))
        now = connection.now()
        if len(self._open) > self._in_all and not self._evict(self._open, now, older_than=0.0, but=connection):
            self.drop(connection, "full")
        elif len(mine) > self._per_address:
            self._evict(mine, now, older_than=YOUNG, but=connection)
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().call_later(1.0, self._sweep)

    def closed(self, connection: "Connection") -> None:
        """Forget a connection."""
        self._open.pop(connection, None)
        if (mine := self._by_address.get(connection.address)) is not None:
            mine.pop(connection, None)
            if not mine:
                del self._by_address[connection.address]
        OPEN.set(len(self._open))
        if not self._open and self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def drop(self, connection: "Connection", reason: str) -> None:
        """Close a connection at once."""
        DROPPED.labels(reason).inc()
        self._seldom.warning(reason, "closed a connection from %s: %s", connection.address, reason)
        # Forgotten at once: asyncio closes it a little later, and until then it would be chosen again and again.
        self.closed(connection)
        connection.abort()

    def malformed(self, connection: "Connection") -> None:
        """Note that a sender does not speak HTTP."""
        DROPPED.labels("malformed").inc()
        self._seldom.warning("malformed", "refused a request from %s that is not valid HTTP", connection.address)

    def _evict(self, among: dict["Connection", None], now: float, *, older_than: float, but: "Connection") -> bool:
        """Close the connection that has waited for its sender longest; return whether there was one."""
        waiting = (each for each in among if each is not but and each.waits(now) >= older_than)
        longest = max(waiting, key=lambda each: each.waits(now), default=None)
        if longest is not None:
            self.drop(longest, "evicted")
        return longest is not None

    def _sweep(self) -> None:
        self._sweeper = asyncio.get_running_loop().call_later(1.0, self._sweep)
        for each in list(self._open):
            if (reason := each.overdue()) is not None:
                self.drop(each, reason)


class Connection(RequestHandler):
    """One connection: who has the next word, and since when."""

    def __init__(self, manager: "LimitedServer", known: Connections, **options: Any) -> None:
        """Belong to a server and to what is known of all its connections."""
        super().__init__(manager, **options)
        self._known = known
        self._waiting_since: float | None = None
        self._in_headers = True
        self._fresh = True
        self._first_byte_at: datetime | None = None
        self.address = "unknown"

    def now(self) -> float:
        """Return the event loop's clock."""
        return self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the new connection in; its sender has the word."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) and peer else "local"
        self._waiting_since = self.now()
        self._known.opened(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Count it out."""
        self._known.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Note when a request begins; the rest is aiohttp's."""
        if self._in_headers and self._first_byte_at is None:
            self._first_byte_at = datetime.now(UTC)
            self._waiting_since = self.now()
        super().data_received(data)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, or what our own code failed at, without repeating what was sent."""
        if status == 500:
            logger.error("a request could not be answered", exc_info=exc)
            reason = "an error in Boardsync"
        else:
            self._known.malformed(self)
            reason = "the request is not valid HTTP"
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun already")
        # In every sender's form at once: whose request it was cannot be told.
        error = {"userMessage": "The request was not understood.", "debugErrorMessage": reason}
        response = web.json_response({"error": error, "errorMessage": reason}, status=status)
        response.force_close()
        return response

    def request_begins(self) -> datetime:
        """Note that a request's headers are whole; return when its first byte came."""
        began, self._first_byte_at = self._first_byte_at, None
        self._in_headers = self._fresh = False
        self._waiting_since = None
        return began or datetime.now(UTC)

    def request_ends(self) -> None:
        """Note that a request is answered: the next word is the sender's."""
        self._in_headers = True
        self._waiting_since = self.now()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Note that the rest of a request is the sender's to send, for the length of a block."""
        self._waiting_since = self.now()
        try:
            yield
        finally:
            self._waiting_since = None

    def waits(self, now: float) -> float:
        """Return for how many seconds the sender has had the word; less than 0 where it is ours."""
        return -1.0 if self._waiting_since is None else now - self._waiting_since

    def overdue(self) -> str | None:
        """Return what has taken too long; None where nothing has."""
        if not self._in_headers:
            return None  # a body's deadline is kept where it is read
        headers = self._first_byte_at is not None or self._fresh
        if self.waits(self.now()) <= (HEADERS_WITHIN if headers else IDLE_FOR):
            return None
        return "headers" if headers else "idle"

    def abort(self) -> None:
        """Close at once, without waiting for what was written."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


class LimitedServer(web.Server):
    """aiohttp's server, with our connections."""

    def __init__(self, made: web.Server, known: Connections, options: dict[str, Any]) -> None:
        """Take over the handler of a server that aiohttp made."""
        super().__init__(made.request_handler, request_factory=made.request_factory)
        self._known, self._options = known, options

    def __call__(self) -> RequestHandler:
        """Make the protocol of a new connection."""
        return Connection(self, self._known, loop=self._loop, **self._options)


class Runner(web.AppRunner):
    """aiohttp's runner, with our server."""

    def __init__(self, app: web.Application, known: Connections, *, shutdown_timeout: float, **options: Any) -> None:
        """Serve an application; the options are those of aiohttp's `RequestHandler`."""
        super().__init__(app, shutdown_timeout=shutdown_timeout)
        self._known, self._options = known, options

    async def _make_server(self) -> web.Server:
        return LimitedServer(await super()._make_server(), self._known, self._options)


@contextmanager
def waiting_for_sender(request: web.Request) -> Iterator[None]:
    """Let a request's connection be closed, for the length of a block, where connections become too many."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        yield
        return
    with connection.reading():
        yield


async def listen(runner: web.AppRunner, host: str, port: int) -> None:
    """Listen for connections.

    Raises OSError. asyncio takes the length of the kernel's queue for the number to accept at once, and so could open
    more files than the process may: they are told apart here.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    await web.SockSite(runner, listener, backlog=ACCEPTED_AT_ONCE).start()
    listener.listen(BACKLOG)


def _within_open_files(wanted: int) -> int:
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + BEING_ACCEPTED + OTHER_FILES
    if allowed < needed:
        allowed = needed if most == resource.RLIM_INFINITY else min(needed, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return max(min(wanted, allowed - BEING_ACCEPTED - OTHER_FILES), 16)
