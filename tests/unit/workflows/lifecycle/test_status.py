"""What iCIMS is told of a board: never *Unposted* of a posting that may be live, nothing of one never seen."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.boards import BoardRecord, IndeedPosting, IndeedRecord, LinkedInRecord
from models.states import BoardState, Intent, Live, Outcome
from workflows.lifecycle.reporting import status_of

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
STATES = {"Posting in Progress", "Live", "Deletion in Progress", "Unposted", "Expired"}


@st.composite
def records(draw: st.DrawFn) -> BoardRecord:
    lives = draw(st.lists(st.sampled_from(list(Live)), max_size=3))
    fields = {
        "since": AT,
        "state": draw(st.sampled_from(list(BoardState))),
        "outcome": draw(st.none() | st.sampled_from(list(Outcome))),
    }
    if draw(st.booleans()):
        return LinkedInRecord.model_validate(fields)
    postings = [IndeedPosting(id=str(number), live=live) for number, live in enumerate(lives)]
    return IndeedRecord.model_validate({**fields, "postings": postings})


@given(records(), st.sampled_from(list(Intent)))
def test_unposted_is_said_only_of_what_was_read_as_not_live(track: BoardRecord, intent: Intent) -> None:
    status = status_of(track, intent)
    assert status in STATES | {None}
    if status == "Unposted":
        assert intent is Intent.UNPOSTED
        assert track.state is BoardState.SETTLED
        assert track.live is Live.NOT_LIVE
    if status == "Live":
        assert intent is Intent.POSTED
        assert track.live is not Live.NOT_LIVE
    if track.outcome is Outcome.NOT_FOUND and intent is Intent.UNPOSTED:
        assert status is None


@pytest.mark.parametrize(
    ("live", "status"),
    [(Live.LIVE, "Deletion in Progress"), (Live.UNKNOWN, "Deletion in Progress"), (Live.NOT_LIVE, "Unposted")],
)
def test_a_cleared_posting_is_unposted_once_it_is_not_live(live: Live, status: str) -> None:
    postings = (IndeedPosting(id="i", live=live),)
    track = IndeedRecord(since=AT, state=BoardState.SETTLED, outcome=Outcome.CLEARED, postings=postings)
    assert status_of(track, Intent.UNPOSTED) == status


def test_of_a_board_that_is_only_watched_and_shows_nothing_nothing_is_told() -> None:
    assert status_of(LinkedInRecord(since=AT), Intent.POSTED) is None
