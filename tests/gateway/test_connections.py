"""What a network does to the gateway: half requests, endless ones, too many, none at all."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client

from config.settings import Settings
from runtime import attempts
from runtime.logs import Seldom
from tests.support.gateway import basic, begun_requests, running_gateway
from tests.support.lifecycles import eventually
from tests.support.settings import raw_settings
from webhook_gateway import body, connections
from webhook_gateway.metrics import logger

PATH = "/webhooks/icims"
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()


def dropped(reason: str) -> float:
    return REGISTRY.get_sample_value("boardsync_gateway_connections_dropped_total", {"reason": reason}) or 0.0


def events(result: str) -> float:
    labels = {"sender": "icims", "type": "unknown", "result": result}
    return REGISTRY.get_sample_value("boardsync_webhook_events_total", labels) or 0.0


def limited(urls: dict[str, str], **limits: int) -> Settings:
    raw: dict[str, Any] = raw_settings(urls)
    raw["gateway"] |= limits
    return Settings.model_validate(raw)


@pytest.fixture
async def gateway(client: Client, sandbox_urls: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    settings = limited(sandbox_urls, max_connections=24, max_connections_per_address=16)
    async with running_gateway(client, settings) as http:
        yield http


async def dial(http: httpx.AsyncClient, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def answer(http: httpx.AsyncClient, sent: bytes) -> bytes:
    reader, writer = await dial(http, sent)
    try:
        return await reader.read()
    finally:
        writer.close()


def soon(get: Callable[[], float], wanted: float) -> Awaitable[float]:
    async def value() -> float:
        return get()

    return eventually(value, lambda found: found >= wanted)


async def test_half_headers_are_dropped(gateway: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADERS_WITHIN", 0.2)
    before = dropped("headers")
    for sent in (b"", b"POST", HEAD):
        with pytest.raises(ConnectionResetError):
            raise_reset(await answer(gateway, sent))
    assert dropped("headers") == before + 3


def raise_reset(read: bytes) -> None:
    assert read == b""
    raise ConnectionResetError


async def test_an_endless_body_is_answered_in_icimss_form(
    gateway: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "READ_WITHIN", 0.2)
    before = events("refused")
    said = await answer(gateway, HEAD + b"Content-Length: 100\r\n\r\n{")
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"did not arrive within" in said
    assert b'"userMessage"' in said
    assert events("refused") == before + 1


async def test_a_sender_that_hangs_up_is_no_failure_of_ours(
    gateway: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung_up, failed, begun = events("hung_up"), events("failed"), begun_requests(monkeypatch)
    for number in range(3):
        _, writer = await dial(gateway, HEAD + b"Content-Length: 100\r\n\r\n{")
        await soon(lambda: len(begun), number + 1)
        writer.transport.abort()
    await soon(lambda: events("hung_up"), hung_up + 3)
    assert events("failed") == failed


async def test_a_crowd_of_half_requests_locks_nobody_out_and_fills_no_log(
    gateway: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    crowd = []
    with caplog.at_level(logging.DEBUG):
        for number in range(120):
            crowd.append(await dial(gateway, HEAD if number % 2 else HEAD + b"Content-Length: 9\r\n\r\n{"))
            if number % 10 == 0:
                assert (await gateway.get("/healthz")).status_code == 200
        assert (await gateway.get("/healthz")).status_code == 200
    assert (REGISTRY.get_sample_value("boardsync_gateway_connections") or 0) <= 24
    ours = [each for each in caplog.records if each.name.startswith(("webhook_gateway", "aiohttp", "asyncio"))]
    assert sum(len(each.getMessage()) for each in ours) < 20_000
    assert not [each for each in ours if each.exc_info]
    for _, writer in crowd:
        writer.transport.abort()


async def test_a_crowd_that_comes_at_once_is_held_to_the_cap(gateway: httpx.AsyncClient) -> None:
    crowd = await asyncio.gather(*(dial(gateway, HEAD) for _ in range(150)))
    assert (await gateway.get("/healthz")).status_code == 200

    async def count() -> float:
        return REGISTRY.get_sample_value("boardsync_gateway_connections") or 0

    await eventually(count, lambda found: found <= 24)
    for _, writer in crowd:
        writer.transport.abort()


SECRET = "c2VjcmV0LWNyZWRlbnRpYWw="


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + f"Authorization: Basic {SECRET}\x01\r\n\r\n".encode(),
        HEAD + f"Authorization: Basic {SECRET}\x00\r\n\r\n".encode(),
        HEAD + f"Authorization : Basic {SECRET}\r\n\r\n".encode(),
        HEAD + f"Authorization: Basic {SECRET}\r\n folded\x7f\r\n\r\n".encode(),
        f"POST {PATH}?key={SECRET} HTTP/9.9\r\n\r\n".encode(),
        f"{SECRET} / HTTP/1.1\r\n\r\n".encode(),
        HEAD + f"X: {SECRET * 3000}\r\n\r\n".encode(),
        HEAD + f"Transfer-Encoding: chunked\r\n\r\n{SECRET}\r\n".encode(),
    ],
)
async def test_credentials_are_in_no_log_and_no_reply(
    gateway: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    with caplog.at_level(logging.DEBUG):
        said = await answer(gateway, sent)
    assert SECRET.encode() not in said
    assert SECRET not in caplog.text
    assert said.startswith((b"HTTP/1.1 40", b"HTTP/1.0 40"))


async def test_false_credentials_are_logged_a_few_times_and_counted_each_time(
    gateway: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhook_gateway.metrics._seldom", Seldom(logger, clock=lambda: 0.0))
    monkeypatch.setattr(attempts, "LONGEST_WAIT", 0.001)  # what it slows is not the matter here
    labels = {"sender": "icims", "customer": "1234", "type": "unpost", "reason": "credentials"}

    def refusals() -> float:
        return REGISTRY.get_sample_value("boardsync_webhook_refusals_total", labels) or 0.0

    event = {"customerId": "1234", "userId": "121", "eventType": "JobUnpostToWebEvent", "systemId": "5"}
    before = refusals()
    with caplog.at_level(logging.WARNING, logger="webhook_gateway.metrics"):
        for _ in range(40):
            reply = await gateway.post(PATH, json=event, headers={"Authorization": basic("icims-1234", "wrong")})
            assert reply.status_code == 401
    assert refusals() == before + 40
    # Beside these, one line a minute says how many more there were.
    assert sum("refused an event" in record.message for record in caplog.records) <= 10
    assert all("wrong" not in each.getMessage().split(": ", 2)[1] for each in caplog.records)
