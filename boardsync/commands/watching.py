"""The command `watch`: how all jobs stand, again and again."""

import asyncio
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from boardsync.commands.options import Config, Customer, Json
from boardsync.exits import ExitCode
from boardsync.jobs.views import PHASES, age
from boardsync.jobs.watched import Watched, look
from boardsync.output import Output, people, print_json
from boardsync.running import connected, run
from models.states import Phase


def watch(
    customer: Customer = None,
    every: Annotated[float, typer.Option("--every", min=1, metavar="SECONDS", help="How often to look.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Watch phases, closes and what needs a person, until Ctrl-C."""

    async def work() -> ExitCode:
        client = await connected()
        if once:
            seen = await look(client, customer=customer)
            Output(as_json=as_json).answer(seen, view(seen))
            return ExitCode.NOT_DONE if seen.attention or seen.stopped else ExitCode.DONE
        with Live(console=people(), auto_refresh=False, screen=False) as live:
            while True:
                seen = await look(client, customer=customer)
                if as_json:
                    print_json(seen, indent=None)
                else:
                    live.update(view(seen), refresh=True)
                await asyncio.sleep(every)

    run(work)


def view(seen: Watched) -> RenderableType:
    """Render how all jobs stand."""
    phases = Table(title=f"Jobs at {seen.at:%H:%M:%S} UTC", title_justify="left")
    for heading in ("Phase", "Jobs"):
        phases.add_column(heading, justify="right" if heading == "Jobs" else "left")
    for name, count in seen.phases.items():
        phases.add_row(Text(name, style=PHASES[Phase(name)]), str(count))
    phases.add_row(Text("stopped", style="red" if seen.stopped else "dim"), str(seen.stopped))
    within = ", ".join(f"{count} within the last {span}" for span, count in seen.closed.items())
    lines: list[RenderableType] = [phases, Text(f"Closed: {within}; {seen.per_minute:g} a minute now")]
    if seen.oldest_unsettled is not None:
        lines.append(Text(f"Longest wait for the boards: {age(seen.oldest_unsettled, now=seen.at)}"))
    if seen.attention:
        asked = ", ".join(f"{count} {category}" for category, count in seen.attention.items())
        lines.append(Text(f"Need a person: {asked} (boardsync attention)", style="red"))
    else:
        lines.append(Text("Nothing needs a person.", style="green"))
    return Group(*lines)
