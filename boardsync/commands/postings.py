"""The command `postings`: what Indeed lists of a customer, and how members see it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from activities.providers import Providers, open_http
from boardsync.asking import patiently
from boardsync.commands.options import Config, CustomerId, Json
from boardsync.exits import CommandFailed, ExitCode, misused
from boardsync.output import Output
from boardsync.running import run
from boardsync.spreadsheets import csv_lines
from clients.errors import ProviderError
from clients.indeed.client import IndeedClient
from clients.indeed.found import FoundJob
from clients.indeed.reading import EmployerJob, Managed
from clients.indeed.search import Search
from config.loading import ConfigurationError, load_settings
from models.base import Model
from models.problems import Category, Problem
from models.states import JobStatus, Live

LIMIT = 1000
"""Postings that are read one by one for their status, unless it is said otherwise: each is part of a call."""
COLUMNS = (
    "posting_id",
    "number",
    "title",
    "live",
    "status",
    "set_by_us",
    "posted_at",
    "url",
    "employer_job_id",
    "manage_url",
    "call_to_action",
    "account",
)
OF_ALL = frozenset({Category.CREDENTIALS, Category.PERMISSION, Category.CONFIGURATION})
"""Failures that are no single posting's."""
Sort = Literal["newest", "oldest", "title", "status"]


class Posting(Model):
    """One posting at Indeed."""

    posting_id: str | None
    """Indeed's jobPostingId: by which the ATS knows the job."""
    number: str | None
    title: str | None
    live: Live
    status: JobStatus | None = None
    """How it stands in search; None where Indeed did not say."""
    set_by_us: tuple[str, ...] = ()
    """What only an agency sets, and the posting shows."""
    posted_at: datetime | None = None
    url: str | None = None
    """The posting's page for candidates."""
    manage_url: str | None = None
    """Its page for the employer."""
    call_to_action: str | None = None
    """What Indeed asks the employer to do about it."""
    employer_job_id: str
    account: str
    """Under which client id and advertiser it is listed."""


