"""Measure the budgets of DESIGN: `make bench` (about two minutes)."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import httpx
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.lifecycles import lifecycle_rate
from benchmarks.rates import mutation_rate
from config.settings import Settings
from models.base import workflow_id
from tests.support.boards import CUSTOMER
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import send
from tests.support.processes import running_sandbox
from tests.support.settings import sandbox_settings
from tests.support.temporal import client_of, running_temporal

CALLS = 300
FIRST_JOB = 500_000


async def main() -> None:
    """Run the stack, measure, print."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        client = await client_of(await stack.enter_async_context(running_temporal()))
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False))
        settings = sandbox_settings(urls, linkedin_task_after="1ms")
        table = Table("what", "ours", "bare", "ours against bare", "budget")
        table.add_row(*await gateway_latency(client, settings))
        table.add_row(*await mutation_rate(client, urls, control))
        table.add_row(*await lifecycle_rate(client, urls, control))
    Console().print(table)


async def gateway_latency(client: Client, settings: Settings) -> tuple[str, str, str, str, str]:
    """Compare a webhook with the bare signal-with-start, in turn, so that drift hits both alike."""
    through: list[float] = []
    bare: list[float] = []
    headers = {"Content-Type": "application/json", "Authorization": basic("icims-1234", "webhook-secret-1234")}
    async with running_gateway(client, settings) as gateway, aiohttp.ClientSession(str(gateway.base_url)) as http:
        for number in range(CALLS):
            event = {"customerId": CUSTOMER, "userId": "1", "eventType": "JobUnpostToWebEvent"}
            body = {**event, "systemId": str(FIRST_JOB + number)}
            through.append(await timed(lambda: post(http, body, headers)))  # noqa: B023
            bare.append(await timed(lambda: send(client, settings, str(FIRST_JOB + CALLS + number))))  # noqa: B023
    for number in range(2 * CALLS):
        await client.get_workflow_handle(workflow_id(CUSTOMER, str(FIRST_JOB + number))).terminate()
    ours, theirs = statistics.median(through) * 1000, statistics.median(bare) * 1000
    return "gateway, p50", f"{ours:.1f} ms", f"{theirs:.1f} ms", f"+{ours - theirs:.1f} ms", "at most +3 ms"


async def post(http: aiohttp.ClientSession, body: dict[str, str], headers: dict[str, str]) -> None:
    """Send an event by a client that costs little itself."""
    async with http.post("/webhooks/icims", json=body, headers=headers) as reply:
        reply.raise_for_status()


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    """Time a call, in seconds."""
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
