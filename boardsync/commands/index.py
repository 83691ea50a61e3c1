"""The commands `link` and `stats`: what a person tells the store, and what the store tells of closes."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from boardsync.commands.options import Config, Customer, Job, Json, ago
from boardsync.exits import ExitCode, misused
from boardsync.jobs.references import read_one
from boardsync.jobs.stored import opened
from boardsync.output import Output
from boardsync.running import run
from config.loading import load_settings
from models.states import BoardName
from store.posting_keys import posting_key
from store.stats import Statistics, Stats

Iri = Annotated[str, typer.Option("--indeed", metavar="IRI", help="The posting's IRI at Indeed, in any spelling.")]
Remove = Annotated[bool, typer.Option("--remove", help="Take the link back.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", help='Closes that were settled since: "30d", or a date.')
]


def link(job: Job, indeed: Iri, remove: Remove = False, config: Config = None, as_json: Json = False) -> None:
    """Say that a posting at Indeed is a job's, where no listing tells; it is read and cleared with the job."""

    async def work() -> ExitCode:
        wanted, settings = read_one(job), load_settings()
        customer = settings.customer(wanted.customer_id)
        if customer is None or customer.indeed is None:
            raise misused(f"customer {wanted.customer_id} is not configured with Indeed")
        if not posting_key(indeed).startswith("indeed:"):
            raise misused(
                f"{indeed!r} is no IRI of a job at Indeed: expected iri://apis.indeed.com/EmployerJob/… or urn:…"
            )
        board = BoardName.INDEED.value
        async with opened(settings) as stored:
            if remove:
                done = await stored.jobs.unlink(wanted.customer_id, wanted.job_id, board, indeed)
            else:
                await stored.jobs.link(wanted.customer_id, wanted.job_id, board, indeed)
                done = True
        said = "is no longer" if remove and done else "was not" if remove else "is now"
        Output(as_json=as_json).answer(
            {"job": str(wanted), "indeed": indeed, "linked": not remove, "changed": done},
            Text(f"The posting {said} one of job {wanted}. `boardsync retry {wanted}` has it read at once."),
        )
        return ExitCode.DONE if done else ExitCode.NOT_DONE

    run(work)


def stats(customer: Customer = None, since: Since = None, config: Config = None, as_json: Json = False) -> None:
    """Show how long closes took, from the event to the proof, and what came back or was missed."""

    async def work() -> ExitCode:
        settings = load_settings()
        async with opened(settings) as stored:
            found = await Statistics(stored.store).stats(
                promise=settings.timing.promise, customer_id=customer, since=ago(since) if since is not None else None
            )
        promise = f"{settings.timing.promise.total_seconds() / 60:g} min"
        Output(as_json=as_json).answer(found, *_view(found, promise))
        return ExitCode.DONE

    run(work)


def _view(found: Stats, promise: str) -> list[Text | Table]:
    table = Table("board", "closes", "p50", "p95", "p99", f"within {promise}")
    for board in found.boards:
        share = "" if board.within_promise is None else f"{board.within_promise:.1%}"
        times = [_seconds(each) for each in (board.p50, board.p95, board.p99)]
        table.add_row(BoardName(board.board).label, str(board.count), *times, share)
    since = "ever" if found.since is None else f"{found.since.astimezone(UTC):%F %R} UTC"
    missed = ", ".join(f"{kind}: {count}" for kind, count in sorted(found.found.items())) or "none"
    return [
        Text(f"Closes since {since}, as of {datetime.now(UTC):%F %R} UTC"),
        table,
        Text(f"Found live again by a later look: {found.live_again}. Found by reconciliation: {missed}."),
    ]


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min" if value < 7200 else f"{value / 3600:.1f} h"
