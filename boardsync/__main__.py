"""The command line: `python -m boardsync dev` and `python -m boardsync demo`."""

import asyncio
from collections.abc import Awaitable, Callable

import typer
from rich.console import Console

from boardsync.demo import DemoFailed, run_demo
from boardsync.dev import run_dev
from boardsync.ports import NoPortFree
from boardsync.processes import ChildFailed
from boardsync.stack import TemporalNotInstalled

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def dev() -> None:
    """Run everything on this machine until Ctrl-C: Temporal, simulated boards, worker, gateway."""
    _run(run_dev)


@app.command()
def demo() -> None:
    """Close one job, as iCIMS's own example asks, and show the proof."""
    _run(run_demo)


def _run(command: Callable[[Console], Awaitable[None]]) -> None:
    console = Console()

    async def to_its_end() -> None:
        await command(console)

    try:
        asyncio.run(to_its_end())
    except (DemoFailed, NoPortFree, ChildFailed, TemporalNotInstalled) as error:
        console.print(f"boardsync: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


if __name__ == "__main__":
    app()
