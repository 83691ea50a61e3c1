"""The command `console`."""

from boardsync.commands.options import Config
from boardsync.exits import ExitCode
from boardsync.running import run
from config.live import Live
from config.reading import OF_OTHERS
from config.strength import refuse_weak
from runtime.logs import configure_logging


def console(config: Config = None) -> None:
    """Serve pages for people: jobs and what they need, runs, events, the ledger. Ctrl-C stops it."""

    async def work() -> ExitCode:
        from boardsync.console.serving import serve  # noqa: PLC0415 -- no other command needs a web server's start

        configure_logging()
        live = Live.open(unread=OF_OTHERS)
        refuse_weak(live.settings)
        await serve(live)
        return ExitCode.DONE

    run(work)
