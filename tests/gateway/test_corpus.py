"""Hundreds of odd but genuine events are all taken, each by the lifecycle of its job; of as many forged ones none."""

import asyncio
import base64
import gzip
import json
import random
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from config.settings import Settings
from models.base import workflow_id
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually
from tests.support.settings import raw_settings
from tests.support.sizes import size

PATH = "/webhooks/icims"
EACH = size(200, 500)
SECRET = "größe-1234"
TYPES = ("JobUnpostToWebEvent", "JobPostToWebEvent")
BASE = "https://api.icims.com/customers/1234"

Request = tuple[bytes, dict[str, str]]


@pytest.fixture(scope="module")
async def gateway(client: Client, sandbox_urls: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    raw = raw_settings(sandbox_urls)
    raw["customers"][0]["icims"]["webhook_secret"] = SECRET
    async with running_gateway(client, Settings.model_validate(raw)) as http:
        yield http


def event(job_id: str, rng: random.Random) -> dict[str, Any]:
    def number(text: str) -> object:
        return rng.choice([text, int(text), f" {text} ", float(text), f"{text}\n"])

    found: dict[str, Any] = {
        "customerId": number("1234"),
        "eventType": rng.choice([each for name in TYPES for each in (name, name.upper(), name.lower(), f" {name} ")]),
        "systemId": number(job_id),
    }
    odd = [None, "", "é", "\ud83d", "😀", True, 0, -1.5, float("nan"), [], [1], {}, {"a": None}, "x" * 3000, "121", 121]
    for name in ("userId", "portalURL", "portalUrl", "links", "personId", "newStatus", "somethingNew", "jobId"):
        if rng.random() < 0.5:
            found[name] = rng.choice(odd)
    if rng.random() < 0.3:
        found["links"] = [
            {"rel": "job", "title": "é", "url": f"{BASE}/jobs/{job_id}"},
            {"rel": "user", "url": "/people/9"},
        ]
    items = list(found.items())
    rng.shuffle(items)
    return dict(items)


def dressed(payload: dict[str, Any], rng: random.Random) -> tuple[bytes, str | None, str | None]:
    """Write a payload in some charset and compression; return the body with its two headers, which may be wrong."""
    text = json.dumps(payload, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 2]))
    if rng.random() < 0.2:
        text = f'{{"userId": "1", {text.lstrip("{")}'
    charset = rng.choice(["utf-8", "utf-8", "utf-8-sig", "iso-8859-1", "utf-16", "utf-16-le", "utf-32"])
    body = text.encode(charset, "replace")
    kind = rng.choice(["application/json", "text/plain", "application/x-www-form-urlencoded", "APPLICATION/JSON", "x"])
    stated = rng.choice([None, kind, f"{kind}; charset={charset}", f'{kind};charset="utf8"', f"{kind}; charset=none"])
    bodies = [body, gzip.compress(body), gzip.compress(body[:7]) + gzip.compress(body[7:]), zlib.compress(body)]
    encoding = rng.choice([None, "gzip", "x-gzip", "GZIP", "identity", "deflate"])
    return rng.choice(bodies), stated, encoding


def basic(secret: str, rng: random.Random) -> str:
    scheme, charset = rng.choice(["Basic", "basic", "BASIC"]), rng.choice(["utf-8", "iso-8859-1"])
    return f"{scheme} {base64.b64encode(f'icims-1234:{secret}'.encode(charset)).decode()}"


def request(job_id: str, rng: random.Random, secret: str = SECRET) -> Request:
    body, kind, encoding = dressed(event(job_id, rng), rng)
    headers = {"Authorization": basic(secret, rng)}
    headers |= {"Content-Type": kind} if kind else {}
    headers |= {"Content-Encoding": encoding} if encoding else {}
    if rng.random() < 0.3:
        headers["Link"] = rng.choice(
            [
                f'{BASE}/jobs/{job_id};rel="job";title="a, b",{BASE}/people/7;rel="user",',
                ";;;",
                f"<{BASE}/jobs/{job_id}>; rel=job",
            ]
        )
    return body, headers


