"""Reads that nobody waits for: near the interval, at few moments for each customer, and not all at once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.spread import MOMENTS, until_read_again

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    st.timedeltas(timedelta(milliseconds=100), timedelta(days=30)),
    st.text(max_size=10),
    st.floats(0, 1),
)
def test_a_job_is_read_again_before_the_interval_is_over(
    now: datetime, every: timedelta, customer: str, chance: float
) -> None:
    wait = until_read_again(now.replace(tzinfo=UTC), every, customer, chance)
    assert 0.799 * every <= wait <= 1.001 * every


def test_the_jobs_of_a_customer_are_read_together_at_a_few_moments_and_spread_over_the_day() -> None:
    jobs = 50_000
    moments: Counter[int] = Counter()
    now = NOW
    for number in range(jobs):
        # In the first round they were taken up over a day.
        now = NOW + DAY * number / jobs
        moments[round((now + until_read_again(now, DAY, "1234", number * 0.618 % 1)).timestamp())] += 1
    assert len(moments) <= 2 * MOMENTS
    assert max(moments.values()) <= 1.2 * jobs / MOMENTS
    assert sum(-(-count // 50) for count in moments.values()) <= 1_300


def test_customers_have_their_own_moments() -> None:
    waits = {until_read_again(NOW, DAY, str(customer), 0.5) for customer in range(100)}
    assert len(waits) == 100
