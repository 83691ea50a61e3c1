"""The worker's endpoint for Prometheus."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from prometheus_client import start_http_server
from temporalio.client import Client

from config.loading import ConfigurationError
from config.settings import Settings
from config.values import host_and_port
from runtime.beside import beside
from runtime.expiries import watch_certificate
from runtime.metrics.census import count_lifecycles


@asynccontextmanager
async def serving_metrics(listen: str | None, client: Client, settings: Callable[[], Settings]) -> AsyncIterator[None]:
    """Serve `/metrics` for the length of a block; without an address do nothing.

    The lifecycles are counted meanwhile, and the certificate of the gateway that the settings name is looked at.

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
    try:
        async with beside(count_lifecycles(client), watch_certificate(settings)):
            yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
