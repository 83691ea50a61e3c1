"""Measure the budgets of DESIGN: `make bench` (about five minutes on two quiet cores)."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated

import aiohttp
import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.isolation import AT_LEAST
from benchmarks.isolation import measure as isolated
from benchmarks.lifecycles import lifecycle_rate
from benchmarks.rates import mutation_rate
from config.settings import Settings
from tests.support.boards import CUSTOMER
from tests.support.gateway import basic, running_gateway
from tests.support.lifecycles import send
from tests.support.processes import running_sandbox
from tests.support.settings import sandbox_settings
from tests.support.temporal import client_of, running_temporal

CALLS = 300
FIRST_JOB = 500_000


Row = tuple[str, ...]


async def measure(only: str | None) -> None:
    """Run the stack, measure all, or what has a word in its name, and print."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        client = await client_of(await stack.enter_async_context(running_temporal()))
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False))
        settings = sandbox_settings(urls, linkedin_task_after="1ms")
        table = Table("what", "ours", "bare", "ours against bare", "budget")

        async def gateway() -> list[Row]:
            # With a server of its own: nobody works on the lifecycles that are begun there.
            async with running_temporal() as address:
                return await gateway_latency(await client_of(address), settings)

        async def mutations() -> list[Row]:
            return [await mutation_rate(client, urls, control)]

        async def lifecycles() -> list[Row]:
            return [await lifecycle_rate(client, urls, control)]

        for each in (gateway, mutations, lifecycles, isolation):
            if only is None or only in each.__name__:
                for row in await each():
                    table.add_row(*row)
    Console().print(table)


async def isolation() -> list[Row]:
    """Close jobs on one board while the other hangs, with few jobs: `python -m benchmarks.isolation` has more."""
    found = await isolated(closes=160, jobs=320)
    return [
        (
            f"closes elsewhere while {each.hanging.label} hangs",
            f"{each.meanwhile.rate:.1f}/s",
            f"{each.without_rate:.1f}/s without",
            f"{each.ratio:.2f}",
            f"at least {AT_LEAST}",
        )
        for each in found
    ]


async def gateway_latency(client: Client, settings: Settings) -> list[Row]:
    """Compare a webhook with the bare signal-with-start, in turn, so that drift hits both alike."""
    through: list[Took] = []
    bare: list[Took] = []
    headers = {"Content-Type": "application/json", "Authorization": basic("icims-1234", "webhook-secret-1234")}
    async with running_gateway(client, settings) as gateway, aiohttp.ClientSession(str(gateway.base_url)) as http:
        for number in range(CALLS):
            event = {"customerId": CUSTOMER, "userId": "1", "eventType": "JobUnpostToWebEvent"}
            body = {**event, "systemId": str(FIRST_JOB + number)}
            through.append(await timed(lambda: post(http, body, headers)))  # noqa: B023
            bare.append(await timed(lambda: send(client, settings, str(FIRST_JOB + CALLS + number))))  # noqa: B023
    return [
        _compared("gateway, p50", [each.wall for each in through], [each.wall for each in bare], "at most +2 ms"),
        # Of sender, gateway and SDK, all in this process: it tells the cost also where others use the machine.
        _compared("gateway, CPU, p50", [each.cpu for each in through], [each.cpu for each in bare], ""),
    ]


def _compared(what: str, through: Sequence[float], bare: Sequence[float], budget: str) -> Row:
    ours, theirs = statistics.median(through) * 1000, statistics.median(bare) * 1000
    return what, f"{ours:.1f} ms", f"{theirs:.1f} ms", f"+{ours - theirs:.1f} ms", budget


async def post(http: aiohttp.ClientSession, body: dict[str, str], headers: dict[str, str]) -> None:
    """Send an event by a client that costs little itself."""
    async with http.post("/webhooks/icims", json=body, headers=headers) as reply:
        reply.raise_for_status()


@dataclass(frozen=True, slots=True)
class Took:
    """What a call took, in seconds."""

    wall: float
    cpu: float
    """Of this process."""


async def timed(call: Callable[[], Awaitable[object]]) -> Took:
    """Time a call."""
    began, cpu = time.perf_counter(), time.process_time()
    await call()
    return Took(time.perf_counter() - began, time.process_time() - cpu)


def benchmark(
    only: Annotated[str | None, typer.Option(help="gateway, mutations, lifecycles or isolation.")] = None,
) -> None:
    """Measure, and print."""
    asyncio.run(measure(only))


if __name__ == "__main__":
    typer.run(benchmark)
