"""What is kept of an end is kept whole or not at all, and once."""

import asyncio

import pytest
from sqlalchemy import delete

from store.checks import Check, Checks
from store.database import Store
from store.ends import End, Ends
from store.jobs import IndexedJob, Jobs, Posting
from store.ledger.ledger import Ledger
from store.ledger.tree import LedgerDamaged
from store.schema import nodes
from tests.unit.store.conftest import FakeClock
from tests.unit.store.entries import entry


def ends_of(store: Store, clock: FakeClock) -> tuple[Ends, Ledger, Jobs, Checks]:
    ledger, jobs, checks = Ledger(store, None, clock=clock), Jobs(store, clock=clock), Checks(store, clock=clock)
    return Ends(store, ledger, jobs, checks), ledger, jobs, checks


def end(number: int, clock: FakeClock) -> End:
    job = IndexedJob(
        customer_id="1234",
        job_id=str(number),
        phase="closed",
        postings=(Posting(board="indeed", posting_id=f"p{number}", live=False),),
    )
    check = Check(customer_id="1234", job_id=str(number), board="indeed", run_id=f"run-{number}", due_at=clock())
    return End(entry(number, clock()), job, (check,))


async def test_ends_that_come_at_once_are_each_kept_once(store: Store, clock: FakeClock) -> None:
    ends, ledger, jobs, checks = ends_of(store, clock)
    all_of_them = [end(number, clock) for number in range(7)]
    leaves = await asyncio.gather(*(ends.keep(each) for each in all_of_them))
    assert sorted(leaves) == list(range(7))
    assert await asyncio.gather(*(ends.keep(each) for each in all_of_them)) == leaves
    for number in range(7):
        assert len(await ledger.receipts("1234", str(number))) == 1
        indexed = await jobs.job("1234", str(number))
        assert indexed is not None
        assert (indexed.phase, [each.posting_id for each in indexed.postings]) == ("closed", [f"p{number}"])
        assert len(await checks.of_job("1234", str(number))) == 1


async def test_what_the_ledger_does_not_take_leaves_nothing_behind(store: Store, clock: FakeClock) -> None:
    ends, ledger, jobs, checks = ends_of(store, clock)
    for number in range(2):
        await ends.keep(end(number, clock))
    async with store.writing() as connection:
        await connection.execute(delete(nodes))
    with pytest.raises(LedgerDamaged):
        await ends.keep(end(2, clock))
    assert await ledger.receipts("1234", "2") == ()
    assert await jobs.job("1234", "2") is None
    assert await checks.of_job("1234", "2") == ()


async def test_a_job_is_read_with_others_and_each_gets_its_own(store: Store, clock: FakeClock) -> None:
    ends, _, jobs, _ = ends_of(store, clock)
    for number in range(3):
        await ends.keep(end(number, clock))
    found = await asyncio.gather(*(jobs.job("1234", each) for each in ("2", "0", "9", "1", "2")))
    assert [None if each is None else each.postings[0].posting_id for each in found] == ["p2", "p0", None, "p1", "p2"]
