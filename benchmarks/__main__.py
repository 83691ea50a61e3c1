"""Measure the budgets of DESIGN: `make bench` (about a minute)."""

import asyncio
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import httpx
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from activities.providers import Providers, open_http
from benchmarks import engine
from config.settings import Settings
from models.base import workflow_id
from models.temporal import Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import send
from tests.support.processes import running_sandbox
from tests.support.settings import sandbox_settings
from tests.support.temporal import client_of, running_temporal
from worker import create_workers

CALLS = 300
LIFECYCLES = 200
FIRST_JOB = 500_000


async def main() -> None:
    """Run the stack, measure, print."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        client = await client_of(await stack.enter_async_context(running_temporal()))
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False))
        boards = Boards(control)
        settings = sandbox_settings(urls, linkedin_task_after="1ms")
        table = Table("what", "ours", "bare", "ours against bare", "budget")
        table.add_row(*await gateway_latency(client, settings))
        table.add_row(*await lifecycle_rate(client, settings, boards, stack))
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


async def lifecycle_rate(
    client: Client, settings: Settings, boards: Boards, stack: AsyncExitStack
) -> tuple[str, str, str, str, str]:
    """Compare whole closes, HTTP to the simulated boards included, with the bare engine."""
    await boards.set(
        linkedin__task_seconds=0,
        linkedin__visibility_seconds=0,
        linkedin__records_per_minute=1_000_000,
        indeed__mutations_per_second=100_000,
    )
    http = await stack.enter_async_context(open_http())
    for worker in create_workers(client, Providers(settings, http), list(Queue)):
        await stack.enter_async_context(worker)
    await stack.enter_async_context(engine.worker(client))
    jobs = await boards.add_jobs(FIRST_JOB + 10_000, LIFECYCLES)

    async def close(job: str) -> None:
        await (await send(client, settings, job)).result()

    async def bare(id_: str) -> None:
        await engine.start(client, id_)
        await engine.finish(client, id_)

    # Two rounds each, in turn; the first warms up connections, tokens and the listing.
    half = LIFECYCLES // 2
    ids = [f"bench-{uuid.uuid4()}" for _ in jobs]
    await together(close, jobs[:half])
    await together(bare, ids[:half])
    ours = half / await together(close, jobs[half:])
    theirs = half / await together(bare, ids[half:])
    return (
        "lifecycles",
        f"{ours:.1f}/s",
        f"{theirs:.1f}/s",
        f"{ours / theirs:.2f}",
        "at least 0.8; Indeed's 20 clears/s cap one credential",
    )


async def together(run: Callable[[str], Awaitable[None]], names: list[str]) -> float:
    """Run all at once; give the seconds it took."""
    return await timed(lambda: asyncio.gather(*(run(name) for name in names)))


if __name__ == "__main__":
    asyncio.run(main())
