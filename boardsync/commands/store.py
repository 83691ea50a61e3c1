"""The commands `store …`: migrate, status, backup, key."""

import base64
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from boardsync.commands.options import Config, Json
from boardsync.exits import CommandFailed, ExitCode
from boardsync.output import Output
from boardsync.running import run
from config.loading import load_settings
from config.store import KEY_BYTES
from store import admin
from store.admin import BackupError, StoreStatus
from store.errors import StoreUnavailable

app = typer.Typer(no_args_is_help=True, help="Look after the store: its tables, what it holds, copies of it.")


@app.command()
def migrate(config: Config = None, as_json: Json = False) -> None:
    """Bring the store's tables up to date; the worker does so itself for an SQLite file."""

    async def work() -> ExitCode:
        try:
            revision = await admin.migrate(load_settings().store.url)
        except StoreUnavailable as error:
            raise CommandFailed(str(error)) from error
        Output(as_json=as_json).answer({"revision": revision}, Text(f"The store's tables are at {revision}."))
        return ExitCode.DONE

    run(work)


@app.command()
def status(config: Config = None, as_json: Json = False) -> None:
    """Show what the store holds, and whether its tables fit this version. Exit code 3 where they do not."""

    async def work() -> ExitCode:
        try:
            found = await admin.status(load_settings().store.url)
        except StoreUnavailable as error:
            raise CommandFailed(str(error)) from error
        Output(as_json=as_json).answer({**found.model_dump(), "current": found.current}, *_status_view(found))
        return ExitCode.DONE if found.current else ExitCode.NOT_DONE

    run(work)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the copy.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Copy the store into a file while it is in use."""

    async def work() -> ExitCode:
        try:
            await admin.backup(load_settings().store.url, file)
        except BackupError as error:
            raise CommandFailed(str(error)) from error
        Output(as_json=as_json).answer({"file": str(file)}, Text(f"The store was copied to {file}."))
        return ExitCode.DONE

    run(work)


@app.command()
def key(as_json: Json = False) -> None:
    """Make a key for [store] key. It is a secret, shown this once."""

    async def work() -> ExitCode:
        made = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        Output(as_json=as_json).answer({"key": made}, Text(made))
        return ExitCode.DONE

    run(work)


def _status_view(found: StoreStatus) -> list[RenderableType]:
    table = Table("table", "rows")
    for name, count in found.rows.items():
        table.add_row(name, str(count))
    fits = "as this version needs them" if found.current else f"not those of this version ({found.head})"
    lines: list[RenderableType] = [Text(f"{found.database}, tables at {found.revision}: {fits}"), table]
    if not found.current:
        lines.append(Text("Run `boardsync store migrate`."))
    lines += [
        Text(f"Not stored while the store was away: {gap.count} {gap.what}, {gap.since:%F %T} to {gap.until:%F %T}")
        for gap in found.gaps
    ]
    return lines
