"""The gateway against its own description, by schemathesis: requests as it allows them, and as it does not.

Derandomized, so that a failure is there again when it is looked for.
"""

import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest
from temporalio.client import Client

from config.loading import parse_settings
from tests.support.boards import Boards
from tests.support.gateway import running_gateway
from tests.support.processes import ROOT, spawn
from tests.support.webhooks import CHILD_SECRET, INDEED_SECRET, webhook_settings

DOCUMENT = ROOT / "docs" / "gateway.openapi.json"
SIGNING = {
    "SCHEMATHESIS_HOOKS": "tests.support.signing_hooks",
    "SIGN_ICIMS": "icims-1234:webhook-secret-1234",
    "SIGN_LINKEDIN": CHILD_SECRET,
    "SIGN_INDEED": INDEED_SECRET,
}
NOT_HELD = (
    # Genuine events are taken in any dress: what the description does not allow may be fine.
    "negative_data_rejection",
    # And one that is as described may name a customer or a job that nobody knows.
    "positive_data_acceptance",
    # All requests of a run are signed, whatever schemathesis leaves out, or none is.
    "missing_required_header",
    "ignored_auth",
)


async def schemathesis(url: str, folder: Path, *, examples: int, env: dict[str, str]) -> tuple[int | None, str]:
    """Run it against a gateway; return its exit code, and what it says."""
    beside = Path(sys.executable).with_name("schemathesis")
    config = folder / "schemathesis.toml"
    config.write_text("[cache]\nenabled = false\n", encoding="utf-8")  # else it keeps what it found in the project
    words = [
        "--config-file",
        str(config),
        "run",
        str(DOCUMENT),
        "--url",
        url,
        "--no-color",
        "--phases",
        "examples,coverage,fuzzing",
    ]
    words += ["--checks", "all", "--exclude-checks", ",".join(NOT_HELD), "--max-examples", str(examples)]
    # Wrong passwords make an address wait, longer and longer: none are guessed here.
    words += ["--generation-deterministic", "--warnings", "off", "--generation-with-security-parameters", "false"]
    process = await spawn([str(beside), *words], env={"PYTHONPATH": str(ROOT), **env}, stdout=PIPE, stderr=STDOUT)
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.parametrize(
    ("examples", "env"),
    [(20, SIGNING), (3, {})],
    ids=["signed by its sender", "signed by nobody"],
)
async def test_the_gateway_answers_as_it_is_described(
    client: Client,
    sandbox_urls: dict[str, str],
    boards: Boards,
    tmp_path: Path,
    examples: int,
    env: dict[str, str],
) -> None:
    settings = parse_settings(webhook_settings(sandbox_urls), {}, base=ROOT)
    async with running_gateway(client, settings) as gateway:
        code, said = await schemathesis(str(gateway.base_url), tmp_path, examples=examples, env=env)
    assert code == 0, said
    assert "Tested: 11" in said, said
