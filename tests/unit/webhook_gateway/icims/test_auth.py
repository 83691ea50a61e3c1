"""Who sends as iCIMS: one way per customer, both secrets during a change (docs/providers/icims.md)."""

import base64
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from config.customers import Customer
from tests.support.replies import sample
from webhook_gateway.icims.auth import covered_customers
from webhook_gateway.icims.tokens import TOKEN_SECONDS, TokenIssuer
from webhook_gateway.requests import BadRequest, SignedRequest, Unauthorized

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
EXAMPLE = tomllib.loads(sample("boardsync.toml").decode())["customers"][0]
TOKENS = TokenIssuer("link-secret")


def customer(id_: str, auth: str, user: str = "", secret: str = "", *, previous: str | None = None) -> Customer:
    icims = {"webhook_auth": auth, "client_id": "i", "client_secret": "s"}
    icims |= {"webhook_user": user, "webhook_secret": secret} if user else {}
    icims |= {"webhook_previous_secret": previous} if previous else {}
    return Customer.model_validate({**EXAMPLE, "id": id_, "icims": icims})


CUSTOMERS = [
    customer("1", "basic", "icims", "one"),
    customer("2", "basic", "icims", "two:with:colons", previous="two:before"),
    customer("3", "basic", "käthe", "größe"),
    customer("4", "basic", "shared", "secret"),
    customer("5", "basic", "shared", "secret"),
    customer("6", "none"),
    customer("7", "none"),
    customer("8", "hmac", "signer", "eight"),
    customer("9", "oauth", "client", "nine"),
    customer("10", "oauth", "client", "nine"),
    customer("11", "oauth", "käthe client", "eleven"),
]


def request(*authorization: str, body: bytes = b"{}") -> SignedRequest:
    headers = CIMultiDict([("Host", "hooks.example.com"), *(("authorization", each) for each in authorization)])
    return SignedRequest("POST", "/webhooks/icims", "", headers, body)


def basic(credentials: str, *, scheme: str = "Basic", charset: str = "utf-8") -> str:
    return f"{scheme} {base64.b64encode(credentials.encode(charset)).decode()}"


def bearer(client_id: str, *, at: datetime = NOW, issuer: TokenIssuer = TOKENS) -> str:
    return f"Bearer {issuer.issue(client_id, at)[0]}"


def covered(header: str | None, customers: Sequence[Customer] = CUSTOMERS) -> frozenset[str]:
    return covered_customers(request(*[header] if header is not None else []), customers, now=NOW, tokens=TOKENS)


def reason(
    asked: SignedRequest, customers: Sequence[Customer] = CUSTOMERS, *, at: datetime = NOW, **options: Any
) -> str:
    with pytest.raises(Unauthorized) as caught:
        covered_customers(asked, customers, now=at, **{"tokens": TOKENS, **options})
    assert caught.value.reason
    return caught.value.reason


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        (basic("icims:one"), {"1"}),
        (basic("icims:one", scheme="basic"), {"1"}),
        (basic("icims:one", scheme="BASIC "), {"1"}),
        (basic("icims:two:with:colons"), {"2"}),
        (basic("icims:two:before"), {"2"}),
        (basic("käthe:größe"), {"3"}),
        (basic("käthe:größe", charset="latin-1"), {"3"}),
        (basic("shared:secret"), {"4", "5"}),
        (None, {"6", "7"}),
        (bearer("client"), {"9", "10"}),
        (bearer("client").replace("Bearer", "bearer "), {"9", "10"}),
        (bearer("käthe client"), {"11"}),
    ],
)
def test_credentials_cover_the_customers_they_belong_to(header: str | None, ids: set[str]) -> None:
    assert covered(header) == ids


WRONG_BASIC = [
    basic("icims:wrong"),
    basic("wrong:one"),
    basic("shared:one"),
    basic("icims:one "),
    basic("icims: one"),
    basic("ICIMS:one"),
    basic("icims:One"),
    basic("icims:on"),
    basic("icims:onee"),
    basic("icims:"),
    basic(":one"),
    basic(":"),
    basic("icims"),
    basic(""),
    basic("icims:two"),
    basic("icims:two:before:"),
    basic("käthe:größe", charset="utf-16"),
    basic("signer:eight"),
    basic("client:nine"),
    basic("icims:one\n"),
    basic("icims:one").replace("=", "") + "!",
    basic("icims:one") + " x",
    "Basic",
    "Basic ",
    "Basic icims:one",
    "Basic \u0661\u0662\u0663\u0664",
    "Basic \udcff",
]
_TOKEN = bearer("client")
WRONG_BEARER = [
    "Bearer",
    "Bearer ",
    "Bearer nine",
    "Bearer client",
    _TOKEN[:-1],
    _TOKEN + "A",
    _TOKEN[:8] + ("A" if _TOKEN[8] != "A" else "B") + _TOKEN[9:],
    _TOKEN[:-1] + ("A" if _TOKEN[-1] not in "ABCD" else "Z"),
    _TOKEN.rpartition(".")[0],
    _TOKEN.replace(".", "", 1),
    _TOKEN.swapcase(),
    "Bearer " + ".".join([_TOKEN.split(" ")[1].split(".")[0], *bearer("x", at=NOW).split(" ")[1].split(".")[1:]]),
    "Bearer " + _TOKEN.split(" ")[1] * 2,
    f"{_TOKEN}, {_TOKEN}",
    bearer("someone"),
    bearer("Client"),
    bearer("client "),
    bearer(""),
    bearer("icims"),
    bearer("signer"),
    bearer("9"),
    bearer("client", issuer=TokenIssuer("another secret")),
    bearer("client", at=NOW - timedelta(seconds=TOKEN_SECONDS + 1)),
    bearer("client", at=NOW - timedelta(days=1)),
    bearer("client", at=NOW + timedelta(minutes=5)),
    "Bearer " + "A" * 100_000,
    "Bearer \udcff.\udcff.\udcff",
    "Bearer \u0661.x.y",
    _TOKEN.replace("Bearer", "Basic"),
]
WRONG_OTHERS = [
    "",
    " ",
    "Digest username=icims",
    basic("icims:one", scheme="Bearer"),
    basic("icims:one", scheme="Negotiate"),
    "x-icims-v1-hmac-sha256",
    "x-icims-v1-hmac-sha256 user=icims,signedheaders=host;x-icims-date,signature=00",
    "x-icims-v2-hmac-sha256 user=icims,signedheaders=host;x-icims-date,signature=" + "0" * 64,
    "one",
]


