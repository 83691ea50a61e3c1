"""How long a step waits that a provider has turned away, where it does not say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.problems import THROTTLED_FIRST, THROTTLED_LONGEST, failure
from models.problems import Category, Problem

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SLOW_DOWN = Problem(category=Category.RATE_LIMITED, reason="slow down", remedy="wait")


@pytest.mark.parametrize(
    ("since", "attempt", "waits"),
    [
        (timedelta(0), 1, THROTTLED_FIRST),
        (timedelta(seconds=3), 20, timedelta(seconds=3)),
        (timedelta(minutes=2), 3, timedelta(minutes=2)),
        (timedelta(hours=9), 40, THROTTLED_LONGEST),
    ],
)
def test_a_throttle_is_waited_for_as_long_as_the_step_has_taken_so_far(
    since: timedelta, attempt: int, waits: timedelta
) -> None:
    """A read-back is tried often: by its attempts one throttle would hold it up for a quarter of an hour."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt, scheduled_time=NOW - since, started_time=NOW)

    def throttled() -> ApplicationError:
        return failure(SLOW_DOWN)

    wait = environment.run(throttled).next_retry_delay
    assert wait is not None
    assert abs(wait - waits) <= waits / 10
