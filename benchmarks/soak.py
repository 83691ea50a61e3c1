"""Close and post jobs while every provider fails at random: `python -m benchmarks.soak`.

A fault that has passed needs no person: in the end every job is as it is wanted, and nobody was asked for anything.
"""

import asyncio
import itertools
import random
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.attention import Attentions
from benchmarks.patience import patiently
from benchmarks.soak_faults import PROVIDERS, draw
from benchmarks.unsettled import count_unsettled, what_is_unsettled
from config.loading import parse_settings
from config.settings import Settings
from models.states import Intent
from runtime.provisioning import register_search_attributes
from tests.support.boards import Boards
from tests.support.lifecycles import eventually, send
from tests.support.lines import Line, lines_to
from tests.support.processes import end, running_sandbox
from tests.support.settings import raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import start_worker

FIRST_JOB = 800_000
DAILY_QUOTA = 1_000_000
CALM_WITHIN = 300.0
"""Seconds after the last fault in which all must be settled: tries that failed wait longer and longer."""
LOOK_EVERY = 1.0
POSTED_AGAIN = 0.2
"""Share of the jobs that are wanted posted in the end."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How rough it is."""

    seconds: float
    """For how long faults come."""
    fault_every: float = 0.5
    line_every: float = 12.0
    """Seconds between two disturbances of a line."""
    line_for: float = 2.0
    hangs: bool = True


@dataclass
class Figures:
    """What was measured."""

    jobs: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    """How often each provider failed, as the sandbox counted it."""
    disturbed: int = 0
    """How often a line was refused or silent."""
    attentions: dict[str, int] = field(default_factory=dict)
    """How many lifecycles asked for a person, by what they asked for."""
    wrong: dict[str, Any] = field(default_factory=dict)
    """Jobs that are not as they are wanted, as they stand."""
    settled_after: float = 0.0
    unsettled: dict[str, str] = field(default_factory=dict)
    """Lifecycles that were not done in time, with the steps that were under way."""


class Soak:
    """Keep some jobs on their way while faults come and go, then wait for calm."""

    def __init__(
        self,
        client: Client,
        settings: Settings,
        boards: Boards,
        lines: dict[str, Line],
        *,
        at_once: int,
        seed: int,
        first_job: int = FIRST_JOB,
    ) -> None:
        """Take a running stack whose workers reach the providers over the lines."""
        self._client, self._settings, self._boards, self._lines = client, settings, boards, lines
        self._at_once, self._jobs = at_once, itertools.count(first_job)
        self._random = random.Random(seed)  # noqa: S311 -- the same weather each time
        self._wanted: dict[str, Intent] = {}
        self._posted: set[str] = set()
        self._over = asyncio.Event()
        self.figures = Figures()

    async def run(self, weather: Weather) -> Figures:
        """Run it."""
        attentions = Attentions(self._client)
        async with attentions.watched(LOOK_EVERY):
            async with asyncio.TaskGroup() as group:
                for _ in range(self._at_once):
                    group.create_task(self._keep_on())
                group.create_task(self._faults(weather))
                group.create_task(self._disturb_lines(weather))
                await asyncio.sleep(weather.seconds)
                self._over.set()
            for line in self._lines.values():
                await line.open()
            await self._count_faults()
            await self._boards.clear_faults()
            began = time.perf_counter()
            with suppress(AssertionError):
                await eventually(
                    lambda: count_unsettled(self._client), lambda left: left == 0, within=CALM_WITHIN, every=LOOK_EVERY
                )
            self.figures.unsettled = await what_is_unsettled(self._client)
            self.figures.settled_after = time.perf_counter() - began
            await attentions.look()
        self.figures.attentions = dict(attentions.reasons)
        await self._compare()
        return self.figures

    async def _keep_on(self) -> None:
        """Take one job after the other through its life."""
        while not self._over.is_set():
            job = str(next(self._jobs))
            await self._boards.add_job(job)
            lives: list[Intent] = []
            if self._random.random() < 0.6:
                lives.append(Intent.POSTED)
            lives.append(Intent.UNPOSTED)
            if self._random.random() < POSTED_AGAIN:
                lives.append(Intent.POSTED)
            for intent in lives:
                self._wanted[job] = intent
                self._posted |= {job} if intent is Intent.POSTED else set()
                await patiently(lambda: send(self._client, self._settings, job, intent))  # noqa: B023 -- awaited here
                # Now and then the next wish comes while this one is under way.
                await self._until_settled(job, within=self._random.choice([0.2, 3.0, 10.0]))

    async def _until_settled(self, job: str, within: float) -> None:
        give_up = time.monotonic() + within
        while time.monotonic() < give_up and not self._over.is_set():
            await asyncio.sleep(0.5)
            if await count_unsettled(self._client, job) == 0:
                return

    async def _faults(self, weather: Weather) -> None:
        while not self._over.is_set():
            await self._boards.fault(**draw(self._random, hangs=weather.hangs))
            if self._random.random() < 0.05:
                # Those that hit nobody must not heap up.
                await self._count_faults()
                await self._boards.clear_faults()
            await asyncio.sleep(weather.fault_every)

    async def _count_faults(self) -> None:
        for fault in await self._boards.faults():
            self.figures.faults[fault["provider"]] += fault["fired"]

    async def _disturb_lines(self, weather: Weather) -> None:
        while not self._over.is_set():
            await asyncio.sleep(weather.line_every)
            line = self._lines[self._random.choice(PROVIDERS)]
            if self._random.random() < 0.5:
                line.refuse()
            else:
                line.fall_silent()
            self.figures.disturbed += 1
            await asyncio.sleep(weather.line_for)
            await line.open()

    async def _compare(self) -> None:
        self.figures.jobs = len(self._wanted)
        for job, intent in self._wanted.items():
            seen = await self._boards.job(job)
            if not as_wanted(seen, intent, was_posted=job in self._posted):
                self.figures.wrong[job] = seen


