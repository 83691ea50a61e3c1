"""Which jobs to act on: named, listed, or found by a query; shown, and agreed to, before anything is sent."""

import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text
from temporalio.client import Client

from boardsync.exits import CommandFailed, misused
from boardsync.jobs.lifecycles import collected
from boardsync.jobs.references import JobRef, read_jobs, read_list
from boardsync.jobs.views import jobs_table
from boardsync.jobs.visibility import job_query, list_jobs
from boardsync.output import Output
from models.problems import Category

SHOWN = 20
"""Jobs in a preview."""
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a command line says of the jobs to act on."""

    named: list[str] | None = None
    file: str | None = None
    query: str | None = None
    attention: Category | None = None
    customer: str | None = None

    def __post_init__(self) -> None:
        """Refuse none, and several ways at once.

        Raises CommandFailed.
        """
        by_query = any(each is not None for each in (self.query, self.attention, self.customer))
        if [bool(self.named), self.file is not None, by_query].count(True) != 1:
            raise misused("expected jobs, or --from, or one or more of --query, --attention and --customer")

    async def resolve(self, client: Client) -> tuple[list[JobRef], RenderableType]:
        """Return the jobs, and what shows them to a person.

        Raises CommandFailed.
        """
        if self.named:
            return _listed(read_jobs(self.named))
        if self.file is not None:
            return _listed(read_list(read_file(self.file)))
        wanted = job_query(customer=self.customer, attention=self.attention, raw=(self.query,))
        rows = await collected(list_jobs(client, wanted))
        jobs = [JobRef(row.customer_id, row.job_id) for row in rows]
        return jobs, Group(jobs_table(rows[:SHOWN]), _rest(len(rows)))


def ask(out: Output, signal: str, jobs: list[JobRef], shown: RenderableType, *, yes: bool) -> None:
    """Show more than one job to the person at the terminal, and ask.

    Raises CommandFailed where nobody agrees.
    """
    if len(jobs) < 2 or yes:
        return
    out.notes.print(shown)
    if not sys.stdin.isatty():
        raise CommandFailed(f"nothing was sent: say --yes to send `{signal}` to {len(jobs)} jobs without being asked")
    try:
        answer = out.notes.input(f"Send `{signal}` to these {len(jobs)} jobs? [y/N] ", markup=False)
    except EOFError:
        answer = ""
    if answer.strip().lower() not in {"y", "yes"}:
        raise CommandFailed("nothing was sent")


def _listed(jobs: list[JobRef]) -> tuple[list[JobRef], RenderableType]:
    return jobs, Text("\n".join([*(f"  {job}" for job in jobs[:SHOWN]), *_rest(len(jobs)).plain.splitlines()]))


def _rest(count: int) -> Text:
    return Text(f"  and {count - SHOWN} more" if count > SHOWN else "")


def read_file(file: str) -> str:
    """Return what a file holds, or standard input.

    Raises CommandFailed.
    """
    try:
        return sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise misused(f"--from: cannot read {file}: {error}") from error
