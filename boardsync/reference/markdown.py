"""Markdown as the generated pages need it."""

from collections.abc import Iterable, Sequence

WRITTEN = "<!-- Written by `make docs` from the code: do not edit. -->"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def code(text: str) -> str:
    """Write a word of the code."""
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
