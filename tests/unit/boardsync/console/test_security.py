"""Who may open the console, and whose word names who acts."""

import pytest
from aiohttp import hdrs, web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from boardsync.console.security import HEADERS, USER, Forms, guard, user_of
from config.console import Console
from config.settings import Settings

HEADER = "X-User"
CONSOLE = Console(user_header=HEADER, hosts=("console.example.com",))


def request(method: str = "GET", *headers: tuple[str, str]) -> web.Request:
    return make_mocked_request(method, "/jobs", headers=list(headers))


async def answer(console: Console, asked: web.Request) -> web.StreamResponse:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=str(request[USER]))

    return await guard(console)(asked, handler)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8085", 200),
        ("localhost", 200),
        ("[::1]:8085", 200),
        ("console.example.com", 200),
        ("CONSOLE.example.com:443", 200),
        ("console.example.com.", 200),
        ("evil.example.com", 421),
        ("console.example.com.evil.example.com", 421),
        ("console.example.com@evil.example.com", 421),
        ("", 421),
        ("[", 421),
    ],
)
async def test_only_the_consoles_own_names_are_answered(host: str, status: int) -> None:
    found = await answer(CONSOLE, request("GET", (hdrs.HOST, host)))
    assert found.status == status
    assert {name: found.headers[name] for name in HEADERS} == dict(HEADERS)
    assert found.headers["Cache-Control"] == "no-store"


HOST = (hdrs.HOST, "localhost:8085")
OWN = ("Origin", "http://localhost:8085")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([OWN], 200),
        ([("Origin", "https://localhost:8085")], 200),
        ([OWN, ("Sec-Fetch-Site", "same-origin")], 200),
        ([("Sec-Fetch-Site", "same-origin")], 200),
        ([], 403),
        ([("Origin", "null")], 403),
        ([("Origin", "http://evil.example.com")], 403),
        ([("Origin", "http://localhost:9999")], 403),
        ([("Origin", "http://[")], 403),
        ([OWN, ("Sec-Fetch-Site", "cross-site")], 403),
        ([OWN, ("Sec-Fetch-Site", "same-site")], 403),
        ([OWN, ("Sec-Fetch-Site", "none")], 403),
    ],
)
async def test_a_form_of_another_site_is_refused(headers: list[tuple[str, str]], status: int) -> None:
    assert (await answer(CONSOLE, request("POST", HOST, *headers))).status == status


@pytest.mark.parametrize(
    ("headers", "user"),
    [
        ([(HEADER, "ana@example.com")], "ana@example.com"),
        ([(HEADER, " Ana ")], "Ana"),
        ([], None),
        ([(HEADER, "")], None),
        ([(HEADER, "a" * 201)], None),
        ([(HEADER, "ana"), (HEADER, "bob")], None),
        ([(HEADER, "ana\u2028bob")], None),
        ([("X-Other", "ana")], None),
    ],
)
def test_only_the_named_header_says_who_acts(headers: list[tuple[str, str]], user: str | None) -> None:
    assert user_of(request("GET", *headers), CONSOLE) == user
    assert user_of(request("GET", *headers), Console()) is None
    assert user_of(request("GET", *headers), Console(user="me")) == "me"


@pytest.fixture(scope="module")
def forms() -> Forms:
    return Forms(Settings.model_construct(customers=()), otherwise="of this process")


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_a_token_is_good_for_one_person_and_one_place(user: str, other: str, place: str) -> None:
    forms = Forms(Settings.model_construct(customers=()), otherwise="of this process")
    token = forms.token(user, place)
    assert forms.good(token, user, place)
    assert not forms.good(token, user, place + "x")
    assert forms.good(token, other, place) == (user == other)
    assert not Forms(Settings.model_construct(customers=()), otherwise="of another").good(token, user, place)


@pytest.mark.parametrize("token", ["", "x", "a.b", "é.ü", "a.b.c"])
def test_anything_else_is_no_token(forms: Forms, token: str) -> None:
    assert not forms.good(token, "ana", "/jobs/1/2")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"user": "me", "listen": "0.0.0.0:8085"}, "loopback alone"),
        ({"user": "me", "user_header": "X-User"}, "exclude each other"),
        ({"user_header": "X User"}, "pattern"),
    ],
)
def test_a_configuration_by_which_anybody_would_act_is_refused(said: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Console.model_validate(said)
