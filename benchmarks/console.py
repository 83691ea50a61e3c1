"""The console over many jobs: how long each page takes: `python -m benchmarks.console --jobs 10000`.

Temporal's dev server keeps the lifecycles, SQLite the store, one process each, as on one machine. All lifecycles but
one belong to no worker: a page asks visibility, and no page may ask them all.
"""

import asyncio
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from activities.stored import Stored
from config.settings import Settings
from config.store import Ledger
from models.base import workflow_id
from models.lifecycle import JobInput
from models.problems import Category
from models.receipts import BoardClose, LedgerEntry
from models.states import BoardName, BoardState, Intent, Phase
from models.temporal import ATTENTION, JOB_POSTING, JOB_TITLE, WAITS_FOR, search_attributes
from store.ledger.notes import SigningKey
from store.schema import events, jobs
from tests.support.boards import CUSTOMER, Boards
from tests.support.console import console_client, with_console
from tests.support.lifecycles import in_phase, send
from tests.support.processes import running_sandbox
from tests.support.settings import sandbox_settings
from tests.support.store import opened
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers

FIRST_JOB = 2_000_000
AT_ONCE = 40
PART = 500
LOOKS = 20
SETTLE = 3.0
"""Seconds for the server to write down in visibility what has just been started."""
TITLES = ("Registered Nurse, Night Shift", "Pharmacist", "Physical Therapist", "Chef", "Driver")
CREDENTIALS = "linkedin.credentials"


