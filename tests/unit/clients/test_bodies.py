"""Bodies: inflated as they come, never beyond the limit; and JSON without half characters."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.bodies import BodyError, read_body
from clients.parsing import REPLACEMENT, parse_json

LIMIT = 100_000
packed = partial(gzip.compress, mtime=0)
BARE = zlib.compressobj(wbits=-15)
RAW_DEFLATE = BARE.compress(b"hello") + BARE.flush()


async def chunks(body: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", b"hello"),
        ("identity", b"hello"),
        ("gzip", packed(b"hello")),
        ("GZip", packed(b"hello")),
        ("x-gzip", packed(b"hello")),
        ("gzip, identity", packed(b"hello")),
        ("gzip", packed(b"hel") + packed(b"lo")),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", RAW_DEFLATE),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_body_is_inflated_as_its_header_says(coding: str, body: bytes, size: int) -> None:
    assert await read_body(chunks(body, size), coding=coding, limit=LIMIT) == b"hello"


@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
async def test_an_empty_body_is_empty_whatever_its_header_says(coding: str) -> None:
    assert await read_body(chunks(b""), coding=coding, limit=LIMIT) == b""


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("gzip, gzip", packed(packed(b"x")), "more than once"),
        ("gzip,deflate", b"", "more than once"),
        ("br", b"x", "not asked for"),
        ("gzip", b"not gzip", "not compressed as its header says"),
        ("gzip", packed(b"hello")[:-4], "ends early"),
        ("deflate", zlib.compress(b"hello")[:-2], "ends early"),
        ("deflate", zlib.compress(b"hello") + b"more", "more after the end"),
        ("gzip", packed(b"hello") + b"more", "not compressed as its header says"),
        ("gzip", packed(b"0" * (LIMIT + 1)), "too large"),
        ("gzip", packed(b"0" * LIMIT) + packed(b"0"), "too large"),
        ("", b"0" * (LIMIT + 1), "too large"),
        ("gzip", packed(b"") * (LIMIT // len(packed(b"")) + 1), "too large"),
    ],
)
async def test_what_is_wrong_with_a_body_is_said(coding: str, body: bytes, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        await read_body(chunks(body), coding=coding, limit=LIMIT)


async def test_a_bomb_takes_no_more_memory_than_the_limit_allows() -> None:
    bomb = packed(b"0" * 30_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(BodyError, match="too large"):
            await read_body(chunks(bomb, len(bomb)), coding="gzip", limit=LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 20 * LIMIT
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=2000), st.integers(1, 300), st.sampled_from(["gzip", "deflate", ""]))
async def test_whatever_was_compressed_is_read_however_it_is_cut(body: bytes, size: int, coding: str) -> None:
    ways: dict[str, Callable[[bytes], bytes]] = {"gzip": packed, "deflate": zlib.compress, "": bytes}
    squeezed = ways[coding](body)
    assert await read_body(chunks(squeezed, size), coding=coding, limit=LIMIT) == body


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "x-gzip"]))
async def test_whatever_comes_is_a_body_or_said_to_be_none(body: bytes, coding: str) -> None:
    with suppress(BodyError):
        await read_body(chunks(body, 50), coding=coding, limit=LIMIT)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=()), max_size=10),
    lambda each: (
        st.lists(each, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=()), max_size=5), each, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_whatever_json_holds_can_be_sent_on(value: object, escaped: bool) -> None:
    raw = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    read = parse_json(raw)
    json.dumps(read, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'"\\ud83d"', REPLACEMENT),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\ude00\\ud83d"', REPLACEMENT * 2),
        (b'{"a\\udfff": ["x\\ud800y"]}', {f"a{REPLACEMENT}": [f"x{REPLACEMENT}y"]}),
        ('"\ud83d"', REPLACEMENT),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}),
    ],
)
def test_json_is_read_without_half_characters(raw: bytes | str, value: object) -> None:
    assert parse_json(raw) == value


@pytest.mark.parametrize("raw", [b"", b"x", b"[" * 200_000, b'{"a":' * 200_000, b"1" * 5000])
def test_what_is_no_json_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_json(raw)
