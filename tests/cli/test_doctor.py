"""`doctor` finds each planted fault and names it, and nothing else beside it.

Every fault is real: in the configuration, in Temporal, at the simulated boards or in a running gateway.
"""

import base64
import copy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from boardsync.doctor import gateway as doctors_gateway
from models.temporal import Queue
from store.ledger.notes import SigningKey
from tests.cli.faults import FAULTS
from tests.cli.installation import (
    STRONG,
    Installation,
    gateway,
    point_at,
    serving,
    temporal_with_workers,
)
from tests.support.boards import Boards, control_of
from tests.support.cli import Cli, Said
from tests.support.processes import HOST, free_port
from tests.support.settings import write_toml
from tests.support.webhooks import webhook_settings


@pytest.fixture(scope="module")
async def healthy(sandbox_urls: dict[str, str]) -> AsyncIterator[Installation]:
    """Run Temporal, workers on every queue and a gateway, all as they should be."""
    raw = webhook_settings(sandbox_urls)
    raw["gateway"]["link_secret"] = STRONG
    raw["store"]["key"] = base64.b64encode(b"k" * 32).decode()
    raw["ledger"] = {"key": SigningKey.new("ledger.example.com").text()}
    async with control_of(sandbox_urls) as http:
        installation = Installation(raw, None, Boards(http))  # type: ignore[arg-type]
        async with temporal_with_workers(installation.settings(), list(Queue)) as (address, client):
            installation.client = client
            installation.environment["TEMPORAL_ADDRESS"] = address
            async with serving(gateway(client, installation.settings())) as url:
                point_at(raw, url)
                yield installation


@pytest.fixture
async def installation(healthy: Installation, boards: Boards) -> Installation:
    """Return a copy whose configuration may be spoiled; the boards are as new."""
    # Many checks in a row, each as a caller of its own: what they ask for together is no fault.
    await boards.set(indeed__finds_per_second=1000)
    return Installation(copy.deepcopy(healthy.raw), healthy.client, boards, dict(healthy.environment))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a loaded machine take longer for a challenge than LinkedIn would wait."""
    monkeypatch.setattr(doctors_gateway, "CHALLENGE_WITHIN", 60.0)


async def examine(installation: Installation, folder: Path, *words: str) -> Said:
    config = folder / "boardsync.toml"
    write_toml(config, installation.raw)
    environment = {"TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config), **installation.environment}
    return await Cli(environment)("doctor", *words)


async def test_a_healthy_installation_is_found_healthy(installation: Installation, tmp_path: Path) -> None:
    said = await examine(installation, tmp_path, "--json")
    assert [each for each in said.json["findings"] if each["level"] != "ok"] == []
    assert (said.code, said.json["healthy"], said.stderr) == (0, True, "")
    checks = {each["check"] for each in said.json["findings"]}
    assert checks >= {
        "configuration", "configuration.link_secret", "store", "store.inbox", "store.key", "ledger.key",
        "temporal", "temporal.namespace", "temporal.search_attributes", "temporal.workflows",
        "temporal.worker.job-postings", "icims.1234", "linkedin.5678", "indeed.1234",
        "linkedin.parent", "gateway.alive", "gateway.ready", "gateway.public_url", "linkedin.webhook.234",
        "linkedin.webhook.100", "clock.gateway", "clock.icims", "clock.linkedin", "clock.indeed",
    }  # fmt: skip
    text = (await examine(installation, tmp_path)).stdout
    assert f"{len(said.json['findings'])} ok, 0 to look at, 0 failed" in text
    assert "secret-" not in text


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_found_and_named(installation: Installation, tmp_path: Path, name: str) -> None:
    plant, expected, words = FAULTS[name]
    async with plant(installation):
        said = await examine(installation, tmp_path, "--json")
    wrong = [each for each in said.json["findings"] if each["level"] != "ok"]
    assert {each["check"]: each["level"] for each in wrong} == expected, wrong
    told = " ".join(f"{each['found']} {each['remedy']}" for each in wrong)
    for word in words:
        assert word in told
    assert all(each["means"] and each["remedy"] for each in wrong)
    assert said.code == (3 if "fail" in expected.values() else 0)
    assert said.json["healthy"] is (said.code == 0)


async def test_findings_read_as_what_is_wrong_what_it_means_and_what_to_do(
    installation: Installation, tmp_path: Path
) -> None:
    installation.customer["icims"]["client_secret"] = "wrong"
    said = await examine(installation, tmp_path)
    assert said.code == 3
    text = " ".join(said.stdout.split())
    assert (
        "fail icims.1234 The client id and secret were refused. HTTP 401 invalid_client What it means: Jobs of "
        "customer 1234" in text
    )
    assert "What to do: Correct client_id and client_secret" in text
    assert "0 to look at, 1 failed" in text


async def test_the_gateways_address_inside_can_be_named(installation: Installation, tmp_path: Path) -> None:
    listening = f"http://{installation.raw['gateway']['listen']}"
    installation.raw["gateway"]["listen"] = f"{HOST}:{free_port()}"
    said = await examine(installation, tmp_path, "--gateway", listening, "--json")
    assert (said.code, said.json["healthy"]) == (0, True)


async def test_a_challenge_that_is_answered_too_late_is_found(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctors_gateway, "CHALLENGE_WITHIN", 0.0)
    said = await examine(installation, tmp_path, "--json")
    wrong = {each["check"] for each in said.json["findings"] if each["level"] == "fail"}
    assert wrong == {"linkedin.webhook.100", "linkedin.webhook.234", "linkedin.webhook.567"}
    assert said.code == 3
