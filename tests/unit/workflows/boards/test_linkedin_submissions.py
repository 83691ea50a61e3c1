"""A write of which LinkedIn may yet show the effect is remembered when a newer wish supersedes it."""

from datetime import UTC, datetime

import pytest

from models.boards import LinkedInRecord
from models.calls.linkedin import LinkedInSubmitted
from models.states import Operation
from workflows.boards.linkedin.submissions import begun_anew, superseded

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "remembered"),
    [
        ({"task_id": "t", "operation": Operation.UPDATE}, [(Operation.UPDATE, "t")]),
        # A try before it, whose answer was lost, may have closed the job: LinkedIn shows that later.
        ({"operation": Operation.CLOSE, "conflict": True}, [(Operation.CLOSE, None)]),
        ({"operation": None}, []),
    ],
)
def test_a_submission_that_is_under_way_is_remembered(
    fields: dict[str, object], remembered: list[tuple[Operation, str | None]]
) -> None:
    record = LinkedInRecord.model_validate({"since": NOW, **fields})
    kept = begun_anew(record, unsettled=True, now=NOW)["earlier"]
    assert [(each.operation, each.task_id) for each in kept] == remembered
    assert begun_anew(record, unsettled=False, now=NOW)["earlier"] == ()


@pytest.mark.parametrize(("task_id", "conflict", "count"), [("t", False, 1), (None, True, 1), (None, False, 0)])
def test_a_submission_that_was_superseded_as_it_was_answered_is_remembered(
    task_id: str | None, *, conflict: bool, count: int
) -> None:
    answer = LinkedInSubmitted(task_id=task_id, operation=Operation.CLOSE, conflict=conflict, evidence=())
    fields = superseded(LinkedInRecord(since=NOW), Operation.CLOSE, answer, begun=True, now=NOW)
    assert len(fields.get("earlier", ())) == count
