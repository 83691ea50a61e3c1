"""The query by which lifecycles are found."""

from datetime import UTC, datetime

from boardsync.jobs.visibility import job_query
from models.problems import Category
from models.states import BoardName, BoardState, Phase

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_a_query_names_what_is_wanted_and_takes_closed_jobs_where_they_are_meant() -> None:
    assert job_query() == "WorkflowType = 'JobPosting' AND ExecutionStatus = 'Running'"
    both = "(ExecutionStatus = 'Running' OR ExecutionStatus = 'Completed')"
    assert both in job_query(closed=True)
    assert both in job_query(phase=Phase.CLOSED)
    query = job_query(
        customer="1",
        phase=Phase.ATTENTION,
        states={BoardName.LINKEDIN: BoardState.WORKING, BoardName.INDEED: BoardState.IDLE},
        attention=Category.CLAIMED,
        started_before=NOW,
        raw=("JobId = '1' OR JobId = '2'", None),
    )
    assert query.endswith(
        "CustomerId = '1' AND Phase = 'attention' AND LinkedInState = 'working' AND IndeedState = 'idle' "
        "AND Attention = 'claimed' AND StartTime < '2026-11-24T10:00:00+00:00' AND (JobId = '1' OR JobId = '2')"
    )
