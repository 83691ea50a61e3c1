"""What a token request sends and its reply says; no secret and no token is shown."""

import base64
import traceback
from urllib.parse import parse_qs

import pytest

from clients.errors import ProviderError
from clients.oauth import DEFAULT_LIFE, Token, read_token, token_request
from models.problems import Category
from tests.support.replies import reply
from tests.unit.clients.oauth.issuers import API, FORM, SECRET, TOKEN_URL, Issuer

ODD_LIVES: list[object] = [
    *(None, "", "soon", "nan", float("nan"), float("inf"), 10**400, "9" * 5000, True, [], {}, 0, -1),
]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        SECRET.encode(),
        f'["{SECRET}"]'.encode(),
        f'"{SECRET}"'.encode(),
        f'{{"token": "{SECRET}"}}'.encode(),
        f'{{"access_token": ["{SECRET}"]}}'.encode(),
        f'{{"access_token": "{SECRET}\\r\\nX-Injected: 1"}}'.encode(),
        f'{{"access_token": "{SECRET}\\u00e9"}}'.encode(),
        b'{"access_token": ""}',
        b'{"access_token": null}',
    ],
)
def test_an_unusable_token_reply_is_an_error_that_shows_nothing_of_it(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        read_token(reply(body), provider="P")
    assert caught.value.problem.category is Category.UNEXPECTED
    assert SECRET not in caught.value.problem.model_dump_json() + "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("body", "expires_in"),
    [
        ({"access_token": "t", "scope": "a b", "token_type": "Bearer", "expires_in": 3600}, 3600),
        ({"access_token": "t", "expires_in": "1800"}, 1800),
        ({"access_token": "t"}, DEFAULT_LIFE),
        *(({"access_token": "t", "expires_in": odd}, DEFAULT_LIFE) for odd in ODD_LIVES),
    ],
)
def test_a_token_reply_is_read(body: dict[str, object], expires_in: float) -> None:
    assert read_token(reply(body), provider="P") == Token("t", expires_in)


async def test_no_representation_shows_a_secret_or_a_token() -> None:
    issuer = Issuer(name=lambda _: "the-token")
    source = issuer.source()
    token = (await source.get()).value
    request = token_request(TOKEN_URL, FORM, basic=("id", SECRET))
    shown = f"{source!r}{Token(token, 1)!r}{request!r}{API.authorized(token)!r}{issuer.client()!r}"
    assert token not in shown
    assert SECRET not in shown


async def test_the_secret_is_in_no_failure_of_the_token_endpoint() -> None:
    issuer = Issuer()
    issuer.failing = 1
    with pytest.raises(ProviderError) as caught:
        await issuer.source().get()
    assert SECRET not in caught.value.problem.model_dump_json() + "".join(traceback.format_exception(caught.value))


async def test_the_secret_is_sent_in_the_form_and_never_in_the_address() -> None:
    issuer = Issuer()
    await issuer.source().get()
    (request,) = issuer.provider.requests
    assert (request.method, str(request.url)) == ("POST", TOKEN_URL)
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["id"],
        "client_secret": [SECRET],
    }
    assert "authorization" not in request.headers


def test_basic_sends_id_and_secret_in_the_header_alone() -> None:
    request = token_request(TOKEN_URL, {"scope": "s"}, basic=("id", "pä:ss"))
    assert request.form == {"grant_type": "client_credentials", "scope": "s"}
    scheme, _, encoded = request.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(encoded).decode()) == ("Basic", "id:pä:ss")
