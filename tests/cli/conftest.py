"""The command line against the real Temporal, sandbox and workers of the tests."""

from datetime import timedelta
from pathlib import Path

import pytest

from boardsync.jobs import attention, lifecycles
from boardsync.jobs import waiting as standing
from tests.support.boards import Boards
from tests.support.cli import Cli
from tests.support.settings import raw_settings, write_toml


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `--wait` look often, and a busy worker take its time to answer."""
    monkeypatch.setattr(standing, "LONGEST_WAIT", 0.2)
    for module in (lifecycles, attention):
        monkeypatch.setattr(module, "QUERY_WITHIN", timedelta(seconds=30))


@pytest.fixture
async def boards(boards: Boards) -> Boards:
    """Return boards that carry out at once what they are asked."""
    await boards.set(linkedin__task_seconds=0, linkedin__visibility_seconds=0)
    return boards


@pytest.fixture(scope="session")
def cli(temporal: str, sandbox_urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """Return the command line, configured."""
    config: Path = tmp_path_factory.mktemp("cli") / "boardsync.toml"
    write_toml(config, raw_settings(sandbox_urls))
    return Cli({"TEMPORAL_ADDRESS": temporal, "TEMPORAL_NAMESPACE": "default", "BOARDSYNC_CONFIG": str(config)})
