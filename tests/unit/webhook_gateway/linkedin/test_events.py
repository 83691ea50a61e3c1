"""LinkedIn's webhook, the pure parts: challenge, signatures, every spelling of a notification, whose job it is."""

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
    CHILD_URN,
    notice,
    webhook_settings,
)
from webhook_gateway.linkedin.auth import Application, claimed, signers
from webhook_gateway.linkedin.events import ResyncNotice, StatusNotice, job_id_of, read_notice
from webhook_gateway.requests import BadRequest, Unauthorized

URLS = dict.fromkeys(("icims", "linkedin", "indeed"), "http://board.example.com")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def settings(**changes: Any) -> Settings:
    raw = webhook_settings(URLS)
    raw["customers"][0]["linkedin"].update(changes)
    return Settings.model_validate(raw)


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
