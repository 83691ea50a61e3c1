"""SIGKILL at any moment leaves no receipt lost, doubled or unsigned."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from pathlib import Path

from sqlalchemy import select

from store.database import Store
from store.ledger.audit import audit
from store.ledger.ledger import Ledger
from store.ledger.notes import SigningKey
from store.schema import receipts
from tests.unit.store.conftest import FakeClock
from tests.unit.store.entries import entry

KEY = SigningKey("ledger.example.com", b"k" * 32)
ROUNDS = int(os.environ.get("BOARDSYNC_CRASHES", "3"))
ROOT = Path(__file__).parents[3]


async def _killed(url: str, first: int, *, after: int, then: float) -> list[tuple[int, int]]:
    """Run a process that adds receipts, kill it some moment after its answers; return what it said is added."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.store.appender", url, str(first), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    said: list[bytes] = []
    try:
        while len(said) < after:
            line = await process.stdout.readline()
            assert line, "the process ended by itself"
            said.append(line)
        await asyncio.sleep(then)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        said += (await process.stdout.read()).splitlines(keepends=True)
        await process.wait()
    # A line that the kill cut off says nothing.
    pairs = [line.split() for line in said if line.endswith(b"\n")]
    return [(int(number), int(leaf)) for number, leaf in pairs]


async def test_a_kill_at_any_moment_loses_doubles_and_leaves_unsigned_nothing(store_url: str, clock: FakeClock) -> None:
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    async with Store(store_url, timeout=60) as store:
        acknowledged: dict[int, int] = {}
        for number in range(ROUNDS):
            # Two writers at once, both killed: what one holds locked must not stay so.
            rounds = [
                _killed(
                    store_url, (2 * number + which) * 1_000_000, after=chance.randint(1, 12), then=chance.random() / 20
                )
                for which in range(2)
            ]
            for said in await asyncio.gather(*rounds):
                acknowledged |= dict(said)
            found = await audit(store, KEY.verifier)
            assert found.sound, found.faults
        async with store.reading() as connection:
            kept = {
                row.job_id: row.leaf for row in await connection.execute(select(receipts.c.job_id, receipts.c.leaf))
            }
        assert {str(number): leaf for number, leaf in acknowledged.items()}.items() <= kept.items()
        # Whoever was killed asks again, for what was answered and for what was not: nothing is added twice.
        ledger = Ledger(store, KEY, clock=clock)
        again = [int(job) for job in kept]
        assert await ledger.append_all([entry(number, clock()) for number in again]) == [
            kept[str(job)] for job in again
        ]
        assert (await audit(store, KEY.verifier)).entries == len(kept)
