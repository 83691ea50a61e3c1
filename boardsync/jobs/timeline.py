"""A lifecycle's history in sentences: what came in, what was asked and answered, what it is waiting for. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf.duration_pb2 import Duration
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent

from boardsync.jobs.signal_sentences import signal_in_words
from boardsync.output import one_line
from models.base import Model
from models.lifecycle import Receipt
from models.states import BoardName, BoardState, Phase
from models.temporal import ATTENTION, BOARD_STATE, PHASE
from models.words import HEADLINES, STATES, board_words
from workflows.lifecycle.marks import A_MOMENT, LONG


class Moment(Model):
    """Something that happened to a job."""

    at: datetime
    what: str


def timeline(events: Iterable[HistoryEvent]) -> tuple[Moment, ...]:
    """Tell a history."""
    teller = _Teller()
    told = ((event, teller.tell(event)) for event in events)
    return tuple(Moment(at=_time(event), what=one_line(what)) for event, what in told if what)


def activity_names(events: Iterable[HistoryEvent]) -> dict[str, str]:
    """Return what each activity of a history is for, by its id."""
    scheduled = (each for each in events if each.HasField("activity_task_scheduled_event_attributes"))
    return {each.activity_task_scheduled_event_attributes.activity_id: _summary(each) for each in scheduled}


def plain(payload: Payload) -> Any:
    """Read a payload's JSON; None where it holds none."""
    try:
        return json.loads(payload.data)
    except ValueError:
        return None


