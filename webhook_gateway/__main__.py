"""Run the gateway: `python -m webhook_gateway`."""

import argparse
import asyncio
import logging
from collections.abc import Sequence

from config.live import Live
from config.loading import ConfigurationError
from config.reading import OF_OTHERS
from runtime.beside import beside
from runtime.connection import connect
from runtime.following import following
from runtime.logs import configure_logging
from runtime.process import exit_with, leave, live_or_exit, stop_signal
from runtime.telemetry import sdk_runtime
from store.recalling import recall
from store.sealing import Sealer
from webhook_gateway.app import create_app, create_runner
from webhook_gateway.connections import listen
from webhook_gateway.waiting import until_temporal_answers

HELP = (
    "Take the webhooks of iCIMS, LinkedIn and Indeed and hand them to Temporal, until SIGTERM. Configured by the "
    "file that BOARDSYNC_CONFIG names ([gateway] listen is the address) and by Temporal's own TEMPORAL_* settings."
)

logger = logging.getLogger("webhook_gateway")


async def run(live: Live) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    A changed configuration is taken up meanwhile.
    Raises ConfigurationError where the address cannot be listened on.
    """
    kept = live.settings.store
    await recall(live, kept.url, Sealer(kept.sealing_key, previous=kept.opening_keys))
    # Lazy: while Temporal is down the gateway answers, with an error, and is ready once it is back.
    settings = live.settings
    client = await connect(settings.temporal, lazy=True, runtime=sdk_runtime(None))
    runner = create_runner(create_app(client, settings, live))
    await runner.setup()
    try:
        await listen(runner, settings.gateway.host, settings.gateway.port)
    except OSError as error:
        await runner.cleanup()
        raise ConfigurationError(f"gateway.listen: cannot listen on {settings.gateway.listen}: {error}") from error
    if settings.unauthenticated:
        logger.warning(
            'webhook_auth is "none" for customers %s: anybody who knows the address can close their jobs',
            ", ".join(each.id for each in settings.unauthenticated),
        )
    logger.info("listening on http://%s", settings.gateway.listen)
    async with following(live), beside(until_temporal_answers(client)):
        await stop_signal()
        logger.info("stopping: requests under way are answered first")
    await runner.cleanup()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the gateway from the command line."""
    parser = argparse.ArgumentParser(prog="python -m webhook_gateway", description=HELP)
    parser.parse_args(arguments)
    configure_logging()
    live = live_or_exit(unread=OF_OTHERS)
    try:
        asyncio.run(run(live))
    except ConfigurationError as error:
        exit_with(error, at_once=True)
    leave()


if __name__ == "__main__":
    main()
