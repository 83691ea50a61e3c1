"""How many closes a second, against the bare engine in the same run."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import httpx
from temporalio.client import Client

from activities.providers import Providers, open_http
from activities.stored import Stored
from benchmarks import engine
from config.loading import parse_settings
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Receipt
from models.temporal import Queue
from tests.support.lifecycles import event
from tests.support.settings import customer, raw_settings
from webhook_gateway.dispatch import Dispatcher
from worker import create_workers

CUSTOMERS = tuple(str(9000 + number) for number in range(8))
"""Each with a credential of its own: one alone would measure Indeed's 20 clears a second, not the engine."""
LIFECYCLES = 400
FIRST_JOB = 510_000

Job = tuple[str, str]
T = TypeVar("T")


async def lifecycle_rate(client: Client, urls: dict[str, str], control: httpx.AsyncClient) -> tuple[str, ...]:
    """Compare whole closes, HTTP to the simulated boards included, with the bare engine."""
    settings = await _customers(urls, control)
    dispatcher = Dispatcher(client, settings)
    half = LIFECYCLES // 2
    jobs = await _jobs(control)
    ids = [f"bench-{uuid.uuid4()}" for _ in jobs]

    async def close(job: Job) -> None:
        configured = settings.customer(job[0])
        assert configured is not None
        await dispatcher.ats_event(configured, job[1], event())
        await client.get_workflow_handle(workflow_id(*job), result_type=Receipt).result()

    async def bare(id_: str) -> None:
        await engine.start(client, id_)
        await engine.finish(client, id_)

    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(open_http())
        stored = await stack.enter_async_context(Stored(settings))
        await stored.prepared()
        for worker in create_workers(client, Providers(settings, http, stored=stored), list(Queue)):
            await stack.enter_async_context(worker)
        await stack.enter_async_context(engine.worker(client))
        # Two rounds each, in turn; the first warms up connections, tokens and the listings.
        await together(close, jobs[:half])
        await together(bare, ids[:half])
        ours = half / await together(close, jobs[half:])
        theirs = half / await together(bare, ids[half:])
    return "lifecycles", f"{ours:.1f}/s", f"{theirs:.1f}/s", f"{ours / theirs:.2f}", "at least 0.8"


async def _customers(urls: dict[str, str], control: httpx.AsyncClient) -> Settings:
    raw = raw_settings(urls, linkedin_task_after="1ms")
    for id_ in CUSTOMERS:
        number = int(id_) * 10
        added = customer(id_, f"Customer {id_}", application=number + 1, organization=number + 2, contract=number + 3)
        raw["customers"].append(added)
        (await control.post("/customers", json={"customer_id": id_})).raise_for_status()
    knobs = {
        "linkedin": {"task_seconds": 0, "visibility_seconds": 0, "records_per_minute": 1_000_000},
        "indeed": {"mutations_per_second": 100_000},
    }
    (await control.patch("/settings", json=knobs)).raise_for_status()
    return parse_settings(raw, {}, base=Path())


async def _jobs(control: httpx.AsyncClient) -> list[Job]:
    each = LIFECYCLES // len(CUSTOMERS)
    for id_ in CUSTOMERS:
        body = {"customer_id": id_, "first_job_id": FIRST_JOB, "count": each}
        (await control.post("/jobs/bulk", json=body)).raise_for_status()
    # In turn, so that both halves hold jobs of every customer.
    return [(id_, str(FIRST_JOB + number)) for number in range(each) for id_ in CUSTOMERS]


async def together(run: Callable[[T], Awaitable[None]], names: Sequence[T]) -> float:
    """Run all at once; give the seconds it took."""
    began = time.perf_counter()
    await asyncio.gather(*(run(name) for name in names))
    return time.perf_counter() - began
