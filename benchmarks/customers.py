"""Change the configuration of 200 customers while closes run: `python -m benchmarks.customers`.

Each has an iCIMS address of its own, of two kinds, as in two regions; the address for all leads nowhere. Two files are
broken, one customer is removed and put back, one is added, all while unposts come in: no event may be lost, no process
started anew, and no job of anybody else touched.
"""

import asyncio
import itertools
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client

from benchmarks.patience import patiently
from boardsync.local.processes import python
from models.base import workflow_id
from models.lifecycle import Lifecycle, Receipt
from models.states import ENDED, Phase
from tests.support.gateway import basic
from tests.support.lifecycles import eventually, state
from tests.support.processes import HOST, ROOT, end, free_port, running_sandbox, spawn
from tests.support.settings import customer, raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import start_worker

FIRST_CUSTOMER, FIRST_JOB, DECOY = 2_000, 1, 9_999
AT_ONCE = 10
WITHIN = 600.0
"""Seconds that a machine with much else to do may take for what takes seconds."""
NOWHERE = f"http://{HOST}:9"
PATH = "/webhooks/icims"
Job = tuple[str, str]


@dataclass
class Figures:
    """What was measured."""

    customers: int
    acknowledged: int = 0
    closed: int = 0
    refused_when_new: int = 0
    """Answers to the customer who was added, before it was served."""
    paused: str = ""
    """What a lifecycle of the removed customer said."""
    foreign: int = 0
    """Writes that reached a job of which no event came."""
    died: int = 0
    broken: float = 0.0
    """Parts that the gateway said were broken."""
    seconds: dict[str, float] = field(default_factory=dict)


class Folder:
    """The configuration on disk."""

    def __init__(self, path: Path, urls: dict[str, str], port: int, customers: int) -> None:
        """Write the main file and every customer's but the last one's."""
        self.path, self._urls = path, urls
        self.ids = [str(FIRST_CUSTOMER + number) for number in range(customers)]
        (path / "customers").mkdir()
        raw = raw_settings(urls, linkedin_task_after="100ms", reconcile_every="1d", recheck_every="1d")
        del raw["customers"]
        raw["gateway"]["listen"], raw["store"]["url"] = f"{HOST}:{port}", f"sqlite:///{path / 'store.db'}"
        self._region = raw["icims"]
        raw["icims"] = {"api_url": NOWHERE, "token_url": NOWHERE} if customers > 1 else raw["icims"]
        write_toml(path / "boardsync.toml", raw)
        for id_ in self.ids[:-1]:
            self.write(id_)

    def write(self, id_: str) -> None:
        """Write a customer's file."""
        number, name = int(id_) * 10, f"Customer {id_}"
        raw: dict[str, Any] = customer(id_, name, application=number + 1, organization=number + 2, contract=number + 3)
        # Two regions, as far as one simulated iCIMS can be two: each customer names its own address, spelled otherwise.
        host = "localhost" if int(id_) % 2 else HOST
        raw["icims"] |= {key: str(url).replace(HOST, host) for key, url in self._region.items()}
        fresh = self.file(id_).with_suffix(".new")
        write_toml(fresh, raw)
        fresh.replace(self.file(id_))

    def file(self, id_: str) -> Path:
        """Return a customer's file."""
        return self.path / "customers" / f"{id_}.toml"


