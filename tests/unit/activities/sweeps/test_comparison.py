"""What a reconciliation makes of what iCIMS, the boards and the lifecycles say of one job."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.sweeps.comparison import Expected, Picture, Posting, Standing, findings
from activities.sweeps.reconcile import too_many
from models.states import Live
from models.sweeps import Finding, ToAct

MARKS = ("trackingUrl", "campaignCategories")
EXPECTED = Expected("1234", MARKS)
WITH = Posting(Live.LIVE, MARKS)
BARE = Posting(Live.LIVE, ())
ENDED = Posting(Live.NOT_LIVE, MARKS)
SETTLED = {"linkedin_settled": True, "indeed_settled": True}


def found(*, wanted: bool, standing: Standing, **more: Any) -> set[tuple[Finding, str]]:
    picture = Picture(job_id="1209", wanted=wanted, standing=standing, **more)
    return {(row.finding, row.board) for row in findings(picture, EXPECTED)}


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ({"wanted": False, "standing": Standing.WANTS_POSTED}, {(Finding.MISSED_UNPOST, "all")}),
        ({"wanted": False, "standing": Standing.NONE, "linkedin": True}, {(Finding.MISSED_UNPOST, "all")}),
        ({"wanted": False, "standing": Standing.BROKEN_OFF, "linkedin": True}, {(Finding.MISSED_UNPOST, "all")}),
        ({"wanted": True, "standing": Standing.NONE}, {(Finding.MISSED_POST, "all")}),
        ({"wanted": True, "standing": Standing.CLOSED}, {(Finding.MISSED_POST, "all")}),
        ({"wanted": True, "standing": Standing.BROKEN_OFF}, {(Finding.MISSED_POST, "all")}),
        ({"wanted": False, "standing": Standing.CLOSED, "linkedin": True}, {(Finding.LIVE_AGAIN, "linkedin")}),
        ({"wanted": False, "standing": Standing.CLOSED, "postings": (BARE, WITH)}, {(Finding.LIVE_AGAIN, "indeed")}),
        ({"wanted": False, "standing": Standing.NONE, "postings": (WITH,)}, {(Finding.OVERLAY_WITHOUT_JOB, "indeed")}),
        (
            {"wanted": True, "standing": Standing.WANTS_POSTED, **SETTLED, "postings": (WITH, BARE)},
            {(Finding.OVERLAY_LOST, "indeed")},
        ),
        (
            {"wanted": True, "standing": Standing.WANTS_POSTED, **SETTLED, "linkedin": False, "postings": (ENDED,)},
            {(Finding.NOT_ON_BOARD, "linkedin"), (Finding.NOT_ON_BOARD, "indeed")},
        ),
    ],
)
def test_each_finding_is_told_from_the_others(picture: dict[str, Any], expected: set[tuple[Finding, str]]) -> None:
    assert found(**picture) == expected


@pytest.mark.parametrize(
    "picture",
    [
        {"wanted": True, "standing": Standing.WANTS_POSTED, **SETTLED, "linkedin": True, "postings": (WITH, ENDED)},
        {"wanted": True, "standing": Standing.WANTS_POSTED, "linkedin": False, "postings": ()},
        {"wanted": True, "standing": Standing.WANTS_OFF, "linkedin": True, "postings": (WITH,)},
        {"wanted": False, "standing": Standing.WANTS_OFF, "linkedin": True, "postings": (WITH,)},
        {"wanted": False, "standing": Standing.CLOSED, "linkedin": False, "postings": (BARE, ENDED)},
        {"wanted": False, "standing": Standing.NONE, "linkedin": False, "postings": (BARE,)},
        {"wanted": True, "standing": Standing.WANTS_POSTED, **SETTLED},
    ],
)
def test_what_is_right_under_way_or_not_read_is_no_finding(picture: dict[str, Any]) -> None:
    assert found(**picture) == set()


@given(
    wanted=st.booleans(),
    standing=st.sampled_from(Standing),
    linkedin=st.sampled_from([True, False, None]),
    postings=st.none() | st.lists(st.sampled_from([WITH, BARE, ENDED, Posting(Live.UNKNOWN, None)])).map(tuple),
    settled=st.booleans(),
)
def test_only_what_icims_does_not_post_may_be_taken_down(wanted: bool, settled: bool, **said: Any) -> None:
    kinds = {kind for kind, _ in found(wanted=wanted, linkedin_settled=settled, indeed_settled=settled, **said)}
    if wanted:
        assert not kinds & {Finding.MISSED_UNPOST, Finding.LIVE_AGAIN, Finding.OVERLAY_WITHOUT_JOB}
    else:
        assert not kinds & {Finding.MISSED_POST, Finding.NOT_ON_BOARD, Finding.OVERLAY_LOST}


@pytest.mark.parametrize(("missed", "open_jobs", "held"), [(20, 21, False), (100, 1000, False), (251, 1000, True)])
def test_more_than_missed_events_explain_is_not_taken_down(missed: int, open_jobs: int, held: bool) -> None:
    jobs = [ToAct(finding=Finding.MISSED_UNPOST, job_id=str(n), board="all") for n in range(missed)]
    assert (too_many(jobs, open_jobs) is not None) is held
