"""`GET /jobs` and `GET /jobs.csv`: jobs searched for, listed, and exported."""

from collections.abc import Mapping

from aiohttp import web

from boardsync.console.context import Context
from boardsync.console.filters import AGES, Wanted, Which
from boardsync.console.listing import Row, every, find
from boardsync.console.rendering import reply
from boardsync.console.words import BOARD_STATES, CATEGORIES, HIDDEN_AS, PHASES, cause_words
from boardsync.spreadsheets import csv_lines
from models.states import BoardName

WHICH: Mapping[Which, str] = {
    Which.OPEN: "Open",
    Which.CLOSED: "Closed",
    Which.STOPPED: "Stopped: cancelled, terminated, failed",
    Which.ALL: "All",
}
WORDS_OF_AGES: Mapping[str, str] = {
    "15m": "15 minutes",
    "1h": "1 hour",
    "24h": "24 hours",
    "7d": "7 days",
    "30d": "30 days",
}
USUAL_CAUSES = ("linkedin.credentials", "linkedin.slots", "indeed.credentials", "icims.credentials")
HEADINGS = ("Customer", "Customer id", "Job id", "Number", "Title", "State", "Needs a person")
TIMES = ("Not as wanted since (UTC)", "Began (UTC)", "Ended (UTC)")


class JobsPage:
    """List jobs."""

    def __init__(self, context: Context) -> None:
        """Read from there."""
        self._context = context

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with a page of jobs."""
        wanted = Wanted.of(request.query)
        found = await find(self._context, wanted, request.query.get("page"))
        return reply(
            request,
            "jobs.html",
            wanted=wanted,
            found=found,
            boards=list(BoardName),
            customers=sorted((each.name, each.id) for each in self._context.settings.customers),
            choices={
                "which": WHICH,
                "phase": PHASES,
                "attention": CATEGORIES,
                "hidden": HIDDEN_AS,
                "state": BOARD_STATES,
            },
            causes=causes(wanted.cause),
            ages={each: WORDS_OF_AGES[each] for each in AGES},
            next_page=wanted.address("/jobs", page=found.more) if found.more else None,
            first_page=wanted.address("/jobs") if request.query.get("page") else None,
            export=wanted.address("/jobs.csv"),
        )

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Answer with all jobs that are found, as CSV."""
        pages = every(self._context, Wanted.of(request.query))
        first = await anext(pages)  # before the head goes out: what fails here is told as a page
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": 'attachment; filename="boardsync-jobs.csv"',
                "Cache-Control": "no-store",
            }
        )
        await response.prepare(request)
        await response.write("\ufeff".encode())  # by which spreadsheets know UTF-8
        headings = (*HEADINGS, *(board.label for board in BoardName), *TIMES)
        await response.write(csv_lines([headings, *map(cells, first)]))
        async for rows in pages:
            await response.write(csv_lines(map(cells, rows)))
        await response.write_eof()
        return response


def causes(chosen: str | None) -> Mapping[str, str]:
    """Return what jobs may be found by that wait alike: the usual ones, and the one that is asked for."""
    return {each: cause_words(each) for each in dict.fromkeys([*USUAL_CAUSES, *([chosen] if chosen else [])])}


def cells(row: Row) -> tuple[str, ...]:
    """Return a job as cells of a table."""
    boards = (row.boards[board].words if board in row.boards else "" for board in BoardName)
    times = (moment.iso if moment is not None else "" for moment in (row.unsettled, row.began, row.ended))
    named = (row.customer, row.customer_id, row.job_id, row.number or "", row.title or "")
    return (*named, row.phase.words, row.attention or "", *boards, *times)
