"""Closes while LinkedIn has thousands of jobs sent again: `python -m benchmarks.resync`.

Jobs of other customers are unposted one after the other, before a resync and during it: p95 of a close, from the event
to the receipt, is to be at most twice as long. In the end each job must have been sent again, once.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.peer import CUSTOMERS, Job, posted
from benchmarks.stack import POSTED, UNPOSTED, Programs, Stack, running_stack, share
from models.operations import ResyncRequest, ResyncResult
from models.temporal import CUSTOMER_ID, PHASE, RESYNC_JOBS, RUNNING, Queue

AT_MOST = 2.0
FIRST_JOB, FIRST_CLOSE = 4_000_000, 5_000_000
AT_ONCE = 40
EVERY = 0.7
"""Seconds between two unposts, on average."""
OF = CUSTOMERS[0]
"""Whose jobs LinkedIn wants again."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    without: Sequence[float]
    """Seconds of each close, ascending."""
    meanwhile: Sequence[float]
    told: int
    sent_again: int
    took: float
    others: tuple[float, float]
    """Cores that programs of others used without, and meanwhile."""

    @property
    def ratio(self) -> float:
        """Return p95 meanwhile against that without."""
        return share(self.meanwhile, 0.95) / share(self.without, 0.95)


class Drill:
    """Unpost jobs at a steady rate, without and with a resync."""

    def __init__(self, running: Stack, closes: int) -> None:
        """Take a running stack; so many `closes` are measured each time, more where the resync lasts longer."""
        self._running, self._closes = running, closes
        self._first = FIRST_CLOSE

    async def run(self, jobs: int) -> Figures:
        """Post so many jobs of one customer, and have LinkedIn ask for them."""
        await self._post(jobs)
        await self._close(8)
        programs = Programs(self._running)
        without = await self._close(self._closes)
        programs.lap(1)
        before = programs.others
        began = perf_counter()
        resync = asyncio.create_task(self._resync())
        meanwhile: list[float] = []
        while not resync.done():
            meanwhile += await self._close(self._closes)
        took, told = perf_counter() - began, resync.result().told
        programs.lap(1)
        await self._until_sent(told)
        sent = await self._updates()
        return Figures(without, sorted(meanwhile), told, len(sent), took, (before, programs.others))

    async def _post(self, count: int) -> None:
        body = {"customer_id": OF, "first_job_id": str(FIRST_JOB), "count": count}
        (await self._running.control.post("/jobs/bulk", json=body)).raise_for_status()
        jobs = [(OF, str(FIRST_JOB + number)) for number in range(count)]
        await self._running.send_each(POSTED, jobs, at_once=AT_ONCE)
        await self._running.until(f"{RUNNING} AND {CUSTOMER_ID.name} = '{OF}' AND {PHASE.name} = 'open'", count)

    async def _close(self, count: int) -> list[float]:
        jobs: list[Job] = []
        while len(jobs) < count:
            more = await posted(self._running.control, len(CUSTOMERS), first=self._first)
            jobs += [each for each in more if each[0] != OF]
            self._first += 1
        closing: list[asyncio.Task[list[float]]] = []
        for each in jobs[:count]:
            closing.append(asyncio.create_task(self._running.send_each(UNPOSTED, [each], at_once=1, wait=True)))
            await asyncio.sleep(random.expovariate(1 / EVERY))
        return sorted(seconds for each in await asyncio.gather(*closing) for seconds in each)

    async def _resync(self) -> ResyncResult:
        request = ResyncRequest(customer_id=OF, received_at=datetime.now(UTC), all_open=True)
        result: ResyncResult = await self._running.client.execute_workflow(
            RESYNC_JOBS,
            request,
            id="resync-benchmark",
            task_queue=Queue.JOB_POSTINGS.value,
            result_type=ResyncResult,
        )
        return result

    async def _until_sent(self, count: int) -> None:
        while len(await self._updates()) < count:  # noqa: ASYNC110 -- the sandbox is asked, which sets no event
            await asyncio.sleep(1)

    async def _updates(self) -> list[str]:
        records = await self._running.boards.records(provider="linkedin", operation="submit", customer_id=OF)
        return [job for each in records if each["applied"] for job in each["job_ids"]]


def sent_again(raw: dict[str, Any]) -> None:
    """Let Boardsync post the customer's jobs, as only those are sent again, and the waits be those of the product."""
    raw["timing"] = {"linkedin_task_after": "1s"}
    customer = next(each for each in raw["customers"] if each["id"] == OF)
    customer["linkedin"]["on_post"] = "create"
    customer["linkedin"]["workplace_type"] = "hybrid"


async def measure(jobs: int, closes: int) -> Figures:
    """Run the stack with one worker, and drill."""
    async with running_stack(1, sent_again) as running:
        return await Drill(running, closes).run(jobs)


def show(figures: Figures) -> None:
    """Print the figures.

    Raises SystemExit where closes waited for the resync, or a job was not sent again or twice.
    """
    table = Table("closes", "without", "meanwhile")
    both = (figures.without, figures.meanwhile)
    table.add_row("measured", *(str(len(each)) for each in both))
    for part in (0.5, 0.95):
        table.add_row(f"p{100 * part:.0f}", *(f"{share(each, part):.2f} s" for each in both))
    table.add_row("cores used by others", *(f"{each:.1f}" for each in figures.others))
    console = Console()
    console.print(table)
    console.print(f"p95 against that without: {figures.ratio:.2f} (at most {AT_MOST})")
    rate = figures.told / figures.took
    console.print(f"{figures.told} told in {figures.took:.0f} s, {rate:.1f}/s; {figures.sent_again} sent again")
    if figures.ratio > AT_MOST or figures.sent_again != figures.told:
        raise SystemExit(1)


def benchmark(
    jobs: Annotated[int, typer.Option(help="Open jobs that LinkedIn wants again.")] = 20_000,
    closes: Annotated[int, typer.Option(help="Closes measured without, and at least as many meanwhile.")] = 60,
) -> None:
    """Measure closes without and during a resync."""
    show(asyncio.run(measure(jobs, closes)))


if __name__ == "__main__":
    typer.run(benchmark)
