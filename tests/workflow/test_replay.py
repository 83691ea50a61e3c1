"""Every recorded history replays against today's workflow code: open workflows survive a deployment."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

import worker
from runtime.failures import data_converter
from tests.support.histories.folder import HISTORIES, SEAL, Released, digests, seal, sealed, write

FOLDERS = sorted(each for each in HISTORIES.iterdir() if each.is_dir())
RELEASED = [each for each in FOLDERS if (each / SEAL).exists()]
RECORDED = [path for folder in FOLDERS for path in sorted(folder.glob("*.json"))]
WORKFLOWS = list({each.__name__: each for classes in worker.WORKFLOWS.values() for each in classes}.values())
GOES_ON_ANEW = {
    "BulkClose",
    "ClientOffboarding",
    "CommonCause",
    "JobPosting",
    "LinkedInEndpointHealth",
    "LinkedInResync",
    "Pace",
    "StillLive",
}
ANEW = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
CANCELLED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@cache
def history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


def first(path: Path) -> HistoryEvent:
    return history(path).events[0]


def kind(path: Path) -> str:
    return str(first(path).workflow_execution_started_event_attributes.workflow_type.name)


def replayer() -> Replayer:
    return Replayer(workflows=WORKFLOWS, data_converter=data_converter, workflow_runner=worker.UNSANDBOXED)


@pytest.mark.parametrize("path", RECORDED, ids=named)
async def test_a_recorded_history_replays(path: Path) -> None:
    await replayer().replay_workflow(history(path))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_release_has_every_workflow_also_those_that_went_on_in_a_new_run(folder: Path) -> None:
    paths = sorted(folder.glob("*.json"))
    assert {kind(each) for each in paths} == {each.__name__ for each in WORKFLOWS}
    went_on = {kind(each) for each in paths if history(each).events[-1].event_type == ANEW}
    assert went_on >= GOES_ON_ANEW
    began_so = {
        kind(each)
        for each in paths
        if first(each).workflow_execution_started_event_attributes.continued_execution_run_id
    }
    assert began_so >= GOES_ON_ANEW


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_release_has_what_may_happen_to_a_job(folder: Path) -> None:
    lifecycles = list(folder.glob("JobPosting-*.json"))
    scenarios = Counter(path.stem.removeprefix("JobPosting-").rpartition("-")[0] for path in lifecycles)
    wanted = {"closed", "posted", "attention", "cause", "lying-board", "superseded", "hired", "cancelled"}
    assert {*wanted, "listed-again", "bulk", "lost-unpost"} <= set(scenarios)
    ends = {history(each).events[-1].event_type for each in lifecycles}
    assert {EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, CANCELLED, ANEW} <= ends


async def test_a_history_of_other_commands_does_not_replay() -> None:
    path = next(each for each in RECORDED if each.stem.startswith("JobPosting-closed"))
    text = path.read_text(encoding="utf-8").replace("linkedin_confirm_closed", "linkedin_something_else")
    changed = WorkflowHistory.from_json(path.stem, text)
    result = await replayer().replay_workflow(changed, raise_on_replay_failure=False)
    assert result.replay_failure is not None


@pytest.mark.parametrize("folder", RELEASED, ids=lambda folder: folder.name)
def test_what_a_release_has_recorded_is_not_changed(folder: Path) -> None:
    assert digests(folder) == sealed(folder)


def test_a_sealed_folder_shows_each_change_and_is_not_written_again(tmp_path: Path) -> None:
    recorded = [("JobPosting-closed", history(RECORDED[0]))]
    write(tmp_path, recorded)
    seal(tmp_path)
    [name] = sealed(tmp_path)
    assert digests(tmp_path) == sealed(tmp_path)
    (tmp_path / name).write_text((tmp_path / name).read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert digests(tmp_path) != sealed(tmp_path)
    with pytest.raises(Released):
        write(tmp_path, recorded)
    with pytest.raises(Released):
        seal(tmp_path)
