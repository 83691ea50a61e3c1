"""Tests with a Docker engine: `make test-docker`. They are not part of `make test`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.engine import ROOT, compose_command, docker, provide, run, why_not
from tests.docker.stack import Stack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = why_not()
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(1800))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


def images(path: str, pattern: str) -> list[str]:
    """Return the images that a file names."""
    return re.findall(pattern, (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="session")
def revision() -> str:
    """Return the commit that the image is built of."""
    return run("git", "rev-parse", "HEAD").strip()


@pytest.fixture(scope="session")
def image(revision: str) -> str:
    """Build the image as docs/deployment.md says, under the name that the compose file has."""
    provide(*images("Dockerfile", r"^FROM (\S+:\S+)"))
    [name] = set(images("docker-compose.yml", r"^  image: (boardsync:\S+)$"))
    docker("build", "--tag", name, "--build-arg", f"REVISION={revision}", ".", within=1500)
    return name


@pytest.fixture(scope="session")
def stack(image: str) -> Iterator[Stack]:
    """Start the whole compose file with the demo's boards by its one command."""
    command = compose_command()
    if command is None:
        pytest.skip("there is no Docker Compose")
    provide(*images("docker-compose.yml", r"^    image: (\S+)$"))
    stack = Stack(command, ["demo"])
    stack.down()
    try:
        stack.compose("up", "-d", within=900)
        yield stack
    finally:
        stack.down()
        stack.close()
