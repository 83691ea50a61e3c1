"""How long a step may fail in silence, and when it is begun anew."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ActivityError, ApplicationError, RetryState

from models.problems import Category, Problem
from workflows.patience import EXPECTED, Patience, retries, wait_after

HOUR, SECOND, NOTHING = timedelta(hours=1), timedelta(seconds=1), timedelta(0)
USUAL = retries(15 * timedelta(minutes=1))
TIMES = st.timedeltas(NOTHING, timedelta(days=2))
LEFT = st.none() | st.timedeltas(-timedelta(days=2), timedelta(days=2))


def ended(wait: timedelta | None, problem: Problem | None = None) -> ActivityError:
    error = ActivityError(
        "failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="",
        activity_id="1",
        retry_state=RetryState.TIMEOUT,
    )
    details = () if problem is None else (problem,)
    error.__cause__ = ApplicationError("still there", *details, next_retry_delay=wait)
    return error


def problem(retry_after: timedelta | None) -> Problem:
    return Problem(category=Category.RATE_LIMITED, reason="throttled", remedy="wait", retry_after=retry_after)


async def test_the_next_try_that_came_too_late_is_read_from_what_temporal_tells() -> None:
    failure = Failure()
    await DataConverter.default.encode_failure(ended(HOUR), failure)
    told = await DataConverter.default.decode_failure(failure)
    assert isinstance(told, ActivityError)
    assert wait_after(told, USUAL) == HOUR


def test_what_the_provider_asked_is_waited_whatever_the_deadline() -> None:
    assert wait_after(ended(SECOND, problem(HOUR)), USUAL, SECOND) == HOUR


def test_a_deadline_is_not_waited_beyond() -> None:
    assert wait_after(ended(HOUR), USUAL, SECOND) == SECOND
    assert wait_after(ended(HOUR), USUAL, -SECOND) == NOTHING
    assert wait_after(ended(None), USUAL) == SECOND


@given(TIMES.filter(bool), LEFT, st.booleans(), st.sampled_from(Category), LEFT)
def test_a_step_that_ends_is_told_or_one_more_try_tells(
    longest: timedelta, left: timedelta | None, told: bool, category: Category, then: timedelta | None
) -> None:
    patience = Patience(longest, left, told)
    assert NOTHING < patience.lasts <= max(longest, SECOND)
    assert patience.is_last == (patience.retry_policy(USUAL).maximum_attempts == 1)
    if patience.is_last or left is None:
        assert not patience.may_fail_silently(category, then)
    if patience.may_fail_silently(category, then):
        # In silence only while the deadline is ahead, or until the try that follows it at once.
        assert left is not None
        assert left > NOTHING
        assert left < longest or category in EXPECTED
        after = Patience(longest, min(then, NOTHING) if then is not None else None, told=False)
        assert after.is_last


def test_what_fails_for_as_long_as_anything_may_is_told_before_the_deadline() -> None:
    patience = Patience(longest=4 * HOUR, left=20 * HOUR)
    assert patience.lasts == 4 * HOUR
    assert not patience.may_fail_silently(Category.TEMPORARY, 16 * HOUR)
    assert patience.may_fail_silently(Category.STILL_SHOWN, 16 * HOUR)


def test_who_has_been_told_is_not_told_by_a_single_try() -> None:
    assert not Patience(longest=4 * HOUR, left=-HOUR, told=True).is_last
    assert Patience(longest=4 * HOUR, left=-HOUR, told=True).lasts == 4 * HOUR
