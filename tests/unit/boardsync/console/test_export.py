"""Jobs as CSV: no cell is a formula to a spreadsheet, whatever a title holds."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boardsync.console.jobs import cells
from boardsync.console.listing import Row, State
from boardsync.spreadsheets import csv_lines
from models.states import BoardName

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def read(rows: list[list[str]]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_lines(rows).decode(), newline="")))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1"])
def test_a_formula_is_text(cell: str) -> None:
    assert read([[cell]]) == [[f"'{cell}"]]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=5))
def test_every_other_cell_is_read_as_it_was(row: list[str]) -> None:
    (found,) = read([row])
    for given_, shown in zip(row, found, strict=True):
        assert shown in {given_, f"'{given_}"}
        assert not shown.lstrip(" \u00a0\u3000").startswith(FORMULAS)


def test_half_a_character_harms_nobody() -> None:
    assert csv_lines([["\ud83d"]]) == b'"?"\r\n'


def test_a_job_is_one_line() -> None:
    row = Row(
        customer_id="1234",
        job_id="1209",
        customer="Example Health",
        title="Nurse, nights",
        number=None,
        phase=State(words="Closed", tone="done"),
        boards={BoardName.INDEED: State(words="Done", tone="done")},
    )
    assert cells(row) == (
        *("Example Health", "1234", "1209", "", "Nurse, nights", "Closed", ""),
        *("", "Done", "", "", ""),
    )
