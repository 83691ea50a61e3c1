"""The names by which gateway, workers and people meet in Temporal: a public contract."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from models.lifecycle import BoardName, BoardState, Phase

JOB_POSTING = "JobPosting"
ATS_EVENT = "ats_event"
LINKEDIN_STATUS = "linkedin_status"
LINKEDIN_RESYNC = "linkedin_resync"
INDEED_CHANGED = "indeed_changed"
CLOSE = "close"
UPDATE = "update"
CLEAR = "clear"
RETRY = "retry"
CONFIRM = "confirm"
LIFECYCLE = "lifecycle"

RESYNC_JOBS = "LinkedInResync"
ENDPOINT_HEALTH = "LinkedInEndpointHealth"

PACE = "Pace"
RESERVE = "reserve"
CLIENT_OFFBOARDING = "ClientOffboarding"
BULK_CLOSE = "BulkClose"
PAUSE = "pause"
RESUME = "resume"
PROGRESS = "progress"


class Queue(StrEnum):
    """A task queue: one for workflows, one for each rate limit, one for what concerns many jobs."""

    JOB_POSTINGS = "job-postings"
    LINKEDIN = "linkedin"
    INDEED_MUTATIONS = "indeed-mutations"
    INDEED_SEARCH = "indeed-search"
    INDEED_READS = "indeed-reads"
    ICIMS = "icims"
    OPERATIONS = "operations"
    """What concerns many jobs at once: finding and signalling lifecycles, and the webhook's own health."""


CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
JOB_ID = SearchAttributeKey.for_keyword("JobId")
PHASE = SearchAttributeKey.for_keyword("Phase")
LINKEDIN_STATE = SearchAttributeKey.for_keyword("LinkedInState")
INDEED_STATE = SearchAttributeKey.for_keyword("IndeedState")
INDEED_JOB_ID = SearchAttributeKey.for_keyword("IndeedJobId")
"""The job's IRI at Indeed: Indeed's own events name nothing else."""
ATTENTION = SearchAttributeKey.for_keyword("Attention")
"""The category of the oldest thing that needs a person."""
SEARCH_ATTRIBUTES: tuple[SearchAttributeKey[str], ...] = (
    CUSTOMER_ID,
    JOB_ID,
    PHASE,
    LINKEDIN_STATE,
    INDEED_STATE,
    INDEED_JOB_ID,
    ATTENTION,
)
BOARD_STATE = {BoardName.LINKEDIN: LINKEDIN_STATE, BoardName.INDEED: INDEED_STATE}


def customer_attributes(customer_id: str) -> TypedSearchAttributes:
    """Build the search attributes of a workflow that serves a whole customer."""
    return TypedSearchAttributes([SearchAttributePair(CUSTOMER_ID, customer_id)])


def search_attributes(
    customer_id: str, job_id: str, phase: Phase, states: Iterable[tuple[BoardName, BoardState]]
) -> TypedSearchAttributes:
    """Build the search attributes of a lifecycle."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(CUSTOMER_ID, customer_id),
        SearchAttributePair(JOB_ID, job_id),
        SearchAttributePair(PHASE, phase.value),
    ]
    pairs += [SearchAttributePair(BOARD_STATE[board], state.value) for board, state in states]
    return TypedSearchAttributes(pairs)
