"""Whole closes against a plain implementation of the same card, in turn: `python -m benchmarks.peer`.

Both workers are processes of their own and use the same Temporal server and the same simulated boards. Figures of one
machine mean little, the ratios of one run do.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks import naive
from benchmarks.cpu import Watch
from config.loading import parse_settings
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Receipt
from models.states import Phase
from tests.support.history import billable_actions
from tests.support.lifecycles import event
from tests.support.processes import end, free_port, running_sandbox_process
from tests.support.settings import customer, raw_settings, write_toml
from tests.support.temporal import client_of, running_server, server_command
from tests.support.workers import start_worker
from webhook_gateway.dispatch import Dispatcher

CUSTOMERS = tuple(str(9000 + number) for number in range(16))
"""Each with a credential of its own: one alone would measure Indeed's limits, not the engine."""
FIRST_JOB = 510_000
NO_LIMITS = {
    "linkedin": {"task_seconds": 0, "visibility_seconds": 0, "records_per_minute": 1_000_000},
    "indeed": {"mutations_per_second": 100_000, "finds_per_second": 100_000, "visibility_seconds": 0},
    "icims": {"daily_quota": 10_000_000},
}
OURS, PEER = "ours", "peer"
SERVER, BOARDS = "server", "boards"

Job = tuple[str, str]
Close = Callable[[Job], Awaitable[None]]


@dataclass(slots=True)
class Side:
    """What one of the two has done in the rounds that count."""

    rates: list[float] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds for each close, of each process, round by round."""

    def note(self, closes: int, took: float, used: dict[str, float]) -> None:
        """Keep what a round took."""
        self.rates.append(closes / took)
        for name, each in used.items():
            self.cpu.setdefault(name, []).append(1000 * each / closes)

    @property
    def rate(self) -> float:
        """Return the closes a second of the middle round."""
        return median(self.rates)

    def milliseconds(self, *names: str) -> float:
        """Return the CPU that some processes together took for a close, in the middle round."""
        return median(map(sum, zip(*(self.cpu[name] for name in names), strict=True)))


@dataclass(slots=True)
class Comparison:
    """What both took."""

    ours: Side = field(default_factory=Side)
    peer: Side = field(default_factory=Side)
    events: float = 0
    actions: float = 0

    @property
    def rate(self) -> float:
        """Return our rate against the peer's."""
        return self.ours.rate / self.peer.rate

    @property
    def cpu(self) -> float:
        """Return what engine and worker took for a close, against the peer's."""
        return self.ours.milliseconds(SERVER, OURS) / self.peer.milliseconds(SERVER, PEER)


async def compare(closes: int, rounds: int) -> Comparison:
    """Run the stack; close so many jobs in each round, once by us and once by the peer; the first warms up."""
    async with AsyncExitStack() as stack:
        urls, sandbox = await stack.enter_async_context(running_sandbox_process())
        port = free_port()
        address, server = await stack.enter_async_context(running_server(server_command(port), port))
        client = await client_of(address)
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = await configured(urls, control, folder)
        ids = {SERVER: server.pid, BOARDS: sandbox.pid}
        for name, program in ((OURS, ()), (PEER, ("-m", "benchmarks.naive"))):
            worker = await start_worker(address, folder / "boardsync.toml", *program)
            stack.push_async_callback(end, worker)
            ids[name] = worker.pid
        dispatcher = Dispatcher(client, settings)

        async def ours(job: Job) -> None:
            whose = settings.customer(job[0])
            assert whose is not None
            await dispatcher.ats_event(whose, job[1], event())
            receipt = await client.get_workflow_handle(workflow_id(*job), result_type=Receipt).result()
            assert receipt.phase is Phase.CLOSED, receipt

        async def peer(job: Job) -> None:
            await naive.close(client, *job)

        found = Comparison()
        last: Sequence[Job] = ()
        for number in range(rounds + 1):
            for name, side, close in ((OURS, found.ours, ours), (PEER, found.peer, peer)):
                jobs = await posted(control, closes, first=FIRST_JOB + 10_000 * number + 5_000 * (name == PEER))
                watch = Watch({each: ids[each] for each in (SERVER, BOARDS, name)})
                took = await together(close, jobs)
                if number:
                    side.note(closes, took, watch.lap())
                last = jobs if name == OURS else last
        found.events, found.actions = await cost(client, last)
        return found


