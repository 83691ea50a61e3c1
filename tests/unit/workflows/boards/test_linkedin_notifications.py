"""Notifications in words, and the evidence that a storm of them must not push out."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.boards import EVIDENCE_KEPT, Evidence
from models.events import REOPENED, LinkedInStatus, StatusDetail
from workflows.boards.linkedin.notifications import (
    NOTIFICATION,
    NOTIFICATIONS_KEPT,
    notes,
    notification,
    with_answers,
    with_notification,
)

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
LISTED = StatusDetail(status="LISTED")
REPORTED = StatusDetail(status="NOT_LISTED", name="MEMBER_REPORTED", message="MEMBER_REPORTED: The job was closed")
PROMOTED = StatusDetail(status="PROMOTED", name="LI_CUSTOMER_PROMOTED", message="LI_CUSTOMER_PROMOTED: Visit Recruiter")


def status(**told: object) -> LinkedInStatus:
    return LinkedInStatus.model_validate({"received_at": AT, **told})


def evidence(asked: str, answered: str) -> Evidence:
    return Evidence(at=AT, asked=asked, answered=answered)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (status(listing=LISTED), "LinkedIn says: LISTED"),
        (status(listing=REPORTED, promotion=PROMOTED), "LinkedIn says: NOT_LISTED (MEMBER_REPORTED), PROMOTED (LI_"),
        (status(), "LinkedIn says: something has changed"),
        (status(listing=LISTED, after_close=True), REOPENED),
        (status(listing=REPORTED, after_close=True), "LinkedIn says: NOT_LISTED (MEMBER_REPORTED)"),
    ],
)
def test_what_was_heard_is_told_in_few_words(told: LinkedInStatus, words: str) -> None:
    assert told.words.startswith(words)


def test_a_notification_is_kept_with_its_meaning() -> None:
    answered = notification(status(listing=REPORTED, promotion=PROMOTED), AT).answered
    assert answered.startswith("LinkedIn says: the job is NOT_LISTED MEMBER_REPORTED: The job was closed.")
    assert "several members reported" in answered
    assert "Recruiter" not in answered, "a promotion that nobody has to do anything about"
    assert "managed in Recruiter" in notification(status(promotion=PROMOTED), AT).answered
    assert notification(status(), AT).answered == "LinkedIn says: something has changed."


def test_only_what_is_said_is_noted() -> None:
    assert set(notes(status(listing=REPORTED))) == {"listing"}
    assert set(notes(status(promotion=PROMOTED, apply=StatusDetail(status="ENABLED")))) == {"apply", "promotion"}
    assert notes(status().model_copy(update={"url": "https://www.linkedin.com/jobs/view/1"})) == {
        "url": "https://www.linkedin.com/jobs/view/1"
    }


@pytest.mark.parametrize(
    ("told", "doubted"),
    [
        (status(listing=LISTED), True),
        (status(listing=StatusDetail(status="IN_PROGRESS")), True),
        (status(listing=StatusDetail(status="NEW_VALUE")), True),
        (status(listing=REPORTED), False),
        (status(promotion=PROMOTED), False),
    ],
)
def test_a_closed_job_is_doubted_unless_linkedin_says_that_it_is_not_listed(
    told: LinkedInStatus, doubted: bool
) -> None:
    assert told.says_listed is doubted


def test_the_same_answer_again_takes_the_place_of_the_one_before() -> None:
    listed, closed = evidence("Listing status", "LISTED"), evidence("Listing status", "NOT_LISTED")
    news = evidence(NOTIFICATION, "LinkedIn says: a")
    later = listed.model_copy(update={"at": datetime(2026, 11, 23, tzinfo=UTC)})
    assert with_answers((listed, news), (later,)) == (news, later)
    assert with_answers((listed, closed, news), (later,)) == (listed, closed, news, later)
    assert with_answers((), (listed, later, closed, listed)) == (later, closed, listed)


NEWS = st.sampled_from(["LinkedIn says: a", "LinkedIn says: b"]) | st.integers().map(str)


@given(st.lists(st.tuples(st.booleans(), NEWS), max_size=60))
def test_notifications_never_push_out_what_a_board_answered(sent: list[tuple[bool, str]]) -> None:
    kept: tuple[Evidence, ...] = ()
    answers: list[Evidence] = []
    for number, (is_news, words) in enumerate(sent):
        if is_news:
            kept = with_notification(kept, evidence(NOTIFICATION, words))
            assert kept[-1].answered == words
        else:
            answers.append(evidence("Listing status", f"{number}"))
            kept = (*kept, answers[-1])[-EVIDENCE_KEPT:]
    told = [each for each in kept if each.asked == NOTIFICATION]
    room = EVIDENCE_KEPT - NOTIFICATIONS_KEPT
    assert len(told) <= NOTIFICATIONS_KEPT
    assert len({each.answered for each in told}) == len(told)
    assert [each for each in kept if each.asked != NOTIFICATION][-room:] == answers[-room:]
