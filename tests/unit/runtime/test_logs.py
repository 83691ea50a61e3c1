"""What a step refuses knowingly is one line of the log; what nobody foresaw keeps its trace."""

import logging

import pytest
from temporalio.exceptions import ApplicationError

from runtime.logs import without_expected_traces

ABOUT = {"activity_type": "linkedin_close", "workflow_id": "job-1234-1209", "attempt": 2}


def record_of(error: Exception) -> logging.LogRecord:
    """Return the record that the SDK makes of a step that failed."""
    trace = (type(error), error, None)
    found = logging.LogRecord("temporalio.activity", logging.WARNING, "", 0, "Completing", (), trace)
    found.temporal_activity = ABOUT
    return found


def test_a_known_failure_is_one_line() -> None:
    record = record_of(ApplicationError("out_of_slots: No slot\nis left."))
    assert without_expected_traces(record)
    line = logging.Formatter("%(message)s").format(record)
    assert line == "linkedin_close of job-1234-1209, try 2: out_of_slots: No slot is left."


@pytest.mark.parametrize("error", [KeyError("x"), RuntimeError("bug")])
def test_an_unforeseen_one_keeps_its_trace(error: Exception) -> None:
    record = record_of(error)
    assert without_expected_traces(record)
    assert repr(error)[:8] in logging.Formatter("%(message)s").format(record)
