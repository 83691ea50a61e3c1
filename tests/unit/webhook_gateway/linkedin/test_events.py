"""LinkedIn's webhook, the pure parts: challenge, signatures, every spelling of a notification, whose job it is."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from config.values import fill
from models.events import StatusDetail
from tests.support.webhooks import (
    CHILD_SECRET,
    CHILD_URN,
    OTHER_SECRET,
    PARENT_SECRET,
    linkedin_headers,
    notice,
    webhook_settings,
)
from webhook_gateway.linkedin.auth import Application, applications, challenge_response, claimed, signed_texts, signers
from webhook_gateway.linkedin.events import ResyncNotice, StatusNotice, job_id_of, read_notice
from webhook_gateway.requests import BadRequest, Unauthorized

URLS = dict.fromkeys(("icims", "linkedin", "indeed"), "http://board.example.com")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
TEST = Application("1", "client", ("test-secret",), frozenset({"1234"}))
CODE = "890e4665-4dfe-4ab1-b689-ed553bceeed0"


def settings(**changes: Any) -> Settings:
    raw = webhook_settings(URLS)
    raw["customers"][0]["linkedin"].update(changes)
    return Settings.model_validate(raw)


def known(*, parent: bool = True, customers: int = 2) -> tuple[Application, ...]:
    raw = webhook_settings(URLS)
    raw["linkedin"] = raw["linkedin"] if parent else {}
    raw["customers"] = raw["customers"][:customers]
    return applications(Settings.model_validate(raw))


def response(secret: str, code: str = CODE) -> str:
    return hmac.new(secret.encode(), code.encode(), hashlib.sha256).hexdigest()


def test_the_challenge_of_the_contract() -> None:
    expected = "8bde2af5ee9529546d2098fc83434bb05aff1104dca629a22f301714626e29b0"
    assert challenge_response([TEST], CODE, None) == expected


@pytest.mark.parametrize(
    ("asked", "secret"),
    [
        ("234", CHILD_SECRET),
        (CHILD_URN, CHILD_SECRET),
        ("linkedin-1234", CHILD_SECRET),
        ("567", OTHER_SECRET),
        ("100", PARENT_SECRET),
        ("linkedin-parent", PARENT_SECRET),
        (None, PARENT_SECRET),
    ],
)
def test_the_right_applications_secret_answers_the_challenge(asked: str | None, secret: str) -> None:
    assert challenge_response(known(), CODE, asked) == response(secret)


def test_without_an_id_the_only_application_answers_and_of_several_none() -> None:
    assert challenge_response(known(parent=False, customers=1), CODE, None) == response(CHILD_SECRET)
    with pytest.raises(BadRequest, match="applicationId is needed"):
        challenge_response(known(parent=False), CODE, None)


@pytest.mark.parametrize("asked", ["999", "", "linkedin", "urn:li:developerApplication:", "234 "])
def test_an_unknown_application_has_no_answer(asked: str) -> None:
    assert challenge_response(known(), CODE, asked) is None
    assert challenge_response((), CODE, None) is None


@pytest.mark.parametrize("code", ["", "a" * 129, "a b", "é", "a\n", "x" * 5000, '{"a":1}'])
def test_a_challenge_that_is_no_token_is_refused(code: str) -> None:
    with pytest.raises(BadRequest):
        challenge_response(known(), code, None)


def test_the_challenge_signs_no_notification() -> None:
    body = json.dumps(notice("1209"), separators=(",", ":"))
    for forged in (f"hmacsha256={body}", "hmacsha256=", "hmacsha256=abc"):
        with pytest.raises(BadRequest):
            challenge_response(known(), forged, "234")


RAW = '{"type":"JOB_POSTING_STATUS","externalJobPostingId":"café-1"}'
ESCAPED = RAW.replace("é", "\\u00e9")
RAW_DIGEST = "d6215486320ae0dc1c725c02d6fb1a79fa466ed16b642944bc9596641d26e60f"
ESCAPED_DIGEST = "0475f7423d8c069b985bbb81244345b9feb930193276e817e1e8615c448adb04"


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (RAW, RAW_DIGEST),
        (RAW, ESCAPED_DIGEST),
        (ESCAPED, ESCAPED_DIGEST),
        (RAW, RAW_DIGEST.upper()),
        (RAW, f"hmacsha256={RAW_DIGEST}"),
        (ESCAPED, f"hmacsha256={ESCAPED_DIGEST}"),
        (RAW, f" {RAW_DIGEST} "),
    ],
)
def test_both_forms_of_the_signature_are_taken(body: str, header: str) -> None:
    assert signers([TEST], {"X-LI-Signature": header}, body.encode(), frozenset()) == {"1234"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (RAW, {}),
        (RAW, {"X-LI-Signature": ""}),
        (RAW, {"X-LI-Signature": RAW_DIGEST[:-1]}),
        (RAW, {"X-LI-Signature": RAW_DIGEST[:-1] + "g"}),
        (RAW, {"X-LI-Signature": "0" * 64}),
        (RAW, {"X-LI-Signature": f"sha256={RAW_DIGEST}"}),
        (RAW, {"X-LI-Signature": RAW_DIGEST, "x-li-signature": RAW_DIGEST}),
        (RAW + " ", {"X-LI-Signature": RAW_DIGEST}),
        (ESCAPED, {"X-LI-Signature": RAW_DIGEST}),
        (RAW, {"X-LI-Signature": hmac.new(b"test-secret", RAW.encode(), hashlib.sha256).hexdigest()}),
        (RAW, {"X-Li-Signatures": RAW_DIGEST}),
    ],
)
def test_everything_else_is_no_signature(body: str, headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized):
        signers([TEST], headers, body.encode(), frozenset())


# Without DEL: it is ASCII, and only Python escapes it.
@given(st.text(st.characters(exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=40))
def test_the_escaped_form_is_what_json_writes(text: str) -> None:
    raw = json.dumps({"a": text}, ensure_ascii=False).encode()
    escaped = json.dumps({"a": text}).encode()
    assert b"hmacsha256=" + escaped in signed_texts(raw)
    assert b"hmacsha256=" + raw in signed_texts(raw)


def test_a_body_that_is_no_text_is_signed_as_it_is() -> None:
    assert signed_texts(b"\xff\xfe") == (b"hmacsha256=\xff\xfe",)


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        (CHILD_SECRET, {"1234"}),
        ("an-older-secret", {"1234"}),
        (OTHER_SECRET, {"5678"}),
        (PARENT_SECRET, {"1234", "5678"}),
    ],
)
def test_a_child_signs_for_itself_and_the_parent_for_all(secret: str, expected: set[str]) -> None:
    body = b"{}"
    configured = applications(settings(previous_client_secret="an-older-secret"))
    assert signers(configured, linkedin_headers(body, secret), body, claimed(body)) == expected


def test_customers_may_share_an_application() -> None:
    raw = webhook_settings(URLS)
    raw["customers"][1]["linkedin"] = raw["customers"][0]["linkedin"]
    configured = applications(Settings.model_validate(raw))
    assert [each.number for each in configured] == ["100", "234"]
    assert configured[1].customers == {"1234", "5678"}
    assert configured[1].secrets == (CHILD_SECRET,)


def test_a_customer_that_does_not_use_linkedin_has_no_application() -> None:
    raw = webhook_settings(URLS)
    raw["customers"][1]["boards"] = ["indeed"]
    assert [each.number for each in applications(Settings.model_validate(raw))] == ["100", "234"]


MEMBER_REPORTED = (
    "MEMBER_REPORTED: The job was closed because it was reported by multiple LinkedIn members as no longer accepting "
    "applications. Please ensure the job was not incorrectly closed in your ATS."
)
DETAIL = {"errorCode": "10XX", "errorType": "CUSTOMER_ERROR", "statusMessage": MEMBER_REPORTED}
LISTING = StatusDetail(status="NOT_LISTED", type="CUSTOMER_ERROR", name="MEMBER_REPORTED", message=MEMBER_REPORTED)


def status(**fields: Any) -> StatusNotice:
    payload = {"type": "JOB_POSTING_STATUS", "externalJobPostingId": "1234-9", "developerApplicationUrn": CHILD_URN}
    found = read_notice({**payload, **fields}, NOW)
    assert isinstance(found, StatusNotice)
    return found


@pytest.mark.parametrize("word", ["listingStatus", "ListingStatus", "listedStatus", "ListedStatus", "LISTEDSTATUS"])
@pytest.mark.parametrize(
    "detail",
    [
        "listingStatusDetail",
        "listingStatusDetails",
        "ListingStatusDetails",
        "listedStatusDetail",
        "ListedStatusDetails",
    ],
)
@pytest.mark.parametrize("value", [DETAIL, [DETAIL], {key.upper(): each for key, each in DETAIL.items()}])
def test_every_spelling_of_a_listing(word: str, detail: str, value: Any) -> None:
    assert status(**{word: "NOT_LISTED", detail: value}).status.listing == LISTING


@pytest.mark.parametrize("word", ["linkedInApplyStatus", "LinkedinApplyStatus", "LinkedInApplyStatus"])
@pytest.mark.parametrize("ending", ["Detail", "Details"])
@pytest.mark.parametrize("code", [1154, "1154", " 1154 "])
def test_every_spelling_of_apply(word: str, ending: str, code: Any) -> None:
    text = "BLOCKED_WEBHOOK: The application delivery webhook wasn't reachable."
    detail = {"errorCode": code, "errorType": "PARTNER_ERROR", "statusMessage": text}
    expected = StatusDetail(status="NOT_ENABLED", code=1154, type="PARTNER_ERROR", name="BLOCKED_WEBHOOK", message=text)
    assert status(**{word: "NOT_ENABLED", f"{word}{ending}": detail}).status.apply == expected


@pytest.mark.parametrize("word", ["promotionStatus", "PromotionStatus"])
@pytest.mark.parametrize("ending", ["Detail", "Details"])
def test_every_spelling_of_promotion(word: str, ending: str) -> None:
    detail = {"errorType": "CUSTOMER_ERROR", "statusMessage": "LI_CUSTOMER_PROMOTED: Visit Recruiter to manage."}
    found = status(**{word: "PROMOTED", f"{word}{ending}": detail}).status.promotion
    assert found is not None
    assert (found.status, found.name, found.code) == ("PROMOTED", "LI_CUSTOMER_PROMOTED", None)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PENDING_CUSTOMER_MIGRATION:This job is not yet eligible", "PENDING_CUSTOMER_MIGRATION"),
        ("MEMBER_REPORTED", "MEMBER_REPORTED"),
        ("No attempt to enable LinkedInApply was found for this job.", None),
        ("Note: nothing", None),
        ("", None),
    ],
)
def test_the_symbolic_name_stands_before_the_colon(text: str, name: str | None) -> None:
    found = status(listingStatus="NOT_LISTED", listingStatusDetail={"statusMessage": text}).status.listing
    assert found is not None
    assert found.name == name


def test_statuses_inside_the_info_are_found_too() -> None:
    found = status(jobPostingInfo={"listingStatus": "LISTED", "location": "San Francisco"}).status
    assert found.listing == StatusDetail(status="LISTED")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"listingStatus": None, "listingStatusDetail": None},
        {"listingStatus": 7, "listingStatusDetail": "text", "promotionStatus": []},
        {"jobPostingInfo": "text"},
        {"listingStatus": "  "},
    ],
)
def test_a_notice_without_a_readable_status_is_still_a_hint(fields: dict[str, Any]) -> None:
    found = status(**fields).status
    assert (found.listing, found.apply, found.promotion) == (None, None, None)
    assert found.received_at == NOW


def test_unknown_values_and_long_texts_are_kept_short() -> None:
    detail = [{"errorCode": True, "errorType": "X" * 900, "statusMessage": "A" * 9000}, "text", {"statusMessage": 5}]
    found = status(listingStatus="S" * 900, listingStatusDetails=detail).status.listing
    assert found is not None
    assert found.message is not None
    assert (len(found.status), len(found.message), found.code) == (64, 500, None)
    assert status(listingStatus="SUSPENDED").status.listing == StatusDetail(status="SUSPENDED")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": None},
        {"type": 5},
        notice("1", externalJobPostingId=None),
        notice("1", externalJobPostingId=""),
        notice("1", externalJobPostingId=True),
        notice("1", externalJobPostingId=1.5),
        notice("1", externalJobPostingId="x" * 201),
        notice("1", externalJobPostingId=10**30),
        notice("1", developerApplicationUrn=None),
        notice("1", developerApplicationUrn="urn:li:organization:234"),
        notice("1", developerApplicationUrn=True),
        {"type": "RESYNC_JOBS", "developerApplicationUrn": CHILD_URN, "syncAllOpenJobs": False},
        {"type": "RESYNC_JOBS", "developerApplicationUrn": CHILD_URN, "externalJobPostingIds": [None]},
        {"type": "RESYNC_JOBS", "externalJobPostingIds": []},
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_reason(payload: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as refusal:
        read_notice(payload, NOW)
    assert refusal.value.reason


def test_an_external_id_may_be_a_number() -> None:
    assert status(externalJobPostingId=112233445566).external_id == "112233445566"


def test_an_unknown_type_is_no_notice() -> None:
    assert read_notice({"type": "JOB_FROBBED", "x": 1}, NOW) is None


def test_the_resync_of_linkedins_page() -> None:
    page = (
        '{"developerApplicationUrn":"urn:li:developerApplication:12345","externalJobPostingIds":["job-1234"],'
        '"syncAllOpenJobs":false,"type":"RESYNC_JOBS"}'
    )
    assert read_notice(json.loads(page), NOW) == ResyncNotice("12345", ("job-1234",), False, NOW)
    everything = {"developerApplicationUrn": CHILD_URN, "syncAllOpenJobs": True, "type": "RESYNC_JOBS"}
    assert read_notice(everything, NOW) == ResyncNotice("234", (), True, NOW)


@pytest.mark.parametrize("bad", [None, "", True, 1.5, [], {}, "x" * 201])
def test_a_resync_counts_the_good_ids_among_bad_ones(bad: object) -> None:
    asked = {"type": "RESYNC_JOBS", "developerApplicationUrn": CHILD_URN}
    mixed = {**asked, "externalJobPostingIds": [bad, "1234-1", bad, 77, "1234-1"]}
    assert read_notice(mixed, NOW) == ResyncNotice("234", ("1234-1", "77"), False, NOW, unreadable=2)
    assert read_notice({**asked, "externalJobPostingIds": "1234-1"}, NOW) == ResyncNotice(
        "234", ("1234-1",), False, NOW
    )
    assert read_notice({**asked, "syncAllOpenJobs": "true", "externalJobPostingIds": [bad]}, NOW) == ResyncNotice(
        "234", (), True, NOW, unreadable=1
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"developerApplicationUrn": "urn:li:developerApplication:234"}',
        '{"DeveloperApplicationURN":234}',
        '{"x": [1, {"developerapplicationurn" : "234"}]}',
    ],
)
def test_the_application_that_a_body_names_is_found_without_parsing_it(text: str) -> None:
    assert claimed(text.encode()) == {"234"}
    assert claimed(text.encode().replace(b"234", b"x")) == frozenset()


def test_a_false_signature_costs_no_more_for_more_applications_or_stranger_bodies() -> None:
    many = [
        Application(str(number), f"c{number}", (f"s{number}", f"t{number}"), frozenset({"1"})) for number in range(500)
    ]
    texts = ["é" * 130_000, "éa" * 80_000, json.dumps(notice("1", urn="urn:li:developerApplication:7"))]
    for text, most in zip(texts, (0, 0, 2), strict=True):
        body = text.encode()
        with (
            patch("webhook_gateway.linkedin.auth.hmac.digest", wraps=hmac.digest) as digest,
            pytest.raises(Unauthorized),
        ):
            signers(many, {"X-LI-Signature": "0" * 64}, body, claimed(body))
        assert digest.call_count == most


TEMPLATES = ["{customer_id}-{job_id}", "{job_id}", "job.{job_id}+x", "{job_id}/{customer_id}/{job_id}", "[a]{job_id}$"]


@given(template=st.sampled_from(TEMPLATES), job_id=st.from_regex(r"[0-9]{1,20}", fullmatch=True))
def test_an_external_id_leads_back_to_its_job(template: str, job_id: str) -> None:
    customer = settings(external_job_posting_id=template).customers[0]
    assert job_id_of(customer, fill(template, customer_id="1234", job_id=job_id)) == job_id


@given(template=st.sampled_from(TEMPLATES), external_id=st.text(max_size=30))
def test_no_other_id_leads_to_a_job(template: str, external_id: str) -> None:
    customer = settings(external_job_posting_id=template).customers[0]
    job_id = job_id_of(customer, external_id)
    assert job_id is None or fill(template, customer_id="1234", job_id=job_id) == external_id


@pytest.mark.parametrize(
    "external_id", ["1234-", "1234-12a", "5678-12", "1234-١٢", "1234-1\n", "x1234-1", "1234-" + "1" * 21]
)
def test_ids_of_no_job_of_this_customer(external_id: str) -> None:
    assert job_id_of(settings().customers[0], external_id) is None
