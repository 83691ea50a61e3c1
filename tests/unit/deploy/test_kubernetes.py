"""The files for Kubernetes and systemd: they render, verify, and give each process what it needs and no more."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.loading import parse_settings
from config.reading import OF_OTHERS
from tests.support.tools import needed

ROOT = Path(__file__).resolve().parents[3]
KUBERNETES = ROOT / "deploy" / "kubernetes"
UNITS = ROOT / "deploy" / "systemd"
GATEWAY, WORKER = "boardsync-gateway.service", "boardsync-worker@.service"
OF_CALLS = {"icims_client_secret", "indeed_client_secret"}
MOUNTED = "file:/run/secrets/"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def example() -> dict[str, Any]:
    return tomllib.loads(read(KUBERNETES / "example" / "boardsync.toml"))


def named(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for each in value.values():
                yield from named(each)
        case list():
            for each in value:
                yield from named(each)
        case str() if value.startswith(MOUNTED):
            yield value.removeprefix(MOUNTED)


def with_secrets_from(folder: Path, value: Any) -> Any:
    match value:
        case dict():
            return {key: with_secrets_from(folder, each) for key, each in value.items()}
        case list():
            return [with_secrets_from(folder, each) for each in value]
        case str() if value.startswith(MOUNTED):
            return f"file:{folder / value.removeprefix(MOUNTED)}.txt"
        case _:
            return value


def test_the_example_is_a_good_configuration_that_meets_the_ports() -> None:
    raw = with_secrets_from(ROOT / "deploy" / "secrets" / "demo", example())
    settings = parse_settings(raw, {}, base=KUBERNETES, unread=OF_OTHERS)
    assert f"containerPort: {settings.gateway.port}" in read(KUBERNETES / "base" / "gateway.yaml")
    worker = read(KUBERNETES / "base" / "worker.yaml")
    for listen in (settings.worker.metrics_listen, settings.worker.sdk_metrics_listen):
        assert f"containerPort: {str(listen).rpartition(':')[2]}" in worker


def test_the_gateway_is_given_no_secret_that_only_calls_need() -> None:
    wanted = set(named(example()))
    given = set(re.findall(r"\{key: (\w+), path: \1\}", read(KUBERNETES / "base" / "gateway.yaml")))
    assert wanted > OF_CALLS
    assert given == wanted - OF_CALLS
    assert "items:" not in read(KUBERNETES / "base" / "worker.yaml")


@pytest.mark.parametrize("name", ["gateway.yaml", "worker.yaml", "migrate.yaml"])
def test_every_pod_is_without_rights(name: str) -> None:
    text = read(KUBERNETES / "base" / name)
    for line in (
        "runAsNonRoot: true",
        "seccompProfile: {type: RuntimeDefault}",
        "allowPrivilegeEscalation: false",
        "readOnlyRootFilesystem: true",
        "capabilities: {drop: [ALL]}",
        "automountServiceAccountToken: false",
        "limits: {memory:",
    ):
        assert line in text


def rendered(folder: Path) -> list[str]:
    """Return what kustomize makes of a folder, one document each."""
    # Debian's kubectl is older than kustomize's components.
    kubectl = needed("kubectl", package=None, otherwise="see https://kubernetes.io/docs/tasks/tools/")
    done = subprocess.run(  # noqa: S603
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("---\n")


def kinds_of(documents: list[str]) -> set[str]:
    return {found for each in documents for found in re.findall(r"^kind: (\w+)$", each, re.MULTILINE)}


def test_kustomize_renders_the_example() -> None:
    documents = rendered(KUBERNETES / "example")
    assert {
        "Deployment",
        "HorizontalPodAutoscaler",
        "Job",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "PodMonitor",
        "ServiceMonitor",
    } <= kinds_of(documents)
    images = {found for each in documents for found in re.findall(r"^ +image: (\S+)$", each, re.MULTILINE)}
    assert images == {"registry.example.com/boardsync:0.2.0"}
    [worker] = [each for each in documents if "kind: Deployment" in each and "worker.py" in each]
    assert "replicas:" not in worker


def test_with_the_worker_controller_each_build_has_the_same_pods_and_its_own_autoscaler(tmp_path: Path) -> None:
    plain = rendered(KUBERNETES / "example")
    shutil.copytree(KUBERNETES, tmp_path / "kubernetes")
    example = tmp_path / "kubernetes" / "example" / "kustomization.yaml"
    text = read(example)
    assert "  - ../autoscaling\n" in text
    example.write_text(text.replace("../autoscaling", "../worker-controller"), encoding="utf-8")
    documents = rendered(example.parent)
    assert kinds_of(documents) >= {"Connection", "WorkerDeployment", "WorkerResourceTemplate"}
    assert not [each for each in documents if "\nkind: Deployment\n" in f"\n{each}" and "worker.py" in each]
    [before] = [each for each in plain if "\nkind: Deployment\n" in f"\n{each}" and "worker.py" in each]
    [controlled] = [each for each in documents if "\nkind: WorkerDeployment\n" in f"\n{each}"]
    pods = re.compile(r"^  template:\n((?:    .*\n)+)", re.MULTILINE)
    assert pods.findall(controlled) == pods.findall(before)
    assert "    temporalNamespace: default\n" in controlled
    [connection] = [each for each in documents if "\nkind: Connection\n" in f"\n{each}"]
    assert "hostPort: temporal-frontend.temporal:7233\n" in connection


@pytest.mark.parametrize(("name", "left_out"), [(GATEWAY, OF_CALLS), (WORKER, set())])
def test_a_unit_sees_the_secrets_that_its_process_reads(name: str, left_out: set[str]) -> None:
    text = read(UNITS / name)
    bound = re.findall(r"^BindReadOnlyPaths=/etc/boardsync/secrets/(\w+)\.txt:/run/secrets/(\w+)$", text, re.MULTILINE)
    assert {there for _, there in bound} == set(named(example())) - left_out
    assert all(here == there for here, there in bound)
    assert "InaccessiblePaths=/etc/boardsync/secrets\n" in text


@pytest.mark.parametrize("name", [GATEWAY, WORKER])
def test_systemd_takes_the_unit_and_finds_little_exposed(name: str, tmp_path: Path) -> None:
    systemd_analyze = needed("systemd-analyze", package="systemd")
    unit = tmp_path / name.replace("@", "@1")
    python = str(Path(sys.executable).resolve())
    text = (
        read(UNITS / name).replace("/opt/boardsync/.venv/bin/python", python).replace("/opt/boardsync", str(tmp_path))
    )
    unit.write_text(text, encoding="utf-8")

    def analyze(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [systemd_analyze, *words, str(unit)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    verified = analyze("verify", "--man=no")
    assert (verified.returncode, verified.stderr) == (0, "")
    secure = analyze("security", "--offline=yes", "--threshold=20")
    assert secure.returncode == 0, secure.stdout[-600:]