def postings(
    customer: CustomerId,
    status: Annotated[
        list[JobStatus] | None, typer.Option("--status", help="Only those that stand so in Indeed's search.")
    ] = None,
    live: Annotated[
        bool | None, typer.Option("--live/--not-live", help="Only those that are live, or are not.")
    ] = None,
    feed_type: Annotated[
        list[str] | None, typer.Option("--feed-type", help="Of these feeds, not the configured.")
    ] = None,
    sort: Annotated[Sort, typer.Option("--sort", help="In this order.")] = "newest",
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = LIMIT,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV on standard output.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List a customer's postings at Indeed, with how members find each: nowhere, unsponsored, organic and so on."""

    async def work() -> ExitCode:
        if as_csv and as_json:
            raise misused("expected either --csv or --json")
        found, whole = await _read(customer, tuple(feed_type or ()), live=live, limit=limit)
        found = _sorted([each for each in found if not status or each.status in status], sort)
        out = Output(as_json=as_json)
        if not whole:
            out.remark(
                "Not everything could be read, or it was cut at --limit: postings, or how they stand, may be missing"
            )
        if as_csv:
            _print_csv(found)
        else:
            out.answer({"postings": found, "complete": whole}, _table(found), Text(_counts(found)))
        return ExitCode.DONE if whole else ExitCode.NOT_DONE

    run(work)


async def _read(
    customer_id: str, feed_types: tuple[str, ...], *, live: bool | None, limit: int
) -> tuple[list[Posting], bool]:
    """Read the listing, and how each posting of it stands; tell whether nothing is missing.

    Raises CommandFailed.
    """
    try:
        settings = load_settings()
    except ConfigurationError as error:
        raise misused(str(error)) from error
    configured = settings.customer(customer_id)
    if configured is None or configured.indeed is None:
        raise misused(f"customer {customer_id} is not in the configuration, or has no [customers.indeed]")
    async with open_http() as http:
        try:
            jobs, whole = await _listed(Providers(settings, http).indeed_accounts(customer_id), feed_types)
            wanted = [pair for pair in jobs if live is None or (pair[1].live is Live.LIVE) is live]
            statuses = await asyncio.gather(*(_read_one(*pair) for pair in wanted[:limit]))
            told = await asyncio.gather(*(_told(*pair) for pair in wanted[:limit]))
        except ProviderError as error:
            raise CommandFailed(_words(error.problem)) from error
        read = [each if not isinstance(each, ProviderError) else None for each in statuses]
        shown = zip(wanted[:limit], read, told, strict=True)
        found = [_posting(job, one, said, client.account) for (client, job), one, said in shown]
        return found, whole and len(wanted) <= limit and not any(isinstance(each, ProviderError) for each in statuses)


def _words(problem: Problem) -> str:
    if problem.category is Category.RATE_LIMITED:
        return f"{problem.words} Give the command again in a few minutes."
    return f"{problem.words} {problem.remedy}"


async def _listed(
    clients: Sequence[IndeedClient], feed_types: tuple[str, ...]
) -> tuple[list[tuple[IndeedClient, FoundJob]], bool]:
    jobs: dict[str, tuple[IndeedClient, FoundJob]] = {}
    whole = True
    asked = [(each, search) for each in clients for search in _searches(each, feed_types)]
    for client, search in asked:
        cursor: str | None = None
        while True:
            page = await patiently(partial(client.page, search, cursor))
            jobs.update((each.employer_job_id, (client, each)) for each in page.jobs)
            whole &= page.complete
            if page.next_cursor is None or not page.jobs:
                break
            cursor = page.next_cursor
    return list(jobs.values()), whole


def _searches(client: IndeedClient, feed_types: tuple[str, ...]) -> list[Search]:
    """Return the account's searches, or the same of its sources with other feeds."""
    sources = dict.fromkeys(each.legacy_source_id for each in client.searches)
    others = [Search(feed_types=(each,), legacy_source_id=source) for each in feed_types for source in sources]
    return others or list(client.searches)


async def _read_one(client: IndeedClient, job: FoundJob) -> EmployerJob | ProviderError:
    """Read one posting, or say why it could not be read; what concerns all of them is raised."""
    try:
        return await patiently(partial(client.job, job.employer_job_id))
    except ProviderError as error:
        if error.problem.category in OF_ALL:
            raise
        return error


async def _told(client: IndeedClient, job: FoundJob) -> Managed:
    """Read what Indeed tells people of a posting; without it, the listing is worth as much."""
    try:
        return await patiently(partial(client.managed, job.employer_job_id))
    except ProviderError:
        return Managed()


def _posting(job: FoundJob, read: EmployerJob | None, told: Managed, account: str) -> Posting:
    return Posting(
        posting_id=job.job_posting_id,
        number=job.job_requisition_id,
        title=job.title,
        live=job.live,
        status=None if read is None else read.status,
        set_by_us=job.marks or (),
        posted_at=job.first_seen,
        url=job.url,
        manage_url=told.manage_url,
        call_to_action=told.call_to_action,
        employer_job_id=job.employer_job_id,
        account=account,
    )


def _sorted(found: list[Posting], sort: Sort) -> list[Posting]:
    def key(each: Posting) -> str:
        if sort in {"newest", "oldest"}:
            return each.posted_at.isoformat() if each.posted_at is not None else ""
        return (each.title or "") if sort == "title" else str(each.status or "")

    return sorted(found, key=key, reverse=sort == "newest")


def _print_csv(found: list[Posting]) -> None:
    rows = (each.model_dump(mode="json") | {"set_by_us": " ".join(each.set_by_us)} for each in found)
    lines = csv_lines([COLUMNS, *([str(row[name] or "") for name in COLUMNS] for row in rows)])
    print(lines.decode(), end="")


def _table(found: list[Posting]) -> Table:
    table = Table()
    for heading in ("jobPostingId", "Title", "Live", "In search", "Set by us", "Indeed asks", "Posted (UTC)", "Page"):
        table.add_column(heading, overflow="fold")
    for each in found:
        at = each.posted_at.strftime("%Y-%m-%d %H:%M") if each.posted_at is not None else ""
        shown = (each.posting_id or each.number or "", each.title or "", each.live.value, each.status or "unknown")
        table.add_row(
            *map(str, shown),
            ", ".join(each.set_by_us),
            each.call_to_action or "",
            at,
            each.manage_url or each.url or "",
        )
    return table


def _counts(found: list[Posting]) -> str:
    counts = {status: sum(each.status is status for each in found) for status in JobStatus}
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    return f"{len(found)} in all{': ' if said else ''}{said}"
