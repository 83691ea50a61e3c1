"""OAuth for iCIMS's events: client credentials, bearer tokens, and answers of RFC 6749."""

import base64
import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from multidict import CIMultiDict

from tests.unit.webhook_gateway.icims.test_auth import customer
from webhook_gateway.icims.tokens import (
    FORM_LIMIT,
    TOKEN_SECONDS,
    ErrorCode,
    TokenIssuer,
    TokenRefused,
    matching_client,
    read_token_request,
    token_refusal,
    token_reply,
)
from webhook_gateway.requests import Unauthorized

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
GOOD = {"grant_type": "client_credentials", "client_id": "icims", "client_secret": "s3cret"}
ISSUER = TokenIssuer("link-secret")
CUSTOMERS = [
    customer("1", "oauth", "one", "secret-1", previous="secret-1-before"),
    customer("2", "oauth", "two", "secret-2"),
    customer("3", "oauth", "shared", "same", previous="a"),
    customer("4", "oauth", "shared", "same", previous="b"),
    customer("5", "oauth", "apart", "secret-5"),
    customer("6", "oauth", "apart", "secret-6"),
    customer("7", "basic", "basic", "secret-7"),
    customer("8", "hmac", "hmac", "secret-8"),
    customer("9", "oauth", "käthe", "größe"),
]


def read(
    form: dict[str, str] | bytes, *, authorization: str | None = None, content_type: str | None = FORM
) -> tuple[str, str]:
    headers: CIMultiDict[str] = CIMultiDict()
    if content_type is not None:
        headers["content-type"] = content_type
    if authorization is not None:
        headers["authorization"] = authorization
    return read_token_request(headers, form if isinstance(form, bytes) else urlencode(form).encode())


def without(*names: str, **more: str) -> dict[str, str]:
    return {key: value for key, value in GOOD.items() if key not in names} | more


def basic(credentials: str | bytes) -> str:
    raw = credentials if isinstance(credentials, bytes) else credentials.encode()
    return "Basic " + base64.b64encode(raw).decode()


GRANT = {"grant_type": "client_credentials"}


@pytest.mark.parametrize("client_id", ["icims", "käthe", "a b.c/d", "1", "", "x" * 200])
def test_a_token_tells_its_client_until_it_expires(client_id: str) -> None:
    token, expires_in = ISSUER.issue(client_id, NOW)
    assert expires_in == TOKEN_SECONDS == 900
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=")
    for age in (-30, 0, 1, 899, 900):
        assert ISSUER.client_of(token, NOW + timedelta(seconds=age)) == client_id
    for age in (-31, 901, 90_000):
        with pytest.raises(Unauthorized, match="expired"):
            ISSUER.client_of(token, NOW + timedelta(seconds=age))


def test_any_gateway_with_the_secret_reads_the_token() -> None:
    assert TokenIssuer("link-secret").client_of(ISSUER.issue("icims", NOW)[0], NOW) == "icims"


def test_a_token_holds_the_client_id_and_nothing_else() -> None:
    payload = ISSUER.issue("icims", NOW)[0].split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(payload + "==")) == "icims"


_TOKEN = ISSUER.issue("icims", NOW)[0]
_PAYLOAD, _STAMP, _SIGNATURE = _TOKEN.split(".")
_LATER = ISSUER.issue("icims", NOW + timedelta(seconds=600))[0].split(".")
_OTHER = ISSUER.issue("other", NOW)[0].split(".")
_SALT = "boardsync.icims.bearer.v1"
_SIGNING = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
FOREIGN = {
    "nothing": "",
    "dots": "..",
    "no signature": f"{_PAYLOAD}.{_STAMP}",
    "an empty signature": f"{_PAYLOAD}.{_STAMP}.",
    "no time": f"{_PAYLOAD}.{_SIGNATURE}",
    "another payload": f"{_OTHER[0]}.{_STAMP}.{_SIGNATURE}",
    "another time": f"{_PAYLOAD}.{_LATER[1]}.{_SIGNATURE}",
    "another signature": f"{_PAYLOAD}.{_STAMP}.{_OTHER[2]}",
    "first byte": f"{'A' if _PAYLOAD[0] != 'A' else 'B'}{_TOKEN[1:]}",
    "byte of the signature": f"{_PAYLOAD}.{_STAMP}.{'A' if _SIGNATURE[0] != 'A' else 'B'}{_SIGNATURE[1:]}",
    "shorter": _TOKEN[:-2],
    "longer": _TOKEN + "AA",
    "twice": _TOKEN + _TOKEN,
    "reversed": _TOKEN[::-1],
    "upper case": _TOKEN.upper(),
    "another secret": TokenIssuer("another").issue("icims", NOW)[0],
    "an empty secret": TokenIssuer("").issue("icims", NOW)[0],
    "no salt": str(URLSafeTimedSerializer("link-secret", signer_kwargs=_SIGNING).dumps("icims")),
    "a foreign salt": str(URLSafeTimedSerializer("link-secret", salt="job", signer_kwargs=_SIGNING).dumps("icims")),
    "SHA-1": str(URLSafeTimedSerializer("link-secret", salt=_SALT).dumps("icims")),
    "no time, signed": str(URLSafeSerializer("link-secret", salt=_SALT, signer_kwargs=_SIGNING).dumps("icims")),
    "too long": "A" * 3000,
    "not ASCII": _TOKEN + "é",
    "surrogates": "\udcff",
    "the client id": "icims",
}  # fmt: skip


