"""Receipts outlive a worker that is killed again and again, and a store that is away: one for each run, all proven."""

import asyncio
import signal
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus

from config.loading import parse_settings
from models.states import Phase
from store.ledger.audit import audit
from store.ledger.notes import SigningKey
from store.ledger.verify import verify_file
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, eventually, in_phase, send
from tests.support.processes import end
from tests.support.settings import raw_settings, write_toml
from tests.support.sizes import size
from tests.support.store import opened
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import start_worker

JOBS, KILLS = size(8, 24), size(2, 8)
KEY = SigningKey("ledger.example.com", b"k" * 32)


async def closed(handles: list[Handle]) -> int:
    seen = await asyncio.gather(*(each.describe() for each in handles))
    return sum(each.status is WorkflowExecutionStatus.COMPLETED for each in seen)


@pytest.mark.timeout(240)
async def test_killed_workers_and_a_store_that_is_away_lose_and_double_no_receipt(
    boards: Boards, sandbox_urls: dict[str, str], tmp_path: Path
) -> None:
    file, away, config = tmp_path / "store.db", tmp_path / "away", tmp_path / "boardsync.toml"
    raw = raw_settings(sandbox_urls, call_timeout="2s")
    raw |= {"store": {"url": f"sqlite:///{file}"}, "ledger": {"key": KEY.text()}}
    write_toml(config, raw)
    settings = parse_settings(raw, {}, base=tmp_path)
    jobs = await boards.add_jobs(70_000, JOBS)
    async with running_temporal() as address:
        client = await client_of(address)
        # A store that cannot be opened: all boards are closed all the same.
        file.mkdir()
        worker = await start_worker(address, config)
        handles = [await send(client, settings, each) for each in jobs]
        for each in handles:
            await in_phase(each, Phase.CLOSED)
        assert await closed(handles) == 0
        await end(worker, number=signal.SIGKILL)
        file.rename(away)
        for _ in range(KILLS):
            worker = await start_worker(address, config)
            more = min(JOBS, await closed(handles) + 1)
            await eventually(lambda: closed(handles), more.__le__, within=90)
            await end(worker, number=signal.SIGKILL)
        worker = await start_worker(address, config)
        await eventually(lambda: closed(handles), lambda done: done == JOBS, within=90)
        await end(worker)
        runs = {(await each.describe()).run_id for each in handles}

    async with opened(settings) as stored:
        assert (await audit(stored.store, KEY.verifier)).sound
        receipts = [each for job in jobs for each in await stored.ledger.receipts(CUSTOMER, job)]
        assert len(receipts) == JOBS
        assert {each.run_id for each in receipts} == runs
        for receipt in receipts:
            proof = await stored.ledger.proof(receipt.leaf)
            assert proof is not None
            assert verify_file(proof.text().encode(), KEY.verifier).leaf == receipt.leaf
        checks = [each for job in jobs for each in await stored.checks.of_job(CUSTOMER, job)]
        assert len(checks) == JOBS * 2 * 3
