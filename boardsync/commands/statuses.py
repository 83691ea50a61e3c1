"""The command `statuses`: which candidate statuses a customer's events name, to choose `closing_statuses` from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from boardsync.commands.options import Config, CustomerId, Json, ago
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.output import Output
from boardsync.running import run
from config.loading import load_settings
from models.base import Model
from store.errors import StoreUnavailable
from store.events import StatusSeen
from webhook_gateway.stored import Stored

NONE_SEEN = (
    "No event of this customer has named a candidate status yet. iCIMS sends one for each change of a candidate's "
    "status that is set up under Event Notifications: change one there, or wait for the first."
)


class CandidateStatus(Model):
    """One status, as events name it."""

    status: str
    count: int
    first_at: datetime | None
    last_at: datetime | None
    fills_a_position: bool
    """It is one of `closing_statuses`."""


def statuses(
    customer: CustomerId,
    since: Annotated[str | None, typer.Option("--since", metavar="WHEN", help='Since: "2d", or a date.')] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show the candidate statuses that a customer's events named, to choose closing_statuses from."""

    async def work() -> ExitCode:
        settings, out = load_settings(), Output(as_json=as_json)
        configured = settings.customer(customer)
        if configured is None:
            raise misused(f"customer {customer} is not in the configuration")
        try:
            async with Stored(settings) as stored:
                await stored.prepared()
                seen = await stored.events.statuses(customer, since=ago(since) if since is not None else None)
        except StoreUnavailable as error:
            raise CommandFailed(str(error)) from error
        found = _with_configured(seen, configured.closing_statuses)
        out.answer({"customer_id": customer, "statuses": found}, *_view(found, any_seen=bool(seen)))
        return ExitCode.DONE

    run(work)


def _with_configured(seen: Sequence[StatusSeen], closing: Sequence[str]) -> list[CandidateStatus]:
    """Return what was seen, and after it what is configured and was never seen."""
    found = [CandidateStatus(**each.model_dump(), fills_a_position=each.status in closing) for each in seen]
    known = {each.status for each in seen}
    return found + [
        CandidateStatus(status=each, count=0, first_at=None, last_at=None, fills_a_position=True)
        for each in closing
        if each not in known
    ]


def _view(found: Sequence[CandidateStatus], *, any_seen: bool) -> list[RenderableType]:
    table = Table("status", "events", "first (UTC)", "newest (UTC)", "fills a position")
    for each in found:
        fills = "yes" if each.fills_a_position else ""
        if each.fills_a_position and not each.count:
            fills = "yes, but no event has named it"
        table.add_row(each.status, str(each.count), _at(each.first_at), _at(each.last_at), fills)
    lines: list[RenderableType] = [table] if found else []
    return lines if any_seen else [*lines, Text(NONE_SEEN)]


def _at(when: datetime | None) -> str:
    return "" if when is None else f"{when.astimezone(UTC):%F %R}"
