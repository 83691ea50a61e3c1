"""Ready filters for the Web UI: printed by `make dev`, written down in the documentation."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from boardsync.jobs.filters import filter_url, filters
from boardsync.local.dev import welcome
from boardsync.local.ports import USUAL
from boardsync.local.stack import Stack

NOW = datetime(2026, 11, 26, 10, 30, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("name", [each for each in filters(NOW) if each != "stopped by somebody"])
def test_a_filter_finds_lifecycles_alone_and_none_that_was_stopped(name: str) -> None:
    query = filters(NOW)[name]
    assert query.startswith("WorkflowType = 'JobPosting' AND ExecutionStatus = ")
    assert "Terminated" not in query


def test_today_begins_at_midnight() -> None:
    assert filters(NOW)["closed today"].endswith("CloseTime >= '2026-11-26T00:00:00Z'")


def test_a_link_says_the_query_and_nothing_else() -> None:
    found = urlsplit(filter_url("http://127.0.0.1:8233/", "A = 'b c' AND D IN ('&')", namespace="n/1"))
    assert found.path == "/namespaces/n%2F1/workflows"
    assert parse_qs(found.query) == {"query": ["A = 'b c' AND D IN ('&')"]}


def test_make_dev_prints_them() -> None:
    said = welcome(Stack(USUAL))
    for name in ("needs a person", "being taken down"):
        assert filter_url("http://127.0.0.1:8233", filters()[name]) in said
    assert "closed today" in said


def test_the_documentation_links_to_them() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    for name, query in filters(NOW).items():
        if name != "closed today":  # which is another query each day
            assert f"`{query}` | [open]({filter_url('http://127.0.0.1:8233', query)})" in text, name
