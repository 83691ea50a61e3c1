"""Every recorded history replays against today's workflow code: open lifecycles survive a deployment."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from runtime.failures import data_converter
from workflows.lifecycle.job_posting import JobPosting
from workflows.notification import Notification

HISTORIES = sorted(Path(__file__).with_name("histories").glob("*.json"))


def test_there_are_histories_to_replay() -> None:
    assert len(HISTORIES) >= 4


def load(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    history = WorkflowHistory.from_json(path.stem, load(path))
    await Replayer(workflows=[JobPosting, Notification], data_converter=data_converter).replay_workflow(history)


async def test_a_history_of_other_commands_does_not_replay() -> None:
    path = next(path for path in HISTORIES if path.stem.endswith("-closed"))
    text = load(path).replace("linkedin_confirm_closed", "linkedin_something_else")
    history = WorkflowHistory.from_json(path.stem, text)
    replayer = Replayer(workflows=[JobPosting, Notification], data_converter=data_converter)
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.replay_failure is not None
