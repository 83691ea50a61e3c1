"""What a lifecycle cost, read from its history."""

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from tests.support.lifecycles import Handle

BILLED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    EventType.EVENT_TYPE_MARKER_RECORDED,
}


async def events(handle: Handle) -> list[HistoryEvent]:
    """Read a lifecycle's history."""
    return list((await handle.fetch_history()).events)


def billable_actions(history: list[HistoryEvent]) -> int:
    """Count Temporal Cloud's Actions; a start that brings its signal is one, each retry of an activity too."""
    retries = sum(
        event.activity_task_started_event_attributes.attempt - 1
        for event in history
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    return retries + sum(event.event_type in BILLED for event in history)
