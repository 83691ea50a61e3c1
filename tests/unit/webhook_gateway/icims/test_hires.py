"""From a candidate's status to a filled position."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.customers import Customer
from tests.unit.webhook_gateway.icims.test_auth import customer
from webhook_gateway.icims.events import StatusEvent
from webhook_gateway.icims.hires import hire_key, read_hire
from webhook_gateway.requests import BadRequest

EVENT = StatusEvent("WorkFlowStatusChangeEvent", "1234", "1242", "2203", "3", "9782", "1752")
SECRET = "link-secret"
EXAMPLE = customer("1234", "none")


def closing(*statuses: str) -> Customer:
    return EXAMPLE.model_copy(update={"closing_statuses": statuses})


def filled(new: str, old: str | None, *statuses: str) -> bool | None:
    hire = read_hire(replace(EVENT, new_status=new, old_status=old), closing(*statuses), [SECRET])
    return None if hire is None else hire.filled


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ("9782", "1752", True),
        ("9782", None, True),
        ("9782", "9783", True),
        ("9782", "9782", True),
        ("1752", "9782", False),
        ("1752", "1753", None),
        ("1752", None, None),
        ("97820", "1752", None),
        ("978", "1752", None),
        ("D9782", "1752", None),
    ],
)
def test_a_status_fills_a_position_gives_it_back_or_neither(new: str, old: str | None, expected: bool | None) -> None:
    assert filled(new, old, "9782", "9783") is expected


def test_a_customer_without_closing_statuses_has_no_hires() -> None:
    assert filled("9782", "1752") is None


def test_the_seeds_event_is_a_hire_of_the_example() -> None:
    hire = read_hire(EVENT, EXAMPLE, [SECRET])
    assert hire is not None
    assert (hire.filled, hire.close_when, hire.after_close) == (True, "first_hire", False)
    assert hire.key == hire_key(SECRET, "1234", "2203")


def test_the_customer_says_when_to_close() -> None:
    everyone = EXAMPLE.model_copy(update={"close_when": "all_positions_filled"})
    hire = read_hire(EVENT, everyone, [SECRET])
    assert hire is not None
    assert hire.close_when == "all_positions_filled"


def test_a_hire_tells_no_id_of_a_candidate() -> None:
    hire = read_hire(EVENT, EXAMPLE, [SECRET])
    assert hire is not None
    said = hire.model_dump_json()
    assert not any(id_ in said for id_ in ('"2203"', '"1364"', SECRET))
    assert re.fullmatch(r"[0-9a-f]{32}", hire.key)


@given(*[st.text("0123456789", min_size=1, max_size=20)] * 4)
def test_a_key_is_one_workflow_of_one_customer(
    customer_a: str, workflow_a: str, customer_b: str, workflow_b: str
) -> None:
    same = (customer_a, workflow_a) == (customer_b, workflow_b)
    assert (hire_key(SECRET, customer_a, workflow_a) == hire_key(SECRET, customer_b, workflow_b)) is same


def test_a_key_needs_the_secret_and_hides_it() -> None:
    assert hire_key(SECRET, "1234", "2203") == hire_key(SECRET, "1234", "2203")
    assert hire_key(SECRET, "1234", "2203") != hire_key("other", "1234", "2203")
    assert hire_key(SECRET, "12", "342203") != hire_key(SECRET, "1234", "2203")


def test_while_the_secret_changes_a_hire_is_known_under_both() -> None:
    before = read_hire(EVENT, EXAMPLE, [SECRET])
    during = read_hire(EVENT, EXAMPLE, ["new", SECRET])
    assert before is not None
    assert during is not None
    assert (before.other_keys, during.other_keys) == ((), (before.key,))
    assert during.key == hire_key("new", "1234", "2203")


def test_a_new_hires_workflow_fills_no_position_and_a_hire_of_nobody_is_refused() -> None:
    assert read_hire(replace(EVENT, onboarding=True), EXAMPLE, [SECRET]) is None
    assert read_hire(replace(EVENT, workflow_id=None, new_status="1", old_status="2"), EXAMPLE, [SECRET]) is None
    with pytest.raises(BadRequest, match="systemId"):
        read_hire(replace(EVENT, workflow_id=None), EXAMPLE, [SECRET])
