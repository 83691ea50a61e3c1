"""The figures on the page are those of the runs that are kept."""

from benchmarks.chaos.table import PAGE, read_runs, written


def test_the_page_has_the_figures_of_the_runs_that_are_kept() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, read_runs()) == page
