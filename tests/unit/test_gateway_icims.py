"""iCIMS's requests: who sends them, and what they say (seed icims-job-unpost)."""

import base64
import json
import re
import tomllib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from config.customers import Customer, CustomerICIMS
from models.lifecycle import Intent
from tests.unit.replies import sample
from webhook_gateway.body import BadRequest
from webhook_gateway.icims_auth import Unauthorized, covered_customers
from webhook_gateway.icims_events import IcimsEvent, read_event

BODY = json.loads(sample("icims_unpost.json"))
UNPOST = IcimsEvent("JobUnpostToWebEvent", "1234", "1209", "121", Intent.UNPOSTED)


def customer(id_: str, credentials: tuple[str, str] | None) -> Customer:
    example = tomllib.loads(sample("boardsync.toml").decode())["customers"][0]
    auth: dict[str, str] = {"webhook_auth": "none"}
    if credentials is not None:
        auth = {"webhook_auth": "basic", "webhook_user": credentials[0], "webhook_secret": credentials[1]}
    icims = CustomerICIMS.model_validate({"client_id": "i", "client_secret": "s", **auth})
    return Customer.model_validate({**example, "id": id_, "icims": icims})


CUSTOMERS = [
    customer("1", ("icims", "one")),
    customer("2", ("icims", "two:with:colons")),
    customer("3", ("käthe", "größe")),
    customer("4", ("shared", "secret")),
    customer("5", ("shared", "secret")),
    customer("6", None),
    customer("7", None),
]


def basic(credentials: str, *, scheme: str = "Basic", charset: str = "utf-8") -> str:
    return f"{scheme} {base64.b64encode(credentials.encode(charset)).decode()}"


def covered(header: str | None) -> frozenset[str]:
    return covered_customers(CIMultiDict({} if header is None else {"authorization": header}), CUSTOMERS)


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        (basic("icims:one"), {"1"}),
        (basic("icims:one", scheme="basic"), {"1"}),
        (basic("icims:one", scheme="BASIC "), {"1"}),
        (basic("icims:two:with:colons"), {"2"}),
        (basic("käthe:größe"), {"3"}),
        (basic("shared:secret"), {"4", "5"}),
        (None, {"6", "7"}),
    ],
)
def test_credentials_cover_the_customers_they_belong_to(header: str | None, ids: set[str]) -> None:
    assert covered(header) == ids


@pytest.mark.parametrize(
    "header",
    [
        basic("icims:wrong"),
        basic("wrong:one"),
        basic("shared:one"),
        basic("icims:one "),
        basic("ICIMS:one"),
        basic("icims:"),
        basic(":one"),
        basic(":"),
        basic("icims"),
        basic(""),
        basic("käthe:größe", charset="latin-1"),
        basic("icims:one", scheme="Bearer"),
        basic("icims:one").replace("=", "") + "!",
        "Basic",
        "Basic ",
        "Basic icims:one",
        "Basic \u0661\u0662\u0663\u0664",
        "Basic \udcff",
        "",
        "x-icims-v1-hmac-sha256 user=icims,signedheaders=host;x-icims-date,signature=00",
    ],
)
def test_wrong_or_unreadable_credentials_cover_nobody(header: str) -> None:
    with pytest.raises(Unauthorized):
        covered(header)


def test_a_request_without_credentials_is_refused_where_every_customer_has_some() -> None:
    with pytest.raises(Unauthorized):
        covered_customers({}, CUSTOMERS[:5])


@given(st.text(max_size=30).map(lambda rest: f"Basic {rest}") | st.text(max_size=30))
def test_any_header_is_a_refusal_and_no_other_error(header: str) -> None:
    with pytest.raises(Unauthorized):
        covered_customers({"Authorization": header}, CUSTOMERS)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_other_credentials_cover_nobody(user: str, password: str) -> None:
    header = "Basic " + base64.b64encode(f"{user}:{password}".encode(errors="surrogatepass")).decode()
    with pytest.raises(Unauthorized):
        covered_customers({"Authorization": header}, CUSTOMERS)


def test_the_seeds_event_is_read() -> None:
    assert read_event(BODY) == UNPOST


def test_keys_that_icims_may_add_are_passed_over() -> None:
    links = [{"rel": "job", "title": "Job Profile", "url": "http://evil.example/customers/9/jobs/9"}]
    assert read_event({"portalUrl": "http://evil.example", **BODY, "links": links, "jobId": "9", "new": None}) == UNPOST


FIELDS = pytest.mark.parametrize("name", ["customerId", "userId", "systemId", "eventType"])
BAD_IDS = [
    "",
    " ",
    "1 2",
    " 1209",
    "1209 ",
    "1209\n",
    "+1",
    "-1",
    "1.0",
    "0x1",
    "1e3",
    "12a",
    "1" * 21,
    "\u0661\u0662",
    "\uff11",
    "²",
    "../1",
    "1209\0",
]


def refusal(payload: dict[str, Any]) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        read_event(payload)
    assert caught.value.status == 400
    return caught.value


@FIELDS
def test_a_missing_field_is_named(name: str) -> None:
    assert refusal({key: value for key, value in BODY.items() if key != name}).reason == f"{name} is missing"


@FIELDS
@pytest.mark.parametrize("value", [None, True, 1209, 1.5, [], ["1209"], {}])
def test_a_field_that_is_no_string_is_named(name: str, value: object) -> None:
    assert refusal({**BODY, name: value}).reason == f"{name} must be a string"


@pytest.mark.parametrize("name", ["customerId", "userId", "systemId"])
@pytest.mark.parametrize("value", BAD_IDS)
def test_an_id_that_is_no_row_of_ascii_digits_is_named(name: str, value: str) -> None:
    assert refusal({**BODY, name: value}).reason == f"{name} must be 1 to 20 digits"


@pytest.mark.parametrize("value", ["0", "0001209", "1" * 20])
def test_an_id_is_kept_as_it_was_sent(value: str) -> None:
    assert read_event({**BODY, "systemId": value}).job_id == value


@pytest.mark.parametrize("value", ["", "jobunposttowebevent", "JobUnpostToWebEvent ", "AssessmentEvent"])
def test_an_unknown_event_is_refused_without_repeating_what_was_sent(value: str) -> None:
    reason = refusal({**BODY, "eventType": value}).reason
    assert reason.startswith("eventType is unknown; known: ")
    assert "JobUnpostToWebEvent" in reason
    assert "AssessmentEvent" not in reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=25),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.dictionaries(st.sampled_from([*BODY, "links"]) | st.text(max_size=5), JSON | st.sampled_from([*BODY.values()]))
)
def test_any_object_is_an_event_or_a_refusal(payload: dict[str, Any]) -> None:
    with suppress(BadRequest):
        event = read_event({**BODY, **payload})
        for id_ in (event.customer_id, event.job_id, event.user_id):
            assert re.fullmatch(r"[0-9]{1,20}", id_)
