"""The console over many jobs: how long each page takes: `python -m benchmarks.console --jobs 10000`.

Temporal's dev server keeps the lifecycles, SQLite the store, one process each, as on one machine. All lifecycles but
one belong to no worker: a page asks visibility, and no page may ask them all.
"""

import asyncio
import json
import math
import os
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, insert
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from benchmarks.cpu import Watch
from config.settings import Settings
from config.store import Ledger
from models.base import workflow_id
from models.lifecycle import JobInput
from models.problems import Category
from models.receipts import BoardClose, LedgerEntry
from models.states import BoardName, BoardState, Intent, Phase
from models.temporal import ATTENTION, JOB_POSTING, JOB_TITLE, WAITS_FOR, search_attributes
from store.ledger.ledger import body_of
from store.ledger.notes import SigningKey
from store.schema import closes, events, jobs, receipts
from tests.support.boards import CUSTOMER, Boards
from tests.support.console import console_client, with_console
from tests.support.lifecycles import eventually, in_phase, send
from tests.support.processes import free_port, running_sandbox
from tests.support.settings import sandbox_settings
from tests.support.store import opened
from tests.support.temporal import client_of, running_server, running_temporal, server_command
from tests.support.workers import running_workers

FIRST_JOB = 2_000_000
KINDS, NOBODY = 10, "nobody"
PROVEN = 50
LOOKS = 5
TITLES = ("Registered Nurse, Night Shift", "Pharmacist", "Physical Therapist", "Chef", "Driver")
CREDENTIALS = "linkedin.credentials"


def attributes(number: int, now: datetime) -> TypedSearchAttributes:
    """Return those of one of ten kinds of lifecycles: seven are as wanted, two are under way, one needs a person."""
    job, settled = str(FIRST_JOB + number), BoardState.SETTLED
    phase, linkedin = Phase.OPEN, settled
    if number >= 7:
        phase, linkedin = (
            (Phase.ATTENTION, BoardState.ATTENTION) if number == 9 else (Phase.CLOSING, BoardState.WORKING)
        )
    states = ((BoardName.LINKEDIN, linkedin), (BoardName.INDEED, settled))
    pairs: list[SearchAttributePair[Any]] = [
        *search_attributes(CUSTOMER, job, phase, states, now if number >= 7 else None)
    ]
    pairs.append(SearchAttributePair(JOB_TITLE, TITLES[number % len(TITLES)]))
    if number == 9:
        pairs.append(SearchAttributePair(ATTENTION, Category.CREDENTIALS.value))
        pairs.append(SearchAttributePair(WAITS_FOR, [CREDENTIALS]))
    return TypedSearchAttributes(pairs)


async def begin(database: Path, count: int, now: datetime) -> None:
    """Have so many lifecycles in a server's database: ten are begun, which no worker takes up, and their rows copied.

    A server writes three hundred a second at best; what is measured here is how they are read. The server is not there
    while its database is written.
    """
    async with running_temporal(database=database) as address:
        client = await client_of(address)
        for number in range(KINDS):
            job = str(FIRST_JOB + number)
            await client.start_workflow(
                JOB_POSTING,
                JobInput(customer_id=CUSTOMER, job_id=job),
                id=workflow_id(CUSTOMER, job),
                task_queue=NOBODY,
                search_attributes=attributes(number, now),
            )
        begun = f"TaskQueue = '{NOBODY}'"
        await eventually(lambda: client.count_workflows(begun), lambda found: found.count == KINDS)
    await asyncio.to_thread(copy_rows, database, count, now)


