"""Requests, answers and waits, without a provider."""

import asyncio
import json
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from shutil import which

import httpx
import pytest

from clients import failures
from clients.errors import ProviderError
from clients.http import RESPONSE_LIMIT, Request, Response, send
from clients.transport import Paused, open_http
from models.problems import Category
from tests.support.listening import Serve, hang_up_at_once, listening, silence
from tests.support.replies import reply
from tests.support.transport import Provider

SECRET = "hunter2-secret"


def request(**changes: object) -> Request:
    return Request(**{"operation": "op", "method": "GET", "url": "https://api.example.com/x", **changes})  # type: ignore[arg-type]


async def send_to(answer: httpx.Response, request_: Request | None = None) -> Response:
    async with Provider(lambda _: answer).http() as http:
        return await send(http, request_ or request(), provider="P")


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[str]:
    async with listening(serve) as port:
        yield f"http://127.0.0.1:{port}/x"


@pytest.mark.parametrize("body", [b"", b"no json", b"\xff\xfe\x00", b"[" * 100_000, b"1" * 5000])
def test_a_body_that_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        reply(body).json()


def test_a_request_shows_no_secret() -> None:
    shown = repr(request(headers={"X": SECRET}, body={"k": SECRET}, form={"client_secret": SECRET}).authorized(SECRET))
    assert SECRET not in shown
    assert "https://api.example.com/x" in shown


def test_an_answer_shows_no_body() -> None:
    assert SECRET not in repr(reply(SECRET.encode()))


async def test_a_request_is_sent_as_described() -> None:
    provider = Provider(lambda _: httpx.Response(201, json={"ok": True}, headers={"X-Transaction": "t"}))
    async with provider.http() as http:
        answer = await send(
            http,
            request(method="POST", headers={"A": "b"}, params=(("ids", "urn:1"), ("ids", "2")), body={"é": 1}),
            provider="P",
        )
        await send(http, request(method="POST", form={"a": "b c", "d": "&"}), provider="P")
    first, second = provider.requests
    assert (first.method, str(first.url)) == ("POST", "https://api.example.com/x?ids=urn%3A1&ids=2")
    assert first.headers["a"] == "b"
    assert (first.headers["content-type"], json.loads(first.content)) == ("application/json", {"é": 1})
    assert second.headers["content-type"] == "application/x-www-form-urlencoded"
    assert second.content == b"a=b+c&d=%26"
    assert (answer.status, answer.json(), answer.headers["x-transaction"]) == (201, {"ok": True}, "t")


@pytest.mark.parametrize("status", [200, 301, 302, 303, 307, 308, 404, 500])
async def test_every_status_is_an_answer_and_no_redirect_is_followed(status: int) -> None:
    provider = Provider(lambda _: httpx.Response(status, headers={"Location": "https://evil.example/"}))
    async with provider.http() as http:
        answer = await send(http, request().authorized(SECRET), provider="P")
    assert answer.status == status
    assert [each.url.host for each in provider.requests] == ["api.example.com"]


async def test_a_redirect_is_not_followed_even_by_a_client_that_would() -> None:
    provider = Provider(lambda _: httpx.Response(302, headers={"Location": "https://evil.example/"}))
    async with httpx.AsyncClient(transport=httpx.MockTransport(provider), follow_redirects=True) as http:
        answer = await send(http, request(), provider="P")
    assert answer.status == 302
    assert len(provider.requests) == 1


async def test_a_cookie_of_one_call_is_not_sent_with_the_next() -> None:
    # iCIMS sets JSESSIONID on every reply, and the connections are shared by all customers.
    provider = Provider(lambda _: httpx.Response(200, headers={"Set-Cookie": "JSESSIONID=of-customer-a; Path=/"}))
    async with open_http(httpx.MockTransport(provider)) as http:
        await send(http, request(), provider="P")
        await send(http, request(), provider="P")
    assert [each.headers.get("cookie") for each in provider.requests] == [None, None]


async def test_an_answer_of_the_largest_size_is_read() -> None:
    assert len((await send_to(httpx.Response(200, content=b"x" * RESPONSE_LIMIT))).body) == RESPONSE_LIMIT


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"x" * (RESPONSE_LIMIT + 1)),
        httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip")),
    ],
    ids=["too large", "false gzip"],
)
async def test_an_answer_that_cannot_be_read_is_a_temporary_failure(answer: httpx.Response) -> None:
    with pytest.raises(ProviderError) as caught:
        await send_to(answer)
    assert caught.value.problem.category is Category.TEMPORARY