def forged(job_id: str, rng: random.Random) -> Request:
    """Make a request that nobody may act on: false credentials, somebody else's, or two meanings."""
    body, headers = request(job_id, rng)
    plain = {"customerId": "1234", "eventType": TYPES[0], "systemId": job_id, "userId": "121"}
    match rng.randrange(6):
        case 0:
            wrong = rng.choice([SECRET[:-1], SECRET + "x", "", "grösse-1234", SECRET.upper(), "webhook-secret-5678"])
            return body, {**headers, "Authorization": basic(wrong, rng)}
        case 1:
            other = base64.b64encode(b"icims-5678:webhook-secret-5678").decode()
            return body, {**headers, "Authorization": f"Basic {other}"}
        case 2:
            hidden = {key: value for key, value in headers.items() if key != "Authorization"}
            return body, hidden | rng.choice([{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": ""}])
        case 3:
            parts = f"user=icims-1234,signedheaders=x-icims-date,signature={rng.randbytes(32).hex()}"
            stamp = "2026-11-22T10:30:00+0000"
            return body, {**headers, "Authorization": f"x-icims-v1-hmac-sha256 {parts}", "x-icims-date": stamp}
        case 4:
            name = rng.choice(["customerId", "systemId", "eventType"])
            twice = json.dumps(plain)[:-1] + f', "{name}": "{rng.randrange(9)}"}}'
            return twice.encode(), {"Authorization": basic(SECRET, rng)}
        case _:
            link = rng.choice([f"{BASE}/jobs/9", f"https://api.icims.com/customers/9/jobs/{job_id}"])
            return json.dumps(plain).encode(), {"Authorization": basic(SECRET, rng), "Link": f'{link};rel="job",'}


async def sent(http: httpx.AsyncClient, requests: list[Request]) -> list[httpx.Response]:
    at_once = asyncio.Semaphore(16)

    async def one(body: bytes, headers: dict[str, str]) -> httpx.Response:
        async with at_once:
            return await http.post(PATH, content=body, headers=headers)

    return list(await asyncio.gather(*(one(*each) for each in requests)))


async def ended(client: Client, id_: str) -> None:
    """End a lifecycle once it has begun: where Temporal is slow, its event was kept first."""

    async def started() -> bool:
        try:
            await client.get_workflow_handle(id_).describe()
        except RPCError:
            return False
        return True

    await eventually(started, bool)
    await client.get_workflow_handle(id_).terminate()


async def test_odd_but_genuine_events_are_all_taken(
    client: Client, gateway: httpx.AsyncClient, job_ids: Iterator[str]
) -> None:
    rng = random.Random(20261126)  # noqa: S311 -- a corpus is the same each time
    jobs = [next(job_ids) for _ in range(EACH)]
    requests = [request(each, rng) for each in jobs]
    replies = await sent(gateway, requests)
    refused = [(asked, reply.text) for asked, reply in zip(requests, replies, strict=True) if reply.status_code >= 400]
    assert refused == []
    await asyncio.gather(*(ended(client, workflow_id("1234", each)) for each in jobs))


async def test_forged_events_are_all_refused(
    client: Client, gateway: httpx.AsyncClient, job_ids: Iterator[str]
) -> None:
    rng = random.Random(20261127)  # noqa: S311
    before = (await client.count_workflows("")).count
    replies = await sent(gateway, [forged(next(job_ids), rng) for _ in range(EACH)])
    assert {reply.status_code for reply in replies} == {400, 401}
    assert all(set(reply.json()["error"]) == {"userMessage", "debugErrorMessage"} for reply in replies)
    assert not any(SECRET in reply.text for reply in replies)
    assert (await client.count_workflows("")).count == before
