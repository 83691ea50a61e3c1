"""Whatever file of the project a page names is there: a path that has moved leads a newcomer nowhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOLDERS = "activities|benchmarks|boardsync|clients|config|models|runtime|sandbox|store|tests|webhook_gateway|workflows"
PATH = re.compile(rf"`((?:{FOLDERS})/[a-z0-9_/]+\.py)\b")
TO_BE_WRITTEN = "ziprecruiter"
"""The board that docs/extending.md adds as an example."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_a_page_names_is_there(page: Path) -> None:
    named = PATH.findall(page.read_text(encoding="utf-8"))
    assert [each for each in named if not (ROOT / each).is_file() and TO_BE_WRITTEN not in each] == []


def test_pages_name_modules_at_all() -> None:
    assert sum(len(PATH.findall(page.read_text(encoding="utf-8"))) for page in PAGES) > 50
