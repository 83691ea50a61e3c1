"""Logging: one line a record, on standard error, as text or as JSON."""

import logging
import os
import time
from collections.abc import Callable
from contextvars import ContextVar

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter
from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError, CancelledError

from models.scrubbing import scrub

LEVEL_VARIABLE = "BOARDSYNC_LOG_LEVEL"
FORMAT_VARIABLE = "BOARDSYNC_LOG_FORMAT"
WHEN = "%Y-%m-%dT%H:%M:%SZ"

EVENT_ID: ContextVar[str | None] = ContextVar("event_id", default=None)
"""The webhook request under way, set by the gateway."""

CHATTY = (
    "httpx",  # whole addresses: they name customers' jobs, and are of no use to an operator
    "alembic",  # two lines at each start, though nothing is to be done
    "temporalio.worker._worker",  # its stop once for each queue, beside our own line
)
"""What says at INFO what nobody needs."""

FIELDS = ("workflow_id", "event_id", "activity_type", "attempt")


def logs_json() -> bool:
    """Return whether `BOARDSYNC_LOG_FORMAT` asks for JSON."""
    return os.environ.get(FORMAT_VARIABLE, "").strip().lower() == "json"


def configure_logging() -> None:
    """Log to standard error in UTC, at the level `BOARDSYNC_LOG_LEVEL` names (INFO)."""
    handler = logging.StreamHandler()
    handler.setFormatter(_json() if logs_json() else _text())
    handler.addFilter(add_context)
    handler.addFilter(without_expected_traces)
    logging.basicConfig(level=os.environ.get(LEVEL_VARIABLE, "INFO").upper(), handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def add_context(record: logging.LogRecord) -> bool:
    """Add to a record what it is about, so far as that is known: lifecycle, webhook request, activity."""
    context: dict[str, object] = {"event_id": EVENT_ID.get()}
    # The SDK's own lines carry what they are about, as they come from outside of it.
    context.update(getattr(record, "temporal_workflow", None) or getattr(record, "temporal_activity", None) or {})
    if activity.in_activity():
        info = activity.info()
        context.update(workflow_id=info.workflow_id, activity_type=info.activity_type, attempt=info.attempt)
    elif workflow.in_workflow():
        context["workflow_id"] = workflow.info().workflow_id
    for name in FIELDS:
        value = context.get(name)
        if value is not None and not hasattr(record, name):
            setattr(record, name, value)
    return True


def without_expected_traces(record: logging.LogRecord) -> bool:
    """Write what a step refuses knowingly, such as a board that still lists a job, in one line and without a trace.

    An error that nobody foresaw keeps its trace.
    """
    error = record.exc_info[1] if record.exc_info else None
    about = getattr(record, "temporal_activity", None)
    if isinstance(error, ApplicationError | CancelledError) and isinstance(about, dict):
        what = f"{about.get('activity_type')} of {about.get('workflow_id')}, try {about.get('attempt')}"
        record.msg, record.args = "%s: %s", (what, " ".join(str(error).split()))
        record.exc_info = record.exc_text = None
    return True


class _Scrubbed:
    """Leaves out what libraries may have put into a line or a trace: tokens, passwords, addresses of people."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line."""
        return scrub(super().format(record))  # type: ignore[misc]


class _TextFormatter(_Scrubbed, logging.Formatter):
    pass


class _JsonLines(_Scrubbed, JsonFormatter):
    pass


def _text() -> logging.Formatter:
    formatter = _TextFormatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s", WHEN)
    formatter.converter = time.gmtime
    return formatter


def _json() -> logging.Formatter:
    # The SDK would repeat its context within each message.
    activity.logger.activity_info_on_message = False
    workflow.logger.workflow_info_on_message = False
    formatter = _JsonLines(
        "%(asctime)s %(levelname)s %(name)s %(message)s",
        WHEN,
        rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        reserved_attrs=[*RESERVED_ATTRS, "temporal_workflow", "temporal_activity"],
    )
    formatter.converter = time.gmtime
    return formatter


class Seldom:
    """Log what somebody outside can cause at will: each topic a few times a minute, the rest as a number."""

    def __init__(
        self, logger: logging.Logger, *, per_minute: int = 10, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Write to a logger."""
        self._logger, self._per_minute, self._clock = logger, per_minute, clock
        self._said: dict[str, tuple[float, int]] = {}

    def warning(self, topic: str, message: str, *values: object) -> None:
        """Log a warning, unless its topic, one of a fixed set, has been told often enough within this minute."""
        now = self._clock()
        since, said = self._said.get(topic, (now, 0))
        if now - since >= 60.0:
            if said > self._per_minute:
                self._logger.warning("%s: %d more in the last minute", topic, said - self._per_minute)
            since, said = now, 0
        self._said[topic] = (since, said + 1)
        if said < self._per_minute:
            self._logger.warning(message, *values)
