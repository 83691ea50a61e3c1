"""The command `codec`: the codec server."""

import logging

from aiohttp import web

from boardsync.codec.server import create_app, origins_of
from boardsync.commands.options import Config
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.running import run
from config.loading import load_codec_file
from config.strength import refuse_weak_token
from config.temporal import CodecFile
from config.values import host_and_port
from runtime.logs import configure_logging
from runtime.process import stop_signal

logger = logging.getLogger("boardsync.codec")


def codec(config: Config = None) -> None:
    """Serve decrypted payloads to people at the Temporal Web UI and CLI who have [codec] token, until Ctrl-C."""

    async def work() -> ExitCode:
        configure_logging()
        file = load_codec_file()
        refuse_weak_token(file)
        await serve(file, _token(file))
        return ExitCode.DONE

    run(work)


def _token(file: CodecFile) -> str:
    if not file.temporal.encryption_keys:
        raise misused("[temporal] encryption_keys is not set: nothing is encrypted, so there is nothing to decrypt")
    if file.codec.token is None:
        raise misused("[codec] token is not set: without it everybody could read everything; boardsync keys new codec")
    return file.codec.token.get_secret_value()


async def serve(file: CodecFile, token: str) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises CommandFailed where the address cannot be listened on.
    """
    runner = web.AppRunner(create_app(file, token), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *host_and_port(file.codec.listen)).start()
        logger.info(
            "decrypting at http://%s, for Web UIs at: %s",
            file.codec.listen,
            ", ".join(sorted(origins_of(file))) or "none: set [codec] origins",
        )
        await stop_signal()
    except OSError as error:
        raise CommandFailed(f"codec.listen: cannot listen on {file.codec.listen}: {error}") from error
    finally:
        await runner.cleanup()
