"""What people read on the terminal."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from boardsync.jobs.timeline import Moment
from boardsync.jobs.views import age, counts_line, timeline_view

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_what_people_read_is_no_markup_of_ours() -> None:
    console = Console(width=80, record=True, file=None)
    with console.capture() as seen:
        console.print(timeline_view([Moment(at=NOW, what="[bold]Ana[/] sent `retry`")]))
        console.print(counts_line({"open": 2, "attention": 1}))
    assert "[bold]Ana[/] sent `retry`" in seen.get()
    assert "3 in all: 2 open, 1 attention" in seen.get()


@pytest.mark.parametrize(
    ("ago_", "words"),
    [
        (timedelta(seconds=5), "5 s"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=2, hours=3), "2 d"),
        (-timedelta(1), "0 s"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(ago_: timedelta, words: str) -> None:
    assert age(NOW - ago_, now=NOW) == words
