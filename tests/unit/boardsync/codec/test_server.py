"""The codec server: it decrypts for those who may see it, and for nobody else."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from aiohttp.test_utils import TestClient, TestServer
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload, Payloads

from boardsync.codec.access import COOKIE
from boardsync.codec.server import create_app, origins_of
from config.settings import Settings
from config.temporal import Codec
from runtime import attempts
from runtime.encryption import EncryptionCodec
from tests.support.encryption import CODEC_TOKEN, NEW, OLD, codec_file, encrypting
from tests.support.settings import sandbox_settings

UI = "http://ui.example.com"
TOKEN = {"Authorization": f"Bearer {CODEC_TOKEN}"}
SECRET = Payload(metadata={"encoding": b"json/plain"}, data=b'"Nurse"')

Http = TestClient[Any, Any]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(attempts, "LONGEST_WAIT", 0.05)


@pytest.fixture
def configured() -> Settings:
    return encrypting(sandbox_settings(dict.fromkeys(("icims", "linkedin", "indeed"), "http://127.0.0.1:9")), NEW)


def serving(settings: Settings) -> Http:
    app = create_app(codec_file(settings), CODEC_TOKEN)
    return TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True))


@pytest.fixture
async def http(configured: Settings) -> AsyncIterator[Http]:
    async with TestClient(
        TestServer(create_app(codec_file(configured), CODEC_TOKEN)), cookie_jar=CookieJar(unsafe=True)
    ) as http:
        yield http


async def sealed(key: bytes = NEW) -> dict[str, Any]:
    return dict(MessageToDict(Payloads(payloads=await EncryptionCodec([key]).encode([SECRET]))))


async def log_in(http: Http) -> None:
    reply = await http.post("/login", data={"token": CODEC_TOKEN})
    assert "You are logged in" in await reply.text()


@pytest.mark.parametrize("path", ["/decode", "/default/decode"])
async def test_the_token_decrypts(http: Http, path: str) -> None:
    reply = await http.post(path, json=await sealed(), headers=TOKEN)
    assert reply.status == 200
    assert await reply.json() == MessageToDict(Payloads(payloads=[SECRET]))


async def test_what_a_person_enters_in_the_web_ui_is_encrypted(http: Http) -> None:
    reply = await http.post("/encode", json=MessageToDict(Payloads(payloads=[SECRET])), headers=TOKEN)
    back = await http.post("/decode", json=await reply.json(), headers=TOKEN)
    assert "binary/encrypted" not in json.dumps(await back.json())
    assert await back.json() == MessageToDict(Payloads(payloads=[SECRET]))


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", f"Basic {CODEC_TOKEN}", f"Bearer {CODEC_TOKEN}x"])
@pytest.mark.parametrize("path", ["/decode", "/encode"])
async def test_nothing_is_decrypted_without_the_token(http: Http, path: str, header: str | None) -> None:
    reply = await http.post(path, json=await sealed(), headers={"Authorization": header} if header else {})
    assert reply.status == 401
    assert "Nurse" not in await reply.text()
    assert CODEC_TOKEN not in await reply.text()


async def test_a_session_is_good_for_the_web_ui_alone(http: Http) -> None:
    await log_in(http)
    allowed = await http.post("/decode", json=await sealed(), headers={"Origin": UI})
    assert allowed.status == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == UI
    assert allowed.headers["Access-Control-Allow-Credentials"] == "true"
    for origin in ("https://evil.example.com", "null", f"{UI}.evil.example.com", None):
        refused = await http.post("/decode", json=await sealed(), headers={"Origin": origin} if origin else {})
        assert refused.status == 403
        assert "Access-Control-Allow-Origin" not in refused.headers


async def test_a_session_is_hidden_from_scripts_and_ends(configured: Settings) -> None:
    brief = configured.model_copy(update={"codec": Codec.model_validate({"session": "1s"})})
    async with TestClient(
        TestServer(create_app(codec_file(brief), CODEC_TOKEN)), cookie_jar=CookieJar(unsafe=True)
    ) as http:
        reply = await http.post("/login", data={"token": CODEC_TOKEN}, allow_redirects=False)
        cookie = reply.headers["Set-Cookie"]
        assert {"HttpOnly", "SameSite=Strict", "Max-Age=1"} <= {part.strip() for part in cookie.split(";")}
        assert CODEC_TOKEN not in cookie


async def test_a_forged_session_is_none(http: Http) -> None:
    for forged in ("", "1", "MQ.abc.def"):
        reply = await http.post("/decode", json=await sealed(), headers={"Origin": UI, "Cookie": f"{COOKIE}={forged}"})
        assert reply.status == 401


async def test_a_preflight_is_answered_for_the_web_ui_alone(http: Http) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}
    allowed = await http.options("/decode", headers={"Origin": UI, **asked})
    assert allowed.status == 204
    assert "x-namespace" in allowed.headers["Access-Control-Allow-Headers"]
    refused = await http.options("/decode", headers={"Origin": "https://evil.example.com", **asked})
    assert refused.status == 403
    assert "Access-Control-Allow-Origin" not in refused.headers


async def test_a_missing_key_is_told_with_what_to_do(http: Http) -> None:
    reply = await http.post("/decode", json=await sealed(OLD), headers=TOKEN)
    assert reply.status == 409
    assert "encryption_keys" in (await reply.json())["message"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"7", b'{"payloads":[{"data":7}]}', b'{"payloads":' * 5000])
async def test_what_is_no_request_is_refused(http: Http, body: bytes) -> None:
    reply = await http.post("/decode", data=body, headers=TOKEN)
    assert reply.status == 400


async def test_guessing_becomes_slow_and_then_is_not_looked_at(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "WAITING_OF_ONE", 0)
    for _ in range(attempts.FREE):
        assert (await http.post("/login", data={"token": "guess"})).status == 401
    assert (await http.post("/login", data={"token": "guess"})).status == 429
    assert (await http.post("/login", data={"token": CODEC_TOKEN})).status == 429


async def test_whoever_was_right_before_is_not_slowed_by_others(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await http.post("/decode", json=await sealed(), headers=TOKEN)).status == 200
    monkeypatch.setattr(attempts, "WAITING_OF_ONE", 0)
    for _ in range(attempts.FREE + 1):
        await http.post("/login", data={"token": "guess"})
    assert (await http.post("/decode", json=await sealed(), headers=TOKEN)).status == 200


async def test_the_page_cannot_be_framed_and_repeats_nothing(http: Http) -> None:
    reply = await http.post("/login", data={"token": "<script>alert(1)</script>"})
    assert "alert(1)" not in await reply.text()
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


def test_the_web_uis_origin_is_that_of_its_address(configured: Settings) -> None:
    assert origins_of(codec_file(configured)) == {UI}
    own = configured.model_copy(update={"codec": Codec.model_validate({"origins": ["https://temporal.example.com"]})})
    assert origins_of(codec_file(own)) == {"https://temporal.example.com"}


async def test_it_says_that_it_is_alive(http: Http) -> None:
    assert (await http.get("/healthz")).status == 200
    async with ClientSession() as other:
        assert (await other.get(http.make_url("/decode"))).status == 405
