"""The command `events`: what was taken and refused, and refused events tried again once their cause is mended."""

from collections.abc import Sequence
from datetime import UTC
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from boardsync.commands.options import Config, Customer, Json, ago
from boardsync.events.replaying import replay
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.jobs.references import read_one
from boardsync.output import Output
from boardsync.running import connected, run
from config.loading import load_settings
from config.settings import Settings
from store.errors import StoreUnavailable
from store.events import LoggedEvent, Result
from webhook_gateway.stored import Stored

ALL = 10_000

Refused = Annotated[bool, typer.Option("--refused", help="Only those that were refused.")]
JobOf = Annotated[str | None, typer.Option("--job", metavar="JOB", help="Of this job only: 1234/1209.")]
Since = Annotated[str | None, typer.Option("--since", metavar="WHEN", help='Since: "2d", "30m", or a date.')]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=ALL, help="How many, the newest first.")]
Ids = Annotated[
    list[int] | None, typer.Option("--replay", metavar="ID", help="Try this refused event again; may be repeated.")
]
All = Annotated[
    bool, typer.Option("--replay-all", help="Try every refused event again that the other options name, oldest first.")
]


def events(
    refused: Refused = False,
    customer: Customer = None,
    job: JobOf = None,
    since: Since = None,
    limit: Limit = 50,
    replay_ids: Ids = None,
    replay_all: All = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what the senders sent and what became of it; try refused events again once the cause is mended."""

    async def work() -> ExitCode:
        try:
            return await shown()
        except StoreUnavailable as error:
            raise CommandFailed(str(error)) from error

    async def shown() -> ExitCode:
        if replay_ids and replay_all:
            raise misused("--replay and --replay-all exclude each other")
        settings, out = load_settings(), Output(as_json=as_json)
        async with Stored(settings) as stored:
            await stored.prepared()
            if replay_ids:
                return await _replay(out, settings, stored, sorted(set(replay_ids)))
            wanted = read_one([job]) if job is not None else None
            found = await stored.events.find(
                refused=refused or replay_all,
                customer_id=wanted.customer_id if wanted is not None else customer,
                job_id=wanted.job_id if wanted is not None else None,
                since=ago(since) if since is not None else None,
                limit=ALL if replay_all else limit,
            )
            if replay_all:
                ids = [each.id for each in reversed(found) if each.replayable]
                return await _replay(out, settings, stored, ids)
        out.answer({"events": found}, *_view(found))
        return ExitCode.DONE

    run(work)


async def _replay(out: Output, settings: Settings, stored: Stored, ids: Sequence[int]) -> ExitCode:
    client = await connected()
    done = [await replay(client, settings, stored, each) for each in ids]
    lines = [Text(f"{each.id}: {each.words}", "green" if each.taken else "red") for each in done]
    out.answer({"replayed": done}, *(lines or [Text("There is no refused event that could be tried again.")]))
    return ExitCode.DONE if all(each.taken for each in done) else ExitCode.NOT_DONE


def _view(found: Sequence[LoggedEvent]) -> list[RenderableType]:
    table = Table("id", "received (UTC)", "from", "job", "type", "what became of it")
    for each in found:
        job = f"{each.customer_id or '?'}/{each.job_id or '?'}" if each.customer_id or each.job_id else ""
        said = Text(each.reason or each.result)
        if each.result is Result.REFUSED:
            said = Text(f"refused: {each.reason}", "red")
            said.append(_remark(each), "yellow")
        table.add_row(str(each.id), f"{each.at.astimezone(UTC):%F %T}", each.sender, job, each.type, said)
    ready = [each.id for each in found if each.replayable]
    lines: list[RenderableType] = [table if found else Text("No events.")]
    if ready:
        lines.append(Text(f"Once the cause is mended: boardsync events --replay {ready[-1]}, or --replay-all"))
    return lines


def _remark(event: LoggedEvent) -> str:
    if event.replayed_at is not None:
        return f" (replayed {event.replayed_at.astimezone(UTC):%F %T})"
    return "" if event.replayable else " (not kept for a replay)"
