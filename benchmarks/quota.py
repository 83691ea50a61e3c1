"""Post and unpost many jobs of one customer under its daily quota at iCIMS: `python -m benchmarks.quota`."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.attention import Attentions
from benchmarks.patience import patiently
from boardsync.jobs.lifecycles import each_of
from config.loading import parse_settings
from config.settings import Settings
from models.states import Intent
from models.temporal import CUSTOMER_ID, JOB_POSTING, PHASE
from runtime.provisioning import register_search_attributes
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import send
from tests.support.processes import end, running_sandbox
from tests.support.settings import raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import start_worker

FIRST_JOB = 700_000
AT_ONCE = 20
EVERY = 2.0
"""Seconds between two looks."""
DAY = 86_400
PATIENCE = {"attention_after": "4h", "confirm_within": "24h", "confirm_first": "1s", "confirm_max": "10s"}
TOLD = {"linkedin": "Unposted", "indeed": "Deletion in Progress"}
"""What iCIMS shows in the end: Indeed's postings themselves are still live."""

_LIFECYCLES = f"WorkflowType = '{JOB_POSTING}' AND {CUSTOMER_ID.name} = '{CUSTOMER}'"


@dataclass
class Figures:
    """What was measured."""

    jobs: int
    seconds: dict[str, float] = field(default_factory=dict)
    off: int = 0
    """Jobs that LinkedIn does not list and on which nothing of the agency's is left at Indeed."""
    told: int = 0
    """Jobs of which iCIMS shows what the boards show."""
    told_on_the_day: int = 0
    attentions: dict[str, int] = field(default_factory=dict)
    """How many lifecycles asked for a person at any time, by what they asked for."""
    quota_of_the_day: dict[str, Any] = field(default_factory=dict)
    quota_of_the_next: dict[str, Any] = field(default_factory=dict)


class DayTooShortError(Exception):
    """Nothing was measured."""


class Drill:
    """Post jobs, unpost them on the same day, and wait until iCIMS has been told of all of them."""

    def __init__(
        self, client: Client, settings: Settings, control: httpx.AsyncClient, jobs: int, *, first_job: int = FIRST_JOB
    ) -> None:
        """Take a running stack."""
        self._client, self._settings, self._control = client, settings, control
        self._boards = Boards(control)
        self._first_job, self._jobs = first_job, [str(first_job + number) for number in range(jobs)]
        self.figures = Figures(jobs)
        # A server may know lifecycles of others.
        self._ours = f"{_LIFECYCLES} AND StartTime >= '{datetime.now(UTC).isoformat()}'"

    async def run(self, day_ends_in: float, *, every: float = EVERY) -> Figures:
        """Run the drill, with iCIMS's midnight so many seconds away.

        Raises DayTooShortError where it came before all jobs were closed.
        """
        await self._boards.add_jobs(self._first_job, len(self._jobs))
        await self._move_midnight(day_ends_in)
        midnight = time.monotonic() + day_ends_in
        attentions = Attentions(self._client)
        async with attentions.watched(every):
            await self._days(midnight, every)
        self.figures.attentions = dict(attentions.reasons)
        self.figures.quota_of_the_next = await self._quota()
        self.figures.told = await self._told()
        self.figures.off = await self._count(_is_off)
        return self.figures

    async def _days(self, midnight: float, every: float) -> None:
        await self._timed("posted", Intent.POSTED, "open", every)
        await self._timed("closed on both boards", Intent.UNPOSTED, "closed", every)
        self.figures.told_on_the_day = await self._told()
        self.figures.quota_of_the_day = await self._quota()
        if time.monotonic() >= midnight:
            raise DayTooShortError("the day ended before all jobs were closed: let it be longer")
        await asyncio.sleep(max(0.0, midnight - time.monotonic()))
        began = time.perf_counter()
        await _until(self._running, 0, every)
        self.figures.seconds["told after midnight"] = time.perf_counter() - began

    async def _timed(self, what: str, intent: Intent, phase: str, every: float) -> None:
        began = time.perf_counter()

        async def hand_over(job: str) -> None:
            await patiently(lambda: send(self._client, self._settings, job, intent))

        await each_of(self._jobs, hand_over, at_once=AT_ONCE)
        # Those that wait to tell iCIMS are closed all the same.
        await _until(lambda: self._in(phase), len(self._jobs), every)
        self.figures.seconds[what] = time.perf_counter() - began

    async def _in(self, phase: str) -> int:
        return await self._lifecycles(f"{PHASE.name} = '{phase}'")

    async def _running(self) -> int:
        return await self._lifecycles("ExecutionStatus = 'Running'")

    async def _lifecycles(self, which: str) -> int:
        return (await patiently(lambda: self._client.count_workflows(f"{self._ours} AND {which}"))).count

    async def _move_midnight(self, away: float) -> None:
        now = (await self._control.get("/clock")).json()["now"]
        advance = (DAY - now % DAY - away) % DAY or DAY
        (await self._control.post("/clock", json={"advance": advance})).raise_for_status()

    async def _quota(self) -> dict[str, Any]:
        quota: dict[str, Any] = (await self._control.get(f"/quota/{CUSTOMER}")).json()
        return quota

    async def _told(self) -> int:
        return await self._count(_is_told)

    async def _count(self, holds: Callable[[Any], bool]) -> int:
        found: list[bool] = []

        async def look(job: str) -> None:
            found.append(holds(await self._boards.job(job)))

        await each_of(self._jobs, look, at_once=AT_ONCE)
        return sum(found)


