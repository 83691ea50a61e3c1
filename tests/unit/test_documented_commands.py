"""Every block of commands in every guide is run by a test, or has a reason here why none can run it."""

import re
from pathlib import Path

import pytest

from tests.support.processes import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)

NEWCOMER = "tests/e2e/test_newcomer.py"
GUIDE = "tests/cli/test_guide.py"
"""Each line is given to a real installation."""
BUILDS = "tests/workflow/test_deploys.py"
COMPOSE = "tests/docker/test_compose.py"

RUN_BY: dict[str, dict[str, str]] = {
    "README.md": {"make demo": NEWCOMER},
    "CONTRIBUTING.md": {"make setup": "the test run itself: who runs tests has called each of them"},
    "docs/getting-started.md": {"": NEWCOMER},
    "docs/sandbox.md": {"": NEWCOMER},
    "docs/operating.md": {"": NEWCOMER},
    "docs/runbooks.md": {"": "tests/workflow/lifecycle/test_runbooks.py"},
    "docs/command-line.md": {"boardsync deploy": BUILDS, "": GUIDE},
    "docs/console.md": {"boardsync console": GUIDE},
    "docs/deploys.md": {"boardsync deploy": BUILDS},
    "docs/encryption.md": {"boardsync": GUIDE},
    "docs/development.md": {
        "make setup": "the test run itself: who runs tests has called each of them",
        "make histories": "tests/workflow/test_replay.py",
    },
    "docs/reliability.md": {"make chaos": "tests/e2e/test_chaos.py"},
    "docs/deployment.md": {
        "docker compose --profile demo up": COMPOSE,
        "cp deploy/boardsync.toml": "it begins the customer's own files, for boards that no test may call",
        "docker compose --profile metrics": "needs images of others; tests/unit/deploy reads the files of both",
        "BOARDSYNC_SITE=": "needs a public name for its certificate; tests/docker runs the same proxy without one",
        "docker compose up -d --scale": "tests/docker runs two of each, as the file says; more are the same",
        "tcld namespace": "needs an account at Temporal Cloud; the tests' servers are given the same attributes",
        "kubectl": "needs a cluster; tests/unit/deploy renders the files, make test-kubernetes validates them",
        "useradd": "needs root and a booted systemd; tests/unit/deploy has systemd verify the units",
    },
}
"""By page, and by a line's beginning: the test that runs a block, or why none does."""


def blocks(page: Path) -> list[str]:
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def covered_by(page: str, block: str) -> str | None:
    return next(
        (
            test
            for begins, test in RUN_BY.get(page, {}).items()
            if any(line.strip().startswith(begins) for line in block.splitlines())
        ),
        None,
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_block_of_commands_is_run_by_a_test_or_says_why_not(page: Path) -> None:
    name = page.relative_to(ROOT).as_posix()
    assert [block for block in blocks(page) if covered_by(name, block) is None] == []


def test_each_test_that_is_named_is_there_and_each_page_has_blocks() -> None:
    for page, covered in RUN_BY.items():
        assert blocks(ROOT / page), page
        for test in covered.values():
            assert " " in test or (ROOT / test).is_file(), test
