"""One run: the stack, the load and the plan together, then calm, then the evidence."""

import asyncio
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.attention import Attentions, operator
from benchmarks.chaos.checker import violations
from benchmarks.chaos.collect import claims_of, delivered_markers, files_in, ledger_faults, search, secrets_in
from benchmarks.chaos.dossier import dossier, jobs_of
from benchmarks.chaos.evidence import Evidence
from benchmarks.chaos.faults import Faults
from benchmarks.chaos.figures import Figures, figures
from benchmarks.chaos.load import Load
from benchmarks.chaos.plan import STORE, TEMPORAL, Ability, plan
from benchmarks.chaos.records import Records, decoys, truth_of
from benchmarks.chaos.stack import LEDGER_KEY, Stack, abilities, running_stack
from benchmarks.patience import patiently
from benchmarks.unsettled import count_unsettled, what_is_unsettled
from models.temporal import INDEED_JOB_ID, JOB_ID, RUNNING
from store.database import Store
from store.inbox import Inbox
from tests.support.lifecycles import eventually
from tests.support.processes import ROOT

CALM_WITHIN = 300.0
"""Seconds after the last fault: tries that failed wait longer and longer."""
LOOK_EVERY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of a run there is."""

    minutes: float
    at_once: int = 32
    """Jobs that are on their way side by side."""
    events: int = 60
    """About so many words are said of a job."""
    history: int = 100
    """After so many events of its history a workflow goes on in a new run; Temporal says so after 4,096 by itself."""


@dataclass
class Run:
    """A run on a stack."""

    stack: Stack
    seed: int
    size: Size
    able: frozenset[Ability]
    settled_after: float = 0.0
    faults: Faults = field(init=False)
    load: Load = field(init=False)
    records: Records = field(init=False)
    attentions: Attentions = field(init=False)
    dossiers: dict[str, str] = field(default_factory=dict)
    """Of the jobs of which something was found, everything that is known."""

    def __post_init__(self) -> None:
        """Prepare the parts of the run."""
        self.faults = Faults(self.stack)
        self.load = Load(self.stack.boards, self.stack.gateways, self._knows, seed=self.seed, events=self.size.events)
        self.load.secrets = tuple(each.decode() for each in secrets_in(self.stack.raw).values())
        self.records = Records(self.stack.boards)
        self.attentions = Attentions(self.stack.client)

    async def carry_out(self) -> Figures:
        """Send and disturb for so long, wait for calm, and look at everything."""
        await decoys(self.stack.boards)
        background = [
            asyncio.create_task(self.stack.parts.keep_up()),
            asyncio.create_task(self.records.watch()),
        ]
        try:
            async with self.attentions.watched(LOOK_EVERY):
                await self._storm()
                async with operator(self.stack.client):
                    await self._calm()
                await self.attentions.look()
            await self.records.look()
            seen = await self._evidence()
            for job in jobs_of(violations(seen)):
                self.dossiers[job] = await dossier(self.stack.client, seen, job)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
        return figures(
            seen,
            seed=self.seed,
            minutes=self.size.minutes,
            commit=commit(),
            abilities=[each.value for each in self.able],
            boards=self.faults.boards,
            settled_after=self.settled_after,
        )

    async def _storm(self) -> None:
        sending = asyncio.create_task(self.load.run(self.size.at_once))
        await self.faults.run(plan(self.seed, self.size.minutes * 60, self.able))
        self.load.end()
        await sending

    async def _calm(self) -> None:
        began = time.monotonic()
        with suppress(AssertionError):
            await eventually(self._restless, lambda left: left == 0, within=CALM_WITHIN, every=LOOK_EVERY)
        self.settled_after = time.monotonic() - began

    async def _knows(self, job: str) -> bool:
        query = f"{RUNNING} AND {JOB_ID.name} = '{job}' AND {INDEED_JOB_ID.name} IS NOT NULL"
        return (await patiently(lambda: self.stack.client.count_workflows(query))).count > 0

    async def _restless(self) -> int:
        waiting = await self._waiting()
        return waiting + (await count_unsettled(self.stack.client) if waiting == 0 else 0)

    async def _waiting(self) -> int:
        async with Store(self.stack.store_url, timeout=30) as store:
            return (await Inbox(store).backlog()).count

    async def _evidence(self) -> Evidence:
        stack, load = self.stack, self.load
        unsettled = await what_is_unsettled(stack.client)
        delivered = await delivered_markers(stack.client, {each.marker: each.job for each in load.sent})
        async with Store(stack.store_url, timeout=60) as store:
            claims, faulty = await claims_of(store), await ledger_faults(store, LEDGER_KEY)
        truths = {job: await truth_of(stack.boards, job) for job in load.wanted}
        found, canary = await asyncio.to_thread(self._search, next(iter(+delivered), ""))
        return Evidence(
            sent=load.sent,
            delivered=delivered,
            wanted=load.wanted,
            posted=frozenset(load.posted),
            calls=self.records.calls,
            truths=truths,
            claims=claims,
            ledger_faults=faulty,
            disturbances=self.faults.done,
            unsettled=unsettled,
            asking=self.attentions.seen,
            left_in_inbox=await self._waiting(),
            secrets=[*found, *load.leaks],
            canary_seen=canary,
            ended=stack.parts.ended_by_itself,
            gaps=self.records.gaps,
        )

    def _search(self, marker: str) -> tuple[list[str], bool]:
        stack = self.stack
        folders = (stack.disks[TEMPORAL].folder, stack.disks[STORE].folder, stack.folder / "logs")
        secrets: Mapping[str, bytes] = secrets_in(stack.raw)
        # The marker of an event that has arrived must be found: Temporal's files can be read.
        found, canary = search(files_in(*folders), secrets, marker.encode())
        return found, canary and bool(marker)


def commit() -> str:
    """Return the commit that runs, marked where files differ from it."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607
    return done.stdout.decode().strip() or "unknown"


async def chaos(seed: int, size: Size, *, into: Path | None = None) -> Figures:
    """Run once; return what was measured, and write it, with what is known of jobs that were wronged, into a folder."""
    able = abilities()
    async with running_stack(able, history=size.history) as stack:
        run = Run(stack, seed, size, able)
        found = await run.carry_out()
    if into is not None:
        await asyncio.to_thread(_write, into, f"{seed}.json", found.model_dump_json(indent=2) + "\n")
        for job, text in run.dossiers.items():
            await asyncio.to_thread(_write, into, f"{seed}-{job}.txt", text)
    return found


def _write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
