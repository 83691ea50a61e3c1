"""Take Temporal away under thousands of events, kill gateways: `python -m benchmarks.inbox`."""

import asyncio
import random
import signal
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from rich.console import Console
from rich.table import Table
from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.worker import Worker

from activities.lifecycles import LifecycleActivities
from boardsync.local.processes import python
from config.loading import parse_settings
from config.settings import Settings
from models.base import workflow_id
from models.temporal import ATS_EVENT, Queue
from runtime.behaviors import without_behaviors
from store.database import Store
from store.inbox import Inbox
from tests.support.boards import CUSTOMER
from tests.support.gateway import basic
from tests.support.lifecycles import eventually, handle, state
from tests.support.lines import Line, lines_to
from tests.support.processes import HOST, end, free_port, running_sandbox, spawn
from tests.support.settings import raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.webhooks import signals
from worker import UNSANDBOXED
from workflows.lifecycle.job_posting import JobPosting

FIRST_JOB = 700_000
AT_ONCE = 48
"""Senders that wait for an answer at the same time."""
POST, UNPOST = "JobPostToWebEvent", "JobUnpostToWebEvent"
INTENTS = {POST: "posted", UNPOST: "unposted"}
HEADERS = {"Content-Type": "application/json", "Authorization": basic("icims-1234", "webhook-secret-1234")}
SENT_AGAIN_AFTER = 0.2


@dataclass
class Figures:
    """What was measured."""

    events: int
    jobs: int
    kept: int = 0
    """Answers that said that the event is kept."""
    refused: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    """Requests that a killed gateway did not answer; each was sent again."""
    lost: int = 0
    doubled: int = 0
    """Deliveries beyond the first, of events that were answered at once."""
    out_of_order: int = 0
    wrong_intents: int = 0
    wrong: list[str] = field(default_factory=list)
    waiting: int = 0
    """Events in the inbox when Temporal came back."""
    seconds: dict[str, float] = field(default_factory=dict)


@activity.defn(dynamic=True)
async def any_other(_: Sequence[RawValue]) -> None:
    """Wait for ever: what is asked of a board is not carried out."""
    await asyncio.Event().wait()


class Gateways:
    """Gateway processes with one configuration, which can be killed."""

    def __init__(self, raw: dict[str, Any], folder: Path, temporal: str, count: int) -> None:
        """Prepare so many; `raw` is the configuration, without a port."""
        self._raw, self._folder, self._temporal = raw, folder, temporal
        self.ports = [free_port() for _ in range(count)]
        self._running: dict[int, Process] = {}

    async def start(self, number: int) -> None:
        """Start one and wait until it answers."""
        port, config = self.ports[number], self._folder / f"gateway-{number}.toml"
        write_toml(config, {**self._raw, "gateway": {**self._raw["gateway"], "listen": f"{HOST}:{port}"}})
        env = {"BOARDSYNC_CONFIG": str(config), "TEMPORAL_ADDRESS": self._temporal, "BOARDSYNC_LOG_LEVEL": "ERROR"}
        self._running[number] = await spawn(python("-m", "webhook_gateway"), env={**env, "PYTHONPATH": "."})
        async with aiohttp.ClientSession() as http:
            while not await _alive(http, self.url(number)):
                if self._running[number].returncode is not None:
                    raise RuntimeError(f"gateway {number} ended")
                await asyncio.sleep(0.1)

    def url(self, number: int) -> str:
        """Return where one is."""
        return f"http://{HOST}:{self.ports[number]}"

    async def kill(self, number: int) -> None:
        """Kill one and start it again."""
        await end(self._running[number], number=signal.SIGKILL)
        await self.start(number)

    async def stop(self) -> None:
        """Stop all."""
        await asyncio.gather(*(end(each) for each in self._running.values()))


