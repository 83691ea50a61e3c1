"""A webhook's body: caps, gzip and JSON without surprises."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.support.replies import sample
from webhook_gateway.body import BODY_LIMIT, MEMBERS, decode, read_capped
from webhook_gateway.payload import CONTRADICTED, digits, field, parse_object
from webhook_gateway.requests import BadRequest, Fault

BODY = sample("icims_unpost.json")
ZIPPED = gzip.compress(BODY)
GZIP = CIMultiDict({"Content-Encoding": "gzip"})


def refusal_of_gzip(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        decode(body, GZIP)
    return caught.value


def parsed(body: bytes) -> dict[str, Any] | None:
    try:
        return parse_object(body)
    except BadRequest:
        return None


def refusal_of_json(body: bytes) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        parse_object(body)
    return caught.value


RAW_DEFLATE = zlib.compress(BODY, wbits=-15)


@pytest.mark.parametrize("stated", ["gzip", "GZIP", " gzip ", "x-gzip", "identity", "", None, "gzip, gzip", "deflate"])
@pytest.mark.parametrize(
    "body",
    [
        BODY,
        ZIPPED,
        gzip.compress(ZIPPED),
        gzip.compress(BODY[:10]) + gzip.compress(BODY[10:]),
        gzip.compress(b"") + ZIPPED,
        ZIPPED + b"\0" * 512,
        zlib.compress(BODY),
        b"\xef\xbb\xbf" + BODY,
    ],
    ids=["plain", "gzip", "twice", "members", "empty member", "padded", "zlib", "BOM"],
)
def test_the_bytes_tell_how_they_are_compressed_whatever_the_header_says(body: bytes, stated: str | None) -> None:
    headers = {} if stated is None else {"Content-Encoding": stated}
    assert parse_object(decode(body, headers)) == json.loads(BODY)


def test_deflate_without_its_own_header_is_undone_where_it_is_stated() -> None:
    assert decode(RAW_DEFLATE, {"Content-Encoding": "deflate"}) == BODY


@given(st.binary(max_size=2000))
def test_whatever_was_zipped_comes_back(body: bytes) -> None:
    zipped = gzip.compress(b"[" + body)
    assert decode(zipped, GZIP) == b"[" + body


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "x"])
def test_another_encoding_is_refused_and_its_header_alone_is_not(encoding: str) -> None:
    with pytest.raises(BadRequest, match="Content-Encoding"):
        decode(b"\x8b\x01\x80...", {"Content-Encoding": encoding})
    assert decode(BODY, {"Content-Encoding": encoding}) == BODY


@pytest.mark.parametrize(
    "body",
    [
        ZIPPED[:-1],
        ZIPPED[: len(ZIPPED) // 2],
        ZIPPED[:3],
        ZIPPED[:-8] + b"\0" * 8,
        ZIPPED + b"x",
        ZIPPED * (MEMBERS + 1),
        zlib.compress(BODY)[:-1],
        zlib.compress(BODY) + b"x",
    ],
    ids=["no end", "half", "head", "checksum", "trailing", "too many members", "zlib without end", "zlib and more"],
)
def test_broken_compression_is_refused(body: bytes) -> None:
    assert refusal_of_gzip(body).fault is Fault.UNREADABLE


@given(st.binary(max_size=200) | st.binary(max_size=50).map(lambda tail: ZIPPED[:20] + tail))
def test_false_gzip_is_never_another_error(body: bytes) -> None:
    with suppress(BadRequest):
        parse_object(decode(body, GZIP))


@pytest.mark.parametrize(("size", "accepted"), [(BODY_LIMIT, True), (BODY_LIMIT + 1, False), (50 * 1024 * 1024, False)])
@pytest.mark.parametrize("twice", [False, True])
def test_a_bomb_is_refused(size: int, *, accepted: bool, twice: bool) -> None:
    body = gzip.compress(b"[" * size, compresslevel=9)
    assert len(body) < BODY_LIMIT
    body = gzip.compress(body) if twice else body
    if accepted:
        assert len(decode(body, GZIP)) == size
    else:
        assert refusal_of_gzip(body).fault is Fault.TOO_LARGE


@pytest.mark.parametrize(
    ("text", "charset", "stated", "read"),
    [
        ("é", "utf-8", None, "é"),
        ("é", "utf-8-sig", None, "é"),
        ("é😀", "utf-16", None, "é😀"),
        ("é", "utf-16-le", None, "é"),
        ("é", "utf-16-be", "utf-8", "é"),
        ("é", "utf-32", None, "é"),
        ("é", "utf-8", "utf8", "é"),
        ("é", "utf-8", "us-ascii", "é"),
        ("é", "iso-8859-1", "ISO-8859-1", "é"),
        ("é", "iso-8859-1", '"latin1"', "é"),
        ("€", "cp1252", "windows-1252", "€"),
        ("é", "iso-8859-1", None, "\ufffd"),
        ("é", "iso-8859-1", "utf-8", "\ufffd"),
        ("é", "iso-8859-1", "no-such-charset", "\ufffd"),
        ("é", "iso-8859-1", "rot13", "\ufffd"),
    ],
)
def test_a_body_is_read_in_any_charset(text: str, charset: str, stated: str | None, read: str) -> None:
    body = f'{{"systemId": "1209", "title": "{text}"}}'.encode(charset)
    headers = {} if stated is None else {"Content-Type": f"application/json; charset={stated}"}
    assert parse_object(body, headers) == {"systemId": "1209", "title": read}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": "\\ud83d", "\\udc00": ["\\udfff!"]}', {"a": "\ufffd", "\ufffd": ["\ufffd!"]}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        (b'{"a": "\xed\xa0\x80"}', {"a": "\ufffd\ufffd\ufffd"}),
        (b'{"a": NaN, "b": [Infinity, -Infinity]}', {"a": None, "b": [None, None]}),
        (b'{"a": ' + b"1" * 5000 + b"}", {"a": None}),
        (b'{"a": 1e99999999999999999999}', {"a": None}),
        (b'{"a": 1, "a": 1}', {"a": 1}),
        (b'{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        (b'\r\n {"a": 1}\0\0', {"a": 1}),
    ],
)
def test_odd_decoration_does_no_harm(body: bytes, value: dict[str, Any]) -> None:
    assert parse_object(body) == value


@pytest.mark.parametrize(
    "body", [b'{"a": 1, "a": 2}', b'{"a": 1, "\\u0061": 2, "a": 1}', b'{"x": {}, "a": [1], "a": 1}']
)
def test_a_contradiction_is_told_by_whoever_needs_the_field(body: bytes) -> None:
    payload = parse_object(b'{"b": 5, ' + body[1:])
    assert field(payload, "b") == field(payload, "B") == 5
    assert payload["a"] is CONTRADICTED
    for name in ("a", "A"):
        with pytest.raises(BadRequest, match="given twice"):
            field(payload, name)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("1209", "1209"), (" 1209\r\n", "1209"), ("0001209", "0001209"), ("9" * 20, "9" * 20), ("0", "0"),
        (1209, "1209"), (0, "0"), (10**20 - 1, "9" * 20), (2**53 + 1, "9007199254740993"),
        (Decimal("1209.0"), "1209"), (Decimal("1.209e3"), "1209"), (Decimal(2**53 - 1), "9007199254740991"),
    ],
)  # fmt: skip
def test_an_id_is_the_same_as_text_and_as_number(value: object, read: str) -> None:
    assert digits(value) == read


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, "", " ", "1 2", "+1", "-1", "1.0", "0x1", "1e3", "12a", "1" * 21, "\u0661", "\uff11", "²",
        "../1", "1209\0", "\u20281209", -1, 10**20, Decimal("1209.5"), Decimal(2**53), Decimal("1e30"), Decimal(-1),
        Decimal("1e9999"), Decimal("1e-9999"), [], ["1209"], {}, 1.5,
    ],
)  # fmt: skip
def test_whatever_is_no_certain_id_is_none(value: object) -> None:
    assert digits(value) is None


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
        (b"systemId=1209", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'[{"customerId": "1234"}]', "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"5", "must be a JSON object"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
    ],
)
def test_a_body_that_is_no_plain_json_object_is_refused(body: bytes, words: str) -> None:
    refusal = refusal_of_json(body)
    assert refusal.fault is Fault.UNREADABLE
    assert words in refusal.reason


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
@example(b'{"a": 1e400}')
@example(b'{"a": "\\ud800"}')
def test_parsing_gives_an_object_or_a_refusal(body: bytes) -> None:
    value = parsed(body)
    assert value is None or isinstance(value, dict)
    json.dumps(value, default=str).encode()  # no half characters are left


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        try:
            return web.Response(text=str(len(await read_capped(request))))
        except BadRequest as refusal:
            return web.Response(status=413 if refusal.fault is Fault.TOO_LARGE else 400)

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
