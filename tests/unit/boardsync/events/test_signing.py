"""The signatures of `boardsync send`, against vectors of the contracts and signers written for the tests."""

import gzip
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from boardsync.events.signing import Outgoing, challenge_digest, with_basic, with_icims_hmac, with_indeed, with_linkedin
from config.customers import CustomerIndeed, CustomerLinkedIn
from tests.support.signatures import NAMES, signature

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
LINKEDIN = CustomerLinkedIn(
    client_id="x",
    client_secret=SecretStr("test-secret"),
    application_urn="urn:li:developerApplication:234",
    organization_urn="urn:li:organization:5678",
)


def indeed(**fields: str) -> CustomerIndeed:
    return CustomerIndeed.model_validate({"client_id": "x", "client_secret": "x", "advertiser_id": "x", **fields})


def test_basic_is_that_of_the_rfc() -> None:
    # RFC 7617, section 2.
    signed = with_basic(Outgoing("POST", "https://x"), "Aladdin", "open sesame")
    assert signed.headers == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


@pytest.mark.parametrize("body", [b'{"a": 1}', gzip.compress(b'{"a": 1}', mtime=0), b""])
def test_icimss_hmac_is_that_of_an_independent_signer(body: bytes) -> None:
    request = Outgoing(
        "POST", "https://hooks.example.com/webhooks/icims?a=1", {"Content-Type": "application/json"}, body
    )
    signed = with_icims_hmac(request, "icims", "one", NOW)
    headers = {name: value for name, value in signed.headers.items() if name != "Authorization"}
    expected = signature("one", headers, query="a=1")
    assert headers["Host"] == "hooks.example.com"
    assert headers["x-icims-date"] == "2026-11-22T10:30:00+0000"
    assert signed.headers["Authorization"] == (
        f"x-icims-v1-hmac-sha256 user=icims,signedheaders={NAMES},signature={expected}"
    )


def test_linkedins_signatures_are_the_contracts_vectors() -> None:
    body = '{"type":"JOB_POSTING_STATUS","externalJobPostingId":"café-1"}'.encode()
    signed = with_linkedin(Outgoing("POST", "https://x", {}, body), LINKEDIN)
    assert signed.headers["X-LI-Signature"] == "d6215486320ae0dc1c725c02d6fb1a79fa466ed16b642944bc9596641d26e60f"
    assert (
        challenge_digest("890e4665-4dfe-4ab1-b689-ed553bceeed0", "test-secret")
        == "8bde2af5ee9529546d2098fc83434bb05aff1104dca629a22f301714626e29b0"
    )


def test_indeeds_signature_is_the_guides_vector_or_as_configured() -> None:
    body = b"{'locale':'en_US','applicant':{'fullName':'John Doe','email':'john.doe@example.com'}}"
    key = "Y0ur api secret key not shared &$%@"
    signed = with_indeed(Outgoing("POST", "https://x", {}, body), indeed(), key)
    assert signed.headers == {"X-Indeed-Signature": "SGadPKocf3HD1LYXm3xGObB6hzk="}
    other = indeed(
        webhook_signature_header="X-Sig", webhook_signature_algorithm="sha256", webhook_signature_encoding="hex"
    )
    (value,) = with_indeed(Outgoing("POST", "https://x", {}, body), other, key).headers.values()
    assert len(value) == 64
    assert int(value, 16)