def _is_off(job: Any) -> bool:
    return job["linkedin"]["listed"] is False and not any(job["indeed"]["overlay_left"].values())


def _is_told(job: Any) -> bool:
    reported = job["icims"]["reported"] or {"jobboards": ()}
    return {each["externalid"]: each["status"] for each in reported["jobboards"]} == TOLD


async def _until(count: Callable[[], Awaitable[int]], wanted: int, every: float) -> None:
    while await count() != wanted:  # noqa: ASYNC110 -- the server is asked, which sets no event
        await asyncio.sleep(every)


async def main(jobs: int, quota: int, day_ends_in: float) -> None:
    """Run the stack with two workers, drill, print; fail where a promise was broken."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        address = await stack.enter_async_context(running_temporal())
        client = await client_of(address)
        await register_search_attributes(client)
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False))
        # What the boards themselves allow is measured elsewhere: here only iCIMS's quota counts.
        unlimited = {
            "icims": {"daily_quota": quota},
            "linkedin": {"records_per_minute": 1_000_000, "records_per_day": 1_000_000, "requests_per_day": 1_000_000},
        }
        (await control.patch("/settings", json=unlimited)).raise_for_status()
        # As patient as the product is by default: what many jobs cost in time is no matter for a person.
        raw = raw_settings(urls, linkedin_task_after="1s", report_every="10m", **PATIENCE)
        raw["customers"][0]["icims"]["report"] = True
        config = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "boardsync.toml"
        write_toml(config, raw)
        workers = [await start_worker(address, config) for _ in range(2)]
        try:
            drill = Drill(client, parse_settings(raw, {}, base=config.parent), control, jobs)
            figures = await drill.run(day_ends_in)
        finally:
            for worker in workers:
                await end(worker)
    show(figures)


def show(figures: Figures) -> None:
    """Print the figures.

    Raises SystemExit where a promise was broken.
    """
    table = Table("what", "measured")
    for what, seconds in figures.seconds.items():
        table.add_row(what, f"{seconds:.0f} s")
    table.add_row("jobs off both boards", f"{figures.off} of {figures.jobs}")
    table.add_row("jobs that asked for a person", str(sum(figures.attentions.values())))
    for why, count in figures.attentions.items():
        table.add_row(f"  {count} of them", why)
    table.add_row("iCIMS told on the day", f"{figures.told_on_the_day} of {figures.jobs}")
    table.add_row("iCIMS told by the next day", f"{figures.told} of {figures.jobs}")
    for name, quota in (("day", figures.quota_of_the_day), ("next day", figures.quota_of_the_next)):
        table.add_row(f"iCIMS's quota, {name}", f"{quota['used']} of {quota['limit']}: {quota['by_operation']}")
    Console().print(table)
    if figures.off < figures.jobs or figures.told < figures.jobs or figures.attentions:
        raise SystemExit(1)


def benchmark(
    jobs: Annotated[int, typer.Option(help="Jobs that are posted and unposted on one day.")] = 3_000,
    quota: Annotated[int, typer.Option(help="iCIMS's daily quota.")] = 10_000,
    day_ends_in: Annotated[float, typer.Option(help="Seconds until iCIMS's midnight; all must be closed by then.")] = (
        3_000.0
    ),
) -> None:
    """Post and unpost many jobs of one customer under iCIMS's daily quota."""
    asyncio.run(main(jobs, quota, day_ends_in))


if __name__ == "__main__":
    typer.run(benchmark)
