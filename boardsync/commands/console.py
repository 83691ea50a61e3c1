"""The command `console`."""

from boardsync.commands.options import Config
from boardsync.exits import ExitCode
from boardsync.running import run
from config.live import Live
from config.reading import CALLS_BOARDS
from runtime.logs import configure_logging


def console(config: Config = None) -> None:
    """Serve pages for people: jobs and what they need, runs, events, the ledger. Ctrl-C stops it."""

    async def work() -> ExitCode:
        from boardsync.console.serving import serve  # noqa: PLC0415 -- no other command needs a web server's start

        configure_logging()
        await serve(Live.open(unread=CALLS_BOARDS))
        return ExitCode.DONE

    run(work)
