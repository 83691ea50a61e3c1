"""One token for each credential: shared, renewed, replaced once when it is refused."""

import asyncio
import base64
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.authorized import PASSES_WITHIN, PLACES, AuthorizedClient
from clients.errors import ErrorRow, ProviderError, classify
from clients.http import Request, Response
from clients.oauth import DEFAULT_LIFE, Token, read_token, refresh_request, token_request
from clients.rate_limit import Limit, RateLimiter
from clients.tokens import REMEMBERED, Fetch, TokenSource
from models.problems import Category, Problem
from tests.support.replies import reply
from tests.support.transport import Provider

TOKEN_URL = "https://login.example.com/token"
SECRET = "hunter2-secret"
FORM = {"client_id": "id", "client_secret": SECRET}
API = Request(operation="read", method="GET", url="https://api.example.com/thing")
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=12) | st.sampled_from(["invalid_client", "invalid_grant", "error"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["error", "message"]), each, max_size=2),
    max_leaves=6,
)
REFUSALS = [
    ErrorRow(status=401, category=Category.CREDENTIALS, reason="refused", remedy="m"),
    ErrorRow(category=Category.TEMPORARY, reason="failed", remedy="m"),
]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Issuer:
    """A token endpoint that issues t1, t2, …, and an API that takes those it has not revoked."""

    def __init__(self, *, expires_in: float = 1800, name: Callable[[int], str] = "t{}".format) -> None:
        self.expires_in, self.name = expires_in, name
        self.issued = 0
        self.revoked: set[str] = set()
        self.failing = 0
        self.open = asyncio.Event()
        self.open.set()
        self.provider = Provider(self._answer)
        self.clock = Clock()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/token":
            await asyncio.sleep(0)
            refused = request.headers["authorization"].removeprefix("Bearer ") in self.revoked
            return httpx.Response(401 if refused else 200)
        self.issued += 1
        number = self.issued
        await self.open.wait()
        if self.failing:
            self.failing -= 1
            return httpx.Response(503, text=f"echo {SECRET}")
        return httpx.Response(200, json={"access_token": self.name(number), "expires_in": self.expires_in})

    def source(self) -> TokenSource:
        return TokenSource(self.provider.http(), token_request(TOKEN_URL, FORM), provider="P", clock=self.clock)

    def client(self) -> AuthorizedClient:
        return AuthorizedClient(self.provider.http(), self.source(), provider="P")


def read(response: Response) -> int:
    if response.status != 200:
        raise classify(REFUSALS, provider="P", operation="read", status=response.status)
    return response.status


async def test_a_hundred_callers_share_one_token_request() -> None:
    issuer = Issuer()
    source = issuer.source()
    tokens = await asyncio.gather(*(source.get() for _ in range(100)))
    assert {token.value for token in tokens} == {"t1"}
    assert issuer.issued == 1


async def test_a_later_caller_gets_the_token_without_asking() -> None:
    issuer = Issuer()
    source = issuer.source()
    assert await source.get() is await source.get()
    assert issuer.issued == 1


@pytest.mark.parametrize(("expires_in", "renewed_after"), [(1800, 1740), (3600, 3540), (600, 540), (100, 90), (10, 9)])
async def test_a_token_is_renewed_a_minute_or_a_tenth_of_its_life_before_it_expires(
    expires_in: float, renewed_after: float
) -> None:
    issuer = Issuer(expires_in=expires_in)
    source = issuer.source()
    await source.get()
    issuer.clock.now += renewed_after - 0.1
    assert (await source.get()).value == "t1"
    issuer.clock.now += 0.1
    assert (await source.get()).value == "t2"


async def test_a_tokens_life_counts_from_the_request_and_not_from_its_answer() -> None:
    issuer = Issuer(expires_in=100)
    issuer.open.clear()
    source = issuer.source()
    waiting = asyncio.create_task(source.get())
    await asyncio.sleep(0.01)
    issuer.clock.now += 50
    issuer.open.set()
    assert (await waiting).value == "t1"
    issuer.clock.now += 40
    assert (await source.get()).value == "t2"


