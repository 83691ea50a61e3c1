"""The description of the gateway for machines: every route, and each reply that is given without Temporal."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import Client

from config.settings import Settings
from runtime.connection import connect
from tests.support.gateway import running_gateway
from tests.support.settings import sandbox_settings
from webhook_gateway.app import create_app

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs" / "gateway.openapi.json").read_text(encoding="utf-8")
)
NOWHERE = dict.fromkeys(("icims", "linkedin", "indeed", "control"), "http://127.0.0.1:1")


@pytest.fixture
def settings() -> Settings:
    return sandbox_settings(NOWHERE)


@pytest.fixture
async def away() -> Client:
    """Return a client of a Temporal that is not there."""
    return await connect(lazy=True, address="127.0.0.1:1")


async def test_every_route_is_described_and_none_else(settings: Settings, away: Client) -> None:
    routes = {
        (route.method.lower(), route.resource.canonical.rstrip("/"))
        for route in create_app(away, settings).router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    described = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == routes


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods if path != "/readyz"],
)
async def test_a_request_without_credentials_gets_a_reply_that_is_described(
    settings: Settings, away: Client, method: str, path: str
) -> None:
    async with running_gateway(away, settings) as gateway:
        url = path.format(customer_id="1234", job_id="1209")
        bodies = [None] if method == "get" else [None, b"{", b"{}", b"[]", b'{"customerId": 1}', b"\xff"]
        for body in bodies:
            described(method, path, await gateway.request(method, url, content=body))


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods if "/webhooks/" in path],
)
async def test_a_webhook_with_a_slash_at_its_end_is_the_same(
    settings: Settings, away: Client, method: str, path: str
) -> None:
    async with running_gateway(away, settings) as gateway:
        replies = [await gateway.request(method, url, content=b"{}") for url in (path, f"{path}/")]
    plain, slashed = [(each.status_code, each.headers["Content-Type"], each.content) for each in replies]
    assert plain == slashed
    assert plain[0] in {400, 401}


def described(method: str, path: str, reply: httpx.Response) -> None:
    """See that status and form of a reply are in the document."""
    replies = DOCUMENT["paths"][path][method]["responses"]
    assert str(reply.status_code) in replies, (reply.status_code, reply.text)
    content = replies[str(reply.status_code)].get("content", {})
    if "application/json" not in content:
        return
    schema = content["application/json"]["schema"]
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert set(schema.get("required", ())) <= set(reply.json()), reply.text