class Drill:
    """Send events while Temporal is away, kill a gateway; let Temporal come back, kill another; look what arrived."""

    def __init__(self, client: Client, settings: Settings, line: Line, gateways: Gateways) -> None:
        """Take running gateways, whose line to Temporal can be cut."""
        self._client, self._settings, self._line, self._gateways = client, settings, line, gateways
        self._random = random.Random(7)  # noqa: S311 -- the same drill each time
        self._doubtful: set[str] = set()
        self._again: set[str] = set()
        self._answered, self._half = 0, asyncio.Event()
        self.figures = Figures(0, 0)

    async def run(
        self, events: int, jobs: int, *, first_job: int = FIRST_JOB, kill_while_delivering: bool = True
    ) -> Figures:
        """Run the drill; `settings` name the gateways' store. What a killed gateway held waits for its lease's end."""
        self.figures = Figures(events, jobs)
        names = [str(first_job + number) for number in range(jobs)]
        wanted: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
        for number in range(events):
            # An iCIMS user's id is a number: here it tells the events apart.
            kind = self._random.choice((POST, UNPOST))
            wanted[names[number % jobs]].append((str(number + 1), kind))
        self._line.refuse()
        async with Store(self._settings.store.url, timeout=30) as store:
            await self._timed("sending", self._send_all(wanted))
            self.figures.waiting = (await Inbox(store).backlog()).count
            await self._line.open()
            await self._timed("delivering", self._delivered(Inbox(store), kill=kill_while_delivering))
        await self._timed("looking", self._look(wanted))
        return self.figures

    async def _send_all(self, wanted: dict[str, list[tuple[str, str]]]) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            sending = asyncio.gather(*_limited(self._send(http, job, wanted[job]) for job in wanted))
            await self._half.wait()
            await self._gateways.kill(0)
            await sending

    async def _send(self, http: aiohttp.ClientSession, job: str, events: list[tuple[str, str]]) -> None:
        for number, kind in events:
            body = {"customerId": CUSTOMER, "systemId": job, "userId": number, "eventType": kind}
            while not await self._taken(http, number, body):
                self._again.add(number)
            self._answered += 1
            if self._answered >= self.figures.events // 2:
                self._half.set()

    async def _taken(self, http: aiohttp.ClientSession, number: str, body: dict[str, str]) -> bool:
        url = self._gateways.url(self._random.randrange(len(self._gateways.ports)))
        if number in self._again:
            await asyncio.sleep(SENT_AGAIN_AFTER)
        try:
            async with http.post(f"{url}/webhooks/icims", json=body, headers=HEADERS, allow_redirects=False) as reply:
                said = await reply.text()
        except aiohttp.ClientError:
            self.figures.unanswered += 1
            self._doubtful.add(number)
            return False
        if reply.status not in {200, 303}:
            self.figures.refused[reply.status] += 1
            return False
        self.figures.kept += "is kept" in said
        return True

    async def _delivered(self, inbox: Inbox, *, kill: bool) -> None:
        while (backlog := await inbox.backlog()).count:
            if kill and backlog.count < self.figures.waiting // 2:
                kill = False
                await self._gateways.kill(len(self._gateways.ports) - 1)
            await asyncio.sleep(0.1)

    async def _look(self, wanted: dict[str, list[tuple[str, str]]]) -> None:
        # Lifecycles take up what they heard, and ask for the one before them; no board is reached, so none ends.
        async with Worker(
            self._client,
            task_queue=Queue.JOB_POSTINGS.value,
            workflows=[JobPosting],
            activities=[LifecycleActivities(self._client).earlier, any_other],
            max_concurrent_activities=10 * self.figures.jobs,
            workflow_runner=without_behaviors(UNSANDBOXED),
        ):
            await asyncio.gather(*_limited(self._look_at(job, events) for job, events in wanted.items()))

    async def _look_at(self, job: str, events: list[tuple[str, str]]) -> None:
        id_ = workflow_id(CUSTOMER, job)
        seen = [str(each["user_id"]) for each in await signals(self._client, id_, ATS_EVENT)]
        first = list(dict.fromkeys(seen))
        figures = self.figures
        figures.lost += len([number for number, _ in events if number not in first])
        figures.doubled += sum(count - 1 for number, count in Counter(seen).items() if number not in self._doubtful)
        # By order of receipt: one that was sent again may have been kept twice.
        sure = [number for number, _ in events if number in first and number not in self._doubtful]
        figures.out_of_order += sure != [number for number in first if number not in self._doubtful]
        wanted, lifecycle = INTENTS[events[-1][1]], handle(self._client, job)
        try:
            await eventually(lambda: state(lifecycle), lambda seen: seen.intent == wanted, within=180)
        except AssertionError as error:
            figures.wrong_intents += 1
            figures.wrong.append(f"{job}, {wanted}: {error}")
        await self._client.get_workflow_handle(id_).terminate("the drill is over")

    async def _timed(self, what: str, work: Awaitable[None]) -> None:
        began = time.perf_counter()
        await work
        self.figures.seconds[what] = time.perf_counter() - began