def copy_rows(database: Path, count: int, now: datetime) -> None:
    """Copy the rows of the first lifecycles, each as that of another job, not as wanted since another moment."""
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.row_factory = sqlite3.Row
        for faster in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -200000"):  # there are 59 indexes
            connection.execute(f"PRAGMA {faster}")
        names = [row["name"] for row in connection.execute("PRAGMA table_info(executions_visibility)")]
        plain = [name for name in names if name[0].islower()]  # the others are made of the search attributes
        chosen = f"SELECT {', '.join(plain)} FROM executions_visibility WHERE task_queue = ?"  # noqa: S608 -- columns
        rows = connection.execute(chosen, (NOBODY,))
        kinds = {row["workflow_id"]: dict(row) for row in rows}

        def copied(number: int) -> dict[str, object]:
            kind = kinds[workflow_id(CUSTOMER, str(FIRST_JOB + number % KINDS))]
            said = json.loads(kind["search_attributes"])
            for name, value in said.items():
                if value == str(FIRST_JOB + number % KINDS):
                    said[name] = str(FIRST_JOB + number)
                elif name.startswith("Datetime"):
                    said[name] = (now - timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
            own = {"workflow_id": workflow_id(CUSTOMER, str(FIRST_JOB + number)), "run_id": str(uuid.uuid4())}
            roots = {"root_workflow_id": own["workflow_id"], "root_run_id": own["run_id"]}
            return {**kind, **own, **roots, "search_attributes": json.dumps(said)}

        values = ", ".join(f":{name}" for name in plain)
        into = f"INSERT INTO executions_visibility ({', '.join(plain)}) VALUES ({values})"  # noqa: S608 -- likewise
        connection.executemany(into, (copied(number) for number in range(KINDS, count)))


async def fill(settings: Settings, count: int, now: datetime) -> None:
    """Write as many jobs, receipts with their closes, and events into a store as if they had come over a month.

    The first receipts are in the ledger's tree; the others are rows alone, which cost a page as much.
    """
    async with opened(settings) as stored:
        await stored.ledger.append_all([_receipt(number, now) for number in range(min(PROVEN, count))])
        await asyncio.to_thread(_write_rows, stored.store.url.database or "", count, now)


def _write_rows(database: str, count: int, now: datetime) -> None:
    step = timedelta(days=30) / max(count, 1)
    later = range(PROVEN, count)
    entries = {number: _receipt(number, now - number * step) for number in later}
    engine = create_engine(f"sqlite:///{database}", connect_args={"timeout": 60})
    with engine.begin() as connection:
        connection.execute(insert(jobs), [_job(number, now) for number in range(count)])
        connection.execute(insert(events), [_event(number, now - number * step) for number in range(count)])
        connection.execute(insert(receipts), [_receipt_row(number, entry) for number, entry in entries.items()])
        connection.execute(
            insert(closes), [row for number, entry in entries.items() for row in _close_rows(number, entry)]
        )
    engine.dispose()


def _receipt_row(number: int, entry: LedgerEntry) -> Mapping[str, object]:
    whose = entry.model_dump(include={"workflow_id", "run_id", "customer_id", "job_id", "ended_at"})
    return {**whose, "leaf": number, "stored_at": entry.ended_at, "body": body_of(entry), "leaf_hash": b"\0" * 32}


def _close_rows(number: int, entry: LedgerEntry) -> list[Mapping[str, object]]:
    return [
        {
            **close.model_dump(),
            "leaf": number,
            "customer_id": entry.customer_id,
            "seconds": (close.settled_at - close.asked_at).total_seconds(),
        }
        for close in entry.closes
    ]


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
        database = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "temporal.db"
        now, began = datetime.now(UTC), time.monotonic()
        await begin(database, count, now)
        port = free_port()
        command = server_command(port, database=database)
        address, server = await stack.enter_async_context(running_server(command, port))
        client = await client_of(address)
        watch = Watch({"server": server.pid, "console": os.getpid()})
        boards = Boards(await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False)))
        settings = keyed(with_console(sandbox_settings(urls)))
        await fill(settings, count, now)
        Console(stderr=True).print(f"{count} jobs after {time.monotonic() - began:.0f} s")
        await stack.enter_async_context(running_workers(client, settings))
        await boards.add_job(str(FIRST_JOB - 1))
        await in_phase(await send(client, settings, str(FIRST_JOB - 1), Intent.POSTED), Phase.OPEN)
        table = Table("page", "p50", "longest", "CPU", "KiB", title=f"{count} jobs; seconds, CPU of console and server")
        for name, path in pages(str(FIRST_JOB - 1)).items():
            table.add_row(name, *await measured(client, settings, path, watch))
    Console(width=100).print(table)


def keyed(settings: Settings) -> Settings:
    """Return the settings with a key of the ledger."""
    return settings.model_copy(update={"ledger": Ledger(key=SecretStr(SigningKey.new("ledger.bench").text()))})


async def measured(client: Client, settings: Settings, path: str, watch: Watch) -> tuple[str, ...]:
    """Look at a page some times, each time by a console that knows nothing from before."""
    took, size, used = [], 0, 0.0
    for _ in range(LOOKS):
        async with console_client(client, settings) as console:
            (await console.get("/healthz")).raise_for_status()
            watch.lap()
            began = time.perf_counter()
            reply = await console.get(path)
            took.append(time.perf_counter() - began)
            used += sum(watch.lap().values())
            reply.raise_for_status()
            size = len(reply.content)
    return f"{rank(took, 50):.2f}", f"{max(took):.2f}", f"{used / LOOKS:.2f}", str(size // 1024)


def rank(took: Sequence[float], percent: int) -> float:
    """Return the nearest rank."""
    return sorted(took)[math.ceil(len(took) * percent / 100) - 1]


def command(jobs: Annotated[int, typer.Option(help="How many lifecycles and receipts.")] = 10_000) -> None:
    """Measure."""
    asyncio.run(main(jobs))


if __name__ == "__main__":
    typer.run(command)
