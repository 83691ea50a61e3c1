"""The checker finds what is planted: each invariant broken once at least, and runs in which one only looks broken."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.chaos.checker import Invariant, repeats, violations
from benchmarks.chaos.evidence import Call, Claim, Disturbance, Evidence, Sent, Truth
from benchmarks.chaos.figures import Figures, closing_times, figures
from benchmarks.chaos.table import rows
from models.states import Intent

JOB, POSTING = "77", "p-77"
TOLD = {"linkedin": "Unposted", "indeed": "Deletion in Progress"}


def sent(marker: str, at: float, intent: Intent | None, *, status: int = 200, **more: Any) -> Sent:
    word = {Intent.POSTED: "post", Intent.UNPOSTED: "unpost", None: "view"}[intent]
    return Sent(marker, word, JOB, intent, at, answered=at + 0.1, status=status, promised=True, **more)


def call(n: int, at: float, operation: str, detail: str = "", **more: Any) -> Call:
    provider = "linkedin" if operation in {"submit", "status"} else "indeed"
    given = {
        "n": n,
        "at": at,
        "provider": provider,
        "operation": operation,
        "customer_id": "1234",
        "job_ids": (JOB,),
        "detail": detail,
        "status": 200,
        "applied": operation in {"submit", "update", "clear"},
        "fault": None,
        "written": (POSTING,) if operation in {"update", "clear"} else (),
    }
    return Call.model_validate(given | more)


def claim(board: str, outcome: str, **more: Any) -> Claim:
    given = {
        "job": JOB,
        "leaf": 0,
        "board": board,
        "outcome": outcome,
        "proven": True,
        "asked_at": 20,
        "settled_at": 26,
    }
    return Claim.model_validate(given | more)


POSTED_CALLS = (call(1, 11, "submit", "CREATE"), call(2, 11, "update"), call(3, 12, "status"))
CLOSED_CALLS = (
    call(4, 21, "submit", "CLOSE"),
    call(5, 21, "clear"),
    call(6, 25, "status"),
    call(7, 25, "nodes"),
)


@pytest.fixture
def seen() -> Evidence:
    """Return a sound run: a job was posted and taken down."""
    return Evidence(
        sent=[sent("1", 10, Intent.POSTED), sent("2", 20, Intent.UNPOSTED)],
        delivered={"1": 1, "2": 1},
        wanted={JOB: Intent.UNPOSTED},
        posted=frozenset({JOB}),
        calls=[*POSTED_CALLS, *CLOSED_CALLS],
        truths={
            JOB: Truth(
                listed=((11.5, True), (22.0, False)),
                overlays=(((0.0, False), (11.0, True), (21.0, False)),),
                told=TOLD,
                postings=(POSTING,),
            )
        },
        claims=[claim("linkedin", "closed"), claim("indeed", "cleared")],
    )


def broken(seen: Evidence) -> set[Invariant]:
    return {each.invariant for each in violations(seen)}


def test_a_sound_run_breaks_nothing(seen: Evidence) -> None:
    assert violations(seen) == []


# --- 1: no acknowledged event is lost -----------------------------------------------------------------------


def test_an_acknowledged_event_that_did_not_arrive_is_lost(seen: Evidence) -> None:
    seen.delivered = {"1": 1}
    assert broken(seen) == {Invariant.NOTHING_LOST}


def test_of_two_acknowledged_copies_both_must_arrive_unless_they_are_known_to_be_one(seen: Evidence) -> None:
    seen.sent = [*seen.sent, sent("2", 20.5, Intent.UNPOSTED)]
    assert broken(seen) == {Invariant.NOTHING_LOST}
    seen.sent = [replace(each, once=True) for each in seen.sent]
    assert broken(seen) == set()


@pytest.mark.parametrize("change", [{"status": 0}, {"status": 503}, {"promised": False}])
def test_what_was_not_acknowledged_or_not_promised_is_not_lost(seen: Evidence, change: dict[str, Any]) -> None:
    seen.sent = [*seen.sent, replace(sent("3", 15, None), **change)]
    assert broken(seen) == set()


# --- 2: the newest intent wins ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "truth",
    [
        {"listed": ((11.5, True), (22.0, False), (30.0, True))},
        {"overlays": (((11.0, True), (21.0, False)), ((0.0, False), (23.0, True)))},
    ],
)
def test_a_job_that_is_wanted_off_and_is_on_a_board_is_found(seen: Evidence, truth: dict[str, Any]) -> None:
    seen.truths = {JOB: seen.truths[JOB].model_copy(update=truth)}
    assert Invariant.NEWEST_WINS in broken(seen)


def test_a_job_that_is_wanted_posted_and_is_off_is_found(seen: Evidence) -> None:
    seen.wanted = {JOB: Intent.POSTED}
    assert broken(seen) == {Invariant.NEWEST_WINS}


# --- 3: proven means read -----------------------------------------------------------------------------------


def test_a_receipt_that_says_closed_while_the_job_is_listed_is_false(seen: Evidence) -> None:
    late = {"listed": ((11.5, True), (40.0, False)), "overlays": (((11.0, True), (40.0, False)),)}
    seen.truths = {JOB: seen.truths[JOB].model_copy(update=late)}
    assert [each.invariant for each in violations(seen)] == [Invariant.PROVEN_MEANS_READ] * 2


def test_one_posting_of_two_with_our_values_makes_a_receipt_false(seen: Evidence) -> None:
    overlays = (((11.0, True), (21.0, False)), ((11.0, True), (50.0, False)))
    seen.truths = {JOB: seen.truths[JOB].model_copy(update={"overlays": overlays})}
    assert broken(seen) == {Invariant.PROVEN_MEANS_READ}


def test_a_receipt_without_a_read_after_the_last_write_is_false_though_the_job_is_off(seen: Evidence) -> None:
    seen.calls = [each for each in seen.calls if each.operation != "status" or each.at < 20]
    assert broken(seen) == {Invariant.PROVEN_MEANS_READ}


def test_a_receipt_that_claims_no_proof_may_say_what_it_likes(seen: Evidence) -> None:
    seen.calls = POSTED_CALLS
    seen.claims = [claim("linkedin", "closed", proven=False), claim("indeed", "not_found")]
    assert broken(seen) == set()


def test_a_ledger_that_was_changed_is_found(seen: Evidence) -> None:
    seen.ledger_faults = ["Entry 3 was removed."]
    assert broken(seen) == {Invariant.PROVEN_MEANS_READ}


# --- 4: only our own job is written -------------------------------------------------------------------------


def test_a_write_to_a_job_of_which_nothing_was_said_is_foreign(seen: Evidence) -> None:
    seen.calls = [*seen.calls, call(8, 30, "submit", "CLOSE", job_ids=("4000001",))]
    assert broken(seen) == {Invariant.ONLY_OUR_JOB}


def test_a_write_to_another_job_s_posting_is_foreign(seen: Evidence) -> None:
    seen.calls = [
        *POSTED_CALLS,
        call(4, 20.5, "clear", written=("p-of-another",)),
        *CLOSED_CALLS[:1],
        *CLOSED_CALLS[2:],
    ]
    assert broken(seen) == {Invariant.ONLY_OUR_JOB}


def test_a_write_that_had_no_effect_is_not_foreign(seen: Evidence) -> None:
    seen.calls = [*seen.calls, call(8, 30, "submit", "CLOSE", job_ids=("4000001",), applied=False, status=404)]
    assert broken(seen) == set()


# --- 5: no harmful repeat -----------------------------------------------------------------------------------

AGAIN = call(5, 23, "submit", "CLOSE", applied=False)


def closed_twice(seen: Evidence, **first: Any) -> Evidence:
    seen.calls = [*POSTED_CALLS, call(4, 21, "submit", "CLOSE", **first), AGAIN, *CLOSED_CALLS[1:]]
    return seen


def test_a_second_close_after_one_that_was_answered_is_harmful(seen: Evidence) -> None:
    assert broken(closed_twice(seen)) == {Invariant.NO_HARMFUL_REPEAT}


@pytest.mark.parametrize("first", [{"fault": "lost_answer", "status": None}, {"fault": "lie", "applied": False}])
def test_a_close_whose_answer_was_lost_or_a_lie_may_be_sent_again(seen: Evidence, first: dict[str, Any]) -> None:
    assert broken(closed_twice(seen, **first)) == set()


@pytest.mark.parametrize(("target", "excuses"), [("worker-1", True), ("workers:linkedin", True), ("gateway-0", False)])
def test_a_fault_of_ours_excuses_a_second_close_where_it_may_have_hidden_the_answer(
    seen: Evidence, target: str, *, excuses: bool
) -> None:
    seen.disturbances = [Disturbance(kind="killed", target=target, began=22, ended=23)]
    assert broken(closed_twice(seen)) == (set() if excuses else {Invariant.NO_HARMFUL_REPEAT})
    assert repeats(seen).excused == excuses


def test_a_fault_of_long_before_excuses_nothing(seen: Evidence) -> None:
    seen.disturbances = [Disturbance(kind="killed", target="worker-0", began=5, ended=9)]
    assert broken(closed_twice(seen)) == {Invariant.NO_HARMFUL_REPEAT}


def test_a_close_after_the_job_was_created_again_is_no_repeat(seen: Evidence) -> None:
    again = [call(8, 31, "submit", "CREATE"), call(9, 41, "submit", "CLOSE"), call(10, 42, "status")]
    seen.calls = [*seen.calls, *again]
    assert broken(seen) == set()


ENDED = claim("linkedin", "not_found", proven=False, settled_at=22)


@pytest.mark.parametrize(("again", "excuses"), [(22.5, True), (20.4, False), (24, False), (None, False)])
def test_only_what_was_said_again_after_a_lifecycle_had_ended_may_have_it_closed_again(
    seen: Evidence, again: float | None, *, excuses: bool
) -> None:
    seen.claims = [ENDED]
    seen.sent = [*seen.sent, *([sent("3", again, Intent.UNPOSTED)] if again is not None else [])]
    assert repeats(closed_twice(seen)).excused == excuses


def test_an_end_after_the_second_close_excuses_nothing(seen: Evidence) -> None:
    seen.claims = [ENDED.model_copy(update={"settled_at": 24.0})]
    seen.sent = [*seen.sent, sent("3", 22.5, Intent.UNPOSTED)]
    assert broken(closed_twice(seen)) >= {Invariant.NO_HARMFUL_REPEAT}


@pytest.mark.parametrize(("target", "excuses"), [("gateway-0", True), ("workers:linkedin", False)])
def test_a_word_that_was_kept_up_on_its_way_may_be_heard_after_the_end(
    seen: Evidence, target: str, *, excuses: bool
) -> None:
    seen.claims, seen.sent = [ENDED], [*seen.sent, sent("3", 20.2, Intent.UNPOSTED)]
    seen.disturbances = [Disturbance(kind="stopped", target=target, began=10, ended=20.3)]
    assert repeats(closed_twice(seen)).excused == excuses


@pytest.mark.parametrize(("changes", "excuses"), [((21.5, 22), True), ((21.5, None), False), ((8, 9), False)])
def test_only_a_change_of_mind_and_back_between_two_closes_excuses_the_second(
    seen: Evidence, changes: tuple[float, float | None], *, excuses: bool
) -> None:
    posted, unposted = changes
    news = [sent("3", posted, Intent.POSTED), *([sent("4", unposted, Intent.UNPOSTED)] if unposted else [])]
    seen.sent = sorted([*seen.sent, *news], key=lambda each: each.at)
    assert repeats(closed_twice(seen)).excused == excuses


# --- 6, 7, 8, and what must hold beside them ----------------------------------------------------------------


@pytest.mark.parametrize("fault", ["slow,lie", "task_outcome"])
def test_a_job_of_which_a_board_lied_may_ask_for_a_person(seen: Evidence, fault: str) -> None:
    asking = replace(seen, asking={"job-1234-77": "Indeed: still_shown"})
    lied = call(90, 1, "clear", applied=False, fault=fault)
    assert broken(asking) == {Invariant.SETTLES_OR_ASKS}
    assert broken(replace(asking, calls=[lied, *seen.calls])) == set()


@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        ({"unsettled": {"job-1234-77": "confirm_closed, try 9"}}, Invariant.SETTLES_OR_ASKS),
        ({"asking": {"job-1234-77": "LinkedIn: refused"}}, Invariant.SETTLES_OR_ASKS),
        ({"secrets": ["temporal.db: linkedin.client_secret"]}, Invariant.NO_SECRETS),
        ({"ended": ["gateway-0: code 1"]}, Invariant.NOTHING_MAKES_IT_FAIL),
        ({"gaps": 3}, Invariant.PROVABLE),
        ({"canary_seen": False}, Invariant.PROVABLE),
        ({"left_in_inbox": 1}, Invariant.PROVABLE),
    ],
)
def test_what_a_run_leaves_behind_is_held_against_it(
    seen: Evidence, change: dict[str, Any], invariant: Invariant
) -> None:
    assert broken(replace(seen, **change)) == {invariant}


@pytest.mark.parametrize(("status", "wrong"), [(400, True), (401, True), (500, True), (503, False), (0, False)])
def test_genuine_input_may_be_put_off_but_never_refused(seen: Evidence, status: int, *, wrong: bool) -> None:
    seen.sent = [*seen.sent, sent("3", 15, None, status=status)]
    assert broken(seen) == ({Invariant.GENUINE_IS_TAKEN} if wrong else set())


@pytest.mark.parametrize(("status", "wrong"), [(500, False), (503, True)])
def test_linkedin_is_put_off_in_its_own_words(seen: Evidence, status: int, *, wrong: bool) -> None:
    put_off = sent("3", 15, None, status=status)
    put_off.word = "linkedin notification"
    seen.sent = [*seen.sent, put_off]
    assert broken(seen) == ({Invariant.GENUINE_IS_TAKEN} if wrong else set())


@pytest.mark.parametrize("told", [{}, {"linkedin": "Unposted"}, {**TOLD, "linkedin": "Posted"}])
def test_a_closed_job_of_which_icims_was_not_told_is_found(seen: Evidence, told: dict[str, str]) -> None:
    seen.truths = {JOB: seen.truths[JOB].model_copy(update={"told": told})}
    assert broken(seen) == {Invariant.TOLD}


def test_of_a_job_that_was_never_posted_icims_is_told_of_linkedin_alone(seen: Evidence) -> None:
    seen.truths = {JOB: seen.truths[JOB].model_copy(update={"told": {"linkedin": "Unposted"}})}
    seen.posted = frozenset()
    assert broken(seen) == set()


def test_of_a_job_that_linkedin_never_had_icims_is_told_nothing_of_linkedin(seen: Evidence) -> None:
    seen.truths = {JOB: seen.truths[JOB].model_copy(update={"listed": (), "told": {"indeed": "Deletion in Progress"}})}
    assert Invariant.TOLD not in broken(seen)


# --- the figures --------------------------------------------------------------------------------------------


def test_a_close_takes_from_the_acknowledged_change_of_mind_to_clear_boards(seen: Evidence) -> None:
    assert closing_times(seen) == pytest.approx([1.9])
    seen.sent = [*seen.sent, sent("3", 24, Intent.UNPOSTED)]  # the same word again does not start it anew
    assert closing_times(seen) == pytest.approx([1.9])


def test_the_table_tells_every_number(seen: Evidence) -> None:
    found: Figures = figures(
        seen, seed=1, minutes=2, commit="abc", abilities=["disk"], boards={"linkedin: http": 3}, settled_after=4
    )
    told = dict(rows([found, found]))
    assert told["1: acknowledged events lost"] == "0"
    assert told["receipts"] == "2"
    assert told["events acknowledged"] == "4: post 2, unpost 2"
    assert told["time to close under faults, p50 / p95 / longest"] == "1.9 / 1.9 / 1.9 s, of 2 jobs"
    assert Figures.model_validate_json(found.model_dump_json()) == found
