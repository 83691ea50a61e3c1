"""The command `codec`: the codec server."""

import logging

from aiohttp import web

from boardsync.codec.server import create_app, origins_of
from boardsync.commands.options import Config
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.running import run
from config.loading import load_settings
from config.settings import Settings
from config.values import host_and_port
from runtime.logs import configure_logging
from runtime.process import stop_signal

logger = logging.getLogger("boardsync.codec")


def codec(config: Config = None) -> None:
    """Serve decrypted payloads to people at the Temporal Web UI and CLI who have [codec] token, until Ctrl-C."""

    async def work() -> ExitCode:
        configure_logging()
        settings = load_settings()
        await serve(settings, _token(settings))
        return ExitCode.DONE

    run(work)


def _token(settings: Settings) -> str:
    if not settings.temporal.encryption_keys:
        raise misused("[temporal] encryption_keys is not set: nothing is encrypted, so there is nothing to decrypt")
    if settings.codec.token is None:
        raise misused("[codec] token is not set: without it everybody could read everything; boardsync keys new codec")
    return settings.codec.token.get_secret_value()


async def serve(settings: Settings, token: str) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises CommandFailed where the address cannot be listened on.
    """
    runner = web.AppRunner(create_app(settings, token), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *host_and_port(settings.codec.listen)).start()
        logger.info(
            "decrypting at http://%s, for Web UIs at: %s",
            settings.codec.listen,
            ", ".join(sorted(origins_of(settings))) or "none: set [codec] origins",
        )
        await stop_signal()
    except OSError as error:
        raise CommandFailed(f"codec.listen: cannot listen on {settings.codec.listen}: {error}") from error
    finally:
        await runner.cleanup()
