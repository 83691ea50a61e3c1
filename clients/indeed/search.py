"""Listings of an advertiser's jobs: `findEmployerJobsPartner` with its filters, its order and its cursors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clients.errors import unreadable
from clients.http import Request, Response
from clients.indeed.errors import PROVIDER, not_about_status, worst
from clients.indeed.found import FoundJob, found_job
from clients.indeed.protocol import graphql_body, graphql_request
from clients.parsing import is_damaged

PAGE_SIZE = 100
COUNT_LIMIT = 10**9
"""Jobs of an advertiser: a larger number is no count."""
FEED_TYPES_AT_ONCE = 2
"""Of which Indeed takes no more in one request (docs/providers/indeed.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to list; without feed types Indeed lists the jobs that partners' feeds and APIs brought."""

    feed_types: tuple[str, ...] = ()
    legacy_source_id: str | None = None
    job_requisition_ids: tuple[str, ...] = ()
    include_multi_location_jobs: bool | None = None
    newest_first: bool = True

    def variables(self) -> dict[str, Any]:
        """Return it as `FindEmployerJobsPartnerInput`; what is not asked for is left out."""
        filters = {
            "legacySourceId": self.legacy_source_id,
            "jobFeedType": list(self.feed_types) or None,
            "jobRequisitionId": list(self.job_requisition_ids) or None,
            "includeMultiLocationJobs": self.include_multi_location_jobs,
        }
        given = {name: value for name, value in filters.items() if value is not None}
        direction = "DESC" if self.newest_first else "ASC"
        sort = [{"sortDirection": direction, "sortField": "datePostedOnIndeed"}]
        return {"filters": given, "sort": sort} if given else {"sort": sort}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing."""

    jobs: tuple[FoundJob, ...]
    next_cursor: str | None
    complete: bool = True
    """Every entry could be read: null entries and null data, which the schema allows, may hide any job, and so may ids
    that have lost a half character."""
    nulls: int = 0
    """Entries without anything."""
    previous_cursor: str | None = None
    estimated_total: int | None = None
    """Indeed's own estimate."""


def searches(
    feed_types: Sequence[str],
    *,
    legacy_source_ids: Sequence[str] = (),
    include_multi_location_jobs: bool | None = None,
) -> tuple[Search, ...]:
    """Return the searches that list jobs of all these feed types and sources."""
    sources: list[str | None] = [*dict.fromkeys(legacy_source_ids)] or [None]
    groups = [tuple(feed_types[at : at + FEED_TYPES_AT_ONCE]) for at in range(0, len(feed_types), FEED_TYPES_AT_ONCE)]
    return tuple(
        Search(
            feed_types=group,
            legacy_source_id=source,
            include_multi_location_jobs=include_multi_location_jobs,
        )
        for source in sources
        for group in groups or [()]
    )


def find_request(
    url: str, client_id: str, search: Search, *, after: str | None = None, before: str | None = None
) -> Request:
    """Ask for a page of the advertiser's jobs: the first one, or the one after or before a cursor."""
    variables = {"input": search.variables(), "first": PAGE_SIZE, "after": after, "before": before}
    return graphql_request("find", url, client_id, "find_jobs", variables)


def read_find(response: Response) -> Page:
    """Read a page.

    Raises ProviderError, also for a page with errors beside its data: a partial listing proves no absence. Only an
    error that is about how a job stands in search leaves that unknown.
    """
    data, errors = graphql_body(response, "find")
    if errors := not_about_status(errors):
        raise worst("find", errors, response)
    connection = data.get("findEmployerJobsPartner") if data is not None else None
    if not isinstance(connection, dict) or not isinstance(connection.get("employerJobs"), list):
        raise unreadable(PROVIDER, "find", "no listing")
    page, entries = connection.get("pageInfo"), connection["employerJobs"]
    if not isinstance(page, dict):
        raise unreadable(PROVIDER, "find", "no pageInfo")
    total = connection.get("estimatedTotalResultsCount")
    if type(total) is not int or not 0 <= total < COUNT_LIMIT:
        # Non-null in the schema; a listing is complete only if it fits this.
        raise unreadable(PROVIDER, "find", "no estimatedTotalResultsCount")
    start = page.get("startCursor")
    jobs = tuple(found_job(each) for each in entries if isinstance(each, dict))
    return Page(
        jobs=jobs,
        next_cursor=_next_cursor(page),
        complete=all(isinstance(each, dict) and isinstance(each.get("jobData"), dict) for each in entries)
        and not any(is_damaged(each.employer_job_id) or is_damaged(each.job_posting_id) for each in jobs),
        nulls=sum(not isinstance(each, dict) for each in entries),
        # A page without entries has no cursors of its own, and nobody needs this one to go on.
        previous_cursor=start if page.get("hasPreviousPage") and isinstance(start, str) else None,
        estimated_total=total,
    )


def _next_cursor(page: dict[str, Any]) -> str | None:
    if not page.get("hasNextPage"):
        return None
    if not isinstance(page.get("endCursor"), str):
        raise unreadable(PROVIDER, "find", "a further page without a cursor")
    return str(page["endCursor"])
