"""Commands that run everything on this machine: `dev` and `demo`."""

from collections.abc import Awaitable, Callable

from rich.console import Console

from boardsync.exits import CommandFailed, ExitCode
from boardsync.local.alone import AlreadyRunning
from boardsync.local.demo import DemoFailed, run_demo
from boardsync.local.dev import run_dev
from boardsync.local.ports import NoPortFree
from boardsync.local.processes import ChildFailed
from boardsync.local.stack import TemporalNotInstalled
from boardsync.running import run


def dev() -> None:
    """Run everything on this machine until Ctrl-C: Temporal, simulated boards, worker, gateway, console."""
    _run(run_dev)


def demo() -> None:
    """Close one job, as iCIMS's own example asks, and show the proof."""
    _run(run_demo)


def _run(command: Callable[[Console], Awaitable[None]]) -> None:
    async def work() -> ExitCode:
        try:
            await command(Console())
        except (AlreadyRunning, DemoFailed, NoPortFree, ChildFailed, TemporalNotInstalled) as error:
            raise CommandFailed(str(error)) from error
        return ExitCode.DONE

    run(work)