def attributes(number: int, now: datetime) -> TypedSearchAttributes:
    """Return those of one of many lifecycles: of ten, seven are as wanted, two are under way, one needs a person."""
    kind, job = number % 10, str(FIRST_JOB + number)
    settled = BoardState.SETTLED
    phase, linkedin = Phase.OPEN, settled
    if kind >= 7:
        phase, linkedin = (Phase.ATTENTION, BoardState.ATTENTION) if kind == 9 else (Phase.CLOSING, BoardState.WORKING)
    since = now - timedelta(seconds=number) if kind >= 7 else None
    states = ((BoardName.LINKEDIN, linkedin), (BoardName.INDEED, settled))
    pairs: list[SearchAttributePair[Any]] = [*search_attributes(CUSTOMER, job, phase, states, since)]
    pairs.append(SearchAttributePair(JOB_TITLE, f"{TITLES[number % len(TITLES)]} {number}"))
    if kind == 9:
        pairs.append(SearchAttributePair(ATTENTION, list(Category)[number // 10 % len(Category)].value))
        pairs.append(SearchAttributePair(WAITS_FOR, [CREDENTIALS]))
    return TypedSearchAttributes(pairs)


async def begin(client: Client, numbers: Iterable[int], now: datetime) -> None:
    """Begin lifecycles that no worker takes up, and that visibility shows as if they were at work."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        job = str(FIRST_JOB + number)
        async with limit:
            await client.start_workflow(
                JOB_POSTING,
                JobInput(customer_id=CUSTOMER, job_id=job),
                id=workflow_id(CUSTOMER, job),
                task_queue="nobody",
                search_attributes=attributes(number, now),
            )

    await asyncio.gather(*(one(number) for number in numbers))


async def fill(stored: Stored, count: int, now: datetime) -> None:
    """Write as many jobs, receipts with their closes, and events into a store as if they had come over a month."""
    step = timedelta(days=30) / max(count, 1)
    for start in range(0, count, PART):
        numbers = range(start, min(start + PART, count))
        await stored.ledger.append_all([_receipt(number, now - number * step) for number in numbers])
        async with stored.store.writing() as connection:
            await connection.execute(insert(jobs), [_job(number, now) for number in numbers])
            await connection.execute(insert(events), [_event(number, now - number * step) for number in numbers])


def _receipt(number: int, at: datetime) -> LedgerEntry:
    job = str(FIRST_JOB + number)
    asked = at - timedelta(seconds=5 + number % 600)
    outcomes = (("linkedin", "closed", True), ("indeed", "not_found" if number % 50 == 0 else "cleared", True))
    return LedgerEntry(
        workflow_id=workflow_id(CUSTOMER, job),
        run_id=f"run-{number}",
        customer_id=CUSTOMER,
        job_id=job,
        ended_at=at,
        receipt={
            "title": TITLES[number % len(TITLES)],
            "intent": "unposted",
            "boards": {board: {"outcome": outcome, "proven": proven} for board, outcome, proven in outcomes},
        },
        closes=tuple(
            BoardClose(board=board, outcome=outcome, proven=proven, asked_at=asked, settled_at=at)
            for board, outcome, proven in outcomes
        ),
    )


def _job(number: int, now: datetime) -> Mapping[str, object]:
    title = f"{TITLES[number % len(TITLES)]} {number}"
    seen = {"first_seen": now, "last_seen": now}
    whose = {"customer_id": CUSTOMER, "job_id": str(FIRST_JOB + number)}
    return {**whose, "title": title, "number": f"R-{number}", "intent": "posted", "phase": "open", **seen}


def _event(number: int, at: datetime) -> Mapping[str, object]:
    refused = number % 20 == 0
    return {
        "at": at,
        "sender": "icims",
        "customer_id": CUSTOMER,
        "job_id": str(FIRST_JOB + number),
        "type": "JobUnpostToWebEvent",
        "result": "refused" if refused else "taken",
        "reason": "these credentials do not cover this customerId" if refused else None,
        "body_digest": "",
    }


def pages(job: str) -> Mapping[str, str]:
    """Return the console's pages by what they are, and the searches that a person makes."""
    return {
        "Overview": "/",
        "Jobs, open": "/jobs",
        "Jobs, all": "/jobs?which=all",
        "Jobs that need a person": "/jobs?attention=credentials",
        "Jobs of one cause": f"/jobs?customer={CUSTOMER}&cause={CREDENTIALS}",
        "Search: a title": "/jobs?q=Pharmacist",
        "Search: a part of a title": "/jobs?q=night+shift",
        "Search: an id": f"/jobs?q={FIRST_JOB + 7}",
        "Job": f"/jobs/{CUSTOMER}/{job}",
        "Every step of a job": f"/jobs/{CUSTOMER}/{job}/steps",
        "Events": "/events",
        "Events, refused": "/events?refused=1",
        "Ledger": "/ledger",
        "Receipt, verified": "/ledger/17",
        "Runs": "/runs",
        "Configuration": "/configuration",
    }


async def main(count: int) -> None:
    """Run the stack, fill it, look at each page."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        client = await client_of(await stack.enter_async_context(running_temporal()))
        boards = Boards(await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False)))
        settings = keyed(with_console(sandbox_settings(urls)))
        now, began = datetime.now(UTC), time.monotonic()
        async with opened(settings) as stored:
            await fill(stored, count, now)
        await begin(client, range(count), now)
        await asyncio.sleep(SETTLE)
        Console(stderr=True).print(f"{count} jobs after {time.monotonic() - began:.0f} s")
        await stack.enter_async_context(running_workers(client, settings))
        await boards.add_job(str(FIRST_JOB - 1))
        await in_phase(await send(client, settings, str(FIRST_JOB - 1), Intent.POSTED), Phase.OPEN)
        table = Table("page", "first", "p50", "p95", "KiB", title=f"{count} jobs; seconds")
        for name, path in pages(str(FIRST_JOB - 1)).items():
            table.add_row(name, *await measured(client, settings, path))
    Console(width=100).print(table)


def keyed(settings: Settings) -> Settings:
    """Return the settings with a key of the ledger."""
    return settings.model_copy(update={"ledger": Ledger(key=SecretStr(SigningKey.new("ledger.bench").text()))})


async def measured(client: Client, settings: Settings, path: str) -> tuple[str, ...]:
    """Look at a page: for the first time after the console's start, then again and again."""
    async with console_client(client, settings) as console:
        (await console.get("/healthz")).raise_for_status()
        took, size = [], 0
        for _ in range(LOOKS + 1):
            began = time.perf_counter()
            reply = await console.get(path)
            took.append(time.perf_counter() - began)
            reply.raise_for_status()
            size = len(reply.content)
    first, *again = took
    return f"{first:.2f}", f"{rank(again, 50):.2f}", f"{rank(again, 95):.2f}", str(size // 1024)


def rank(took: Sequence[float], percent: int) -> float:
    """Return the nearest rank."""
    return sorted(took)[math.ceil(len(took) * percent / 100) - 1]


def command(jobs: Annotated[int, typer.Option(help="How many lifecycles and receipts.")] = 10_000) -> None:
    """Measure."""
    asyncio.run(main(jobs))


if __name__ == "__main__":
    typer.run(command)