async def cost(client: Client, jobs: Sequence[Job]) -> tuple[float, float]:
    """Return the events and billable Actions of a close, the middle ones of many."""
    histories = [
        list((await client.get_workflow_handle(workflow_id(*job)).fetch_history()).events) for job in jobs[:50]
    ]
    return median(map(len, histories)), median(map(billable_actions, histories))


async def configured(
    urls: dict[str, str],
    control: httpx.AsyncClient,
    folder: Path,
    *,
    listen: str | None = None,
    change: Callable[[dict[str, Any]], None] = lambda raw: None,
) -> Settings:
    """Put customers into the boards, take the boards' limits away, and write our settings, changed at the end."""
    raw = raw_settings(urls, linkedin_task_after="1ms")
    if listen is not None:
        raw["gateway"] = {**raw["gateway"], "listen": listen}
    raw["store"] = {"url": f"sqlite:///{folder}/store.db"}
    for id_ in CUSTOMERS:
        number = int(id_) * 10
        added = customer(id_, f"Customer {id_}", application=number + 1, organization=number + 2, contract=number + 3)
        raw["customers"].append(added)
        (await control.post("/customers", json={"customer_id": id_})).raise_for_status()
    (await control.patch("/settings", json=NO_LIMITS)).raise_for_status()
    change(raw)
    write_toml(folder / "boardsync.toml", raw)
    return parse_settings(raw, {}, base=folder)


async def posted(control: httpx.AsyncClient, count: int, *, first: int) -> list[Job]:
    """Post jobs, in turn for each customer."""
    each = count // len(CUSTOMERS)
    for id_ in CUSTOMERS:
        body = {"customer_id": id_, "first_job_id": first, "count": each}
        (await control.post("/jobs/bulk", json=body)).raise_for_status()
    return [(id_, str(first + number)) for number in range(each) for id_ in CUSTOMERS]


async def together(close: Close, jobs: Sequence[Job]) -> float:
    """Close all at once; return the seconds it took."""
    began = time.perf_counter()
    await asyncio.gather(*(close(job) for job in jobs))
    return time.perf_counter() - began


def rows(found: Comparison) -> list[tuple[str, str, str, str, str]]:
    """Return what is shown: what, ours, the peer's, the ratio, the budget."""

    def milliseconds(side: Side, *names: str) -> str:
        return f"{side.milliseconds(*names):.0f} ms"

    ours, peer = found.ours, found.peer
    return [
        ("closes", f"{ours.rate:.1f}/s", f"{peer.rate:.1f}/s", f"{found.rate:.2f}", "at least 1.3"),
        (
            "CPU of a close: engine and worker",
            milliseconds(ours, SERVER, OURS),
            milliseconds(peer, SERVER, PEER),
            f"{found.cpu:.2f}",
            "at most 0.75",
        ),
        *(
            (
                f"  of it, {name}",
                milliseconds(ours, mine),
                milliseconds(peer, theirs),
                f"{ours.milliseconds(mine) / peer.milliseconds(theirs):.2f}",
                "",
            )
            for name, mine, theirs in (("engine", SERVER, SERVER), ("worker", OURS, PEER))
        ),
        ("CPU of a close: simulated boards", milliseconds(ours, BOARDS), milliseconds(peer, BOARDS), "", ""),
        ("events of a close", f"{found.events:.0f}", "", "", "at most 40"),
        ("Actions of a close", f"{found.actions:.0f}", "", "", "at most 9"),
    ]


def benchmark(
    closes: Annotated[int, typer.Option(help="Jobs that each closes in a round.")] = 160,
    rounds: Annotated[int, typer.Option(help="Rounds that count, after one that warms up.")] = 3,
) -> None:
    """Compare, and print."""
    table = Table("what", "ours", "the peer", "ours against it", "budget")
    for row in rows(asyncio.run(compare(closes, rounds))):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    typer.run(benchmark)
