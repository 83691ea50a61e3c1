"""Run the console until it is told to stop."""

import logging

from aiohttp import web

from boardsync.console.app import create_app
from config.live import Live
from config.loading import ConfigurationError
from runtime.connection import connect
from runtime.following import following
from runtime.process import stop_signal
from runtime.telemetry import sdk_runtime
from store.recalling import recall
from store.sealing import Sealer

logger = logging.getLogger(__name__)
SHUTDOWN_TIMEOUT = 10.0


async def serve(live: Live) -> None:
    """Serve until SIGTERM or SIGINT; while Temporal is away the pages say so. A changed configuration is taken up.

    Raises ConfigurationError where the address cannot be listened on.
    """
    kept = live.settings.store
    await recall(live, kept.url, Sealer(kept.sealing_key, previous=kept.opening_keys))
    settings = live.settings
    client = await connect(settings.temporal, lazy=True, runtime=sdk_runtime(None))
    runner = web.AppRunner(create_app(client, settings, live), access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.console.host, settings.console.port).start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigurationError(f"console.listen: cannot listen on {settings.console.listen}: {error}") from error
    logger.info("the console is at http://%s", settings.console.listen)
    async with following(live):
        await stop_signal()
        logger.info("stopping")
    await runner.cleanup()