async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def stop_halfway(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()


async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("serve", [silence, hang_up, stop_halfway, talk_nonsense])
async def test_no_whole_answer_is_a_temporary_failure(serve: Serve) -> None:
    async with server(serve) as url, httpx.AsyncClient(timeout=0.2, trust_env=False) as http:
        with pytest.raises(ProviderError) as caught:
            await send(http, request(url=url).authorized(SECRET), provider="P")
    assert caught.value.problem.category is Category.TEMPORARY
    assert caught.value.status is None
    assert SECRET not in str(caught.value) + caught.value.problem.model_dump_json()


async def test_a_refused_connection_is_a_temporary_failure() -> None:
    async with server(silence) as url:
        pass
    async with open_http() as http:
        with pytest.raises(ProviderError) as caught:
            await send(http, request(url=url), provider="P")
    assert caught.value.problem.category is Category.TEMPORARY
    assert (caught.value.code, caught.value.sent) == ("refused", False)
    assert "refused the connection" in caught.value.problem.reason
    assert "firewall" in caught.value.problem.remedy


async def test_a_host_name_that_is_not_found_is_told_apart() -> None:
    async with open_http() as http:
        with pytest.raises(ProviderError) as caught:
            await send(http, request(url="https://no-such-host.invalid/"), provider="P")
    assert (caught.value.code, caught.value.sent) == ("dns", False)
    assert "DNS" in caught.value.problem.reason
    assert "DNS" in caught.value.problem.remedy


async def test_a_certificate_that_is_not_trusted_is_told_apart(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    async with listening(hang_up_at_once, tls=context) as port, open_http() as http:
        with pytest.raises(ProviderError) as caught:
            await send(http, request(url=f"https://127.0.0.1:{port}/"), provider="P")
    assert (caught.value.code, caught.value.sent) == ("certificate", False)
    assert "clock" in caught.value.problem.remedy


async def test_a_host_that_speaks_no_tls_is_told_apart() -> None:
    async with server(talk_nonsense) as url, open_http() as http:
        with pytest.raises(ProviderError) as caught:
            await send(http, request(url=url.replace("http://", "https://")), provider="P")
    assert caught.value.sent is False
    assert caught.value.problem.category is Category.TEMPORARY


@pytest.mark.parametrize(
    ("serve", "code"),
    [(silence, "timeout"), (hang_up, "broken_off"), (stop_halfway, "broken_off"), (talk_nonsense, "broken_off")],
)
async def test_each_way_to_give_no_answer_has_words_of_its_own(serve: Serve, code: str) -> None:
    async with server(serve) as url, open_http(timeout=httpx.Timeout(5, read=0.2)) as http:
        with pytest.raises(ProviderError) as caught:
            await send(http, request(url=url), provider="P")
    assert (caught.value.code, caught.value.sent) == (code, True)
    assert "may have taken effect" in caught.value.problem.reason


async def test_calls_that_a_person_has_paused_are_not_sent() -> None:
    async with httpx.AsyncClient(transport=Paused()) as http:
        with pytest.raises(ProviderError) as caught:
            await send(http, request(), provider="LinkedIn")
    assert (caught.value.code, caught.value.sent) == ("paused", False)
    assert "Calls to LinkedIn are paused in the configuration" in caught.value.problem.reason


def test_every_failure_has_words_of_its_own() -> None:
    known = [each for each in vars(failures).values() if isinstance(each, failures.Failure)]
    assert len({each.reason for each in known}) == len({each.code for each in known}) == len(known) > 8
    for each in known:
        assert each.sent is ("Nothing was sent" not in each.reason)
        # What no repetition mends says where it is to be mended.
        assert each.remedy.startswith(("Boardsync tries again by itself.", "Correct the address"))


async def test_of_an_answer_whose_status_alone_matters_nothing_else_is_read() -> None:
    sent = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nRetry-After: 3\r\nContent-Length: 100000000\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        sent.set()

    async with server(pour) as url, open_http() as http:
        answer = await send(http, request(url=url, only_status=True), provider="P")
        assert (answer.status, answer.body, answer.retry_after) == (200, b"", timedelta(seconds=3))
        await sent.wait()


async def test_only_codings_that_are_read_are_asked_for() -> None:
    provider = Provider(lambda _: httpx.Response(200))
    async with provider.http() as http:
        await send(http, request(), provider="P")
    assert provider.requests[0].headers["accept-encoding"] == "gzip, deflate"


async def test_half_characters_are_never_sent() -> None:
    provider = Provider(lambda _: httpx.Response(200))
    async with provider.http() as http:
        await send(http, request(method="POST", body={"title": "a\ud83d"}), provider="P")
        await send(http, request(method="POST", form={"client_secret": "a\ud83d"}), provider="P")
    assert json.loads(provider.requests[0].content) == {"title": "a\ufffd"}
    assert provider.requests[1].content == b"client_secret=a%EF%BF%BD"


def test_half_characters_of_an_answer_are_replaced() -> None:
    assert reply(b'{"title": "a\\ud83d"}').json() == {"title": "a\ufffd"}


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate that nobody trusts."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(  # noqa: S603
        [
            which("openssl") or pytest.skip("no openssl here"),
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "1",
            "-subj",
            "/CN=127.0.0.1",
            "-out",
            str(certificate),
            "-keyout",
            str(key),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
