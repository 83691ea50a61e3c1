"""The worker's endpoint for Prometheus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import start_http_server
from temporalio.client import Client

from config.loading import ConfigurationError
from config.values import host_and_port
from runtime.metrics.census import count_lifecycles


@asynccontextmanager
async def serving_metrics(listen: str | None, client: Client) -> AsyncIterator[None]:
    """Serve `/metrics` for the length of a block, and count the lifecycles meanwhile; without an address do nothing.

    Raises ConfigurationError where the address cannot be listened on.
    """
    if listen is None:
        yield
        return
    host, port = host_and_port(listen)
    try:
        server, thread = start_http_server(port, host)
    except OSError as error:
        raise ConfigurationError(f"worker.metrics_listen: cannot listen on {listen}: {error}") from error
    counting = asyncio.create_task(count_lifecycles(client))
    try:
        yield
    finally:
        counting.cancel()
        with suppress(asyncio.CancelledError):
            await counting
        server.shutdown()
        server.server_close()
        thread.join()
