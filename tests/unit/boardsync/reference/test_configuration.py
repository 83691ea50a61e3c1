"""The configuration reference is what the settings model says, and every key has its words."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from boardsync.reference.configuration import duration, render
from config.settings import Settings


def test_every_key_is_described_and_none_is_left_out() -> None:
    rows = [line for line in render().splitlines() if line.startswith("| `")]
    assert len(rows) >= 75
    for row in rows:
        assert row.count("|") - row.count("\\|") == 5, row
        assert row.rstrip(" |").rpartition("| ")[2].endswith((".", "`")), row
    assert all(f"[{name}" in render() or f"| `{name}` |" in render() for name in Settings.model_fields)


def test_a_row_says_type_default_and_meaning() -> None:
    page = render()
    assert '| `close_when` | `"first_hire"` or `"all_positions_filled"` | `"first_hire"` | How many hires' in page
    assert '| `boards` | list of `"linkedin"` or `"indeed"` | required |' in page
    assert '| `confirm_within` | duration | `"24h"` |' in page
    assert "| `contract_urn` | text like `^urn:li:contract:[0-9]+$` |  |" in page
    assert "## [[customers]]" in page
    assert "## [customers.icims.fields]" in page


@pytest.mark.parametrize(
    ("wait", "written"),
    [
        (timedelta(milliseconds=500), "0.5s"),
        (timedelta(seconds=1), "1s"),
        (timedelta(seconds=15), "15s"),
        (timedelta(minutes=1), "1m"),
        (timedelta(minutes=5), "5m"),
        (timedelta(hours=24), "24h"),
        (timedelta(days=30), "30d"),
    ],
)
def test_a_duration_is_written_as_the_file_takes_it(wait: timedelta, written: str) -> None:
    assert duration(wait) == written


def test_the_guide_has_each_key_in_its_own_section() -> None:
    known = set(keys_of(render(), "## "))
    known |= {(section.rpartition(".")[0], section.rpartition(".")[2]) for section, _ in known}
    guide = (Path(__file__).resolve().parents[4] / "docs" / "configuration.md").read_text(encoding="utf-8")
    written = list(keys_of(guide, "| **"))
    assert len(written) > 80
    assert [each for each in written if each not in known] == []


def keys_of(page: str, heading: str) -> Iterator[tuple[str, str]]:
    """Return section and key of each row of the tables that describe keys."""
    section = ""
    for line in page.splitlines():
        found = re.match(re.escape(heading) + r"\[+([A-Za-z_.]+)\]+", line)
        section = found[1] if found else section
        if line.startswith("| `") and section:
            yield from ((section, key) for key in re.findall(r"`([a-z_]+)`", line.split("|")[1]))
        elif section and heading != "## " and line.startswith("## "):
            return