class Drill:
    """Unpost jobs, and change the configuration meanwhile."""

    def __init__(self, client: Client, folder: Folder, http: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
        """Use a gateway and workers that follow the folder."""
        self._client, self._folder, self._http, self._control = client, folder, http, control
        self.figures = Figures(customers=len(folder.ids))
        self._acknowledged: list[Job] = []

    async def put_jobs(self, each: int) -> None:
        """Put customers with jobs, and one job that nobody speaks of, into the boards."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def put(id_: str) -> None:
            async with slots:
                (await self._control.post("/customers", json={"customer_id": id_})).raise_for_status()
                for first, count in ((FIRST_JOB, each), (DECOY, 1)):
                    body = {"customer_id": id_, "first_job_id": str(first), "count": count}
                    (await self._control.post("/jobs/bulk", json=body)).raise_for_status()

        await asyncio.gather(*(put(id_) for id_ in self._folder.ids))
        (
            await self._control.patch("/settings", json={"linkedin": {"task_seconds": 0, "visibility_seconds": 0}})
        ).raise_for_status()

    async def run(self, closes: int, processes: Sequence[Process]) -> Figures:
        """Send unposts while the files change; end once every job that was acknowledged is closed."""
        *served, added = self._folder.ids
        removed, *broken = served[1], served[2], served[3]
        jobs = [(served[number % len(served)], str(FIRST_JOB + number // len(served))) for number in range(closes)]
        began = time.perf_counter()
        half = len(jobs) // 2
        await self._unpost(jobs[:half])
        self._folder.file(broken[0]).write_text(f'id = "{broken[0]}"\nname = "half wri')
        self._folder.file(broken[1]).write_bytes(b"\xff")
        self._folder.file(removed).rename(self._folder.file(removed).with_suffix(".away"))
        self._folder.write(added)
        # Customers that are broken or stay go on; of the one that is removed nothing more comes.
        await self._unpost([job for job in jobs[half:] if job[0] != removed])
        await self._until_served((added, str(FIRST_JOB)))
        self.figures.broken = await self._gauge("boardsync_configuration_broken")
        await self._until_removed(removed)
        self.figures.seconds["until the changes were taken up"] = time.perf_counter() - began
        self._folder.file(removed).with_suffix(".away").rename(self._folder.file(removed))
        for id_ in broken:
            self._folder.write(id_)
        for job in self._acknowledged:
            handle = self._client.get_workflow_handle(workflow_id(*job), result_type=Receipt)
            self.figures.closed += (await patiently(handle.result)).phase is Phase.CLOSED
        self.figures.seconds["until every job was closed"] = time.perf_counter() - began
        self.figures.acknowledged = len(self._acknowledged)
        self.figures.died = sum(each.returncode is not None for each in processes)
        await self._look_for_foreign_writes()
        return self.figures

    async def _unpost(self, jobs: Sequence[Job]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(job: Job) -> None:
            async with slots:
                reply = await self._send(job)
            assert reply.status_code == 200, (job, reply.status_code, reply.text)
            self._acknowledged.append(job)

        await asyncio.gather(*(one(job) for job in jobs))

    async def _send(self, job: Job) -> httpx.Response:
        event = {"customerId": job[0], "userId": "1", "eventType": "JobUnpostToWebEvent", "systemId": job[1]}
        auth = basic(f"icims-{job[0]}", f"webhook-secret-{job[0]}")
        return await self._http.post(PATH, json=event, headers={"Authorization": auth})

    async def _until_served(self, job: Job) -> None:
        async def answer() -> int:
            return (await self._send(job)).status_code

        def taken(status: int) -> bool:
            self.figures.refused_when_new += status != 200
            return status == 200

        await eventually(answer, taken, within=WITHIN, every=0.5)
        self._acknowledged.append(job)

    async def _until_removed(self, id_: str) -> None:
        """Have a lifecycle of the removed customer say that it waits."""

        async def refused() -> bool:
            return (await self._send((id_, "1"))).status_code != 200

        await eventually(refused, bool, within=WITHIN, every=0.5)
        # The workers may take it up later than the gateway: until then what is begun closes.
        for number in itertools.count(1):
            job = (id_, str(DECOY - number))
            self.figures.paused = await self._begin_by_hand(job)
            self._acknowledged.append(job)
            if self.figures.paused:
                return

    async def _begin_by_hand(self, job: Job) -> str:
        """Close a job as an event that came before would have; return what it says as it waits, else nothing."""
        body = {"customer_id": job[0], "first_job_id": job[1], "count": 1}
        (await self._control.post("/jobs/bulk", json=body)).raise_for_status()
        handle = await self._client.start_workflow(
            "JobPosting",
            {"customer_id": job[0], "job_id": job[1]},
            id=workflow_id(*job),
            task_queue="job-postings",
            start_signal="close",
            start_signal_args=[{"by": "drill"}],
        )

        async def seen() -> Lifecycle:
            return await patiently(lambda: state(handle))

        def said(lifecycle: Lifecycle) -> str:
            # Each board says the same.
            reasons = [each.attention.reason for _, each in lifecycle.boards.used if each.attention is not None]
            return " ".join(each for each in dict.fromkeys(reasons) if "its jobs wait" in each)

        last = await eventually(seen, lambda found: bool(said(found)) or found.phase in ENDED, within=WITHIN)
        return said(last)

    async def _gauge(self, name: str) -> float:
        lines = (await self._http.get("/metrics")).text.splitlines()
        return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])

    async def _look_for_foreign_writes(self) -> None:
        spoken_of = set(self._acknowledged)
        records = (await self._control.get("/records")).json()
        for each in records:
            if each["applied"] and each["operation"] != "token":
                written = {(each["customer_id"], job) for job in each["job_ids"]}
                self.figures.foreign += bool(written - spoken_of)


async def drill(customers: int, closes: int, workers: int, folder: Path) -> Figures:
    """Run the stack, drill, and end it."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        address = await stack.enter_async_context(running_temporal())
        control = await stack.enter_async_context(
            httpx.AsyncClient(base_url=urls["control"], trust_env=False, timeout=60)
        )
        port = free_port()
        files = Folder(folder, urls, port, customers)
        env = {"BOARDSYNC_CONFIG": str(folder), "TEMPORAL_ADDRESS": address, "PYTHONPATH": str(ROOT)}
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False, timeout=30)
        )
        run = Drill(await client_of(address), files, http, control)
        await run.put_jobs(-(-closes // (customers - 1)))
        processes = [await spawn(python("-m", "webhook_gateway"), env=env, stderr=PIPE)]
        processes += [await start_worker(address, folder) for _ in range(workers)]
        for each in processes:
            stack.push_async_callback(end, each)

        async def alive() -> bool:
            try:
                return (await http.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(alive, bool)
        return await run.run(closes, processes)


def show(figures: Figures) -> None:
    """Print the figures.

    Raises SystemExit where a promise was broken.
    """
    table = Table("what", "measured")
    table.add_row("customers", str(figures.customers))
    table.add_row("events acknowledged, and jobs closed", f"{figures.acknowledged}, {figures.closed}")
    table.add_row("refusals until the added customer was served", str(figures.refused_when_new))
    table.add_row("broken parts that the gateway named", f"{figures.broken:.0f}")
    table.add_row("a removed customer's job said", figures.paused)
    table.add_row("writes to jobs of which no event came", str(figures.foreign))
    table.add_row("processes that ended", str(figures.died))
    for what, seconds in figures.seconds.items():
        table.add_row(what, f"{seconds:.0f} s")
    Console().print(table)
    if figures.closed != figures.acknowledged or figures.foreign or figures.died or figures.broken != 2:
        raise SystemExit(1)


def command(
    customers: Annotated[int, typer.Option(min=6)] = 200,
    closes: Annotated[int, typer.Option(min=10)] = 500,
    workers: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Drill."""
    with tempfile.TemporaryDirectory() as folder:
        show(asyncio.run(drill(customers, closes, workers, Path(folder))))


if __name__ == "__main__":
    typer.run(command)