async def test_a_refused_token_is_replaced_once() -> None:
    issuer = Issuer()
    issuer.revoked = {"t1"}
    assert await issuer.client().call(API, read) == 200
    assert issuer.issued == 2
    sent = [each.headers["authorization"] for each in issuer.provider.asked("/thing")]
    assert sent == ["Bearer t1", "Bearer t2"]


async def test_a_second_refusal_is_the_error() -> None:
    issuer = Issuer()
    issuer.revoked = {"t1", "t2", "t3"}
    with pytest.raises(ProviderError) as caught:
        await issuer.client().call(API, read)
    assert caught.value.problem.category is Category.CREDENTIALS
    assert (issuer.issued, len(issuer.provider.asked("/thing"))) == (2, 2)


async def test_that_a_fresh_token_is_refused_is_final_only_where_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Clock()
    monkeypatch.setattr("clients.authorized.time.monotonic", now)
    issuer = Issuer()
    client = issuer.client()
    issuer.revoked = {f"t{number}" for number in range(1, 100)}

    async def refused() -> Problem:
        with pytest.raises(ProviderError) as caught:
            await client.call(API, read)
        assert caught.value.problem.category is Category.CREDENTIALS
        return caught.value.problem

    assert (await refused()).retried
    now.now += PASSES_WITHIN - 1
    assert (await refused()).retried
    now.now += 1
    assert not (await refused()).retried
    issuer.revoked = set()
    assert await client.call(API, read) == 200
    issuer.revoked = {f"t{number}" for number in range(1, 100)}
    assert (await refused()).retried


async def test_another_error_asks_for_no_fresh_token() -> None:
    issuer = Issuer()

    def fail(_: Response) -> int:
        raise classify(REFUSALS, provider="P", operation="read", status=500)

    with pytest.raises(ProviderError) as caught:
        await issuer.client().call(API, fail)
    assert caught.value.problem.category is Category.TEMPORARY
    assert (issuer.issued, len(issuer.provider.asked("/thing"))) == (1, 1)


async def test_concurrent_refusals_ask_for_one_fresh_token() -> None:
    issuer = Issuer()
    client = issuer.client()
    await client.call(API, read)
    issuer.revoked = {"t1"}
    assert await asyncio.gather(*(client.call(API, read) for _ in range(50))) == [200] * 50
    assert issuer.issued == 2


async def test_late_refusals_do_not_drop_a_newer_token_of_the_same_value() -> None:
    # An issuer may hand out the same token until it expires.
    issuer = Issuer(name=lambda _: "same")
    source = issuer.source()
    refused = [await source.get() for _ in range(20)]
    for token in refused:
        source.forget(token)
        await source.get()
    assert issuer.issued == 2


async def test_a_caller_that_gives_up_does_not_take_the_token_from_the_others() -> None:
    issuer = Issuer()
    issuer.open.clear()
    source = issuer.source()
    first, second = asyncio.create_task(source.get()), asyncio.create_task(source.get())
    await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    issuer.open.set()
    assert (await second).value == "t1"
    assert (await source.get()).value == "t1"
    assert issuer.issued == 1


async def test_a_failure_is_shared_and_the_next_caller_tries_again() -> None:
    issuer = Issuer()
    issuer.failing = 1
    source = issuer.source()
    found = await asyncio.gather(*(source.get() for _ in range(10)), return_exceptions=True)
    assert [type(each) for each in found] == [ProviderError] * 10
    assert issuer.issued == 1
    assert (await source.get()).value == "t2"


ODD_LIVES: list[object] = [
    *(None, "", "soon", "nan", float("nan"), float("inf"), 10**400, "9" * 5000, True, [], {}, 0, -1),
]
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


