"""node, nodes and findEmployerJobsPartner."""

import base64
from typing import Any

from sandbox.faults import JobRef
from sandbox.indeed.context import Context, ResolveInfo
from sandbox.indeed.errors import IndeedError, bad_input, not_found
from sandbox.indeed.jobs import EmployerJob
from sandbox.indeed.view import employer_job, job_post

_DEFAULT_PAGE = 10
_MAX_FEED_TYPES = 2


def node(_root: Any, info: ResolveInfo, **args: Any) -> dict[str, Any] | None:
    """Resolve node."""
    return _node(info.context, args["id"])


def nodes(_root: Any, info: ResolveInfo, **args: Any) -> list[dict[str, Any] | IndeedError | None]:
    """Resolve nodes; what is missing keeps its place."""
    context = info.context
    found: list[dict[str, Any] | IndeedError | None] = []
    for iri in args["ids"]:
        try:
            found.append(_node(context, iri))
        except IndeedError as error:
            found.append(error)
    if context.settings.nodes_order == "shuffled":
        # Reversed is enough to catch a reader who trusts the order, and every run is the same.
        found.reverse()
    return found


def find(_root: Any, info: ResolveInfo, **args: Any) -> dict[str, Any]:
    """Resolve findEmployerJobsPartner."""
    context = info.context
    context.raise_fault(None)
    asked = args.get("input") or {}
    jobs = _sorted(_filtered(context, asked.get("filters") or {}), asked.get("sort") or [])
    first = _DEFAULT_PAGE if args.get("first") is None else args["first"]
    if not 0 <= first <= context.settings.page_size_max:
        raise bad_input(f"first must be 0 to {context.settings.page_size_max}.")
    cursors = [_cursor(job) for job in jobs]
    start = _position(cursors, args.get("after"), default=-1) + 1
    end = min(start + first, _position(cursors, args.get("before"), default=len(jobs)))
    page = cursors[start:end]
    return {
        "employerJobs": [_shown(context, job) for job in jobs[start:end]],
        "estimatedTotalResultsCount": len(jobs),
        "pageInfo": {
            "startCursor": page[0] if page else None,
            "endCursor": page[-1] if page else None,
            "hasNextPage": end < len(jobs),
            "hasPreviousPage": start > 0,
        },
    }


def _node(context: Context, iri: str) -> dict[str, Any] | None:
    state = context.call.world.indeed
    job, seat = state.by_iri(iri), state.by_seat(iri)
    context.raise_fault(JobRef.of(job.job_id, *job.names) if job else None)
    if job and context.is_visible(job):
        return _shown(context, job)
    if seat and context.is_visible(seat):
        return job_post(seat, context.settings.iri_spelling)
    if context.settings.missing_node == "error":
        raise not_found()
    return None


def _shown(context: Context, job: EmployerJob) -> dict[str, Any]:
    overlay = job.overlay.visible(context.call.now)
    return employer_job(job, overlay, context.settings)


def _filtered(context: Context, filters: dict[str, Any]) -> list[EmployerJob]:
    feeds = filters.get("jobFeedType") or ["INTEGRATED_FROM_PARTNER"]
    if len(feeds) > _MAX_FEED_TYPES:
        raise bad_input(f"At most {_MAX_FEED_TYPES} values are allowed for jobFeedType.")
    source, requisitions = filters.get("legacySourceId"), filters.get("jobRequisitionId")
    return [
        job
        for job in context.call.world.indeed.of_customer(context.call.customer_id or "")
        if job.feed_type in feeds
        and source in {None, job.legacy_source_id}
        and (requisitions is None or job.requisition_id in requisitions)
    ]


def _sorted(jobs: list[EmployerJob], sort: list[dict[str, Any]]) -> list[EmployerJob]:
    """Return the jobs in order; the schema knows one field to sort by, so the first wish decides."""
    if not sort:
        return jobs
    return sorted(jobs, key=lambda job: job.posted_at, reverse=sort[0].get("sortDirection") == "DESC")


def _cursor(job: EmployerJob) -> str:
    return base64.b64encode(f"cursor:{job.posting_uuid}".encode()).decode()


def _position(cursors: list[str], cursor: str | None, *, default: int) -> int:
    if cursor is None:
        return default
    if cursor not in cursors:
        raise bad_input("The cursor is not valid.")
    return cursors.index(cursor)
