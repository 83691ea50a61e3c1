"""Plots of the time to close: where points are, and what is said to who does not see them."""

from datetime import UTC, datetime, timedelta

from boardsync.console.plots import EDGE, HEIGHT, SPANS, WIDTH, plot
from boardsync.console.words import seconds_words
from store.figures import Bucket

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
DAY = SPANS[0]


def bucket(hours_ago: int, p50: float, p95: float, closes: int = 10) -> Bucket:
    return Bucket("linkedin", NOW - timedelta(hours=hours_ago), closes, p50, p95)


def test_the_highest_value_touches_the_upper_edge_and_all_points_are_inside() -> None:
    found = plot("LinkedIn", DAY, [bucket(3, 10, 30), bucket(2, 20, 60), bucket(1, 5, 15)], now=NOW)
    (p95,) = found.p95
    assert [each.y for each in p95] == [45.0, EDGE, 64.5]
    points = [each for lines in (found.p50, found.p95) for line in lines for each in line]
    assert all(0 <= each.x <= WIDTH and 0 <= each.y <= HEIGHT for each in points)
    assert [each.x for each in p95] == sorted(each.x for each in p95)
    assert found.top == "60 s"


def test_an_hour_without_a_close_parts_the_line() -> None:
    found = plot("LinkedIn", DAY, [bucket(9, 1, 2), bucket(8, 1, 2), bucket(3, 1, 2)], now=NOW)
    assert [len(line) for line in found.p50] == [2, 1]


def test_it_is_said_in_words() -> None:
    found = plot("Indeed", DAY, [bucket(3, 10, 30), bucket(2, 20, 400)], now=NOW)
    assert found.says == (
        "Indeed, last day: 20 closes. Half of them took at most 10 s to 20 s, 95 of a hundred 30 s to 6.67 min."
    )
    assert plot("Indeed", DAY, [], now=NOW).says == "Indeed, last day: no close was proven."


def test_times_are_told_in_the_unit_that_fits() -> None:
    said = [seconds_words(each) for each in (None, 0.5, 89, 90, 5400, 129600)]
    assert said == ["", "0.5 s", "89 s", "1.5 min", "1.5 h", "1.5 d"]
