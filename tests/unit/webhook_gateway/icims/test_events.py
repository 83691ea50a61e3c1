"""What iCIMS's events say (seeds icims-job-unpost and icims-status-flow-update)."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.replies import sample
from webhook_gateway.body import BadRequest, parse_object
from webhook_gateway.icims.events import JobEvent, JobEventKind, StatusEvent, read_event

BODY = json.loads(sample("icims_unpost.json"))
LINK = sample("icims_unpost_link.txt").decode()
STATUS = json.loads(sample("icims_status.json"))
STATUS_LINK = sample("icims_status_link.txt").decode()
UNPOST = JobEvent("JobUnpostToWebEvent", "1234", "1209", "121", "unpost")
CHANGE = StatusEvent("WorkFlowStatusChangeEvent", "1234", "1242", "2203", "1364", "3", "9782", "1752")
PORTAL = "https://jobs-example.icims.com/jobs/1209/nurse/job"


def refusal(payload: dict[str, Any], link: str | None = None) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        read_event(payload, link)
    assert caught.value.status == 400
    return caught.value


def test_the_seeds_unpost_is_read_byte_for_byte() -> None:
    assert read_event(parse_object(sample("icims_unpost.json")), LINK) == UNPOST
    assert read_event(BODY) == read_event(BODY, "") == UNPOST


def test_the_seeds_status_is_read_byte_for_byte() -> None:
    assert read_event(parse_object(sample("icims_status.json")), STATUS_LINK) == CHANGE
    assert read_event({key: value for key, value in STATUS.items() if key != "links"}) == CHANGE


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [("JobPostToWebEvent", "post"), ("ViewJobWebPostEvent", "edit"), ("JobUnpostToWebEvent", "unpost")],
)
@pytest.mark.parametrize("name", ["portalUrl", "portalURL", "PORTALURL", "portalurl", None])
def test_job_events_are_read_with_their_portal_url_in_any_casing(
    event_type: str, kind: JobEventKind, name: str | None
) -> None:
    portal = {} if name is None else {name: PORTAL}
    event = read_event({**BODY, "eventType": event_type, **portal}, LINK)
    assert event == JobEvent(event_type, "1234", "1209", "121", kind, None if name is None else PORTAL)


@pytest.mark.parametrize(
    "url",
    [
        "http://x",
        "HTTPS://jobs.example.com/1?mode=apply&iis=a,b#c",
        "https://[::1]:8443/jobs",
        "https://x/" + "a" * 2038,
    ],
)
def test_a_portal_url_is_kept_as_it_was_sent(url: str) -> None:
    event = read_event({**BODY, "portalUrl": url})
    assert isinstance(event, JobEvent)
    assert event.portal_url == url


@pytest.mark.parametrize("value", [None, True, 5, [], [PORTAL], {}])
def test_a_portal_url_must_be_a_string(value: object) -> None:
    assert refusal({**BODY, "portalURL": value}).reason == "portalUrl must be a string"


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "x", "/jobs/1209", "//x/jobs", "ftp://x/jobs", "javascript:alert(1)", "file:///etc/passwd", "https://",
        "https:///jobs", "https://:80/jobs", "https://x /jobs", "https://x/\njobs", "https://x/\x00", " https://x",
        "https://x ", "https://[/jobs", "https:x", 'https://x/"><script>', "https://x\\@y/", "https://x/" + "a" * 2039,
        "https://x/\u2028", "\ufeffhttps://x",
    ],
)  # fmt: skip
def test_a_portal_url_must_be_one_of_http(url: str) -> None:
    assert refusal({**BODY, "portalUrl": url}).reason.startswith("portalUrl must be an http or https URL")


def test_two_casings_must_agree() -> None:
    twice = {**BODY, "portalUrl": PORTAL, "portalURL": PORTAL}
    event = read_event(twice)
    assert isinstance(event, JobEvent)
    assert event.portal_url == PORTAL
    assert "twice" in refusal({**twice, "PORTALURL": PORTAL + "/"}).reason
    assert "twice" in refusal({**twice, "portalURL": None}).reason


def test_keys_that_icims_may_add_are_passed_over() -> None:
    more = {"jobId": "9", "new": None, "newStatus": 5, "customerid": "9", "links": [{"rel": "new", "href": "x"}]}
    assert read_event({**BODY, **more}) == UNPOST
    assert read_event({**STATUS, "portalUrl": 5, "new": {"a": []}}, STATUS_LINK) == CHANGE


JOB_FIELDS = ["customerId", "userId", "systemId", "eventType"]
FIELDS = pytest.mark.parametrize(
    ("body", "name"),
    [
        *((BODY, name) for name in JOB_FIELDS),
        *((STATUS, name) for name in [*JOB_FIELDS, "jobId", "personId", "newStatus"]),
    ],
)
IDS = pytest.mark.parametrize(
    ("body", "name"),
    [*((BODY, name) for name in JOB_FIELDS[:3]), *((STATUS, name) for name in [*JOB_FIELDS[:3], "jobId", "personId"])],
)
BAD_IDS = [
    "", " ", "1 2", " 1209", "1209 ", "1209\n", "+1", "-1", "1.0", "0x1", "1e3", "12a", "1" * 21, "\u0661\u0662",
    "\uff11", "²", "../1", "1209\0",
]  # fmt: skip


@FIELDS
def test_a_missing_field_is_named(body: dict[str, Any], name: str) -> None:
    assert refusal({key: value for key, value in body.items() if key != name}).reason == f"{name} is missing"


@FIELDS
@pytest.mark.parametrize("value", [None, True, 1209, 1.5, [], ["1209"], {}])
def test_a_field_that_is_no_string_is_named(body: dict[str, Any], name: str, value: object) -> None:
    assert refusal({**body, name: value}).reason == f"{name} must be a string"


@IDS
@pytest.mark.parametrize("value", BAD_IDS)
def test_an_id_that_is_no_row_of_ascii_digits_is_named(body: dict[str, Any], name: str, value: str) -> None:
    assert refusal({**body, name: value}).reason == f"{name} must be 1 to 20 digits"


@pytest.mark.parametrize("value", ["0", "0001209", "1" * 20])
def test_an_id_is_kept_as_it_was_sent(value: str) -> None:
    assert read_event({**BODY, "systemId": value}).job_id == value


@pytest.mark.parametrize("value", ["0", "9782", "D10100", "C38354", "a_b-c", "9" * 64])
def test_a_status_is_kept_as_it_was_sent(value: str) -> None:
    event = read_event({**STATUS, "newStatus": value, "oldStatus": value})
    assert isinstance(event, StatusEvent)
    assert (event.new_status, event.old_status) == (value, value)


@pytest.mark.parametrize("name", ["newStatus", "oldStatus"])
@pytest.mark.parametrize("value", [" ", "97 82", "9782\n", "a.b", "é", "\u0661", "9" * 65, "<b>", "a/b", "a\0"])
def test_a_bad_status_is_named(name: str, value: str) -> None:
    assert refusal({**STATUS, name: value}).reason.startswith(f"{name} must be 1 to 64 ")


def test_a_new_status_may_not_be_empty() -> None:
    assert refusal({**STATUS, "newStatus": ""}).reason.startswith("newStatus must be 1 to 64 ")


@pytest.mark.parametrize("value", [True, False, 0, 1752, [], {}])
def test_an_old_status_is_a_string(value: object) -> None:
    assert refusal({**STATUS, "oldStatus": value}).reason == "oldStatus must be a string"


@pytest.mark.parametrize("old", [{}, {"oldStatus": None}, {"oldStatus": ""}])
def test_a_first_status_has_none_before_it(old: dict[str, Any]) -> None:
    event = read_event({key: value for key, value in STATUS.items() if key != "oldStatus"} | old)
    assert isinstance(event, StatusEvent)
    assert event.old_status is None


@pytest.mark.parametrize(
    "value", ["", "jobunposttowebevent", "JobUnpostToWebEvent ", "AssessmentEvent", "RemoteLoginEvent"]
)
def test_an_unknown_event_is_refused_without_repeating_what_was_sent(value: str) -> None:
    reason = refusal({**BODY, "eventType": value}).reason
    assert reason.startswith("eventType is unknown; known: ")
    for known in ("JobUnpostToWebEvent", "JobPostToWebEvent", "ViewJobWebPostEvent", "WorkFlowStatusChangeEvent"):
        assert known in reason
    assert "AssessmentEvent" not in reason
    assert "RemoteLoginEvent" not in reason


@pytest.mark.parametrize(
    ("name", "rel"),
    [("systemId", "applicantWorkflow"), ("jobId", "job"), ("personId", "person"), ("userId", "user")],
)
def test_an_event_and_its_links_must_agree(name: str, rel: str) -> None:
    expected = f'the link "{rel}" names another id than the event'
    assert refusal({**STATUS, name: "77"}).reason == expected
    assert refusal({**STATUS, name: "77", "links": []}, STATUS_LINK).reason == expected


@pytest.mark.parametrize(("name", "rel"), [("systemId", "job"), ("userId", "user")])
def test_a_job_event_and_its_link_header_must_agree(name: str, rel: str) -> None:
    assert refusal({**BODY, name: "77"}, LINK).reason == f'the link "{rel}" names another id than the event'


@pytest.mark.parametrize(("body", "link"), [(BODY, LINK), (STATUS, STATUS_LINK), (STATUS, None)])
def test_an_event_of_another_customer_than_its_links_is_refused(body: dict[str, Any], link: str | None) -> None:
    assert "another customerId" in refusal({**body, "customerId": "5678"}, link).reason


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
        for id_ in (event.customer_id, event.job_id, event.user_id):
            assert re.fullmatch(r"[0-9]{1,20}", id_)
