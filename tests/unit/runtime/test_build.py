"""A build's id is its version and its commit."""

import re
from importlib.metadata import version

import pytest

from runtime import build
from runtime.build import build_id, deployment_name, is_controlled


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (build.BUILD_VARIABLE, build.COMMIT_VARIABLE, build.CONTROLLERS_NAME, build.CONTROLLERS_BUILD):
        monkeypatch.delenv(name, raising=False)


def test_it_is_version_and_commit_of_the_checkout() -> None:
    assert re.fullmatch(re.escape(version("boardsync")) + r"(\+[0-9a-f]{12})?", build_id())


def test_an_image_says_its_commit_and_a_person_may_say_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(build.COMMIT_VARIABLE, "0123456789abcdef0123456789abcdef01234567\n")
    assert build_id() == f"{version('boardsync')}+0123456789ab"
    monkeypatch.setenv(build.BUILD_VARIABLE, "mine")
    assert build_id() == "mine"


def test_without_a_checkout_it_is_the_version(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert build_id() == version("boardsync")


def test_the_worker_controller_says_deployment_and_build(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (deployment_name(), is_controlled()) == ("boardsync", False)
    monkeypatch.setenv("TEMPORAL_DEPLOYMENT_NAME", "boardsync/boardsync-worker")
    monkeypatch.setenv("TEMPORAL_WORKER_BUILD_ID", "0.1.0-4f2a")
    assert (deployment_name(), build_id(), is_controlled()) == ("boardsync/boardsync-worker", "0.1.0-4f2a", True)
