"""One token for each credential: shared, renewed, replaced once when it is refused."""

import asyncio
import base64
import traceback
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from clients.errors import ErrorRow, ProviderError, classify
from clients.http import Request, Response
from clients.oauth import AuthorizedClient, Token, TokenSource, read_token, refresh_request, token_request
from models.problems import Category
from tests.support.replies import reply
from tests.support.transport import Provider

TOKEN_URL = "https://login.example.com/token"
SECRET = "hunter2-secret"
FORM = {"client_id": "id", "client_secret": SECRET}
API = Request(operation="read", method="GET", url="https://api.example.com/thing")
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


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (400, Category.CREDENTIALS),
        (401, Category.CREDENTIALS),
        (403, Category.CREDENTIALS),
        (429, Category.RATE_LIMITED),
        (500, Category.TEMPORARY),
        (503, Category.TEMPORARY),
    ],
)
def test_a_refused_token_request_has_a_category_and_no_word_of_the_reply(status: int, category: Category) -> None:
    with pytest.raises(ProviderError) as caught:
        read_token(reply({"error": SECRET}, status=status, headers={"retry-after": "7"}), provider="P")
    problem = caught.value.problem
    assert problem.category is category
    assert problem.retry_after is not None
    assert problem.retry_after.total_seconds() == 7
    assert SECRET not in problem.model_dump_json() + "".join(traceback.format_exception(caught.value))


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
        f'{{"access_token": "{SECRET}", "expires_in": null}}'.encode(),
        f'{{"access_token": "{SECRET}", "expires_in": "soon"}}'.encode(),
        f'{{"access_token": "{SECRET}", "expires_in": NaN}}'.encode(),
        f'{{"access_token": "{SECRET}", "expires_in": Infinity}}'.encode(),
        f'{{"access_token": "{SECRET}", "expires_in": 1{"0" * 400}}}'.encode(),
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
        ({"access_token": "t"}, 300),
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