def as_wanted(job: Any, intent: Intent, *, was_posted: bool) -> bool:
    """Return whether both boards show a job as it is wanted, and iCIMS was told so of one that is closed."""
    overlay = any(job["indeed"]["overlay_left"].values())
    if intent is Intent.POSTED:
        return overlay and job["linkedin"]["listed"] is True
    reported = job["icims"]["reported"] or {"jobboards": ()}
    told = {each["externalid"]: each["status"] for each in reported["jobboards"]}
    # Of a job that was never posted to Boardsync nobody says since when it is on Indeed, and iCIMS wants to know that.
    due = {"linkedin": "Unposted", **({"indeed": "Deletion in Progress"} if was_posted else {})}
    return job["linkedin"]["listed"] is False and not overlay and due.items() <= told.items()


def soak_settings(urls: dict[str, str], lines: dict[str, Line]) -> dict[str, Any]:
    """Return the configuration: the providers are reached over the lines, and iCIMS is told soon."""
    raw = raw_settings({**urls, **{name: line.url for name, line in lines.items()}}, report_every="2s")
    # Twenty minutes close more jobs than one customer's day may be told of: that is the quota's drill, not this one.
    raw["icims"]["daily_quota"] = DAILY_QUOTA
    raw["customers"][0]["icims"]["report"] = True
    raw["customers"][0]["linkedin"]["on_post"] = "create"
    raw["customers"][0]["linkedin"]["workplace_type"] = "hybrid"
    return raw


async def main(weather: Weather, at_once: int, seed: int) -> None:
    """Run the stack with two workers, soak, print; fail where a fault that passed needs a person."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        address = await stack.enter_async_context(running_temporal())
        client = await client_of(address)
        await register_search_attributes(client)
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False))
        (await control.patch("/settings", json={"icims": {"daily_quota": DAILY_QUOTA}})).raise_for_status()
        lines = await stack.enter_async_context(lines_to(urls, PROVIDERS))
        raw = soak_settings(urls, lines)
        config = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "boardsync.toml"
        write_toml(config, raw)
        for _ in range(2):
            stack.push_async_callback(end, await start_worker(address, config))
        settings = parse_settings(raw, {}, base=config.parent)
        figures = await Soak(client, settings, Boards(control), lines, at_once=at_once, seed=seed).run(weather)
    show(figures)


def show(figures: Figures) -> None:
    """Print the figures.

    Raises SystemExit where a promise was broken.
    """
    table = Table("what", "measured")
    table.add_row("jobs", str(figures.jobs))
    for provider, count in sorted(figures.faults.items()):
        table.add_row(f"failures of {provider}", str(count))
    table.add_row("lines refused or silent", str(figures.disturbed))
    table.add_row("all settled after the last fault", f"{figures.settled_after:.0f} s")
    table.add_row("jobs that asked for a person", str(sum(figures.attentions.values())))
    for why, count in figures.attentions.items():
        table.add_row(f"  {count} of them", why)
    table.add_row("not settled in time", str(len(figures.unsettled)))
    for who, why in list(figures.unsettled.items())[:5]:
        table.add_row(f"  {who}", why)
    table.add_row("jobs that are not as they are wanted", str(len(figures.wrong)))
    for job, seen in list(figures.wrong.items())[:5]:
        table.add_row(f"  {job}", str(seen))
    Console().print(table)
    if figures.attentions or figures.wrong or figures.unsettled:
        raise SystemExit(1)


def benchmark(
    minutes: Annotated[float, typer.Option(help="For how long faults come.")] = 20.0,
    at_once: Annotated[int, typer.Option(help="Jobs that are on their way side by side.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed draws the same faults.")] = 20261126,
) -> None:
    """Close and post jobs while every provider fails at random; no fault that passed may need a person."""
    asyncio.run(main(Weather(seconds=minutes * 60), at_once, seed))


if __name__ == "__main__":
    typer.run(benchmark)
