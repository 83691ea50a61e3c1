"""Lose a tenth of all events, list closed jobs again, kill a worker: `python -m benchmarks.lost_events`."""

import asyncio
import json
import random
import signal
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client, WorkflowHandle

from activities.indeed.pacing import shared_out
from activities.stored import Stored
from boardsync.jobs.lifecycles import each_of
from boardsync.local.processes import python
from config.loading import parse_settings
from config.settings import Settings
from models.base import workflow_id
from models.states import Intent
from models.sweeps import Finding, Rechecked, RecheckInput, Reconciled, ReconcileInput
from models.temporal import CUSTOMER_ID, JOB_POSTING, PHASE, RECHECK, RECONCILE, Queue
from runtime.provisioning import register_search_attributes
from store.ledger import checkpoint
from store.ledger.audit import audit
from store.ledger.notes import SigningKey
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import eventually, send
from tests.support.processes import end, running_sandbox, spawn
from tests.support.settings import raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers, start_worker

FIRST_JOB = 900_000
UNPOSTED = 0.6
"""Share of the jobs that are taken down in the course of the drill."""
LOST = 0.1
BACK = 0.05
AT_ONCE = 20
EVERY = 0.5
MENDED_WITHIN = 600.0

_LIFECYCLES = f"WorkflowType = '{JOB_POSTING}' AND {CUSTOMER_ID.name} = '{CUSTOMER}'"
_UNSETTLED = f"{_LIFECYCLES} AND ExecutionStatus = 'Running' AND {PHASE.name} != 'open'"


@dataclass
class Figures:
    """What was measured."""

    jobs: int
    lost_posts: int = 0
    lost_unposts: int = 0
    back_before: int = 0
    """Closed jobs that were live again before the reconciliation, and had to be found by it."""
    back_after: int = 0
    """Closed jobs that were live again after it, and had to be found by looking again."""
    others: int = 0
    """Jobs that iCIMS posts besides those of the drill."""
    wrong_before: int = 0
    """Jobs that were not as iCIMS wants them before the reconciliation."""
    wrong: int = 0
    receipts: int = 0
    """Proofs that were exported, one for each entry of the ledger."""
    unproven: int = 0
    """Jobs taken down of which no exported proof verified offline."""
    faults: int = 0
    """What the walk over the whole ledger named."""
    result: Reconciled | None = None
    rechecked: Rechecked | None = None
    seconds: dict[str, float] = field(default_factory=dict)