@pytest.mark.parametrize("case", FOREIGN)
def test_a_token_that_is_not_ours_is_refused(case: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        ISSUER.client_of(FOREIGN[case], NOW)
    assert "link-secret" not in caught.value.reason


def test_a_token_of_something_else_than_a_string_is_refused() -> None:
    serializer = ISSUER._serializer(NOW)  # only with the secret can such a token be made
    with pytest.raises(Unauthorized):
        ISSUER.client_of(str(serializer.dumps(["icims"])), NOW)


@given(st.text(max_size=60) | st.tuples(st.integers(0, len(_TOKEN) - 1), st.characters()).map(
    lambda change: _TOKEN[: change[0]] + change[1] + _TOKEN[change[0] + 1 :]))  # fmt: skip
def test_any_other_token_is_refused(token: str) -> None:
    with suppress(Unauthorized):
        assert ISSUER.client_of(token, NOW) == "icims"
        # The last character of Base64 has bits that mean nothing.
        assert token[:-1] == _TOKEN[:-1]


@pytest.mark.parametrize(
    ("form", "authorization", "client"),
    [
        (GOOD, None, ("icims", "s3cret")),
        ({**GOOD, "audience": "x", "scope": "y"}, None, ("icims", "s3cret")),
        (without(client_id="a b", client_secret="ü+%&="), None, ("a b", "ü+%&=")),
        (GRANT, basic("icims:s3cret"), ("icims", "s3cret")),
        (GRANT, basic("icims:s3cret").replace("Basic", "basic"), ("icims", "s3cret")),
        (without("client_secret"), basic("icims:s3cret"), ("icims", "s3cret")),
        (GRANT, basic(f"{quote_plus('a:b c')}:{quote_plus('ü+%&=')}"), ("a:b c", "ü+%&=")),
        (GRANT, basic("icims:Ab+/cd=="), ("icims", "Ab+/cd==")),
        (GRANT, basic("icims:100%"), ("icims", "100%")),
        (GRANT, basic("icims:a:b"), ("icims", "a:b")),
        (GRANT, basic("käthe:größe"), ("käthe", "größe")),
    ],
)
def test_credentials_come_in_the_form_or_by_basic(
    form: dict[str, str], authorization: str | None, client: tuple[str, str]
) -> None:
    assert read(form, authorization=authorization) == client


@pytest.mark.parametrize("content_type", [FORM, FORM.upper(), f"{FORM}; charset=UTF-8", f"{FORM};charset=utf-8"])
def test_a_form_is_a_form_in_any_writing(content_type: str) -> None:
    assert read(GOOD, content_type=content_type) == ("icims", "s3cret")


_ENCODED = urlencode(GOOD).encode()
BAD_REQUESTS: dict[str, tuple[ErrorCode, dict[str, str] | bytes, str | None, str | None]] = {
    "no type": ("invalid_request", GOOD, None, None),
    "JSON": ("invalid_request", json.dumps(GOOD).encode(), None, "application/json"),
    "JSON as a form": ("invalid_request", json.dumps(GOOD).encode(), None, FORM),
    "a multipart form": ("invalid_request", GOOD, None, "multipart/form-data"),
    "nothing": ("invalid_request", b"", None, FORM),
    "no grant": ("invalid_request", without("grant_type"), None, FORM),
    "another grant": ("unsupported_grant_type", without(grant_type="password"), None, FORM),
    "an empty grant": ("unsupported_grant_type", without(grant_type=""), None, FORM),
    "grant in upper case": ("unsupported_grant_type", without(grant_type="CLIENT_CREDENTIALS"), None, FORM),
    "a grant twice": ("invalid_request", _ENCODED + b"&grant_type=client_credentials", None, FORM),
    "a client twice": ("invalid_request", _ENCODED + b"&client_id=other", None, FORM),
    "a secret twice": ("invalid_request", _ENCODED + b"&client_secret=s3cret", None, FORM),
    "latin-1": ("invalid_request", _ENCODED + b"&a=\xe9", None, FORM),
    "latin-1 encoded": ("invalid_request", _ENCODED + b"&a=%E9", None, FORM),
    "a field without value": ("invalid_request", _ENCODED + b"&a", None, FORM),
    "too large": ("invalid_request", _ENCODED + b"&a=" + b"x" * FORM_LIMIT, None, FORM),
    "too many fields": ("invalid_request", _ENCODED + b"".join(b"&a%d=" % i for i in range(40)), None, FORM),
    "no client": ("invalid_client", without("client_id"), None, FORM),
    "no secret": ("invalid_client", without("client_secret"), None, FORM),
    "an empty secret": ("invalid_client", without(client_secret=""), None, FORM),
    "an empty client": ("invalid_client", without(client_id=""), None, FORM),
    "no credentials": ("invalid_client", GRANT, None, FORM),
    "both ways": ("invalid_request", GOOD, basic("icims:s3cret"), FORM),
    "two clients": ("invalid_request", without("client_secret", client_id="b"), basic("icims:s"), FORM),
    "another scheme": ("invalid_client", GRANT, "Bearer s3cret", FORM),
    "no scheme": ("invalid_client", GRANT, "", FORM),
    "no Base64": ("invalid_client", GRANT, "Basic icims:s3cret", FORM),
    "no colon": ("invalid_client", GRANT, basic("icims"), FORM),
    "Basic in latin-1": ("invalid_client", GRANT, basic("käthe:x".encode("latin-1")), FORM),
    "Basic encoded from latin-1": ("invalid_client", GRANT, basic("k%E4the:x"), FORM),
}


@pytest.mark.parametrize("case", BAD_REQUESTS)
def test_a_bad_token_request_is_refused_with_its_code(case: str) -> None:
    code, form, authorization, content_type = BAD_REQUESTS[case]
    with pytest.raises(TokenRefused) as caught:
        read(form, authorization=authorization, content_type=content_type)
    assert caught.value.error == code
    assert "s3cret" not in caught.value.description


FORMS = st.dictionaries(st.sampled_from([*GOOD, "a"]), st.text(max_size=10)).map(
    lambda form: urlencode(form, errors="replace").encode()
)


@given(
    st.binary(max_size=80) | FORMS | FORMS.map(lambda form: form + b"&grant_type=client_credentials"),
    st.none() | st.text(max_size=20) | st.binary(max_size=20).map(basic),
)
def test_any_token_request_is_read_or_refused(body: bytes, authorization: str | None) -> None:
    with suppress(TokenRefused):
        read(body, authorization=authorization)


@pytest.mark.parametrize(
    "client",
    [("one", "secret-1"), ("one", "secret-1-before"), ("two", "secret-2"), ("shared", "same"), ("käthe", "größe")],
)
def test_a_client_gets_a_token_for_its_secret(client: tuple[str, str]) -> None:
    assert matching_client(CUSTOMERS, *client)
    assert matching_client(CUSTOMERS[::-1], *client)


@pytest.mark.parametrize(
    "client",
    [
        ("one", "secret-2"), ("two", "secret-1"), ("two", "secret-1-before"), ("one", ""), ("", "secret-1"), ("", ""),
        ("One", "secret-1"), ("one", "Secret-1"), ("one", "secret-1 "), ("one ", "secret-1"), ("one", "secret-"),
        ("one", "secret-10"), ("1", "secret-1"), ("basic", "secret-7"), ("hmac", "secret-8"), ("shared", "a"),
        ("shared", "b"), ("apart", "secret-5"), ("apart", "secret-6"), ("nobody", "secret-1"), ("\ud800", "\ud800"),
        ("käthe", "grösse"),
    ],
)  # fmt: skip
def test_no_other_client_gets_one(client: tuple[str, str]) -> None:
    assert not matching_client(CUSTOMERS, *client)


def test_nobody_gets_one_where_nobody_has_oauth() -> None:
    assert not matching_client([], "", "")
    assert not matching_client(CUSTOMERS[6:8], "basic", "secret-7")


def test_the_answer_with_a_token_may_not_be_stored() -> None:
    reply = token_reply("t", 900)
    assert reply.status == 200
    assert reply.body == {"access_token": "t", "token_type": "Bearer", "expires_in": 900}
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("code", "status"), [("invalid_client", 401), ("invalid_request", 400), ("unsupported_grant_type", 400)]
)
def test_a_refusal_has_the_status_of_its_code(code: ErrorCode, status: int) -> None:
    reply = token_refusal(TokenRefused(code, "why"))
    assert (reply.status, reply.body) == (status, {"error": code, "error_description": "why"})
    assert reply.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in reply.headers) == (status == 401)
