"""What findEmployerJobsPartner lists: filters, order, cursors, and jobs that come and go between two pages."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Literal

from sandbox.content import JobContent
from sandbox.faults.spec import FaultSpec
from sandbox.indeed.context import Context
from sandbox.indeed.errors import bad_input
from sandbox.indeed.jobs import EmployerJob

_MAX_FEED_TYPES = 2
_ENTRY, _OFFSET = "entry:", "offset:"


def filtered(context: Context, filters: dict[str, Any]) -> list[EmployerJob]:
    """Return the customer's postings that the filters let through."""
    feeds = filters.get("jobFeedType") or ["INTEGRATED_FROM_PARTNER"]
    if len(feeds) > _MAX_FEED_TYPES:
        raise bad_input(f"At most {_MAX_FEED_TYPES} values are allowed for jobFeedType.")
    source, requisitions = filters.get("legacySourceId"), filters.get("jobRequisitionId")
    ended_too = context.settings.inactive_jobs == "listed"
    return [
        job
        for job in context.call.world.indeed.of_customer(context.call.customer_id or "")
        if context.is_visible(job)
        and job.listing != "unlisted"
        and (ended_too or job.lifecycle != "INACTIVE")
        and job.feed_type in feeds
        and source in {None, job.legacy_source_id}
        and (requisitions is None or job.requisition_id in requisitions)
    ]


def ordered(jobs: list[EmployerJob], sort: list[dict[str, Any]]) -> list[EmployerJob]:
    """Return the jobs in order; the schema knows one field to sort by, so the first wish decides."""
    if not sort:
        return jobs
    return sorted(jobs, key=lambda job: job.posted_at, reverse=sort[0].get("sortDirection") == "DESC")


class Cursors:
    """Where in a listing a cursor points: at an entry, which must still be listed, or at a number of entries."""

    def __init__(self, jobs: Sequence[EmployerJob], kind: Literal["entry", "offset"]) -> None:
        self._jobs = jobs
        self._kind = kind

    def at(self, position: int) -> str:
        """Return the cursor of the entry at that position."""
        text = f"{_OFFSET}{position}" if self._kind == "offset" else f"{_ENTRY}{self._jobs[position].posting_uuid}"
        return base64.b64encode(text.encode()).decode()

    def position(self, cursor: str | None, *, default: int) -> int:
        """Return the position of a cursor, or the default without one."""
        if cursor is None:
            return default
        text = _decoded(cursor)
        if self._kind == "offset" and (number := text.removeprefix(_OFFSET)).isdecimal():
            return int(number)
        wanted = text.removeprefix(_ENTRY)
        for position, job in enumerate(self._jobs):
            if job.posting_uuid == wanted:
                return position
        raise bad_input("The cursor is not valid.")


def move(context: Context, fault: FaultSpec) -> None:
    """End some of the customer's jobs and add new ones, which are the newest."""
    call, state = context.call, context.call.world.indeed
    customer_id = call.customer_id or ""
    for job_id in fault.ends:
        for job in state.of_job(customer_id, job_id):
            job.lifecycle, job.listing = "INACTIVE", "unlisted"
    last = max((job.posted_at for job in state.of_customer(customer_id)), default=call.now)
    made = len(state.of_customer(customer_id))
    for number in range(fault.arrives):
        job_id = f"arrived-{made + number}"
        state.put(customer_id, job_id, JobContent(), requisition_id=job_id, now=last + 60 * (number + 1))


def _decoded(cursor: str) -> str:
    try:
        return base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad_input("The cursor is not valid.") from None
