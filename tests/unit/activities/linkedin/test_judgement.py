"""What is asked of LinkedIn for a posted job, and what its answers mean: every combination."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.linkedin.judgement import (
    close_problem,
    gone,
    moved_from,
    next_operation,
    plainly_closed,
    post_problem,
    same_place,
)
from clients.linkedin.protocol import Listing, PostingStatus, TaskState, TaskStatus
from models.calls.linkedin import LinkedInPlan
from models.events import StatusDetail
from models.problems import Category
from models.states import Operation

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(seconds=1), NOW + timedelta(days=1)
CONFLICT = "Cannot close job which is already closed or does not exist"


def plan(**flags: bool) -> LinkedInPlan:
    return LinkedInPlan(customer_id="1234", job_id="1209").model_copy(update=flags)


def unlisted(name: str | None = None, expires_at: datetime = FUTURE) -> PostingStatus:
    detail = StatusDetail(status="NOT_LISTED", name=name, message=f"{name}: …") if name else None
    return PostingStatus(Listing.NOT_LISTED, detail=detail, expires_at=expires_at)


LISTED = PostingStatus(Listing.LISTED, expires_at=FUTURE)
CHOICES: list[tuple[PostingStatus | None, dict[str, bool], Operation | None]] = [
    (None, {"fresh": True}, Operation.CREATE),
    (None, {}, None),
    (LISTED, {"fresh": True}, None),
    (LISTED, {"fresh": True, "resend": True}, Operation.UPDATE),
    (LISTED, {"resend": True}, Operation.UPDATE),
    (unlisted(), {"fresh": True}, Operation.CREATE),
    (unlisted(), {"fresh": True, "taken_down": True, "created": True}, Operation.CREATE),
    (unlisted(), {"created": True}, None),
    (unlisted(), {"created": True, "resend": True}, None),
    (unlisted("MEMBER_REPORTED"), {"fresh": True}, Operation.CREATE),
    (unlisted("INVALID_LOCATION"), {"fresh": True}, Operation.UPDATE),
    (unlisted("SOMETHING_NEW"), {"fresh": True}, Operation.UPDATE),
    (unlisted("INVALID_LOCATION"), {}, None),
    (unlisted(expires_at=PAST), {"created": True}, Operation.RENEW),
    (unlisted(expires_at=PAST), {"created": True, "fresh": True}, Operation.RENEW),
    (unlisted(expires_at=PAST), {}, None),
    (unlisted(expires_at=PAST), {"fresh": True}, Operation.CREATE),
    (unlisted(expires_at=PAST), {"created": True, "fresh": True, "taken_down": True}, Operation.CREATE),
    (unlisted("MEMBER_REPORTED", expires_at=PAST), {"created": True}, None),
    (PostingStatus(Listing.IN_PROGRESS), {"fresh": True, "resend": True}, None),
    (PostingStatus(Listing.UNKNOWN), {"fresh": True, "resend": True}, None),
]


@pytest.mark.parametrize(("status", "flags", "operation"), CHOICES)
def test_the_operation_follows_from_what_linkedin_shows(
    status: PostingStatus | None, flags: dict[str, bool], operation: Operation | None
) -> None:
    assert next_operation(status, plan(**flags), creates=True, now=NOW) is operation


STATUSES = st.none() | st.sampled_from([status for status, _, _ in CHOICES if status is not None])
PLANS = st.builds(
    LinkedInPlan,
    customer_id=st.just("1"),
    job_id=st.just("2"),
    fresh=st.booleans(),
    resend=st.booleans(),
    created=st.booleans(),
    taken_down=st.booleans(),
)


@given(STATUSES, PLANS)
def test_a_watched_job_is_never_written(status: PostingStatus | None, call: LinkedInPlan) -> None:
    assert next_operation(status, call, creates=False, now=NOW) is None


@given(STATUSES, PLANS)
def test_a_listed_job_is_never_created_and_none_is_closed(status: PostingStatus | None, call: LinkedInPlan) -> None:
    operation = next_operation(status, call, creates=True, now=NOW)
    assert operation is not Operation.CLOSE
    if operation is Operation.CREATE:
        assert call.fresh
        assert status is None or status.listing is Listing.NOT_LISTED


@pytest.mark.parametrize("judge", [close_problem, post_problem])
def test_what_a_task_says_is_judged(judge: object) -> None:
    assert callable(judge)
    assert judge(None) is None
    assert judge(TaskStatus(TaskState.SUCCEEDED)) is None
    for state in (TaskState.IN_PROGRESS, TaskState.UNKNOWN):
        assert judge(TaskStatus(state)).retried
    assert judge(TaskStatus(TaskState.FAILED, "Insufficient job slots")).category is Category.OUT_OF_SLOTS
    assert judge(TaskStatus(TaskState.FAILED)).category is Category.REFUSED
    fed = judge(TaskStatus(TaskState.PROCESSED))
    assert fed.category is Category.FED_FROM_ELSEWHERE
    faulty = judge(TaskStatus(TaskState.PROCESSED, "ERROR :: /title :: field is required but not found"))
    assert "also found fault" in faulty.reason
    assert faulty.provider_text.startswith("ERROR")


def test_only_a_close_may_fail_because_there_is_nothing_to_close() -> None:
    failed = TaskStatus(TaskState.FAILED, CONFLICT)
    assert close_problem(failed) is None
    assert post_problem(failed) is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Austin, TX", "Austin, TX", True),
        ("austin,  tx", "Austin, TX", True),
        ("Austin, TX", "Boston, MA", False),
        (None, "Austin, TX", False),
        ("Austin, TX", None, False),
        (None, None, False),
    ],
)
def test_only_locations_that_are_known_can_be_the_same(one: str | None, other: str | None, same: bool) -> None:
    assert same_place(one, other) is same


@pytest.mark.parametrize(
    ("shown", "last", "now", "expected"),
    [
        ("Austin, TX", "Austin, TX", "Boston, MA", "Austin, TX"),
        ("Austin, Texas", "Austin, TX", "Boston, MA", "Austin, Texas"),
        ("Austin, Texas", "Austin, TX", "Austin, TX", None),
        ("Boston, MA", "Austin, TX", "Boston, MA", None),
        ("Austin, TX", None, "Boston, MA", None),
        (None, "Austin, TX", "Boston, MA", None),
    ],
)
def test_only_the_old_location_of_a_job_that_moved_must_go(
    shown: str | None, last: str | None, now: str, expected: str | None
) -> None:
    assert moved_from(replace(LISTED, location=shown), last=last, now=now) == expected
    assert moved_from(None, last=last, now=now) is None


def test_a_withheld_job_is_not_plainly_closed() -> None:
    assert plainly_closed(unlisted())
    assert not plainly_closed(unlisted("INVALID_LOCATION"))
    assert not plainly_closed(LISTED)


@pytest.mark.parametrize("creates", [True, False])
@pytest.mark.parametrize("taken_down", [True, False])
@pytest.mark.parametrize("status", [None, unlisted(), unlisted("MEMBER_REPORTED"), unlisted("NEVER_SEEN")])
def test_a_job_that_is_gone_is_explained(status: PostingStatus | None, taken_down: bool, creates: bool) -> None:
    problem = gone(status, taken_down=taken_down, creates=creates)
    assert problem.category is Category.CLOSED_BY_BOARD
    assert problem.reason
    assert problem.remedy
    if status is None or status.detail is None:
        assert ("`retry`" in problem.remedy) is creates
        assert ("Boardsync had closed it" in problem.reason) is taken_down
