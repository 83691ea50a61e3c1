"""What people read of a job says no more than what was read from the boards."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.boards import Boards, IndeedPosting, IndeedRecord, LinkedInRecord
from models.lifecycle import Lifecycle
from models.states import ENDED, BoardName, BoardState, Intent, Live, Outcome, Phase
from models.texts import linkedin_page
from models.words import HEADLINES, board_words, headline, outcome_words, posting_words

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def indeed(outcome: Outcome | None, *lives: Live) -> IndeedRecord:
    postings = tuple(IndeedPosting(id=str(number), live=live) for number, live in enumerate(lives))
    return IndeedRecord(state=BoardState.SETTLED, outcome=outcome, since=AT, postings=postings)


def linkedin(outcome: Outcome | None) -> LinkedInRecord:
    return LinkedInRecord(state=BoardState.SETTLED, outcome=outcome, since=AT)


def lifecycle(phase: Phase, *, due: bool = False, posted: bool = True, **boards: Any) -> Lifecycle:
    return Lifecycle(
        customer_id="1234",
        job_id="1209",
        intent=Intent.UNPOSTED if phase in ENDED else Intent.POSTED,
        phase=phase,
        boards=Boards.model_validate(boards),
        report_due=due,
        posted_at=AT if posted else None,
    )


def test_a_job_cleared_and_still_live_says_so() -> None:
    ended = lifecycle(Phase.CLOSED, linkedin=linkedin(Outcome.CLOSED), indeed=indeed(Outcome.CLEARED, Live.LIVE))
    assert headline(ended) == (
        "Closed on LinkedIn: it no longer lists the job. "
        "Our changes are off Indeed; the posting itself is still live, its feed decides."
    )


@pytest.mark.parametrize(
    ("lives", "said"),
    [
        ((Live.LIVE, Live.NOT_LIVE), "still live"),
        ((Live.NOT_LIVE, Live.NOT_LIVE), "no longer live"),
        ((Live.NOT_LIVE, Live.UNKNOWN), "not known"),
        ((), "not known"),
    ],
)
def test_one_posting_that_is_live_is_enough_to_say_so(lives: tuple[Live, ...], said: str) -> None:
    words = board_words(BoardName.INDEED, indeed(Outcome.CLEARED, *lives))
    assert words.startswith("Our changes are off Indeed; ")
    assert said in words


@given(
    st.sampled_from(sorted(ENDED)),
    st.none() | st.sampled_from([Outcome.CLOSED, Outcome.GONE, Outcome.NOT_FOUND]),
    st.sampled_from([Outcome.CLEARED, Outcome.GONE, Outcome.NOT_FOUND]),
    st.lists(st.sampled_from(list(Live)), max_size=3),
    st.booleans(),
)
def test_no_headline_claims_more_than_was_read(
    phase: Phase, on_linkedin: Outcome | None, on_indeed: Outcome, lives: list[Live], due: bool
) -> None:
    boards: dict[str, Any] = {"indeed": indeed(on_indeed, *lives)}
    if on_linkedin is not None:
        boards["linkedin"] = linkedin(on_linkedin)
    said = headline(lifecycle(phase, due=due, **boards))
    assert "taken down" not in said.lower()
    assert ("LinkedIn" in said) is (on_linkedin is not None)
    assert ("this proves nothing" in said) is (Outcome.NOT_FOUND in {on_linkedin, on_indeed})
    assert ("no longer lists" in said) is (on_linkedin is Outcome.CLOSED)
    assert ("still live" in said) is (on_indeed is Outcome.CLEARED and Live.LIVE in lives)
    assert ("iCIMS is told as soon as it takes the report" in said) is due


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in ENDED])
def test_what_is_still_to_be_told_is_said_of_a_job_that_has_ended_only(phase: Phase) -> None:
    assert "report" not in headline(lifecycle(phase, due=True))


def test_a_posted_job_that_a_board_does_not_list_is_not_said_to_be_as_wanted() -> None:
    job = lifecycle(Phase.OPEN, linkedin=linkedin(None), indeed=indeed(Outcome.UPDATED, Live.LIVE))
    assert headline(job) == "Posted in the ATS; not listed on LinkedIn"
    listed = lifecycle(Phase.OPEN, linkedin=linkedin(Outcome.LIVE), indeed=indeed(Outcome.UPDATED, Live.LIVE))
    assert headline(listed) == HEADLINES[Phase.OPEN]
    assert headline(lifecycle(Phase.OPEN, posted=False, linkedin=linkedin(None))) == (
        "Nothing has been asked of the boards yet"
    )


@pytest.mark.parametrize("outcome", [None, *Outcome])
@pytest.mark.parametrize("board", BoardName)
@pytest.mark.parametrize("live", Live)
def test_there_is_one_sentence_for_everything_that_a_board_can_show(
    board: BoardName, outcome: Outcome | None, live: Live
) -> None:
    said = outcome_words(board, outcome, live)
    assert board.label in said
    assert said.endswith(".")
    assert said.count(". ") == 0


@pytest.mark.parametrize("live", Live)
def test_a_posting_that_is_gone_is_not_said_to_be_live_beside(live: Live) -> None:
    told = " ".join(posting_words(indeed(Outcome.GONE, live)))
    assert "The posting itself is no longer live on Indeed." in told
    assert "still live" not in told


@pytest.mark.parametrize("url", ["https://www.linkedin.com/jobs/view/4222328777", "https://linkedin.com/x?a=b&c=%20"])
def test_a_page_at_linkedin_may_be_opened(url: str) -> None:
    assert linkedin_page(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "javascript:alert(1)",
        "http://www.linkedin.com/x",
        "https://linkedin.com.example.com/x",
        "https://example.com/linkedin.com/",
        "https://evil-linkedin.com/",
        "https://u@linkedin.com/x",
        "https://linkedin.com:8443/x",
        'https://linkedin.com/"><script>',
        "https://linkedin.com/x\ny",
        f"https://linkedin.com/{'x' * 500}",
    ],
)
def test_no_other_address_is_shown_as_a_link(url: object) -> None:
    assert linkedin_page(url) is None
