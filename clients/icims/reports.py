"""Reports to iCIMS's Source tab: how a job stands on the boards (docs/providers/icims.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clients.errors import unreadable
from clients.http import Request, Response
from clients.icims.errors import PROVIDER, refused

REPORT_TIME = "%Y-%m-%d %I:%M %p"
"""The date form of `jobboardposts`."""


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
    if not 200 <= response.status < 300:
        raise refused(response, "report")
    if response.body.lstrip()[:1] == b"<":
        # Something in front of iCIMS answered in its place: the report is sent again, which does no harm.
        raise unreadable(PROVIDER, "report", "a web page", status=response.status)
