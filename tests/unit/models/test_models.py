"""The values that cross a boundary: their names are a contract, and old payloads stay readable."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from temporalio.contrib.pydantic import pydantic_data_converter

from models import temporal
from models.base import Model, workflow_id
from models.boards import Attention, Boards, Evidence, IndeedPosting, IndeedRecord, LinkedInRecord
from models.calls.common import Backoff, Confirmed
from models.calls.indeed import IndeedClearedBack, IndeedReadBack, IndeedUpdated, IndeedWritten
from models.calls.linkedin import LinkedInSubmitted
from models.events import AtsEvent, ManualAction
from models.lifecycle import JobInput, Lifecycle, Receipt, Received
from models.overlay import Overlay, OverlaySalary, Verdict, WrittenField
from models.problems import PASSING, RETRIED, Category, Problem
from models.states import BoardName, BoardState, Intent, Live, Outcome, Phase
from models.timing import Timing

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
EVIDENCE = Evidence(at=AT, asked="Read the job", answered="nothing | left", ids={"task": "urn:1"})
ATTENTION = Attention(reason="r", category=Category.CLAIMED, remedy="m", since=AT)
LIFECYCLE = Lifecycle(
    customer_id="1234",
    job_id="1209",
    intent=Intent.UNPOSTED,
    phase=Phase.CLOSING,
    boards=Boards(
        linkedin=LinkedInRecord(state=BoardState.CONFIRMING, since=AT, task_id="t", conflict=True, attention=ATTENTION),
        indeed=IndeedRecord(state=BoardState.SETTLED, outcome=Outcome.CLEARED, evidence=(EVIDENCE,), since=AT),
    ),
    received=(Received(at=AT, what="JobUnpostToWebEvent", by="121", count=2),),
)
BACKOFF = Backoff(first=timedelta(seconds=15), longest=timedelta(minutes=15))
PROBLEM = Problem(category=Category.RATE_LIMITED, reason="r", remedy="m", retry_after=timedelta(hours=13, seconds=0.5))
VALUES: list[Model] = [
    LIFECYCLE,
    PROBLEM,
    BACKOFF,
    JobInput(customer_id="1234", job_id="1209", boards=(BoardName.INDEED,), state=LIFECYCLE),
    Receipt(customer_id="1", job_id="2", intent=Intent.UNPOSTED, closed_at=AT, boards=LIFECYCLE.boards),
    AtsEvent(event_type="JobUnpostToWebEvent", intent=Intent.UNPOSTED, user_id="121", received_at=AT),
    ManualAction(by="Käthe", reason="two\nlines"),
    LinkedInSubmitted(task_id="t", evidence=(EVIDENCE,)),
    IndeedReadBack(
        customer_id="1",
        job_id="2",
        employer_job_ids=("i", "j"),
        overrides=Overlay(title="Nurse", salary=OverlaySalary(minimum_minor=5200, period="HOUR")),
        written={"title": WrittenField(digest="d", at=AT)},
        again_after=timedelta(minutes=1),
        shown=("title",),
        backoff=BACKOFF,
    ),
    IndeedClearedBack(customer_id="1", job_id="2", employer_job_ids=("i",), cleared=("i",), backoff=BACKOFF),
    IndeedWritten(sent=("i",), failed=PROBLEM, postings=(IndeedPosting(id="i", live=Live.LIVE),), evidence=()),
    IndeedUpdated(outcome=None, fields={"title": Verdict.NOT_COMPARABLE}, sent={"title": "d"}, evidence=()),
    Confirmed(outcome=Outcome.NOT_FOUND, evidence=()),
]


def payload_of(value: Model) -> Any:
    (payload,) = pydantic_data_converter.payload_converter.to_payloads([value])
    return payload


def from_payload(payload: Any, kind: type[Model]) -> Any:
    (value,) = pydantic_data_converter.payload_converter.from_payloads([payload], [kind])
    return value


@pytest.mark.parametrize("value", VALUES, ids=[type(value).__name__ for value in VALUES])
def test_a_value_survives_temporals_converter(value: Model) -> None:
    assert from_payload(payload_of(value), type(value)) == value


def changed(payload: Any, **changes: object) -> Any:
    """Return a payload as another version would write it; a value of `...` takes the key away."""
    data = {**json.loads(payload.data), **changes}
    payload.data = json.dumps({key: value for key, value in data.items() if value is not ...}).encode()
    return payload


@pytest.mark.parametrize("value", VALUES, ids=[type(value).__name__ for value in VALUES])
def test_a_newer_payload_with_unknown_fields_still_loads(value: Model) -> None:
    assert from_payload(changed(payload_of(value), added_later={"a": [1]}), type(value)) == value


@pytest.mark.parametrize("value", VALUES, ids=[type(value).__name__ for value in VALUES])
def test_an_older_payload_without_the_optional_fields_still_loads(value: Model) -> None:
    optional = {name for name, field in type(value).model_fields.items() if not field.is_required()}
    loaded = from_payload(changed(payload_of(value), **dict.fromkeys(optional, ...)), type(value))
    for name, field in type(value).model_fields.items():
        expected = (
            field.get_default(call_default_factory=True, validated_data={})
            if name in optional
            else getattr(value, name)
        )
        assert getattr(loaded, name) == expected


def test_the_query_answers_with_the_names_of_the_contract() -> None:
    answer = json.loads(LIFECYCLE.model_dump_json())
    assert {"customer_id", "job_id", "intent", "phase", "boards"} <= set(answer)
    assert (answer["intent"], answer["phase"]) == ("unposted", "closing")
    assert set(answer["boards"]) == {"linkedin", "indeed"}
    for board, state, outcome in (("linkedin", "confirming", None), ("indeed", "settled", "cleared")):
        track = answer["boards"][board]
        assert {"state", "outcome", "attention", "evidence", "since"} <= set(track)
        assert (track["state"], track["outcome"], track["since"]) == (state, outcome, "2026-11-22T10:30:00Z")
    assert {"reason", "category", "remedy", "since"} <= set(answer["boards"]["linkedin"]["attention"])
    assert {"asked", "answered", "at", "ids"} <= set(answer["boards"]["indeed"]["evidence"][0])


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Phase, {"open", "updating", "closing", "closed", "not_found", "attention", "cancelled"}),
        (BoardState, {"idle", "working", "confirming", "settled", "attention"}),
        (Outcome, {"live", "updated", "closed", "cleared", "gone", "not_found"}),
        (Intent, {"posted", "unposted"}),
        (BoardName, {"linkedin", "indeed"}),
    ],
)
def test_the_values_of_the_contract_are_all_there_is(kind: Any, values: set[str]) -> None:
    assert {each.value for each in kind} == values


def test_the_names_in_temporal_are_those_of_the_contract() -> None:
    assert workflow_id("1234", "1209") == "job-1234-1209"
    assert (temporal.JOB_POSTING, temporal.LIFECYCLE, temporal.ATS_EVENT) == ("JobPosting", "lifecycle", "ats_event")
    assert (temporal.CLOSE, temporal.RETRY, temporal.CONFIRM) == ("close", "retry", "confirm")
    names = [key.name for key in temporal.SEARCH_ATTRIBUTES]
    assert names[:5] == ["CustomerId", "JobId", "Phase", "LinkedInState", "IndeedState"]
    assert names[5:] == ["IndeedJobId", "Attention", "UnsettledSince", "JobTitle", "WaitsFor", "IndeedHidden"]
    assert {temporal.type_name(key) for key in temporal.SEARCH_ATTRIBUTES[:7]} == {"Keyword"}
    assert temporal.type_name(temporal.UNSETTLED_SINCE) == "Datetime"
    states = [(BoardName.INDEED, BoardState.SETTLED)]
    pairs = temporal.search_attributes("1234", "1209", Phase.CLOSED, states).search_attributes
    found = {pair.key.name: pair.value for pair in pairs}
    assert found == {"CustomerId": "1234", "JobId": "1209", "Phase": "closed", "IndeedState": "settled"}


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 900), (8, 900), (100, 900), (1_000_000, 900)]
)
def test_a_backoff_doubles_up_to_its_longest(attempt: int, seconds: int) -> None:
    assert BACKOFF.delay(attempt) == timedelta(seconds=seconds)


@given(
    st.timedeltas(timedelta(milliseconds=1), timedelta(hours=1)),
    st.timedeltas(timedelta(milliseconds=1), timedelta(hours=24)),
    st.integers(1, 10_000),
)
def test_a_backoff_never_shrinks_and_never_exceeds_its_longest(
    first: timedelta, longest: timedelta, attempt: int
) -> None:
    backoff = Backoff(first=first, longest=longest)
    assert timedelta(0) < backoff.delay(attempt) <= backoff.delay(attempt + 1) <= longest


def test_two_ids_suffice_to_start_a_lifecycle_by_hand() -> None:
    made = JobInput.model_validate_json('{"customer_id": "1234", "job_id": "1209"}')
    assert made == JobInput(customer_id="1234", job_id="1209")
    assert (made.boards, made.timing) == ((BoardName.LINKEDIN, BoardName.INDEED), Timing())


@pytest.mark.parametrize("id_", ["", "12a", " 1", "1\n", "1" * 21, "\u0661", 1209, None])
def test_an_id_is_a_string_of_ascii_digits(id_: object) -> None:
    with pytest.raises(ValidationError):
        JobInput.model_validate({"customer_id": "1234", "job_id": id_})


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        LIFECYCLE.phase = Phase.OPEN  # type: ignore[misc]


@pytest.mark.parametrize(("field", "limit"), [("by", 200), ("reason", 2000)])
def test_what_a_person_says_is_bounded(field: str, limit: int) -> None:
    assert ManualAction.model_validate({field: "x" * limit})
    with pytest.raises(ValidationError):
        ManualAction.model_validate({field: "x" * (limit + 1)})


@pytest.mark.parametrize("category", Category)
def test_only_what_time_may_mend_is_retried(category: Category) -> None:
    mended_by_time = {
        "temporary",
        "rate_limited",
        "still_shown",
        "not_taken",
        "webhook_blocked",
        "closed_by_board",
        "unexpected",
    }
    assert Problem(category=category, reason="r", remedy="m").retried is (category.value in mended_by_time)
    assert (category in RETRIED) is (category.value in mended_by_time)


@pytest.mark.parametrize("category", sorted(PASSING))
def test_a_failure_that_passes_does_not_take_the_place_of_what_a_person_is_asked_for(category: Category) -> None:
    passing = Problem(category=category, reason="no answer", remedy="wait")
    assert Attention.of(passing, now=AT, before=ATTENTION) == ATTENTION
    again = Attention.of(passing, now=AT, before=ATTENTION, retrying=True)
    assert again == ATTENTION.model_copy(update={"retrying": True})


@pytest.mark.parametrize("category", sorted(set(Category) - PASSING))
def test_whatever_says_more_is_what_a_person_is_asked_for(category: Category) -> None:
    before = Attention.of(Problem(category=Category.TEMPORARY, reason="r", remedy="m"), now=AT)
    news = Problem(category=category, reason="what the board says", remedy="mend it")
    for known in (before, ATTENTION, None):
        assert Attention.of(news, now=AT, before=known).reason == "what the board says"
