"""The image, built: what is in it, who runs in it, how it stops."""

import json
import re
from typing import Any

import pytest

from tests.docker.engine import ROOT, docker

LOCKED_DOWN = (
    "--rm",
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges:true",
    "--network",
    "none",
)


@pytest.fixture(scope="session")
def config(image: str) -> dict[str, Any]:
    """Return what the image says of itself."""
    [found] = json.loads(docker("image", "inspect", image))
    config: dict[str, Any] = found["Config"]
    return config


def inside(image: str, *command: str) -> str:
    """Run a command in a container that may do nothing but read."""
    return docker("run", *LOCKED_DOWN, image, *command)


def test_the_image_says_what_it_is_and_of_which_commit(image: str, config: dict[str, Any], revision: str) -> None:
    labels = config["Labels"]
    assert labels["org.opencontainers.image.revision"] == revision
    [version] = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert labels["org.opencontainers.image.version"] == version
    assert f"BOARDSYNC_COMMIT={revision}" in config["Env"]
    ask = "import importlib.metadata as m; print(m.version('boardsync'))"
    assert inside(image, "python", "-c", ask) == f"{version}\n"
    assert config["User"] == "10001:10001"
    assert config["StopSignal"] == "SIGTERM"
    assert config["Healthcheck"]["Test"][0] == "CMD"


def test_every_part_can_be_loaded_by_a_user_that_may_write_nowhere(image: str) -> None:
    parts = "import os, worker, webhook_gateway.__main__, boardsync.__main__, sandbox.__main__, deploy.worker_health"
    assert (
        inside(image, "python", "-W", "error", "-c", f"{parts}; print(os.getuid(), os.access('/app', os.W_OK))")
        == "10001 False\n"
    )


def test_neither_tests_nor_tools_nor_secrets_are_in_the_image(image: str) -> None:
    found = set(inside(image, "ls", "-A", "/app", "/app/deploy").split())
    assert {"worker.py", "workflows", "worker_health.py"} <= found
    assert not found & {"tests", "benchmarks", "docs", "secrets", "boardsync.toml", ".git", ".venv", "Makefile"}
    assert (
        inside(
            image,
            "find",
            "/opt/venv/bin",
            "/app",
            "-name",
            "cyclonedx*",
            "-o",
            "-name",
            "pytest*",
            "-o",
            "-name",
            "temporal",
        )
        == ""
    )


def test_the_bill_of_materials_lists_what_is_installed(image: str) -> None:
    bill = json.loads(inside(image, "cat", "/usr/share/boardsync/sbom.cdx.json"))
    assert bill["bomFormat"] == "CycloneDX"
    listed = {(each["name"].lower().replace("_", "-"), each["version"]) for each in bill["components"]}
    names = "import importlib.metadata as m; print('\\n'.join(f'{d.name} {d.version}' for d in m.distributions()))"
    installed = {
        (name.lower().replace("_", "-"), version)
        for name, _, version in (
            line.partition(" ") for line in inside(image, "python", "-I", "-c", names).splitlines()
        )
    }
    assert len(installed) > 30
    assert {(name.replace(".", "-"), v) for name, v in installed} <= {(name.replace(".", "-"), v) for name, v in listed}
    assert bill["metadata"]["component"]["name"] == "boardsync"


def test_a_container_stops_in_order_at_the_engine_s_signal(image: str) -> None:
    container = docker("run", "--detach", *LOCKED_DOWN[1:], image, "python", "-m", "sandbox").strip()
    try:
        # The first line on standard output is written once it listens.
        while not docker("logs", container).startswith("{"):
            assert docker("inspect", "--format", "{{.State.Running}}", container) == "true\n"
        docker("stop", "--time", "20", container)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", container) == "0\n"
    finally:
        docker("rm", "--force", container)