@pytest.mark.parametrize("header", [*WRONG_BASIC, *WRONG_BEARER, *WRONG_OTHERS])
def test_wrong_or_unreadable_credentials_cover_nobody(header: str) -> None:
    said = reason(request(header))
    assert not {"one", "größe", "secret", "eight", "nine", "eleven", "link-secret"} & set(said.split())


@pytest.mark.parametrize("mode", ["basic", "hmac", "oauth"])
def test_a_request_without_credentials_is_refused_where_every_customer_has_some(mode: str) -> None:
    assert "missing" in reason(request(), [customer("1", mode, "icims", "one")])


@pytest.mark.parametrize("mode", ["hmac", "oauth", "none"])
def test_a_password_is_good_only_where_basic_is_configured(mode: str) -> None:
    reason(request(basic("icims:one")), [customer("1", mode, "icims", "one")])


@pytest.mark.parametrize("mode", ["hmac", "basic", "none"])
def test_a_token_is_good_only_where_oauth_is_configured(mode: str) -> None:
    reason(request(bearer("client")), [customer("1", mode, "client", "nine")])


def test_a_customer_without_authentication_is_not_covered_by_anybody_elses_credentials() -> None:
    assert covered(basic("icims:one")) == {"1"}
    reason(request(basic("x:y")), [customer("6", "none")])


def test_no_token_is_good_without_an_issuer() -> None:
    assert "not accepted" in reason(request(bearer("client")), tokens=None)


@pytest.mark.parametrize(
    "headers", [(basic("icims:one"), basic("icims:one")), (basic("x:y"), basic("icims:one")), ("", _TOKEN)]
)
def test_credentials_given_twice_are_refused(headers: tuple[str, ...]) -> None:
    assert "twice" in reason(request(*headers))


def test_a_secret_is_changed_without_a_gap() -> None:
    before, during, after = (
        [customer("1", "basic", "icims", "old")],
        [customer("1", "basic", "icims", "new", previous="old")],
        [customer("1", "basic", "icims", "new")],
    )
    assert covered(basic("icims:old"), before) == covered(basic("icims:old"), during) == {"1"}
    assert covered(basic("icims:new"), during) == covered(basic("icims:new"), after) == {"1"}
    reason(request(basic("icims:old")), after)
    reason(request(basic("icims:new")), before)


@pytest.mark.parametrize(
    ("good", "customers"), [(basic("icims:one"), CUSTOMERS), (bearer("client"), CUSTOMERS), (None, CUSTOMERS)]
)
def test_every_customer_is_looked_at_whichever_matches(good: str | None, customers: list[Customer]) -> None:
    assert covered(good, customers) == covered(good, customers[::-1])


TEXT = st.text(st.characters(), max_size=30)


@given(
    st.sampled_from(["Basic ", "Bearer ", "x-icims-v1-hmac-sha256 ", "x-icims-v1-hmac-sha256 user=a,", ""])
    .flatmap(lambda scheme: TEXT.map(lambda rest: scheme + rest))
)  # fmt: skip
def test_any_header_is_a_refusal_and_no_other_error(header: str) -> None:
    for asked in (request(header), replace(request(), headers={"Authorization": header})):
        reason(asked)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_other_credentials_cover_nobody(user: str, password: str) -> None:
    header = "Basic " + base64.b64encode(f"{user}:{password}".encode(errors="surrogatepass")).decode()
    reason(request(header))


@given(
    st.dictionaries(st.sampled_from(["Authorization", "x-icims-date", "Host"]) | TEXT, TEXT, max_size=4), st.binary()
)
def test_any_request_is_covered_or_refused(headers: dict[str, str], body: bytes) -> None:
    with suppress(Unauthorized, BadRequest):
        covered_customers(SignedRequest("POST", "/", "", CIMultiDict(headers), body), CUSTOMERS, now=NOW, tokens=TOKENS)
