"""Retry-After in every form: a wait within a day, or none."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.http import LONGEST_RETRY_AFTER, read_wait
from tests.support.replies import NOW, reply


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("1.5", 1.5),
        (" 7 ", 7),
        ("86400", 86400),
        ("86401", 86400),
        ("999999999999", 86400),
        ("9" * 20, 86400),
        ("9" * 500, 86400),
        ("Sun, 22 Nov 2026 10:31:30 GMT", 90),
        ("Sunday, 22-Nov-26 10:31:30 GMT", 90),
        ("Sun Nov 22 10:31:30 2026", 90),
        ("Sun, 22 Nov 2026 12:31:30 +0200", 90),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
    ],
)
def test_retry_after_is_read_in_every_form_and_kept_within_a_day(value: str, seconds: float) -> None:
    assert read_wait(value, received_at=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        ".",
        "-5",
        "1e3",
        "inf",
        "nan",
        "0x10",
        "1,000",
        "soon",
        "٣٠",
        "²",
        "Sun, 32 Nov 2026 10:31:30 GMT",
        "22 Nov",
    ],
)
def test_an_unreadable_retry_after_is_no_wait(value: str) -> None:
    assert read_wait(value, received_at=NOW) is None


WAITS = st.one_of(
    st.text(),
    st.text("0123456789.-+:, GMTSunNov"),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(lambda at: format_datetime(at.replace(tzinfo=UTC), usegmt=True)),
)


@given(WAITS, st.datetimes(timezones=st.just(UTC)))
def test_reading_a_wait_never_fails_and_stays_within_a_day(value: str, at: datetime) -> None:
    wait = read_wait(value, received_at=at)
    assert wait is None or timedelta(0) <= wait <= LONGEST_RETRY_AFTER


@given(st.integers(min_value=0, max_value=10**30))
def test_whole_seconds_are_taken_up_to_a_day(seconds: int) -> None:
    assert read_wait(str(seconds), received_at=NOW) == timedelta(seconds=min(seconds, 86400))


@given(st.datetimes(min_value=datetime(1970, 1, 1)))  # noqa: DTZ001 -- the strategy wants naive bounds
def test_a_date_is_a_wait_until_then(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    expected = min(max(moment - NOW, timedelta(0)), timedelta(days=1))
    assert read_wait(format_datetime(moment, usegmt=True), received_at=NOW) == expected


def test_a_missing_retry_after_is_no_wait() -> None:
    assert reply().retry_after is None
    assert reply(headers={"retry-after": "3"}).retry_after == timedelta(seconds=3)
