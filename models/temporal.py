"""The names by which gateway, workers and people meet in Temporal: a public contract."""

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from models.states import BoardName, BoardState, Phase

JOB_POSTING = "JobPosting"
RUNNING = f"WorkflowType = '{JOB_POSTING}' AND ExecutionStatus = 'Running'"
"""The beginning of a visibility query for open lifecycles."""
STOPPED_STATUS = "ExecutionStatus IN ('Canceled', 'Terminated', 'Failed', 'TimedOut')"
STOPPED = f"WorkflowType = '{JOB_POSTING}' AND {STOPPED_STATUS}"
"""The visibility query for lifecycles that ended though their job may still be on its boards."""
NOTIFICATION = "Notification"
ATS_EVENT = "ats_event"
LINKEDIN_STATUS = "linkedin_status"
LINKEDIN_RESYNC = "linkedin_resync"
INDEED_CHANGED = "indeed_changed"
CLOSE = "close"
UPDATE = "update"
CLEAR = "clear"
RETRY = "retry"
CONFIRM = "confirm"
GO_ON = "go_on"
"""What stopped a job may be over: sent by the workflow that stands for the cause."""
TOLD = "told"
LIFECYCLE = "lifecycle"
ASKED = "attention"
"""The query by which every workflow but a lifecycle tells what it asks of a person, or None."""
CLOSE_SECONDS = "boardsync_close_seconds"
"""The histogram that lifecycles record."""

LIFECYCLES_ENDED = "boardsync_lifecycles_ended"
"""The counter of lifecycles that have ended, by customer, board, phase and outcome."""

RESYNC_JOBS = "LinkedInResync"
ENDPOINT_HEALTH = "LinkedInEndpointHealth"

COMMON_CAUSE = "CommonCause"
CAUSE = "cause"
"""The query by which a cause tells which jobs wait for it."""
PACE = "Pace"
RESERVE = "reserve"
CLIENT_OFFBOARDING = "ClientOffboarding"
BULK_CLOSE = "BulkClose"
RECHECK = "Recheck"
RECONCILE = "Reconcile"
STILL_LIVE = "StillLive"
LEDGER_UPKEEP = "LedgerUpkeep"
JOBS = "jobs"
PAUSE = "pause"
RESUME = "resume"
PROGRESS = "progress"


DEPLOYMENT = "boardsync"
"""The name under which Temporal knows all builds of the worker, unless a controller gives another one."""


class Queue(StrEnum):
    """A task queue: what is not to disturb the lifecycles has one of its own."""

    JOB_POSTINGS = "job-postings"
    """Workflows, and the steps of a lifecycle: on one queue the SDK starts a step without asking the server for it."""
    OPERATIONS = "operations"
    """What concerns many jobs at once: finding and signalling lifecycles, and the webhook's own health."""
    NOTIFICATIONS = "notifications"


RETIRED_QUEUES = frozenset({"linkedin", "indeed-mutations", "indeed-search", "indeed-reads", "icims"})
"""Queues of older releases, whose steps are taken up by `job-postings` now."""


class Urgency(IntEnum):
    """What goes first where steps wait for a worker, as Temporal's priority key: the lowest does."""

    CLOSE = 1
    UPDATE = 3
    CHECK = 5


FAILING = (
    "ExecutionStatus = 'Running' AND "
    "TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')"
)
"""The visibility query for workflows whose every step fails: what Temporal itself says of them."""

PACE_QUEUE = Queue.OPERATIONS
"""Not that of the lifecycles: behind thousands of them it would give nobody a share, and they would all wait for it."""

CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
JOB_ID = SearchAttributeKey.for_keyword("JobId")
PHASE = SearchAttributeKey.for_keyword("Phase")
LINKEDIN_STATE = SearchAttributeKey.for_keyword("LinkedInState")
INDEED_STATE = SearchAttributeKey.for_keyword("IndeedState")
INDEED_JOB_ID = SearchAttributeKey.for_keyword("IndeedJobId")
"""The job's IRI at Indeed: Indeed's own events name nothing else."""
ATTENTION = SearchAttributeKey.for_keyword("Attention")
"""The category of the oldest thing that needs a person."""
JOB_TITLE = SearchAttributeKey.for_keyword("JobTitle")
"""The job's title, once iCIMS or a board has said it; cut to what visibility takes."""
TITLE_LIMIT = 200
"""Bytes: SQL visibility keeps 255 characters of a keyword."""
UNSETTLED_SINCE = SearchAttributeKey.for_datetime("UnsettledSince")
"""Since when the boards are not at the intent; unset while they are."""
WAITS_FOR = SearchAttributeKey.for_keyword_list("WaitsFor")
"""The causes for whose end a job waits, such as `linkedin.credentials`, and the one that a `CommonCause` stands for."""
INDEED_HIDDEN = SearchAttributeKey.for_keyword("IndeedHidden")
"""How a posted job stands at Indeed that nobody finds there, such as `nowhere`; unset where somebody may."""
SEARCH_ATTRIBUTES: tuple[SearchAttributeKey[Any], ...] = (
    CUSTOMER_ID,
    JOB_ID,
    PHASE,
    LINKEDIN_STATE,
    INDEED_STATE,
    INDEED_JOB_ID,
    ATTENTION,
    UNSETTLED_SINCE,
    JOB_TITLE,
    WAITS_FOR,
    INDEED_HIDDEN,
)
STARTED_WITH = (CUSTOMER_ID, JOB_ID, PHASE, LINKEDIN_STATE, INDEED_STATE, UNSETTLED_SINCE)
"""Those that the start of a lifecycle sets."""
BOARD_STATE = {BoardName.LINKEDIN: LINKEDIN_STATE, BoardName.INDEED: INDEED_STATE}


def customer_attributes(customer_id: str) -> TypedSearchAttributes:
    """Build the search attributes of a workflow that serves a whole customer."""
    return TypedSearchAttributes([SearchAttributePair(CUSTOMER_ID, customer_id)])


def only_known(attributes: TypedSearchAttributes, known: Collection[str] | None) -> TypedSearchAttributes:
    """Leave out what the namespace lacks; None stands for a namespace that has all."""
    pairs = [pair for pair in attributes if known is None or pair.key.name in known]
    return TypedSearchAttributes(pairs)


def updates_known(
    updates: Iterable[SearchAttributeUpdate[Any]], known: Collection[str] | None
) -> list[SearchAttributeUpdate[Any]]:
    """Leave out updates of what the namespace lacks, as Temporal would refuse the whole step."""
    return [each for each in updates if known is None or each.key.name in known]


def type_name(key: SearchAttributeKey[Any]) -> str:
    """Name the type of a search attribute as the Temporal CLI does."""
    return "".join(word.capitalize() for word in key.indexed_value_type.name.split("_"))


def search_attributes(
    customer_id: str,
    job_id: str,
    phase: Phase,
    states: Iterable[tuple[BoardName, BoardState]],
    unsettled_since: datetime | None = None,
) -> TypedSearchAttributes:
    """Build the search attributes of a lifecycle."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(CUSTOMER_ID, customer_id),
        SearchAttributePair(JOB_ID, job_id),
        SearchAttributePair(PHASE, phase.value),
    ]
    pairs += [SearchAttributePair(BOARD_STATE[board], state.value) for board, state in states]
    if unsettled_since is not None:
        pairs.append(SearchAttributePair(UNSETTLED_SINCE, unsettled_since))
    return TypedSearchAttributes(pairs)
