"""Indeed's webhook, the pure parts: signatures by configuration, both forms of the event, repeats."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from config.customers import Customer
from config.settings import Settings
from models.indeed_ids import spellings
from tests.support.webhooks import INDEED_SECRET, webhook_settings
from webhook_gateway.indeed.events import JobLifecycleEvent, read_event, signed_for
from webhook_gateway.indeed.repeats import Repeats
from webhook_gateway.requests import BadRequest, Unauthorized

URLS = dict.fromkeys(("icims", "linkedin", "indeed"), "http://board.example.com")
URN = "dXJuOmluZGVlZDplbXBsb3llcmpvYjphMWIyYzNkNC1lNWY2LTc4OTAtYWJjZC1lZjEyMzQ1Njc4OTA="
LEGACY = {"eventType": "job.updated", "jobIri": URN, "timestamp": "2025-12-10T15:30:00Z"}
CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "evt_01",
    "source": "api.indeed.com",
    "type": "com.indeed.partner.jobs.lifecycle_event.v1",
    "time": "2026-01-27T01:33:32Z",
    "datacontenttype": "application/json",
    "idempotencykey": "1000070919164-1769477612123",
    "data": {"employerJobId": "ejid_active_job_123", "lifecycleEvent": "UPDATED"},
}


def customers(**changes: Any) -> tuple[Customer, ...]:
    raw = webhook_settings(URLS)
    raw["customers"][0]["indeed"].update(changes)
    return Settings.model_validate(raw).customers


def test_the_signature_of_indeeds_page() -> None:
    key = "Y0ur api secret key not shared &$%@"
    body = b"{'locale':'en_US','applicant':{'fullName':'John Doe','email':'john.doe@example.com'}}"
    headers = {"X-Indeed-Signature": "SGadPKocf3HD1LYXm3xGObB6hzk="}
    assert signed_for(headers, body, customers(webhook_secret=key)) == {"1234"}
    with pytest.raises(Unauthorized):
        signed_for(headers, body + b" ", customers(webhook_secret=key))


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("encoding", ["base64", "hex"])
def test_header_algorithm_and_encoding_are_configured(algorithm: str, encoding: str) -> None:
    configured = customers(
        webhook_signature_header="X-My-Signature",
        webhook_signature_algorithm=algorithm,
        webhook_signature_encoding=encoding,
    )
    digest = hmac.new(INDEED_SECRET.encode(), b"{}", algorithm).digest()
    shown = digest.hex().upper() if encoding == "hex" else base64.b64encode(digest).decode()
    assert signed_for({"x-my-signature": shown}, b"{}", configured) == {"1234"}
    for headers in ({"X-Indeed-Signature": shown}, {"X-My-Signature": shown[:-2]}, {"X-My-Signature": "é"}):
        with pytest.raises(Unauthorized):
            signed_for(headers, b"{}", configured)


def test_another_algorithm_or_encoding_is_refused() -> None:
    key = INDEED_SECRET.encode()
    for shown in (
        hmac.new(key, b"{}", hashlib.sha1).hexdigest(),
        base64.b64encode(hmac.new(key, b"{}", hashlib.sha256).digest()).decode(),
    ):
        with pytest.raises(Unauthorized):
            signed_for({"X-Indeed-Signature": shown}, b"{}", customers())


def test_a_customer_without_a_secret_is_never_covered() -> None:
    empty = base64.b64encode(hmac.new(b"", b"{}", hashlib.sha1).digest()).decode()
    with pytest.raises(Unauthorized):
        signed_for({"X-Indeed-Signature": empty}, b"{}", customers(webhook_secret=None))


def test_both_forms_of_the_event() -> None:
    assert read_event(LEGACY) == JobLifecycleEvent("job.updated", URN)
    assert read_event(CLOUD_EVENT) == JobLifecycleEvent(
        "lifecycle_event", "ejid_active_job_123", ("evt_01", "1000070919164-1769477612123")
    )


@pytest.mark.parametrize(
    "payload",
    [{**LEGACY, "eventType": "job.frobbed"}, {**CLOUD_EVENT, "type": "com.indeed.partner.jobs.lifecycle_event.v2"}],
)
def test_unknown_types_are_no_event(payload: dict[str, Any]) -> None:
    assert read_event(payload) is None


@pytest.mark.parametrize("job_id", [None, "", 7, "a" * 513, "a b", "a'b", 'a"b', "a\\b", "é", "a\nb", ["a"]])
def test_ids_that_cannot_be_searched_for_are_refused(job_id: Any) -> None:
    for payload in ({**LEGACY, "jobIri": job_id}, {**CLOUD_EVENT, "data": {"employerJobId": job_id}}):
        with pytest.raises(BadRequest, match="is missing or not an id"):
            read_event(payload)


@pytest.mark.parametrize(
    "payload", [{}, {"eventType": 5}, {"type": None}, {"specversion": "1.0"}, {**CLOUD_EVENT, "data": "text"}]
)
def test_what_cannot_be_read_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        read_event(payload)


@pytest.mark.parametrize("ids", [{"id": True}, {"id": ""}, {"id": "x" * 513}, {"id": None}])
def test_an_event_without_readable_ids_is_an_event_all_the_same(ids: dict[str, Any]) -> None:
    found = read_event(json.loads(json.dumps({**CLOUD_EVENT, "idempotencykey": None, **ids})))
    assert found is not None
    assert found.ids == ()


def test_a_job_is_known_under_both_spellings_of_its_iri() -> None:
    other = base64.b64encode(b"iri://apis.indeed.com/EmployerJob/a1b2c3d4-e5f6-7890-abcd-ef1234567890").decode()
    assert set(spellings(URN)) == set(spellings(other)) == {URN, other}
    assert spellings("ejid_active_job_123") == ("ejid_active_job_123",)
    assert spellings("YWJj") == ("YWJj",)


def test_the_memory_of_repeats_is_bounded_and_forgets_the_oldest() -> None:
    repeats = Repeats(kept=3)
    for number in "abc":
        repeats.took([("1234", number)])
    repeats.took([("1234", "a")])
    repeats.took([("1234", "d")])
    assert [repeats.knows([("1234", number)]) for number in "abcd"] == [True, False, True, True]
    assert not repeats.knows([("5678", "a")])
    assert not repeats.knows([])


def test_each_application_of_a_customer_signs_with_its_own_secret() -> None:
    rule = {"when": {"field": "brand"}, "client_id": "b", "client_secret": "s", "webhook_secret": "another-secret-of-b"}
    configured = customers(rules=[rule])
    for secret in (INDEED_SECRET, "another-secret-of-b"):
        shown = base64.b64encode(hmac.new(secret.encode(), b"{}", hashlib.sha1).digest()).decode()
        assert signed_for({"X-Indeed-Signature": shown}, b"{}", configured) == {"1234"}


@pytest.mark.parametrize(
    "payload",
    [
        {k.upper(): v for k, v in CLOUD_EVENT.items()} | {"DATA": {"EMPLOYERJOBID": " ejid_active_job_123\n"}},
        CLOUD_EVENT | {"type": " COM.Indeed.Partner.Jobs.Lifecycle_Event.v1 "},
        CLOUD_EVENT | LEGACY,
    ],
)  # fmt: skip
def test_an_event_is_taken_in_any_case_and_with_spaces_around_its_values(payload: dict[str, Any]) -> None:
    assert read_event(payload) == JobLifecycleEvent(
        "lifecycle_event", "ejid_active_job_123", ("evt_01", "1000070919164-1769477612123")
    )


@pytest.mark.parametrize("more", [{}, {"type": None, "specversion": None}, {"JOBIRI": URN}])
def test_a_legacy_event_is_one_whatever_is_null_beside_it(more: dict[str, Any]) -> None:
    given = {"EventType": "Job.Updated", "jobIri": URN} | more
    assert read_event(given) == JobLifecycleEvent("job.updated", URN)


def test_an_iri_as_it_is_is_known_in_every_spelling() -> None:
    plain = base64.b64decode(URN).decode()
    assert set(spellings(plain)) == {plain, *spellings(URN)}
