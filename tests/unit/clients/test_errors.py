"""The error tables and the words of an error."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import TEXT_KEPT, ErrorRow, classify, clip, unreadable
from clients.icims import errors as icims
from clients.indeed import errors as indeed
from clients.linkedin import errors as linkedin
from clients.oauth import TOKEN_ERRORS
from models.problems import Category

TABLES = {
    "token": TOKEN_ERRORS,
    "icims": icims.ERRORS,
    "linkedin": linkedin.ERRORS,
    "indeed": indeed.ERRORS,
}


def row(
    category: Category, *, status: range | int | None = None, code: str | None = None, text: str | None = None
) -> ErrorRow:
    return ErrorRow(status=status, code=code, text=text, category=category, reason="r", remedy="m")


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
@given(
    status=st.none() | st.integers(min_value=100, max_value=999),
    code=st.text(max_size=20),
    text=st.text(max_size=40),
)
def test_every_table_has_a_row_for_every_error(
    table: Sequence[ErrorRow], status: int | None, code: str, text: str
) -> None:
    error = classify(table, provider="P", operation="o", status=status, code=code, text=text)
    assert error.problem.reason
    assert error.problem.remedy


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_row_of_a_table_can_be_reached(table: Sequence[ErrorRow]) -> None:
    hidden = [
        later
        for place, later in enumerate(table)
        for earlier in table[:place]
        if earlier.status in {None, later.status} and earlier.code in {None, later.code} and earlier.text is None
    ]
    assert hidden == []


def test_the_first_row_that_matches_wins() -> None:
    rows = [
        row(Category.CLAIMED, status=403, text="claimed"),
        row(Category.PERMISSION, status=403),
        row(Category.REFUSED),
    ]
    found = [
        classify(rows, provider="P", operation="o", status=status, text=text).problem.category
        for status, text in [(403, "It is CLAIMED."), (403, "no"), (500, "claimed"), (None, "claimed")]
    ]
    assert found == [Category.CLAIMED, Category.PERMISSION, Category.REFUSED, Category.REFUSED]


def test_all_criteria_of_a_row_must_hold() -> None:
    each = row(Category.CLAIMED, status=range(400, 500), code="F", text="x")
    assert each.matches(status=400, code="F", text="axb")
    assert not each.matches(status=500, code="F", text="x")
    assert not each.matches(status=400, code="G", text="x")
    assert not each.matches(status=400, code="F", text="y")


def test_an_error_keeps_what_a_caller_decides_by() -> None:
    rows = [row(Category.RATE_LIMITED)]
    error = classify(
        rows, provider="P", operation="o", status=429, code="c", text="a\nb", retry_after=timedelta(seconds=3)
    )
    assert (error.provider, error.operation, error.status, error.code) == ("P", "o", 429, "c")
    assert (error.problem.provider_text, error.problem.retry_after) == ("a b", timedelta(seconds=3))
    assert str(error) == "P o: r"


def test_an_unreadable_answer_is_tried_again() -> None:
    error = unreadable("P", "o", "no results", status=200)
    assert error.problem.category is Category.UNEXPECTED
    assert error.problem.retried
    assert "no results" in error.problem.reason


@given(st.text(max_size=2 * TEXT_KEPT))
def test_a_providers_words_become_one_line_of_bounded_length(text: str) -> None:
    line = clip(text)
    assert len(line) <= TEXT_KEPT
    assert line.splitlines() in ([], [line])
    assert line.rstrip("…") in " ".join(text.split())
