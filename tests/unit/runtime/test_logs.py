"""What a step refuses knowingly is one line of the log; what nobody foresaw keeps its trace."""

import logging

import pytest
from temporalio.exceptions import ApplicationError

from runtime.logs import Seldom, without_expected_traces

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


def test_a_topic_is_told_a_few_times_a_minute_and_then_how_often_more(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    seldom = Seldom(logging.getLogger("outside"), per_minute=3, clock=lambda: now)
    for number in range(7):
        seldom.warning("refused", "refused %d", number)
    seldom.warning("another", "another topic")
    assert caplog.messages == ["refused 0", "refused 1", "refused 2", "another topic"]
    now = 60.0
    seldom.warning("refused", "refused again")
    assert caplog.messages[4:] == ["refused: 4 more in the last minute", "refused again"]