async def test_a_401_in_whatever_form_is_answered_with_a_fresh_token() -> None:
    issuer = Issuer()
    issuer.revoked = {"t1"}

    def read_foreign(response: Response) -> int:
        if response.status != 200:
            raise classify(REFUSALS, provider="P", operation="read", status=response.status, own_form=False)
        return response.status

    assert await issuer.client().call(API, read_foreign) == 200
    assert issuer.issued == 2


async def test_calls_that_wait_for_their_turn_take_no_place_from_others() -> None:
    issuer = Issuer()
    client = issuer.client()
    pace = RateLimiter(Limit("slow", 1, "one a second"))
    slow = [asyncio.create_task(client.call(API, read, pace=pace)) for _ in range(PLACES + 10)]
    assert await asyncio.gather(*(client.call(API, read) for _ in range(100))) == [200] * 100
    for each in slow:
        each.cancel()
    await asyncio.wait(slow)


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


class Rotating:
    """A token endpoint for a user who signed in once: each refresh token is good once, if it rotates."""

    def __init__(self, *, rotates: bool) -> None:
        self.rotates = rotates
        self.good = "r1"
        self.asked: list[dict[str, list[str]]] = []
        self.provider = Provider(self._answer)
        self.clock = Clock()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        self.asked.append(form)
        if form["refresh_token"] != [self.good]:
            return httpx.Response(400, json={"error": "invalid_grant", "error_description": SECRET})
        number = len(self.asked)
        reply = {"access_token": f"t{number}", "expires_in": 3600}
        if self.rotates:
            self.good = f"r{number + 1}"
            reply["refresh_token"] = self.good
        return httpx.Response(200, json=reply)

    def source(self) -> TokenSource:
        return TokenSource(self.provider.http(), refresh_request(TOKEN_URL, FORM, "r1"), provider="P", clock=self.clock)


@pytest.mark.parametrize("rotates", [True, False])
async def test_a_users_token_is_renewed_before_it_expires_by_one_caller_for_all(*, rotates: bool) -> None:
    issuer = Rotating(rotates=rotates)
    source = issuer.source()
    for number in (1, 2, 3):
        tokens = await asyncio.gather(*(source.get() for _ in range(20)))
        assert {token.value for token in tokens} == {f"t{number}"}
        issuer.clock.now += 3600 - 60
    assert [form["refresh_token"] for form in issuer.asked] == (
        [["r1"], ["r2"], ["r3"]] if rotates else [["r1"], ["r1"], ["r1"]]
    )
    assert issuer.asked[0] == {
        "grant_type": ["refresh_token"],
        "client_id": ["id"],
        "client_secret": [SECRET],
        "refresh_token": ["r1"],
    }


async def test_a_dead_refresh_token_says_what_to_do_and_shows_nothing() -> None:
    issuer = Rotating(rotates=False)
    issuer.good = "another"
    with pytest.raises(ProviderError) as caught:
        await issuer.source().get()
    problem = caught.value.problem
    assert problem.category is Category.CREDENTIALS
    assert "refresh token" in problem.reason
    assert "Sign in" in problem.remedy
    assert SECRET not in problem.model_dump_json() + "".join(traceback.format_exception(caught.value))


async def test_a_refresh_token_beside_client_credentials_is_not_taken_up() -> None:
    answers = iter([{"access_token": "t", "expires_in": 10, "refresh_token": "r"}, {"access_token": "u"}])
    provider, clock = Provider(lambda _: httpx.Response(200, json=next(answers))), Clock()
    source = TokenSource(provider.http(), token_request(TOKEN_URL, FORM), provider="P", clock=clock)
    await source.get()
    clock.now += 20
    assert (await source.get()).value == "u"
    assert "refresh_token" not in parse_qs(provider.requests[1].content.decode())


def test_a_token_never_shows_its_refresh_token() -> None:
    assert "r-secret" not in repr(Token("t", 1, "r-secret"))
