"""What a person looks for becomes a visibility query, and nothing that they write becomes more than a value of it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boardsync.console.filters import Wanted, Which, visibility_query
from models.problems import Category
from models.states import BoardState, Phase

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


def query(*named: str, **said: str) -> str:
    return visibility_query(Wanted.of(said), named, now=NOW)


def test_open_jobs_are_shown_where_nothing_is_said() -> None:
    assert query() == "WorkflowType = 'JobPosting' AND ExecutionStatus = 'Running'"


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ({"which": "closed"}, "ExecutionStatus = 'Completed'"),
        ({"which": "stopped"}, "ExecutionStatus IN ('Canceled', 'Terminated', 'Failed', 'TimedOut')"),
        ({"customer": "1234"}, "CustomerId = '1234'"),
        ({"phase": "attention"}, "Phase = 'attention'"),
        ({"linkedin": "confirming"}, "LinkedInState = 'confirming'"),
        ({"indeed": "settled"}, "IndeedState = 'settled'"),
        ({"attention": "out_of_slots"}, "Attention = 'out_of_slots'"),
        ({"cause": "linkedin.credentials"}, "WaitsFor = 'linkedin.credentials'"),
        ({"unsettled": "1h"}, "UnsettledSince < '2026-11-26T09:00:00+00:00'"),
        ({"began": "7d"}, "StartTime < '2026-11-19T10:00:00+00:00'"),
        ({"q": "1234/1209"}, "(WorkflowId IN ('job-1234-1209'))"),
        ({"q": "job-1234-1209"}, "(WorkflowId IN ('job-1234-1209'))"),
        ({"q": "1209"}, "(JobId = '1209')"),
        ({"q": "Nurse, RN"}, "(JobTitle STARTS_WITH 'Nurse, RN')"),
        ({"q": "O'Brien"}, "JobId = 'none'"),
    ],
)
def test_each_filter_is_part_of_the_query(said: dict[str, str], part: str) -> None:
    assert part in query(**said)


def test_jobs_that_are_called_so_are_found_beside_the_id() -> None:
    assert "(WorkflowId IN ('job-1-2', 'job-1-3') OR JobId = '12')" in query("job-1-2", "job-1-3", q="12")


@given(st.dictionaries(st.sampled_from(["q", *Wanted.model_fields]), st.text(max_size=30)), st.text(max_size=30))
def test_nothing_that_is_written_leaves_its_quotes(said: dict[str, str], named: str) -> None:
    text = query(named, **said)
    outside = "".join(text.split("'")[::2])
    assert text.count("'") % 2 == 0
    assert "\\" not in text
    assert all(each.isalnum() or each in " =<>(),!+:.-_" for each in outside)


@given(st.dictionaries(st.sampled_from(list(Wanted.model_fields)), st.text(max_size=30)))
def test_an_address_that_is_read_is_written_as_the_same(said: dict[str, str]) -> None:
    wanted = Wanted.of(said)
    assert Wanted.of(wanted.model_dump(mode="json", exclude_none=True)) == wanted


def test_what_is_not_understood_is_left_out() -> None:
    said = {"which": "x", "phase": "x", "customer": "1' OR '1", "unsettled": "2 weeks", "attention": "", "indeed": "up"}
    assert Wanted.of(said) == Wanted()


def test_an_address_says_what_is_wanted() -> None:
    wanted = Wanted(q="a b", which=Which.ALL, phase=Phase.CLOSED, indeed=BoardState.IDLE, attention=Category.REFUSED)
    assert wanted.address("/jobs", page="x") == (
        "/jobs?q=a+b&which=all&phase=closed&indeed=idle&attention=refused&page=x"
    )
    assert Wanted().address("/jobs") == "/jobs"
