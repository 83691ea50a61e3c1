"""A board that hangs leaves the other its rate: `python -m benchmarks.isolation`.

Jobs that only one board has are closed, first alone, then while the other board answers after 20 seconds and many jobs
wait for it; in turn, with either board hanging.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.peer import NO_LIMITS, Job, together
from config.loading import parse_settings
from config.settings import Settings
from models.base import workflow_id
from models.lifecycle import Receipt
from models.states import BoardName, Phase
from tests.support.boards import Boards
from tests.support.lifecycles import event, eventually
from tests.support.processes import end, free_port, running_sandbox_process
from tests.support.settings import customer, raw_settings, write_toml
from tests.support.temporal import client_of, running_server, server_command
from tests.support.workers import start_worker
from webhook_gateway.dispatch import Dispatcher

CUSTOMERS = {
    BoardName.LINKEDIN: tuple(str(9100 + number) for number in range(8)),
    BoardName.INDEED: tuple(str(9200 + number) for number in range(8)),
}
"""Who use one board alone."""
OTHER = {BoardName.LINKEDIN: BoardName.INDEED, BoardName.INDEED: BoardName.LINKEDIN}
HANGS_FOR = 20.0
BUDGET = 0.8
FIRST_JOB = 540_000


@dataclass(slots=True)
class Isolation:
    """Closes a second on one board, round by round."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    """While the other board hangs."""

    @property
    def kept(self) -> float:
        """Return the share of its rate that the board keeps."""
        return median(self.beside) / median(self.alone)


@dataclass(frozen=True, slots=True)
class Bench:
    """The stack, and who is asked."""

    client: Client
    control: httpx.AsyncClient
    boards: Boards
    settings: Settings
    dispatcher: Dispatcher

    async def posted(self, board: BoardName, count: int, *, first: int) -> list[Job]:
        """Post jobs of customers who use this board alone, in turn for each."""
        each = count // len(CUSTOMERS[board])
        for id_ in CUSTOMERS[board]:
            body = {"customer_id": id_, "first_job_id": first, "count": each}
            (await self.control.post("/jobs/bulk", json=body)).raise_for_status()
        return [(id_, str(first + number)) for number in range(each) for id_ in CUSTOMERS[board]]

    async def unpost(self, job: Job) -> None:
        """Have iCIMS unpost a job."""
        whose = self.settings.customer(job[0])
        assert whose is not None
        await self.dispatcher.ats_event(whose, job[1], event())

    async def closed(self, job: Job) -> None:
        """Wait until a job is closed."""
        receipt = await self.client.get_workflow_handle(workflow_id(*job), result_type=Receipt).result()
        assert receipt.phase is Phase.CLOSED, receipt

    async def close(self, job: Job) -> None:
        """Close a job."""
        await self.unpost(job)
        await self.closed(job)


async def compare(closes: int, waiting: int, rounds: int) -> dict[BoardName, Isolation]:
    """Run the stack, and close so many jobs of each board in each round while so many of the other wait."""
    async with AsyncExitStack() as stack:
        bench = await opened(stack)
        found = {board: Isolation() for board in CUSTOMERS}
        number = 0
        for round_ in range(rounds + 1):
            for board, isolation in found.items():
                number += 1
                first = FIRST_JOB + 20_000 * number
                alone = closes / await together(bench.close, await bench.posted(board, closes, first=first))
                beside = closes / await beside_a_hanging(bench, board, closes, waiting, first + 10_000)
                if round_:
                    isolation.alone.append(alone)
                    isolation.beside.append(beside)
        return found


async def beside_a_hanging(bench: Bench, board: BoardName, closes: int, waiting: int, first: int) -> float:
    """Return the seconds that closes on a board take while jobs of the other one hang there."""
    hanging = OTHER[board]
    stuck = await bench.posted(hanging, waiting, first=first)
    jobs = await bench.posted(board, closes, first=first)
    await bench.boards.fault(hanging.value, "api", "slow", seconds=HANGS_FOR, times=None)
    await asyncio.gather(*map(bench.unpost, stuck))
    await eventually(lambda: under_way(bench.client, stuck), lambda found: found == len(stuck), within=120)
    took = await together(bench.close, jobs)
    await bench.boards.clear_faults()
    await asyncio.gather(*map(bench.closed, stuck))
    return took


async def under_way(client: Client, jobs: Sequence[Job]) -> int:
    """Count the jobs whose lifecycle has begun and waits for a board."""
    slots = asyncio.Semaphore(20)

    async def waits(job: Job) -> bool:
        async with slots:
            seen = await client.get_workflow_handle(workflow_id(*job)).describe()
        return bool(seen.raw_description.pending_activities)

    return sum(await asyncio.gather(*map(waits, jobs)))


async def opened(stack: AsyncExitStack) -> Bench:
    """Start server, boards and worker."""
    urls, _ = await stack.enter_async_context(running_sandbox_process())
    port = free_port()
    address, _ = await stack.enter_async_context(running_server(server_command(port), port))
    client = await client_of(address)
    control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False, timeout=60))
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    settings = await configured(urls, control, folder)
    worker = await start_worker(address, folder / "boardsync.toml")
    stack.push_async_callback(end, worker)
    return Bench(client, control, Boards(control), settings, Dispatcher(client, settings))


async def configured(urls: dict[str, str], control: httpx.AsyncClient, folder: Path) -> Settings:
    """Put customers into the boards, take the boards' limits away, and write our settings."""
    raw = raw_settings(urls, linkedin_task_after="1ms")
    raw["store"] = {"url": f"sqlite:///{folder}/store.db"}
    for board, ids in CUSTOMERS.items():
        for id_ in ids:
            number = int(id_) * 10
            added = customer(
                id_, f"Customer {id_}", application=number + 1, organization=number + 2, contract=number + 3
            )
            raw["customers"].append({**added, "boards": [board.value]})
            (await control.post("/customers", json={"customer_id": id_})).raise_for_status()
    (await control.patch("/settings", json=NO_LIMITS)).raise_for_status()
    write_toml(folder / "boardsync.toml", raw)
    return parse_settings(raw, {}, base=folder)


def benchmark(
    closes: Annotated[int, typer.Option(help="Jobs of each board that are closed, alone and beside the other.")] = 160,
    waiting: Annotated[int, typer.Option(help="Jobs that wait for the board that hangs.")] = 160,
    rounds: Annotated[int, typer.Option(help="Rounds that count, after one that warms up.")] = 3,
) -> None:
    """Compare, and print."""
    found = asyncio.run(compare(closes, waiting, rounds))
    table = Table("closes on", "alone", f"while the other answers after {HANGS_FOR:.0f} s", "kept", "budget")
    for board, it in found.items():
        rates = [f"{median(each):.1f}/s ({min(each):.1f} to {max(each):.1f})" for each in (it.alone, it.beside)]
        table.add_row(board.label, *rates, f"{it.kept:.2f}", f"at least {BUDGET}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(benchmark)