def _limited(work: Iterable[Awaitable[None]]) -> list[Awaitable[None]]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(each: Awaitable[None]) -> None:
        async with slots:
            await each

    return [one(each) for each in work]


async def _alive(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/healthz") as reply:
            return reply.status == 200
    except aiohttp.ClientError:
        return False


async def main(events: int, jobs: int, gateways: int, database: str | None) -> None:
    """Run the stack, drill, print; fail where an event was refused, lost or out of order."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        address = await stack.enter_async_context(running_temporal())
        lines = await stack.enter_async_context(lines_to({"temporal": address}, ("temporal",)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        raw = raw_settings(urls, call_timeout="10s")
        raw["store"] = {"url": database or f"sqlite:///{folder}/store.db"}
        running = Gateways(raw, folder, lines["temporal"].address, gateways)
        stack.push_async_callback(running.stop)
        for number in range(gateways):
            await running.start(number)
        settings = parse_settings(raw, {}, base=folder)
        figures = await Drill(await client_of(address), settings, lines["temporal"], running).run(events, jobs)
    show(figures)


def show(figures: Figures) -> None:
    """Print the figures.

    Raises SystemExit where a promise was broken.
    """
    table = Table("what", "measured")
    table.add_row("events, of so many jobs", f"{figures.events}, {figures.jobs}")
    table.add_row("answered without success", str(dict(figures.refused) or 0))
    table.add_row("not answered, as a gateway was killed", str(figures.unanswered))
    table.add_row("in the inbox when Temporal came back", str(figures.waiting))
    table.add_row("lost", str(figures.lost))
    table.add_row("delivered twice", str(figures.doubled))
    table.add_row("jobs whose events came out of order", str(figures.out_of_order))
    table.add_row("jobs with another than the newest intent", str(figures.wrong_intents))
    for what, seconds in figures.seconds.items():
        rate = f", {figures.events / seconds:.0f} events a second" if what != "looking" else ""
        table.add_row(what, f"{seconds:.1f} s{rate}")
    Console().print(table, *figures.wrong[:3], markup=False)
    if figures.refused or figures.lost or figures.out_of_order or figures.wrong_intents:
        raise SystemExit(1)


def benchmark(
    events: Annotated[int, typer.Option(help="Events that come while Temporal is away.")] = 20_000,
    jobs: Annotated[int, typer.Option(help="Jobs that they are about.")] = 2_000,
    gateways: Annotated[int, typer.Option(help="Gateway processes.")] = 2,
    database: Annotated[str | None, typer.Option(help="The store. [default: a new SQLite file]")] = None,
) -> None:
    """Keep events while Temporal is away, deliver them when it is back, with gateways killed on the way."""
    asyncio.run(main(events, jobs, gateways, database))


if __name__ == "__main__":
    typer.run(benchmark)
