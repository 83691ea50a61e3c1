"""The pure parts of the command line: which job is meant, what is queried, what a history says."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from boardsync.commands.acting import read_fields
from boardsync.commands.options import ago
from boardsync.exits import CommandFailed, ExitCode
from boardsync.jobs.actions import Result, Sending, exit_code
from boardsync.jobs.dossier import Step
from boardsync.jobs.references import JobRef, read_jobs, read_list, read_one
from boardsync.jobs.signal_sentences import signal_in_words
from boardsync.jobs.timeline import Moment, timeline
from boardsync.jobs.views import age, counts_line, timeline_view
from boardsync.jobs.visibility import job_query
from boardsync.jobs.waiting import JobState, judge
from models.lifecycle import Attention, Boards, BoardState, Lifecycle, LinkedInRecord, Outcome, Phase
from models.problems import Category

HISTORIES = Path(__file__).resolve().parents[3] / "workflow" / "histories"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
DIGITS = st.text("0123456789", min_size=1, max_size=20)


@given(DIGITS, DIGITS)
def test_every_spelling_of_a_job_is_read(customer: str, job: str) -> None:
    wanted = JobRef(customer, job)
    for words in ([f"job-{customer}-{job}"], [f"{customer}/{job}"], [customer, job]):
        assert read_one(words) == wanted
    assert read_one([wanted.workflow_id]) == wanted
    assert read_one([str(wanted)]) == wanted


@given(st.lists(st.text(max_size=12), max_size=4))
def test_whatever_is_no_job_is_a_usage_error_and_nothing_else(words: list[str]) -> None:
    code, jobs = ExitCode.DONE, []
    try:
        jobs = read_jobs(words)
    except CommandFailed as error:
        code = error.code
    assert code in {ExitCode.DONE, ExitCode.USAGE}
    assert all(re.fullmatch("[0-9]{1,20}", part) for job in jobs for part in (job.customer_id, job.job_id))


def test_several_jobs_may_be_spelled_in_several_ways_and_count_once() -> None:
    jobs = read_jobs(["1/2", "3", "4", "job-5-6", "1", "2"])
    assert jobs == [JobRef("1", "2"), JobRef("3", "4"), JobRef("5", "6")]
    assert read_list("# jobs\n1/2 # first\n\n 3 4\r\njob-1-2\n") == [JobRef("1", "2"), JobRef("3", "4")]


def test_a_query_names_what_is_wanted_and_takes_closed_jobs_where_they_are_meant() -> None:
    assert job_query() == "WorkflowType = 'JobPosting' AND ExecutionStatus = 'Running'"
    both = "(ExecutionStatus = 'Running' OR ExecutionStatus = 'Completed')"
    assert both in job_query(closed=True)
    assert both in job_query(phase=Phase.CLOSED)
    query = job_query(
        customer="1", phase=Phase.ATTENTION, linkedin=BoardState.WORKING, indeed=BoardState.IDLE,
        attention=Category.CLAIMED, started_before=NOW, raw="JobId = '1' OR JobId = '2'",
    )  # fmt: skip
    assert query.endswith(
        "CustomerId = '1' AND Phase = 'attention' AND LinkedInState = 'working' AND IndeedState = 'idle' "
        "AND Attention = 'claimed' AND StartTime < '2026-11-24T10:00:00+00:00' AND (JobId = '1' OR JobId = '2')"
    )


def test_a_time_is_how_long_ago_or_a_date() -> None:
    assert abs(datetime.now(UTC) - ago("2d") - timedelta(days=2)) < timedelta(minutes=1)
    assert ago("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    assert ago("2026-11-01T12:00:00+02:00") == datetime(2026, 11, 1, 10, tzinfo=UTC)
    for wrong in ("soon", "", "-2d", "99999999999d"):
        with pytest.raises(CommandFailed, match="is no time"):
            ago(wrong)


def test_fields_are_text_unless_they_are_said_to_be_json(tmp_path: Path) -> None:
    file = tmp_path / "fields.json"
    file.write_text('{"title": "of the file", "salary": {"currency": "USD"}}')
    assert read_fields(["title=a=b", "positions:=2", "empty="], file) == {
        "title": "a=b", "salary": {"currency": "USD"}, "positions": 2, "empty": "",
    }  # fmt: skip
    file.write_text("[1]")
    with pytest.raises(CommandFailed, match="holds no JSON object"):
        read_fields([], file)


def history(name: str) -> list[str]:
    text = (HISTORIES / f"v1-{name}.json").read_text(encoding="utf-8")
    return [each.what for each in timeline(WorkflowHistory.from_json("job-1234-1", text).events)]


def test_a_close_reads_as_sentences() -> None:
    told = history("closed")
    assert told[:2] == ["The lifecycle began.", "iCIMS unposted the job (JobUnpostToWebEvent, user 121)."]
    assert "Waits 0.1 s: LinkedIn carries out the close." in told
    assert "Read LinkedIn back: is the job gone? Task status: SUCCEEDED; Listing status: NOT_LISTED" in told
    assert told[-1] == "Closed: every board was read back."


def test_what_people_did_and_what_a_board_refused_is_told_in_order() -> None:
    told = history("attention-retry")
    refused = (
        "Ask LinkedIn to close the job: The customer's LinkedIn contract has no job slots or budget left. no slots"
    )
    wanted = [refused, "Ana sent `confirm`.", "Ana sent `retry`: slots bought", "Closed: every board was read back."]
    assert [each for each in told if each in wanted] == wanted
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


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("retry", None, "Somebody sent `retry`."),
        ("retry", "Ana", "Ana sent `retry`."),
        ("close", {"by": "Ana", "reason": "filled"}, "Ana sent `close`: filled"),
        ("update", {"by": "Ana", "fields": {"title": "x", "salary": 1}}, "Ana sent `update` of title, salary."),
        ("update", {"fields": ["a"]}, "Somebody sent `update`."),
        ("ats_event", {"event_type": "E", "intent": "posted", "edited": True}, "iCIMS edited the posting (E)."),
        ("ats_event", {"event_type": "E", "hire": {"filled": False}}, "iCIMS took a hire back (E)."),
        ("ats_event", [], "iCIMS sent an event (event of unknown type)."),
        (
            "linkedin_status",
            {"listing": {"status": "NOT_LISTED", "name": "MEMBER_REPORTED"}, "apply": None},
            "LinkedIn notified: listing NOT_LISTED (MEMBER_REPORTED).",
        ),
        ("linkedin_resync", {}, "LinkedIn asked for the job to be sent again."),
        ("indeed_changed", {}, "Indeed said that the job changed."),
        ("frobnicate", {"by": "x"}, "The signal frobnicate came."),
    ],
)
def test_a_signal_is_told_whatever_came_with_it(name: str, said: object, words: str) -> None:
    assert signal_in_words(name, said) == words


def lifecycle(phase: Phase, *, retrying: bool | None = None) -> Lifecycle:
    asked = retrying is not None and Attention(
        reason="Still listed.", category=Category.STILL_SHOWN, remedy="Close it.", since=NOW, retrying=retrying
    )
    track = LinkedInRecord(since=NOW, outcome=Outcome.CLOSED, attention=asked or None)
    return Lifecycle(customer_id="1", job_id="2", phase=phase, boards=Boards(linkedin=track))


TRIED = Step(what="Read", attempt=2, last_answer="still listed")


def test_a_job_stands_once_it_is_settled_or_nothing_more_can_be_said() -> None:
    assert judge(lifecycle(Phase.CLOSING), []) is None
    assert judge(lifecycle(Phase.UPDATING), [TRIED]) is None
    settled = judge(lifecycle(Phase.OPEN), [TRIED])
    assert settled is not None
    assert (settled.settled, settled.said) == (True, "LinkedIn: closed: no longer listed")
    asks = judge(lifecycle(Phase.ATTENTION, retrying=False), [TRIED.model_copy(update={"last_answer": None})])
    assert asks == JobState(phase=Phase.ATTENTION, settled=False, said="LinkedIn: Still listed. Close it.")


def test_attention_that_is_being_looked_into_counts_once_each_call_was_tried_anew() -> None:
    retrying = lifecycle(Phase.ATTENTION, retrying=True)
    assert judge(retrying, [TRIED, TRIED.model_copy(update={"last_answer": None, "attempt": 1})]) is None
    assert judge(retrying, [TRIED.model_copy(update={"called_off": True})]) is None
    assert judge(retrying, [TRIED]) is not None
    assert judge(retrying, []) is not None


def result(sending: Sending = Sending.SENT, *, settled: bool | None = None, problem: str | None = None) -> Result:
    standing = None if settled is None else JobState(phase=Phase.OPEN, settled=settled, said="")
    return Result(job="1/2", workflow_id="job-1-2", sending=sending, problem=problem, standing=standing)


def test_the_exit_code_tells_all_some_or_none() -> None:
    failed = result(Sending.FAILED, problem="no lifecycle")
    assert exit_code([result(), result()], waited=False) is ExitCode.DONE
    assert exit_code([result(), failed], waited=False) is ExitCode.NOT_DONE
    assert exit_code([failed, failed], waited=False) is ExitCode.FAILED
    assert exit_code([result(settled=True)], waited=True) is ExitCode.DONE
    assert exit_code([result(settled=True), result(settled=False)], waited=True) is ExitCode.NOT_DONE
    assert exit_code([result(settled=True), result()], waited=True) is ExitCode.NOT_DONE


def test_what_people_read_is_no_markup_of_ours() -> None:
    console = Console(width=80, record=True, file=None)
    with console.capture() as seen:
        console.print(timeline_view([Moment(at=NOW, what="[bold]Ana[/] sent `retry`")]))
        console.print(counts_line({"open": 2, "attention": 1}))
    assert "[bold]Ana[/] sent `retry`" in seen.get()
    assert "3 in all: 2 open, 1 attention" in seen.get()


@pytest.mark.parametrize(
    ("ago_", "words"),
    [
        (timedelta(seconds=5), "5 s"),
        (timedelta(hours=5), "5 h"),
        (timedelta(days=2, hours=3), "2 d"),
        (-timedelta(1), "0 s"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(ago_: timedelta, words: str) -> None:
    assert age(NOW - ago_, now=NOW) == words
