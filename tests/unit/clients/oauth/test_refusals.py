"""What a refusal of a token means: final in the standard's words alone, kept for a while, shared by all who ask."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.errors import ProviderError
from clients.oauth import Token, read_token, refresh_request, token_request
from clients.tokens import REMEMBERED, Fetch, TokenSource
from models.problems import Category
from tests.support.replies import reply
from tests.support.transport import Provider
from tests.unit.clients.oauth.issuers import FORM, SECRET, TOKEN_URL, Clock, Issuer, Rotating

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=12) | st.sampled_from(["invalid_client", "invalid_grant", "error"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["error", "message"]), each, max_size=2),
    max_leaves=6,
)


FINAL = {
    "invalid_client": Category.CREDENTIALS,
    "invalid_grant": Category.CREDENTIALS,
    "unauthorized_client": Category.CREDENTIALS,
    "access_denied": Category.CREDENTIALS,
    "invalid_scope": Category.CONFIGURATION,
    "unsupported_grant_type": Category.CONFIGURATION,
    "invalid_request": Category.CONFIGURATION,
}


def refusal(body: object, status: int, **headers: str) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        read_token(reply(body, status=status, headers=headers), provider="P")
    return caught.value


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("code", FINAL)
def test_a_refusal_in_the_words_of_the_standard_is_final(code: str, status: int) -> None:
    error = refusal({"error": code, "error_description": SECRET}, status, **{"retry-after": "7"})
    assert error.problem.category is FINAL[code]
    assert not error.problem.retried
    assert error.problem.retry_after is not None
    assert error.problem.retry_after.total_seconds() == 7
    assert SECRET not in error.problem.model_dump_json() + "".join(traceback.format_exception(error))


PAGES = [b"", b"<html>403 Forbidden</html>", b"[]", b"null", b'"invalid_client"', {"message": "no"}, {"error": {}}]


@pytest.mark.parametrize("status", [301, 302, 400, 401, 403, 404, 405, 407, 408, 418, 421, 425, 451, 999])
@pytest.mark.parametrize("body", PAGES, ids=str)
def test_whatever_stands_in_front_of_a_token_endpoint_refuses_nothing_for_good(body: object, status: int) -> None:
    error = refusal(body, status)
    assert error.problem.category is Category.TEMPORARY
    assert error.status == status


@pytest.mark.parametrize(
    ("status", "code", "category"),
    [
        (400, "temporarily_unavailable", Category.UNEXPECTED),
        (400, "server_error", Category.UNEXPECTED),
        (401, SECRET, Category.UNEXPECTED),
        (408, "timeout", Category.UNEXPECTED),
        (429, "invalid_client", Category.RATE_LIMITED),
        (500, "invalid_grant", Category.TEMPORARY),
        (503, "temporarily_unavailable", Category.TEMPORARY),
    ],
)
def test_what_no_provider_documents_of_a_token_is_tried_again(status: int, code: str, category: Category) -> None:
    error = refusal({"error": code}, status)
    assert error.problem.category is category
    assert error.problem.retried
    assert SECRET not in error.problem.model_dump_json()


def test_a_firewall_is_told_apart_from_a_refused_credential() -> None:
    firewall, refused = (refusal(body, 403).problem for body in (b"<html>", {"error": "access_denied"}))
    assert "firewall" in firewall.reason
    assert "firewall" not in refused.reason


@given(st.integers(300, 999), JSON)
def test_only_the_codes_of_the_standard_are_ever_final(status: int, body: object) -> None:
    error = refusal(body, status)
    code = body.get("error") if isinstance(body, dict) else None
    assert error.problem.retried or (code in FINAL and 400 <= status < 500)


class Refusing:
    """A token endpoint that refuses until it is mended."""

    def __init__(self, status: int, body: object, **headers: str) -> None:
        self.answer = httpx.Response(status, json=body, headers=headers)
        self.asked = 0
        self.provider = Provider(self._answer)
        self.clock = Clock()

    async def _answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0.001)
        return self.answer

    def source(self) -> TokenSource:
        return TokenSource(self.provider.http(), token_request(TOKEN_URL, FORM), provider="P", clock=self.clock)


async def test_twenty_calls_during_a_refusal_make_one_token_request() -> None:
    issuer = Refusing(401, {"error": "invalid_client"})
    source = issuer.source()
    for _ in range(4):
        found = await asyncio.gather(*(source.get() for _ in range(5)), return_exceptions=True)
        assert {each.problem.category for each in found if isinstance(each, ProviderError)} == {Category.CREDENTIALS}
    assert len({id(each) for each in found}) == len(found)
    assert issuer.asked == 1


async def test_a_mended_credential_is_tried_again_after_a_short_time() -> None:
    issuer = Refusing(401, {"error": "invalid_client"})
    source = issuer.source()
    with pytest.raises(ProviderError):
        await source.get()
    issuer.answer = httpx.Response(200, json={"access_token": "t", "expires_in": 100})
    issuer.clock.now += REMEMBERED - 1
    with pytest.raises(ProviderError):
        await source.get()
    issuer.clock.now += 1
    assert (await source.get()).value == "t"
    assert issuer.asked == 2


async def test_who_asks_anew_gets_no_answer_from_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.tokens.ANEW_EVERY", 0.0)
    issuer = Refusing(401, {"error": "invalid_client"})
    source = issuer.source()
    early = datetime.now(UTC)
    with pytest.raises(ProviderError):
        await source.get()
    source.ask_anew(early)
    with pytest.raises(ProviderError):
        await source.get()
    assert issuer.asked == 1
    issuer.answer = httpx.Response(200, json={"access_token": "t", "expires_in": 100})
    source.ask_anew(datetime.now(UTC))
    assert (await source.get()).value == "t"


async def test_a_crowd_that_asks_anew_shares_few_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.tokens.ANEW_EVERY", 0.2)
    issuer = Refusing(401, {"error": "invalid_client"})
    source = TokenSource(issuer.provider.http(), token_request(TOKEN_URL, FORM), provider="P")

    async def one(number: int) -> None:
        await asyncio.sleep(number / 1000)
        source.ask_anew(datetime.now(UTC))
        with pytest.raises(ProviderError):
            await source.get()

    await asyncio.gather(*(one(number) for number in range(200)))
    assert 2 <= issuer.asked <= 5


@pytest.mark.parametrize(("headers", "asked"), [({"retry-after": "30"}, 1), ({}, 3)])
async def test_a_throttled_token_endpoint_is_left_alone_as_long_as_it_asks(headers: dict[str, str], asked: int) -> None:
    issuer = Refusing(429, {}, **headers)
    source = issuer.source()
    for _ in range(3):
        with pytest.raises(ProviderError):
            await source.get()
    assert issuer.asked == asked


class Kept:
    """A keeper for several processes: one fetches, the others take what is kept."""

    def __init__(self) -> None:
        self.token: Token | None = None
        self.refresh: str | None = None
        self.lease = asyncio.Lock()

    async def obtain(self, fetch: Fetch, *, refused: Token | None) -> Token:
        async with self.lease:
            if self.token is None or (refused is not None and refused.value == self.token.value):
                self.token = await fetch(self.refresh)
                self.refresh = self.token.refresh_token or self.refresh
            return self.token


async def test_processes_that_share_a_keeper_fetch_one_token_between_them() -> None:
    issuer, keeper = Issuer(), Kept()
    request = token_request(TOKEN_URL, FORM)
    sources = [TokenSource(issuer.provider.http(), request, provider="P", keeper=keeper) for _ in range(8)]
    tokens = await asyncio.gather(*(source.get() for source in sources for _ in range(5)))
    assert ({each.value for each in tokens}, issuer.issued) == ({"t1"}, 1)
    for source, token in zip(sources, tokens[::5], strict=True):
        source.forget(token)
    tokens = await asyncio.gather(*(source.get() for source in sources))
    assert ({each.value for each in tokens}, issuer.issued) == ({"t2"}, 2)


async def test_a_keeper_has_the_newest_refresh_token_used() -> None:
    issuer, keeper = Rotating(rotates=True), Kept()
    request = refresh_request(TOKEN_URL, FORM, "r1")
    for number in (1, 2, 3):
        source = TokenSource(issuer.provider.http(), request, provider="P", keeper=keeper)
        token = await source.get()
        assert token.value == f"t{number}"
        keeper.token = None
    assert [form["refresh_token"] for form in issuer.asked] == [["r1"], ["r2"], ["r3"]]


async def test_a_token_endpoint_that_never_ends_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def spaces() -> AsyncIterator[bytes]:
        while not healed.is_set():
            yield b" "
            await asyncio.sleep(0.01)
        yield b'{"access_token": "t"}'

    healed = asyncio.Event()
    provider = Provider(lambda _: httpx.Response(200, content=spaces()))
    monkeypatch.setattr("clients.http.send.__kwdefaults__", {"deadline": 0.1})
    source = TokenSource(provider.http(), token_request(TOKEN_URL, FORM), provider="P")
    found = await asyncio.gather(*(source.get() for _ in range(20)), return_exceptions=True)
    assert {each.code for each in found if isinstance(each, ProviderError)} == {"deadline"}
    assert len(provider.requests) == 1
    healed.set()
    assert (await source.get()).value == "t"
