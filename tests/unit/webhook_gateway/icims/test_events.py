"""What iCIMS's events say (seeds icims-job-unpost and icims-status-flow-update)."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.replies import sample
from webhook_gateway.icims.events import Claims, JobEvent, JobEventKind, StatusEvent, claims, claims_in, read_event
from webhook_gateway.payload import parse_object
from webhook_gateway.requests import BadRequest, Fault

BODY = json.loads(sample("icims_unpost.json"))
LINK = sample("icims_unpost_link.txt").decode()
STATUS = json.loads(sample("icims_status.json"))
STATUS_LINK = sample("icims_status_link.txt").decode()
UNPOST = JobEvent("JobUnpostToWebEvent", "1234", "1209", "121", "unpost")
CHANGE = StatusEvent("WorkFlowStatusChangeEvent", "1234", "1242", "2203", "3", "9782", "1752")


def refusal(payload: dict[str, Any], link: str | None = None) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        read_event(payload, link)
    return caught.value


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


def test_the_seeds_unpost_is_read_byte_for_byte() -> None:
    assert read_event(parse_object(sample("icims_unpost.json")), LINK) == UNPOST
    assert read_event(BODY) == read_event(BODY, "") == UNPOST


def test_the_seeds_status_is_read_byte_for_byte() -> None:
    assert read_event(parse_object(sample("icims_status.json")), STATUS_LINK) == CHANGE
    assert read_event(without(STATUS, "links")) == CHANGE


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [("JobPostToWebEvent", "post"), ("ViewJobWebPostEvent", "look"), ("JobUnpostToWebEvent", "unpost")],
)
@pytest.mark.parametrize("spelled", [str, str.lower, str.upper, lambda name: f" {name}\n"])
def test_job_events_are_read(event_type: str, kind: JobEventKind, spelled: Callable[[str], str]) -> None:
    event = read_event({**BODY, "eventType": spelled(event_type)}, LINK)
    assert event == JobEvent(event_type, "1234", "1209", "121", kind)


DECORATION: list[Any] = [
    None,
    "",
    " ",
    "x",
    True,
    5,
    1.5,
    [],
    ["x"],
    {},
    "https://[/",
    "javascript:alert(1)",
    "é" * 5000,
]


@pytest.mark.parametrize("value", DECORATION)
@pytest.mark.parametrize("name", ["portalURL", "portalUrl", "personId", "newKey", "links", "returnUrl"])
def test_odd_decoration_is_passed_over(name: str, value: object) -> None:
    assert read_event({**BODY, name: value}, LINK) == UNPOST
    assert read_event({**STATUS, name: value}, STATUS_LINK) == CHANGE


@pytest.mark.parametrize("value", [*(each for each in DECORATION if each != 5), "ana@example.com", "1" * 21])
def test_who_did_it_may_be_missing_or_odd(value: object) -> None:
    for payload in ({**BODY, "userId": value}, without(BODY, "userId")):
        assert read_event(payload, LINK) == replace(UNPOST, user_id=None)
    assert read_event({**STATUS, "userId": value}) == replace(CHANGE, user_id=None)
    assert read_event({**BODY, "userId": 77}, LINK) == replace(UNPOST, user_id="77")


def test_keys_that_icims_may_add_are_passed_over() -> None:
    more = {"jobId": "9", "new": None, "newStatus": 5, "customerid": "9", "links": [{"rel": "new", "href": "x"}]}
    assert read_event({**BODY, **more}) == UNPOST
    assert read_event({**STATUS, "portalUrl": 5, "new": {"a": []}}, STATUS_LINK) == CHANGE


def test_keys_are_known_in_any_case() -> None:
    assert read_event({key.lower(): value for key, value in BODY.items()}) == UNPOST
    assert read_event({key.upper(): value for key, value in without(STATUS, "links").items()}) == CHANGE


@pytest.mark.parametrize("as_number", [int, lambda text: Decimal(f"{text}.0"), lambda text: f" {text} "])
def test_ids_may_be_numbers(as_number: Callable[[str], object]) -> None:
    odd = {key: as_number(value) if value.isdecimal() else value for key, value in BODY.items()}
    assert read_event(odd, LINK) == UNPOST
    odd = {key: as_number(v) if isinstance(v, str) and v.isdecimal() else v for key, v in STATUS.items()}
    assert read_event(odd, STATUS_LINK) == CHANGE


NEEDED = pytest.mark.parametrize(
    ("body", "name"), [(BODY, "customerId"), (BODY, "systemId"), (STATUS, "customerId"), (STATUS, "jobId")]
)


@NEEDED
def test_a_missing_id_is_named(body: dict[str, Any], name: str) -> None:
    assert refusal(without(body, name)).reason == refusal({**body, name: None}).reason == f"{name} is missing"


@NEEDED
@pytest.mark.parametrize(
    "value", [True, 1.5, Decimal("1209.5"), -1, 10**20, [], ["1209"], {}, "", "12a", "1 2", "\u0661"]
)
def test_an_id_that_is_not_certain_is_named(body: dict[str, Any], name: str, value: object) -> None:
    assert refusal({**body, name: value}).reason == f"{name} must be 1 to 20 digits"


@NEEDED
def test_an_id_that_is_given_twice_is_named(body: dict[str, Any], name: str) -> None:
    raw = json.dumps(body)[:-1] + f', "{name}": "77"}}'
    found = refusal(parse_object(raw.encode()))
    assert (found.fault, found.reason) == (Fault.CONTRADICTION, f"{name} is given twice, with different values")
    other = json.dumps(body)[:-1] + ', "userId": "8", "personId": "9", "portalURL": 1, "portalURL": 2}'
    assert read_event(parse_object(other.encode())).job_id == read_event(body).job_id


@pytest.mark.parametrize("value", ["0", "0001209", "1" * 20])
def test_an_id_is_kept_as_it_was_sent(value: str) -> None:
    assert read_event({**BODY, "systemId": value}).job_id == value


@pytest.mark.parametrize("value", ["0", "9782", "D10100", "C38354", "a_b-c", "9" * 64, "Hired: internal", "Embauché"])
def test_a_status_is_kept_as_it_was_sent(value: str) -> None:
    event = read_event({**STATUS, "newStatus": value, "oldStatus": f" {value} "})
    assert isinstance(event, StatusEvent)
    assert (event.new_status, event.old_status) == (value, value)


@pytest.mark.parametrize("value", [None, "", " ", True, [], {}, "9" * 201, Decimal("1.5")])
def test_a_new_status_must_be_told_and_an_old_one_need_not(value: object) -> None:
    assert refusal({**STATUS, "newStatus": value}).reason.startswith("newStatus must be ")
    event = read_event({**STATUS, "oldStatus": value})
    assert isinstance(event, StatusEvent)
    assert event.old_status is None
    assert read_event(without(STATUS, "oldStatus")) == replace(CHANGE, old_status=None)


def test_a_status_event_without_a_workflow_is_read_as_it_may_not_matter() -> None:
    assert read_event(without(without(STATUS, "systemId"), "links")) == replace(CHANGE, workflow_id=None)


@pytest.mark.parametrize("value", [None, 5, "", "JobUnpost", "AssessmentEvent", "RemoteLoginEvent", "<b>"])
def test_an_unknown_event_is_refused_without_repeating_what_was_sent(value: object) -> None:
    found = refusal({**BODY, "eventType": value})
    assert found.fault is Fault.EVENT_TYPE
    assert found.reason.startswith("eventType is missing or unknown; known: ")
    for known in ("JobUnpostToWebEvent", "JobPostToWebEvent", "ViewJobWebPostEvent", "WorkFlowStatusChangeEvent"):
        assert known in found.reason
    assert "AssessmentEvent" not in found.reason


def test_an_event_and_its_links_must_name_one_job() -> None:
    expected = 'the link "job" names another job than the event'
    assert refusal({**STATUS, "jobId": "77"}).reason == expected
    assert refusal({**STATUS, "jobId": "77", "links": []}, STATUS_LINK).reason == expected
    assert refusal({**BODY, "systemId": "77"}, LINK).reason == expected


@pytest.mark.parametrize("name", ["systemId", "personId", "userId"])
def test_links_to_people_and_workflows_need_not_agree(name: str) -> None:
    assert read_event({**STATUS, name: "77"}, STATUS_LINK).job_id == "1242"
    assert read_event({**BODY, "userId": "77"}, LINK).job_id == "1209"


@pytest.mark.parametrize(("body", "link"), [(BODY, LINK), (STATUS, STATUS_LINK), (STATUS, None)])
def test_an_event_of_another_customer_than_its_links_is_refused(body: dict[str, Any], link: str | None) -> None:
    assert "another customerId" in refusal({**body, "customerId": "5678"}, link).reason


@pytest.mark.parametrize("where", ["header", "body", "both"])
def test_a_new_hires_status_is_of_no_job_though_its_number_is_one(where: str) -> None:
    def changed(text: str) -> str:
        return text.replace("/jobs/", "/newhirecategories/").replace("/applicantworkflows/", "/onboardworkflows/")

    payload = json.loads(changed(json.dumps(STATUS))) if where != "header" else without(STATUS, "links")
    event = read_event({**payload, "jobId": "1303"}, changed(STATUS_LINK) if where != "body" else None)
    assert isinstance(event, StatusEvent)
    assert event.onboarding
    assert not CHANGE.onboarding


@pytest.mark.parametrize(
    ("payload", "claimed"),
    [
        (BODY, Claims(BODY["customerId"], BODY["systemId"], "unpost")),
        (STATUS, Claims(STATUS["customerId"], STATUS["jobId"], "status")),
        ({"customerId": 1234, "systemId": 12, "eventType": "x"}, Claims("1234", "12", None)),
        ({"customerId": "1234\n", "systemId": "Jane Doe"}, Claims("1234", None, None)),
        ({}, Claims(None, None, None)),
    ],
)
def test_what_an_event_claims_is_known_however_wrong_the_rest(payload: dict[str, Any], claimed: Claims) -> None:
    assert claims(payload) == claimed
    assert claims_in(json.dumps(payload).encode()) == claimed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=25),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.sampled_from([BODY, STATUS]),
    st.dictionaries(
        st.sampled_from([*BODY, *STATUS, "portalUrl", "portalURL"]) | st.text(max_size=5),
        JSON | st.sampled_from([*BODY.values(), *STATUS.values(), "JobPostToWebEvent"]),
    ),
    st.none() | st.sampled_from([LINK, STATUS_LINK]) | st.text(max_size=40),
)
def test_any_object_is_an_event_or_a_refusal(body: dict[str, Any], payload: dict[str, Any], link: str | None) -> None:
    with suppress(BadRequest):
        event = read_event({**body, **payload}, link)
        onboarding = isinstance(event, StatusEvent) and event.onboarding
        for id_ in (event.customer_id, *([] if onboarding else [event.job_id])):
            assert re.fullmatch(r"[0-9]{1,20}", id_)


POST = {**BODY, "eventType": "JobPostToWebEvent"}
PORTAL = "https://careers-examplehealth.icims.com/jobs/1209/nurse/job?mode=apply"


@pytest.mark.parametrize("name", ["portalUrl", "portalURL", "PortalUrl"])
def test_the_address_for_candidates_is_taken_in_any_spelling(name: str) -> None:
    event = read_event({**POST, name: f" {PORTAL} "})
    assert isinstance(event, JobEvent)
    assert event.portal_url == PORTAL


ODD = [
    None,
    7,
    "",
    "x",
    "javascript:alert(1)",
    "ftp://a/b",
    "https://",
    "https:///x",
    "https://u:p@a/b",
    "https://a b/c",
]


@pytest.mark.parametrize("value", [*ODD, f"https://a/{'x' * 2000}", "https://[::1", "https://é/"])
def test_an_odd_address_is_passed_over_and_the_event_taken(value: object) -> None:
    event = read_event({**POST, "portalUrl": value})
    assert isinstance(event, JobEvent)
    assert (event.portal_url, event.kind) == (None, "post")


def test_two_addresses_are_none() -> None:
    event = read_event({**POST, "portalUrl": PORTAL, "portalURL": "https://other.example.com/"})
    assert isinstance(event, JobEvent)
    assert event.portal_url in {None, PORTAL}
