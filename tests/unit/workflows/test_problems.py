"""Why an activity failed, in words."""

from datetime import timedelta

import pytest
from temporalio import exceptions
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError, RetryState, TimeoutType

from models.problems import Category, Problem
from workflows.problems import problem_of, was_cancelled

PROBLEM = Problem(category=Category.CLAIMED, reason="r", remedy="m", retry_after=timedelta(seconds=3))


def failed(cause: BaseException | None) -> ActivityError:
    error = ActivityError(
        "activity failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="w",
        activity_type="a",
        activity_id="1",
        retry_state=RetryState.NON_RETRYABLE_FAILURE,
    )
    error.__cause__ = cause
    return error


def over_the_wire(error: BaseException) -> BaseException:
    """Return an error as a workflow gets it: through Temporal's failure converter."""
    failure = Failure()
    converter, payloads = pydantic_data_converter.failure_converter, pydantic_data_converter.payload_converter
    converter.to_failure(error, payloads, failure)
    return converter.from_failure(failure, payloads)


def timed_out(kind: TimeoutType, last: BaseException | None = None) -> exceptions.TimeoutError:
    error = exceptions.TimeoutError("t", type=kind, last_heartbeat_details=[])
    error.__cause__ = last
    return error


def test_the_problem_that_a_failure_carries_is_read() -> None:
    assert problem_of(failed(over_the_wire(ApplicationError("r", PROBLEM, type="claimed")))) == PROBLEM


@pytest.mark.parametrize("kind", TimeoutType)
def test_the_last_failures_problem_is_read_below_a_timeout(kind: TimeoutType) -> None:
    last = over_the_wire(ApplicationError("r", PROBLEM, type="claimed"))
    assert problem_of(failed(timed_out(kind, last))) == PROBLEM


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (TimeoutType.START_TO_CLOSE, "gave no answer in time"),
        (TimeoutType.SCHEDULE_TO_START, "No worker"),
        (TimeoutType.SCHEDULE_TO_CLOSE, "No worker"),
    ],
)
def test_a_bare_timeout_is_temporary_and_says_what_to_look_at(kind: TimeoutType, words: str) -> None:
    problem = problem_of(failed(timed_out(kind)))
    assert problem.category is Category.TEMPORARY
    assert words in problem.reason


@pytest.mark.parametrize(
    "cause",
    [
        None,
        ApplicationError("KeyError: 'x'", type="KeyError"),
        ApplicationError("odd", {"reason": "no category"}),
        ApplicationError("odd", "text"),
        ApplicationError("odd", {"category": "invented", "reason": "r", "remedy": "m"}),
    ],
)
def test_any_other_failure_is_ours_to_report(cause: BaseException | None) -> None:
    problem = problem_of(failed(cause))
    assert problem.category is Category.UNEXPECTED
    assert "Boardsync itself failed" in problem.reason
    assert problem.provider_text == str(cause or "activity failed")


def test_the_words_of_an_unknown_failure_are_bounded() -> None:
    assert len(problem_of(failed(ApplicationError("x" * 10_000))).provider_text) == 500


@pytest.mark.parametrize(
    ("cause", "cancelled"), [(CancelledError(), True), (ApplicationError("x"), False), (None, False)]
)
def test_a_cancelled_activity_is_told_apart(cause: BaseException | None, *, cancelled: bool) -> None:
    assert was_cancelled(failed(cause)) is cancelled
