"""A refused LinkedIn secret with many jobs that wait for it: `python -m benchmarks.causes --jobs 1000`."""

import asyncio
import signal
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table
from temporalio.client import Client, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from benchmarks.cpu import Watch
from benchmarks.patience import patiently
from boardsync.jobs.attention import read_needs
from config.loading import parse_settings
from models.base import workflow_id
from models.causes import CauseReport, cause_id
from models.lifecycle import Receipt
from models.states import Phase
from models.temporal import CAUSE, JOB_POSTING
from runtime.provisioning import register_search_attributes
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import eventually, send
from tests.support.processes import end, running_sandbox
from tests.support.receiver import SIGNING_KEY, Receiver, receiving
from tests.support.settings import raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import start_worker

FIRST_JOB = 640_000
AT_ONCE = 20
CREDENTIALS = "linkedin.credentials"
ENDED = f"WorkflowType = '{JOB_POSTING}' AND ExecutionStatus = 'Completed'"
WITHIN = 600.0
PROBE_EVERY = "1m"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds until the last close, and of CPU in the worker meanwhile."""

    from_the_secret: float
    from_the_token: float
    cpu: float


async def main(count: int) -> None:
    """Run the stack, refuse the secret, mend it, print."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_sandbox())
        address = await stack.enter_async_context(running_temporal())
        receiver = await stack.enter_async_context(receiving())
        client = await client_of(address)
        await register_search_attributes(client)
        boards = Boards(await stack.enter_async_context(httpx.AsyncClient(base_url=urls["control"], trust_env=False)))
        await boards.add_jobs(FIRST_JOB, count)
        await boards.set(indeed__mutations_per_second=100_000, linkedin__records_per_minute=1_000_000)
        raw = raw_settings(urls, probe_every=PROBE_EVERY)
        (wrong,) = [each["linkedin"] for each in raw["customers"] if each["id"] == CUSTOMER]
        right, wrong["client_secret"] = wrong["client_secret"], "refused-by-linkedin"
        raw["notifications"] = [
            {"name": "ops", "url": receiver.url, "secret": SIGNING_KEY, "events": ["job.attention"]}
        ]
        config = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "boardsync.toml"
        write_toml(config, raw)
        worker = await start_worker(address, config)
        stack.push_async_callback(end, worker)
        await _unpost(client, raw, count)
        cause = client.get_workflow_handle(cause_id(CUSTOMER, CREDENTIALS), result_type=CauseReport)
        await eventually(lambda: _waiting(cause), lambda found: found == count, within=WITHIN, every=0.5)
        asked = await read_needs(client, customer=CUSTOMER, category=None)
        refused = (await boards.counts())["linkedin.token"]
        wrong["client_secret"] = right
        write_toml(config, raw)
        began, used = time.monotonic(), Watch({"worker": worker.pid})
        worker.send_signal(signal.SIGHUP)
        await eventually(lambda: _fetched(boards), lambda tokens: tokens > refused, within=WITHIN, every=0.1)
        mended = time.monotonic()
        await _ended(client, count)
        took, after = time.monotonic() - began, time.monotonic() - mended
        cpu = used.lap()["worker"]
        phases = await _phases(client, count)
        await patiently(cause.result)
        await end(worker)
        _show(count, [need.jobs for need in asked], receiver, phases, Took(took, after, cpu))


async def _unpost(client: Client, raw: dict[str, object], count: int) -> None:
    settings, places = parse_settings(raw, {}, base=Path()), asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await patiently(lambda: send(client, settings, str(FIRST_JOB + number)))

    await asyncio.gather(*(one(number) for number in range(count)))


async def _waiting(cause: WorkflowHandle[Any, CauseReport]) -> int:
    """Return how many jobs wait for a cause."""
    try:
        report: CauseReport = await cause.query(CAUSE, result_type=CauseReport)
    except (RPCError, WorkflowQueryFailedError):  # no job has met it yet, or the worker is busy
        return 0
    return len(report.job_ids)


async def _ended(client: Client, count: int) -> None:
    """Wait until none is open any more, by small questions: a thousand long polls would be work of their own."""

    async def ended() -> int:
        try:
            return (await client.count_workflows(ENDED)).count
        except RPCError:  # the server has much else to do
            return 0

    await eventually(ended, lambda found: found == count, within=WITHIN, every=0.5)


async def _phases(client: Client, count: int) -> list[Phase]:
    ids = [workflow_id(CUSTOMER, str(FIRST_JOB + number)) for number in range(count)]
    places = asyncio.Semaphore(AT_ONCE)

    async def phase(id_: str) -> Phase:
        async with places:
            receipt: Receipt = await patiently(client.get_workflow_handle(id_, result_type=Receipt).result)
            return receipt.phase

    return list(await asyncio.gather(*map(phase, ids)))


async def _fetched(boards: Boards) -> int:
    return (await boards.counts())["linkedin.token"]


def _show(count: int, asked: list[int | None], receiver: Receiver, phases: list[Phase], took: Took) -> None:
    """Print the figures, and fail where a promise was broken."""
    closed = sum(phase is Phase.CLOSED for phase in phases)
    table = Table("what", "measured")
    table.add_row("jobs that waited for the secret", str(count))
    table.add_row("attentions, and the jobs that each names", f"{len(asked)}: {asked}")
    table.add_row("notifications", str(len(receiver.got)))
    table.add_row("closed and read back", str(closed))
    table.add_row("from the right secret to the last close", f"{took.from_the_secret:.1f} s (budget: 60 s)")
    table.add_row("from the first token by it to the last close", f"{took.from_the_token:.1f} s")
    table.add_row("CPU of the worker meanwhile", f"{took.cpu:.1f} s, {1000 * took.cpu / count:.0f} ms a close")
    Console().print(table)
    if (len(asked), len(receiver.got), closed) != (1, 1, count):
        raise SystemExit("one attention, one notification and every job closed: that was promised")


def drill(jobs: Annotated[int, typer.Option(help="Jobs that wait for the secret.")] = 1_000) -> None:
    """Refuse a secret, have many jobs wait for it, and see how soon they close once it is right."""
    asyncio.run(main(jobs))


if __name__ == "__main__":
    typer.run(drill)