class _Teller:
    """Write a sentence for each event that a person cares for; remembers what later events refer to."""

    def __init__(self) -> None:
        self._asked: dict[int, str] = {}
        self._tries: dict[int, tuple[int, str]] = {}
        kinds: dict[EventType.ValueType, Callable[[HistoryEvent], str | None]] = {
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: self._began,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: self._signalled,
            EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: self._scheduled,
            EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: self._tried,
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: self._answered,
            EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: self._failed,
            EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: self._timed_out,
            EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: self._called_off,
            EventType.EVENT_TYPE_TIMER_STARTED: self._waits,
            EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: self._started,
            EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: self._stands,
            EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: self._stumbled,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: self._ended,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: self._broke,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: self._terminated,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED: self._to_be_cancelled,
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: lambda _: "The lifecycle ended by cancellation.",
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: lambda _: "It goes on in a new run.",
        }
        self._kinds: Mapping[EventType.ValueType, Callable[[HistoryEvent], str | None]] = kinds

    def tell(self, event: HistoryEvent) -> str | None:
        """Write the sentence; None where there is nothing to tell."""
        kind = self._kinds.get(event.event_type)
        return kind(event) if kind is not None else None

    def _began(self, event: HistoryEvent) -> str:
        earlier = event.workflow_execution_started_event_attributes.continued_execution_run_id
        return f"The lifecycle goes on from the run {earlier}." if earlier else "The lifecycle began."

    def _signalled(self, event: HistoryEvent) -> str:
        told = event.workflow_execution_signaled_event_attributes
        return signal_in_words(told.signal_name, _only(told.input))

    def _scheduled(self, event: HistoryEvent) -> None:
        self._asked[event.event_id] = _summary(event)

    def _tried(self, event: HistoryEvent) -> None:
        told = event.activity_task_started_event_attributes
        self._tries[told.scheduled_event_id] = (told.attempt, told.last_failure.message)

    def _answered(self, event: HistoryEvent) -> str:
        told = event.activity_task_completed_event_attributes
        attempt, before = self._tries.get(told.scheduled_event_id, (1, ""))
        after = f" (at try {attempt}; before: {before})" if attempt > 1 else ""
        return f"{self._question(told.scheduled_event_id)} {_result(_only(told.result))}{after}"

    def _failed(self, event: HistoryEvent) -> str:
        told = event.activity_task_failed_event_attributes
        attempt, _ = self._tries.get(told.scheduled_event_id, (1, ""))
        tries = f" (after {attempt} tries)" if attempt > 1 else ""
        return f"{self._question(told.scheduled_event_id)} {_why(told.failure)}{tries}"

    def _timed_out(self, event: HistoryEvent) -> str:
        told = event.activity_task_timed_out_event_attributes
        last = f"; the last answer was: {_why(told.failure.cause)}" if told.failure.HasField("cause") else ""
        return f"{self._question(told.scheduled_event_id)} no answer in time{last}"

    def _called_off(self, event: HistoryEvent) -> str:
        scheduled = event.activity_task_canceled_event_attributes.scheduled_event_id
        return f"{self._question(scheduled)} called off, as something newer came"

    def _waits(self, event: HistoryEvent) -> str | None:
        told, summary = event.timer_started_event_attributes, plain(event.user_metadata.summary)
        wait = told.start_to_fire_timeout.ToTimedelta()
        if not summary or wait == A_MOMENT:
            return None  # a mark of what a person sent: the signal itself is told already
        return str(summary) if wait == LONG else f"Waits {_duration(told.start_to_fire_timeout)}: {summary}."

    def _started(self, event: HistoryEvent) -> str:
        told = event.start_child_workflow_execution_initiated_event_attributes
        summary = plain(event.user_metadata.summary)
        return f"Started {told.workflow_type.name}" + (f": {summary}." if summary else ".")

    def _stands(self, event: HistoryEvent) -> str | None:
        shown = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
        values = {name: plain(payload) for name, payload in shown.items()}
        parts = []
        for board, key in BOARD_STATE.items():
            if values.get(key.name) in list(BoardState):
                parts.append(f"{BoardName(board).label}: {STATES[BoardState(values[key.name])]}")
        if values.get(PHASE.name) in list(Phase):
            parts.append(f"the job: {HEADLINES[Phase(values[PHASE.name])]}")
        if values.get(ATTENTION.name):
            parts.append(f"category {values[ATTENTION.name]}")
        return "; ".join(parts) + "." if parts else None

    def _ended(self, event: HistoryEvent) -> str:
        result = _only(event.workflow_execution_completed_event_attributes.result)
        try:
            boards = Receipt.model_validate(result).boards.used
        except ValidationError:
            return "The lifecycle ended."
        return " ".join(["The lifecycle ended.", *(board_words(board, track) for board, track in boards)])

    def _stumbled(self, event: HistoryEvent) -> str | None:
        told = event.workflow_task_failed_event_attributes
        # A signal that came while the worker was deciding: it decides anew, and nobody needs to know.
        if told.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND:
            return None
        return f"A worker failed at this lifecycle, and tries again: {_why(told.failure)}"

    def _broke(self, event: HistoryEvent) -> str:
        return f"The lifecycle failed: {_why(event.workflow_execution_failed_event_attributes.failure)}"

    def _terminated(self, event: HistoryEvent) -> str:
        told = event.workflow_execution_terminated_event_attributes
        return f"Terminated by {told.identity or 'somebody'}: {told.reason or 'no reason given'}."

    def _to_be_cancelled(self, event: HistoryEvent) -> str:
        told = event.workflow_execution_cancel_requested_event_attributes
        reason = f": {told.cause}" if told.cause else ""
        return f"Cancelled by {told.identity or 'somebody'}{reason}. The boards are read once more."

    def _question(self, scheduled: int) -> str:
        asked = self._asked.get(scheduled, "A step")
        return asked if asked.endswith("?") else f"{asked}:"


def _result(result: Any) -> str:
    """Return what an activity answered: its evidence, its only number, or that it is done."""
    if isinstance(result, dict):
        evidence = [each for each in result.get("evidence") or () if isinstance(each, dict)]
        if evidence:
            return "; ".join(f"{each.get('asked')}: {each.get('answered')}" for each in evidence)
        if "count" in result:
            return str(result["count"])
    return "done"


def _summary(event: HistoryEvent) -> str:
    summary = plain(event.user_metadata.summary)
    return str(summary or event.activity_task_scheduled_event_attributes.activity_type.name)


def _why(failure: Failure) -> str:
    return failure.message or "no reason given"


def _only(payloads: Payloads) -> Any:
    return plain(payloads.payloads[0]) if payloads.payloads else None


def _duration(duration: Duration) -> str:
    seconds = duration.ToTimedelta().total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _time(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(UTC)
