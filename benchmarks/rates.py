"""How much of Indeed's limit two workers use together while there is work, and that they never use more."""

import asyncio
import time
from contextlib import AsyncExitStack

import httpx
from temporalio.client import Client

from activities.indeed.pacing import shared_out
from activities.providers import Providers, open_http
from activities.stored import Stored
from clients.indeed.client import MUTATIONS
from config.settings import Settings
from models.temporal import PACE_QUEUE
from tests.support.boards import CUSTOMER, Boards
from tests.support.rates import most_in_a_second, per_second
from tests.support.settings import sandbox_settings
from worker import create_workers

SECONDS = 20
STREAMS = 6


async def mutation_rate(client: Client, urls: dict[str, str], control: httpx.AsyncClient) -> tuple[str, ...]:
    """Clear one job over and over by two processes' worth of clients, which share nothing but Temporal."""
    boards, settings = Boards(control), sandbox_settings(urls)
    await boards.reset()
    job = (await boards.job("1209"))["indeed"]["employer_job_id"]
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http())
        stored = await stack.enter_async_context(Stored(settings))
        await stored.prepared()
        for worker in create_workers(client, Providers(settings, http, stored=stored), [PACE_QUEUE]):
            await stack.enter_async_context(worker)
        until = time.monotonic() + SECONDS
        pairs = [await _providers(stack, client, settings) for _ in range(2)]
        await asyncio.gather(*(_clear(each, job, until) for each in pairs for _ in range(STREAMS)))
    records = await boards.records(provider="indeed", operation="clear")
    most, throttled = most_in_a_second(records), sum(record["throttled"] for record in records)
    rate, limit = per_second(records), MUTATIONS.per_second
    return (
        "Indeed's mutations, two workers",
        f"{rate:.1f}/s, at most {most} in a second, {throttled} times 429",
        f"limit {limit}/s",
        f"{rate / limit:.2f}",
        f"at least 0.9, at most {limit} in any second, no 429",
    )


async def _providers(stack: AsyncExitStack, client: Client, settings: Settings) -> Providers:
    http = await stack.enter_async_context(open_http())
    return Providers(settings, http, shared_out(client))


async def _clear(providers: Providers, job: str, until: float) -> None:
    indeed, _ = providers.indeed(CUSTOMER)
    while time.monotonic() < until:
        await indeed.clear_all([job])
