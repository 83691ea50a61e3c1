"""node, nodes and findEmployerJobsPartner."""

from typing import Any

from sandbox.faults.book import JobRef
from sandbox.indeed import listing
from sandbox.indeed.context import Context, ResolveInfo
from sandbox.indeed.errors import IndeedError, bad_input, not_found
from sandbox.indeed.jobs import EmployerJob
from sandbox.indeed.view import employer_job, job_post

_DEFAULT_PAGE = 10


def node(_root: Any, info: ResolveInfo, **args: Any) -> dict[str, Any] | None:
    """Resolve node."""
    return _node(info.context, args["id"])


def nodes(_root: Any, info: ResolveInfo, **args: Any) -> list[dict[str, Any] | IndeedError | None]:
    """Resolve nodes; what is missing keeps its place."""
    context = info.context
    if len(args["ids"]) > context.settings.nodes_max:
        raise bad_input(f"At most {context.settings.nodes_max} ids are allowed.")
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
    jobs = listing.ordered(listing.filtered(context, asked.get("filters") or {}), asked.get("sort") or [])
    first = _DEFAULT_PAGE if args.get("first") is None else args["first"]
    if not 0 <= first <= context.settings.page_size_max:
        raise bad_input(f"first must be 0 to {context.settings.page_size_max}.")
    cursors = listing.Cursors(jobs, context.settings.find_cursors)
    start = cursors.position(args.get("after"), default=-1) + 1
    end = min(start + first, cursors.position(args.get("before"), default=len(jobs)))
    has_more = end < len(jobs)
    if context.call.faults.on_item("empty_page", None):
        end, has_more = start, False
    page = range(start, max(start, min(end, len(jobs))))
    found = {
        "employerJobs": [_listed(context, jobs[at]) for at in page],
        "estimatedTotalResultsCount": max(0, len(jobs) + context.settings.estimate_offset),
        "pageInfo": {
            "startCursor": cursors.at(page[0]) if page else None,
            "endCursor": cursors.at(page[-1]) if page else None,
            "hasNextPage": has_more,
            "hasPreviousPage": start > 0,
        },
    }
    if fault := context.call.faults.on_item("move", None):
        listing.move(context, fault)
    return found


def _node(context: Context, iri: str) -> dict[str, Any] | None:
    state = context.call.world.indeed
    job, seat = state.by_iri(iri), state.by_seat(iri)
    context.raise_fault(JobRef.of(job.job_id, *job.names) if job else None)
    if job and context.is_visible(job):
        return _whole(context, job)
    if seat and context.is_visible(seat) and seat.node == "whole":
        return job_post(seat, context.settings.iri_spelling)
    if context.settings.missing_node == "error":
        raise not_found()
    return None


def _whole(context: Context, job: EmployerJob) -> dict[str, Any] | None:
    if job.node == "error":
        raise not_found()
    return _shown(context, job) if job.node == "whole" else None


def _listed(context: Context, job: EmployerJob) -> dict[str, Any] | None:
    return None if job.listing == "null" else _shown(context, job)


def _shown(context: Context, job: EmployerJob) -> dict[str, Any]:
    shown = employer_job(job, job.overlay.visible(context.call.now), context.settings)
    if fault := context.call.faults.on_item("null_field", JobRef.of(job.job_id, *job.names)):
        for path in fault.fields:
            *way, last = path.split(".")
            place = shown
            for name in way:
                place = place[name]
            # graphql-core turns an error in the place of a value into null, and adds its path.
            place[last] = IndeedError(fault.code, fault.message, fault.extensions)
    return shown
