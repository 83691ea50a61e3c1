"""A webhook's body: caps, gzip and JSON without surprises."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.support.replies import sample
from webhook_gateway.body import BODY_LIMIT, BadRequest, check_content_type, decode, parse_object, read_capped

BODY = sample("icims_unpost.json")
ZIPPED = gzip.compress(BODY)
GZIP = CIMultiDict({"Content-Encoding": "gzip"})


def refusal_of_gzip(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        decode(body, GZIP)
    return caught.value


def parsed(body: bytes) -> dict[str, Any] | int:
    try:
        return parse_object(body)
    except BadRequest as refusal:
        return refusal.status


def refusal_of_json(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        parse_object(body)
    return caught.value


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " gzip "])
def test_gzip_is_undone(encoding: str) -> None:
    assert decode(ZIPPED, CIMultiDict({"content-encoding": encoding})) == BODY


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "identity"}])
def test_a_plain_body_stays_as_it_is(headers: dict[str, str]) -> None:
    assert decode(ZIPPED, headers) == ZIPPED


@given(st.binary(max_size=2000))
def test_whatever_was_zipped_comes_back(body: bytes) -> None:
    assert decode(gzip.compress(body), GZIP) == body


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "x"])
def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(BadRequest) as caught:
        decode(ZIPPED, {"Content-Encoding": encoding})
    assert caught.value.status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY,
        zlib.compress(BODY),
        ZIPPED[:-1],
        ZIPPED[: len(ZIPPED) // 2],
        ZIPPED[:3],
        ZIPPED[:-8] + b"\0" * 8,
        ZIPPED + b"x",
        ZIPPED + b"\0",
        ZIPPED + ZIPPED,
        gzip.compress(b"") + ZIPPED,
    ],
    ids=[
        "empty",
        "plain",
        "zlib",
        "no end",
        "half",
        "head",
        "checksum",
        "trailing",
        "padding",
        "members",
        "empty member",
    ],
)
def test_anything_but_one_whole_gzip_stream_is_refused(body: bytes) -> None:
    assert refusal_of_gzip(body).status == 400


@given(st.binary(max_size=200) | st.binary(max_size=50).map(lambda tail: ZIPPED[:20] + tail))
def test_false_gzip_is_never_another_error(body: bytes) -> None:
    assert refusal_of_gzip(body).status == 400


@pytest.mark.parametrize(("size", "accepted"), [(BODY_LIMIT, True), (BODY_LIMIT + 1, False), (50 * 1024 * 1024, False)])
def test_a_bomb_is_refused(size: int, *, accepted: bool) -> None:
    body = gzip.compress(b"\0" * size, compresslevel=9)
    assert len(body) < BODY_LIMIT
    if accepted:
        assert len(decode(body, GZIP)) == size
    else:
        assert refusal_of_gzip(body).status == 413


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json; charset=us-ascii",
        "application/json; profile=x; charset=utf-8",
        "application/json; charset=utf-8; profile=x",
        "application/json; profile=x",
        "application/json;",
    ],
)
def test_json_in_utf_8_is_accepted(value: str) -> None:
    check_content_type({"Content-Type": value})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        *({"Content-Type": value} for value in (
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "application/json, text/plain",
            "application/json; charset=utf-16",
            "application/json; Charset=latin-1",
            "application/json; charset=",
            "application/json; profile=x; charset=utf-16",
            "application/json; charset=utf-8; charset=utf-16",
        )),
    ],
)  # fmt: skip
def test_any_other_type_or_charset_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as caught:
        check_content_type(headers)
    assert caught.value.status == 415


def test_the_seeds_body_is_parsed() -> None:
    assert parse_object(BODY) == {
        "customerId": "1234",
        "userId": "121",
        "eventType": "JobUnpostToWebEvent",
        "systemId": "1209",
    }


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"{} {}", "not valid JSON"),
        (b"{'a': 1}", "not valid JSON"),
        (b'{"a": 1,}', "not valid JSON"),
        (BODY.decode().encode("utf-16"), "UTF-8"),
        (BODY.decode().encode("utf-16-le"), "not valid JSON"),
        (BODY.decode().encode("utf-32"), "UTF-8"),
        (BODY.decode().encode("utf-8-sig"), "not valid JSON"),
        (b'{"a": "\xe9"}', "UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "UTF-8"),
        (b"[]", "must be a JSON object"),
        (b'[{"customerId": "1234"}]', "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"5", "must be a JSON object"),
        (b'{"a": 1, "a": 1}', "names a key twice"),
        (b'{"a": 1, "\\u0061": 2}', "names a key twice"),
        (b'{"a": {"b": 1, "b": 2}}', "names a key twice"),
        (b'{"a": [{"b": {"c": 1, "c": 2}}]}', "names a key twice"),
        (b'{"a": NaN}', "not valid JSON: NaN"),
        (b'{"a": Infinity}', "not valid JSON: Infinity"),
        (b'{"a": [-Infinity]}', "not valid JSON: -Infinity"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not valid JSON"),
        (b'{"a": -' + b"1" * 100_000 + b"}", "not valid JSON"),
    ],
)
def test_a_body_that_is_no_plain_json_object_is_refused(body: bytes, words: str) -> None:
    refusal = refusal_of_json(body)
    assert refusal.status == 400
    assert words in refusal.reason


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
@example(b'{"a": 1e400}')
@example(b'{"a": "\\ud800"}')
def test_parsing_gives_an_object_or_a_refusal(body: bytes) -> None:
    value = parsed(body)
    assert value == 400 or (isinstance(value, dict) and value == json.loads(body))


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.Response(text=str(len(await read_capped(request))))
        except BadRequest as refusal:
            return web.Response(status=refusal.status)

    app = web.Application()
    app.router.add_post("/", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("size", "status"), [(0, 200), (BODY_LIMIT, 200), (BODY_LIMIT + 1, 413), (4 * BODY_LIMIT, 413)]
)
async def test_a_transferred_body_is_capped(address: str, size: int, status: int, *, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, size, 10_000):
            yield b"x" * min(10_000, size - start)

    async with httpx.AsyncClient(trust_env=False) as http:
        reply = await http.post(address, content=chunks() if chunked else b"x" * size)
    assert reply.status_code == status
    assert status != 200 or reply.text == str(size)
