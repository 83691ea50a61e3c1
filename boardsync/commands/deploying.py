"""The commands `deploy …`: which build of the worker is given what, and the way back."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from temporalio.client import Client

from boardsync.commands.options import Config, Json
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.output import Output
from boardsync.running import connected, run
from runtime.deployments import Deployment, promote, ramp, read_deployment, release
from runtime.failing import count_failing

app = typer.Typer(no_args_is_help=True, help="Let a new build of the worker take over, bit by bit, and take it back.")
_Build = Annotated[str, typer.Argument(metavar="BUILD", help="A build id, as `deploy status` shows it.")]
_NONE = (
    "no worker with a version has been there yet: set [worker] versioning = true and start one; until then every "
    "worker is given everything"
)


@app.command()
def status(config: Config = None, as_json: Json = False) -> None:
    """Show all builds, and at how many workflows every step fails. Exit code 3 where there are some."""

    async def work() -> ExitCode:
        client = await connected()
        found = await read_deployment(client)
        failing = await count_failing(client)
        said = {**found.model_dump(mode="json"), "failing": failing}
        Output(as_json=as_json).answer(said, *_view(found, failing))
        return ExitCode.NOT_DONE if failing else ExitCode.DONE

    run(work)


@app.command("ramp")
def ramp_(
    build: _Build,
    percent: Annotated[float, typer.Argument(metavar="PERCENT", min=0.0, max=100.0, help="Of all open lifecycles.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Give a build a share of all lifecycles: each goes on with it at its next step."""

    async def change(client: Client, found: Deployment) -> None:
        _known(found, build)
        if build == found.current:
            raise misused(f"build {build} is the current one: it is given everything already")
        await ramp(client, build, percent)

    _change(change, as_json=as_json)


@app.command("promote")
def promote_(build: _Build, config: Config = None, as_json: Json = False) -> None:
    """Give a build everything; short workflows under way end with the build that began them."""

    async def change(client: Client, found: Deployment) -> None:
        _known(found, build)
        await promote(client, build)

    _change(change, as_json=as_json)


@app.command()
def rollback(config: Config = None, as_json: Json = False) -> None:
    """Take back the ramping build; where none is ramping, go back to the one that was current before.

    Short workflows that began with the build that is taken back end with it, but for those of which every step fails.
    """

    async def change(client: Client, found: Deployment) -> None:
        if found.ramping is not None:
            await ramp(client, "", 0.0)
            await release(client, found.ramping)
            return
        earlier = found.before(found.current)
        if earlier is None or found.current is None:
            raise CommandFailed("nothing is ramping, and no build was current before: there is nothing to go back to")
        await promote(client, earlier.build_id)
        await release(client, found.current)

    _change(change, as_json=as_json)


def _change(change: Callable[[Client, Deployment], Awaitable[None]], *, as_json: bool) -> None:
    async def work() -> ExitCode:
        client = await connected()
        found = await read_deployment(client)
        if not found.builds:
            raise CommandFailed(_NONE)
        await change(client, found)
        now = await read_deployment(client)
        Output(as_json=as_json).answer(now, *_view(now, None))
        return ExitCode.DONE

    run(work)


def _known(found: Deployment, build: str) -> None:
    if build not in {each.build_id for each in found.builds}:
        known = ", ".join(each.build_id for each in found.builds)
        raise misused(f"Temporal knows no build {build}: start a worker of it first (known: {known})")


def _view(found: Deployment, failing: int | None) -> list[RenderableType]:
    if not found.builds:
        return [Text(_NONE)]
    table = Table("build", "status", "is given", "since")
    for each in found.builds:
        share = "everything else" if each.build_id == found.current else ""
        if each.build_id == found.ramping:
            share = f"{found.percentage:g} % of all lifecycles"
        status = f"{each.status}, may go" if each.drained else each.status
        since = f"{each.since:%F %T}" if each.since is not None else ""
        table.add_row(each.build_id, status, share, since)
    if failing is None:
        return [table]
    return [
        table,
        Text(
            f"Every step fails at {failing} open workflows" + (": see docs/alerts.md, WorkflowsFailing" * bool(failing))
        ),
    ]