class Drill:
    """Post jobs and take most of them down, with mishaps; then let one reconciliation and the rechecks mend it."""

    def __init__(
        self, client: Client, settings: Settings, boards: Boards, jobs: int, *, first_job: int = FIRST_JOB
    ) -> None:
        """Take a running stack."""
        self._client, self._settings, self._boards = client, settings, boards
        self._first_job, self._jobs = first_job, [str(first_job + number) for number in range(jobs)]
        self.unposted: set[str] = set()
        self._random = random.Random(first_job)  # noqa: S311 -- the same drill each time
        self.figures = Figures(jobs)

    async def run(self, kill_a_worker: Callable[[], Awaitable[object]]) -> Figures:
        """Run the drill; one worker is killed while jobs are closed."""
        await self._boards.add_jobs(self._first_job, len(self._jobs), overlay=False)
        lost_posts = self._some(self._jobs, LOST)
        await self._hear([job for job in self._jobs if job not in lost_posts], Intent.POSTED)
        await self._settled()
        unposted = self._some([job for job in self._jobs if job not in lost_posts], UNPOSTED)
        self.unposted = unposted
        lost_unposts = self._some(unposted, LOST)
        await self._boards.act("unpost", *unposted, lost=True)  # the drill itself hands on what was not lost
        closed = sorted(unposted - lost_unposts)
        await self._hear(closed[: len(closed) // 2], Intent.UNPOSTED)
        await kill_a_worker()
        await self._hear(closed[len(closed) // 2 :], Intent.UNPOSTED)
        await self._ended(closed)
        await self._settled()
        before, after = self._halves(self._some(closed, 2 * BACK))
        await self._list_again(before)
        figures = self.figures
        figures.lost_posts, figures.lost_unposts = len(lost_posts), len(lost_unposts)
        figures.back_before, figures.back_after = len(before), len(after)
        figures.wrong_before = len(await self._wrong())
        await self._timed("reconciliation", self._reconcile)
        await self._timed("until all is settled", self._mended)
        await self._list_again(after)
        await self._timed("looking again", self._recheck)
        await self._settled()
        figures.wrong = len(await self._wrong())
        if figures.result is not None:
            figures.others = figures.result.posted - (len(self._jobs) - len(unposted))
        return figures

    def _some(self, jobs: Iterable[str], share: float) -> set[str]:
        among = sorted(jobs)
        return set(self._random.sample(among, max(1, round(len(among) * share))))

    def _halves(self, jobs: set[str]) -> tuple[list[str], list[str]]:
        ordered = sorted(jobs)
        return ordered[::2], ordered[1::2]

    async def _hear(self, jobs: list[str], intent: Intent) -> None:
        async def hand_over(job: str) -> None:
            await send(self._client, self._settings, job, intent)

        await each_of(jobs, hand_over, at_once=AT_ONCE)

    async def _list_again(self, jobs: list[str]) -> None:
        async def list_again(job: str) -> None:
            await self._boards.change_job(
                job, linkedin={"listed": True, "silent": True}, indeed={"overlay": True, "silent": True}
            )

        await each_of(jobs, list_again, at_once=AT_ONCE)

    async def _reconcile(self) -> None:
        run: WorkflowHandle[Any, Reconciled] = await self._client.start_workflow(
            RECONCILE,
            ReconcileInput(customer_id=CUSTOMER, act=True, adopt=True),
            id=f"reconcile-{CUSTOMER}-{self._first_job}",
            task_queue=Queue.JOB_POSTINGS.value,
            result_type=Reconciled,
        )
        self.figures.result = await run.result()

    async def _recheck(self) -> None:
        run: WorkflowHandle[Any, Rechecked] = await self._client.start_workflow(
            RECHECK,
            RecheckInput(),
            id=f"recheck-{self._first_job}",
            task_queue=Queue.JOB_POSTINGS.value,
            result_type=Rechecked,
        )
        self.figures.rechecked = await run.result()

    async def _timed(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        began = time.perf_counter()
        await work()
        self.figures.seconds[what] = time.perf_counter() - began

    async def _ended(self, jobs: list[str]) -> None:
        """Wait for the ends of lifecycles: until one takes up what it was told, nothing shows that it is at work."""

        async def end_of(job: str) -> None:
            await self._client.get_workflow_handle(workflow_id(CUSTOMER, job)).result()

        await each_of(jobs, end_of, at_once=AT_ONCE)

    async def _settled(self) -> None:
        """Wait until no lifecycle has anything under way, seen twice: visibility lags behind."""
        calm = 0
        while calm < 3:
            await asyncio.sleep(EVERY)
            calm = calm + 1 if (await self._client.count_workflows(_UNSETTLED)).count == 0 else 0

    async def _mended(self) -> None:
        """Wait until all is as iCIMS wants it: what a reconciliation has begun shows in the search later than that."""
        await eventually(self._wrong, lambda found: not found, within=MENDED_WITHIN, every=EVERY)
        await self._settled()

    async def _wrong(self) -> list[str]:
        found: list[str] = []

        async def look(job: str) -> None:
            if not as_wanted(await self._boards.job(job)):
                found.append(job)

        await each_of(self._jobs, look, at_once=AT_ONCE)
        return found


def as_wanted(job: Any) -> bool:
    """Return whether both boards show a job as iCIMS wants it: with the agency's changes, or off."""
    overlay = any(job["indeed"]["overlay_left"].values())
    wanted = bool(job["icims"]["portals"])
    return job["linkedin"]["listed"] is wanted and overlay is wanted


async def prove(settings: Settings, folder: Path, figures: Figures, unposted: set[str]) -> None:
    """Export a proof of each entry of the ledger, and have a process verify them that has only the public key."""
    async with Stored(settings) as stored:
        if stored.key is None:
            raise ValueError("The drill's ledger needs a key")
        key = stored.key.verifier
        figures.faults = len((await audit(stored.store, key)).faults)
        note = await stored.ledger.checkpoint()
        size = 0 if note is None else checkpoint.read(note, key).size
        for leaf in range(size):
            proof = await stored.ledger.proof(leaf)
            if proof is None:
                raise RuntimeError(f"Entry {leaf} of the ledger is not there")
            (folder / f"{leaf}.tlog-proof").write_text(proof.text(), encoding="utf-8")
    figures.receipts, proven = size, await _offline(str(key), folder, size)
    figures.unproven = len(unposted - proven)


async def _offline(key: str, folder: Path, size: int) -> set[str]:
    files = [str(folder / f"{leaf}.tlog-proof") for leaf in range(size)]
    other = await spawn(python("-m", "benchmarks.offline", key, *files), env={"BOARDSYNC_CONFIG": ""}, stdout=PIPE)
    said, _ = await other.communicate()
    if other.returncode != 0:
        raise SystemExit("a proof does not verify by the public key alone")
    return set(json.loads(said))


def drill_settings(urls: dict[str, str], folder: Path) -> dict[str, Any]:
    """Return the configuration: a look again is due at once, and the drill itself says when it is made."""
    raw = raw_settings(urls, call_timeout="10s", recheck_every="1d", reconcile_every="1d")
    raw["timing"]["recheck_after"] = ["1s"]
    raw["store"] = {"url": f"sqlite:///{folder}/store.db"}
    raw["ledger"] = {"key": SigningKey.new("ledger.example.com").text()}
    raw["customers"][0]["icims"]["portals"] = ["jobs"]
    return raw


async def main(jobs: int) -> None:
    """Run the stack with two workers, drill, print; fail where a board is not as iCIMS wants it."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        address = await stack.enter_async_context(running_temporal())
        client = await client_of(address)
        await register_search_attributes(client)
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        raw = drill_settings(urls, folder)
        write_toml(folder / "boardsync.toml", raw)
        settings = parse_settings(raw, {}, base=folder)
        other = await start_worker(address, folder / "boardsync.toml")
        stack.push_async_callback(end, other)
        await stack.enter_async_context(running_workers(client, settings, shared_out=shared_out(client)))

        async def kill() -> None:
            await end(other, number=signal.SIGKILL)

        drill = Drill(client, settings, Boards(control), jobs)
        figures = await drill.run(kill)
        await prove(settings, folder, figures, drill.unposted)
    show(figures)


def show(figures: Figures) -> None:
    """Print the figures.

    Raises SystemExit where a promise was broken.
    """
    table = Table("what", "measured")
    table.add_row("jobs", str(figures.jobs))
    table.add_row("posts lost", str(figures.lost_posts))
    table.add_row("unposts lost", str(figures.lost_unposts))
    table.add_row("live again before the reconciliation", str(figures.back_before))
    table.add_row("live again after it", str(figures.back_after))
    table.add_row("not as iCIMS wants it, before", str(figures.wrong_before))
    if figures.result is not None:
        for kind in Finding:
            table.add_row(f"found: {kind.value}", str(figures.result.counts.get(kind, 0)))
        spent = figures.result.spent
        table.add_row(
            "calls of the reconciliation", f"iCIMS {spent.icims}, LinkedIn {spent.linkedin}, Indeed {spent.indeed}"
        )
    if figures.rechecked is not None:
        found = ", ".join(f"{kind.value} {count}" for kind, count in figures.rechecked.found.items())
        table.add_row("looked at again", f"{figures.rechecked.looked}: {found}")
    for what, seconds in figures.seconds.items():
        table.add_row(what, f"{seconds:.0f} s")
    table.add_row("not as iCIMS wants it, in the end", str(figures.wrong))
    table.add_row("receipts, each verified offline by the public key", str(figures.receipts))
    table.add_row("jobs taken down without a proof", str(figures.unproven))
    table.add_row("faults in the ledger", str(figures.faults))
    Console().print(table)
    if figures.wrong or figures.unproven or figures.faults:
        raise SystemExit(1)


def benchmark(jobs: Annotated[int, typer.Option(help="Jobs of the customer.")] = 1_000) -> None:
    """Lose a tenth of all events, list closed jobs again and kill a worker; one reconciliation mends it."""
    asyncio.run(main(jobs))


if __name__ == "__main__":
    typer.run(benchmark)
