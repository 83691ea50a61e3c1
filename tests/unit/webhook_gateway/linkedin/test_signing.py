"""LinkedIn's challenge and signatures: which application signs for which customers."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
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
from webhook_gateway.requests import BadRequest, Unauthorized

URLS = dict.fromkeys(("icims", "linkedin", "indeed"), "http://board.example.com")
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
