"""The pages of the documentation that are written from the code."""

import pytest

from boardsync.reference.errors import TABLES
from boardsync.reference.markdown import table
from boardsync.reference.pages import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_writes_it(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_row_of_every_table_is_on_the_page() -> None:
    lines = PAGES["errors.md"]().splitlines()
    for _, _, rows in TABLES:
        for row in rows:
            assert any(line.count(f"`{row.category}`") and row.remedy.replace("|", "\\|") in line for line in lines)


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert table(("a", "b"), [("x|y", "1\n2")]).splitlines() == ["| a | b |", "| --- | --- |", "| x\\|y | 1 2 |"]
