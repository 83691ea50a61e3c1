"""What a history says, in words."""

from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from boardsync.jobs.timeline import timeline

HISTORIES = Path(__file__).with_name("histories")


def history(name: str) -> list[str]:
    text = (HISTORIES / f"{name}.json").read_text(encoding="utf-8")
    return [each.what for each in timeline(WorkflowHistory.from_json("job-1234-1", text).events)]


def test_a_close_reads_as_sentences() -> None:
    told = history("closed")
    assert told[:2] == ["The lifecycle began.", "iCIMS unposted the job (JobUnpostToWebEvent, user 121)."]
    assert "Waits 0.1 s: LinkedIn carries out the close." in told
    assert "Read LinkedIn back: is the job gone? Task status: SUCCEEDED; Listing status: NOT_LISTED" in told
    assert told[-1].startswith(
        "The lifecycle ended. Closed on LinkedIn: it no longer lists the job. Our changes are off"
    )


def test_what_people_did_and_what_a_board_refused_is_told_in_order() -> None:
    told = history("attention-retry")
    refused = (
        "iCIMS wants the job taken down: Ask LinkedIn to close the job: "
        "The customer's LinkedIn contract has no job slots or budget left. no slots"
    )
    wanted = [refused, "Ana sent `confirm`.", "Ana sent `retry`: slots bought"]
    assert [each for each in told if each in wanted] == wanted
    assert told[-1].startswith("The lifecycle ended. Closed on LinkedIn: it no longer lists the job. ")
    assert any(each.startswith("LinkedIn: needs a person; the job: Needs a person") for each in told)


def test_a_read_back_that_ran_out_of_time_names_the_last_answer() -> None:
    assert any("no answer in time; the last answer was: Indeed still shows" in each for each in history("lying-board"))


def test_hires_and_counts_are_told() -> None:
    told = history("hired-and-reported")
    assert "iCIMS reported a hire (JobPostToWebEvent, user 121)." in told
    assert any("how many positions" in each.lower() and each.endswith(" 1") for each in told)


def test_events_of_no_interest_or_of_a_newer_server_are_passed_over() -> None:
    assert timeline([HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)]) == ()
    assert timeline([HistoryEvent(event_type=9999)]) == ()  # type: ignore[arg-type]
