"""Reports to iCIMS's Source tab: how a job stands on the boards (docs/providers/icims.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clients.errors import ProviderError, clip, unreadable
from clients.http import Request, Response
from clients.icims.errors import PROVIDER, own_words, refused
from models.problems import Category, Problem

REPORT_TIME = "%Y-%m-%d %I:%M %p"
"""The date form of `jobboardposts`."""

FAULTED = frozenset({400, 409, 422})
"""How an API finds fault with what is reported; in which words iCIMS does is not documented."""


@dataclass(frozen=True, slots=True)
class BoardPost:
    """How a job stands on a board, for iCIMS's Source tab."""

    name: str
    external_id: str
    status: str
    start: datetime
    end: datetime


def report_request(
    api_url: str, customer_id: str, job_id: str, distributor_id: str, posts: Sequence[BoardPost]
) -> Request:
    """Report how a job stands on every board: all of them, each time (docs/providers/icims.md)."""
    boards = [
        {
            "jobboard": {"value": post.name, "externalid": post.external_id},
            "status": post.status,
            "startdate": post.start.strftime(REPORT_TIME),
            "enddate": post.end.strftime(REPORT_TIME),
        }
        for post in posts
    ]
    return Request(
        operation="report",
        method="PATCH",
        url=f"{api_url}/customers/{customer_id}/jobboardposts/",
        headers={"Accept": "application/json"},
        body={"jobid": job_id, "jobdistributor": {"id": distributor_id}, "jobboards": boards},
    )


def read_report(response: Response) -> None:
    """Check that iCIMS took a report; what it answers on success is not documented, but no API answers a web page.

    Raises ProviderError.
    """
    begins_with = response.body.lstrip()[:1]
    if response.status in FAULTED and begins_with == b"{":
        raise _faulted(response)
    if not 200 <= response.status < 300:
        raise refused(response, "report")
    if begins_with == b"<":
        # Something in front of iCIMS answered in its place: the report is sent again, which does no harm.
        raise unreadable(PROVIDER, "report", "a web page", status=response.status)


def _faulted(response: Response) -> ProviderError:
    """Return that iCIMS finds fault with what is reported."""
    code, text, _ = own_words(response)
    problem = Problem(
        category=Category.INVALID_POSTING,
        reason="iCIMS finds fault with the report.",
        remedy="Boardsync reports all boards the next time. If it lasts, report it with iCIMS's own words.",
        provider_text=clip(text),
    )
    return ProviderError(problem, provider=PROVIDER, operation="report", status=response.status, code=code)
