"""What the console shows of the store, on both databases."""

from datetime import timedelta

from models.receipts import BoardClose, LedgerEntry
from store.checks import Check, Checks
from store.database import Store
from store.events import Events, LoggedEvent, Result
from store.figures import Bucket, Figures, Refused, Unproven
from store.jobs import IndexedJob, Jobs
from store.ledger.ledger import Ledger
from store.names import JobNames, Named
from store.sealing import Sealer
from store.stats import Finding, Statistics
from tests.unit.store.conftest import FakeClock
from tests.unit.store.entries import entry

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def not_found(number: int, clock: FakeClock, *, customer: str = "1234") -> LedgerEntry:
    close = BoardClose(
        board="indeed", outcome="not_found", proven=False, asked_at=clock() - HOUR, settled_at=clock() - DAY / 2
    )
    return entry(number, clock(), customer=customer).model_copy(update={"closes": (close,)})


async def test_times_are_the_nearest_rank_of_each_hour(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, None, clock=clock)
    early = [entry(each, clock() - 3 * HOUR, seconds=each) for each in range(1, 21)]
    await ledger.append_all([*early, entry(100, clock() - HOUR / 2, seconds=7), entry(101, clock() - 3 * DAY)])
    found = await Figures(store, clock=clock).times(clock() - DAY, HOUR)
    assert found == (
        Bucket("linkedin", clock() - 3 * HOUR, 20, 10, 19),
        Bucket("linkedin", clock() - HOUR, 1, 7, 7),
    )


async def test_what_is_not_proven_counts_by_customer_and_has_no_time(store: Store, clock: FakeClock) -> None:
    ledger, figures = Ledger(store, None, clock=clock), Figures(store, clock=clock)
    await ledger.append_all(
        [entry(1, clock()), entry(2, clock()), not_found(3, clock), entry(4, clock(), customer="9")]
    )
    await ledger.append_all([not_found(5, clock, customer="7")])
    assert await figures.unproven(clock() - DAY) == (Unproven("7", 1, 1), Unproven("1234", 3, 1))
    assert {each.board for each in await figures.times(clock() - DAY, HOUR)} == {"linkedin"}


async def test_looks_findings_and_refused_events_are_counted_since_a_moment(store: Store, clock: FakeClock) -> None:
    figures, checks = Figures(store, clock=clock), Checks(store, clock=clock)
    assert (await figures.looks(clock() - DAY)).model_dump() == {"last": None, "waiting": 0, "found": {}}
    due = [
        Check(customer_id="1234", job_id=str(each), board="linkedin", run_id="r", due_at=clock() - HOUR)
        for each in range(3)
    ]
    await checks.schedule(*due)
    first, second, _ = await checks.claim("me")
    await checks.record("me", first, "still off")
    await checks.record("me", second, "live again")
    looks = await figures.looks(clock() - DAY)
    assert (looks.last, looks.waiting, looks.found) == (clock(), 1, {"still off": 1, "live again": 1})
    found = Finding(
        run_id="r",
        customer_id="1234",
        job_id="1",
        board="indeed",
        kind="missed unpost",
        evidence="e",
        remedy="r",
        found_at=clock(),
    )
    await Statistics(store).note(found, found.model_copy(update={"run_id": "old", "found_at": clock() - 2 * DAY}))
    assert await figures.findings(clock() - DAY) == {"missed unpost": 1}
    refused = LoggedEvent(at=clock(), sender="icims", type="x", result=Result.REFUSED, reason="no")
    taken = refused.model_copy(update={"result": Result.TAKEN})
    await Events(store, Sealer(None)).add([(each, None) for each in (refused, refused, taken)])
    assert await figures.refused(clock() - DAY) == [Refused("icims", 2, clock())]


async def test_receipts_are_read_page_by_page(store: Store, clock: FakeClock) -> None:
    ledger, figures = Ledger(store, None, clock=clock), Figures(store, clock=clock)
    await ledger.append_all([entry(each, clock(), customer="1" if each % 2 else "2") for each in range(6)])
    assert [each.leaf for each in await figures.receipts(limit=2)] == [5, 4]
    assert [each.leaf for each in await figures.receipts(limit=2, before=4)] == [3, 2]
    assert [each.job_id for each in await figures.receipts(customer_id="1")] == ["5", "3", "1"]
    one = await figures.receipt(3)
    assert one is not None
    assert (one.customer_id, one.job_id) == ("1", "3")
    assert await figures.receipt(6) is None


async def test_jobs_are_found_by_what_they_are_called(store: Store, clock: FakeClock) -> None:
    jobs, names = Jobs(store, clock=clock), JobNames(store)
    known = [("1", "Registered Nurse", "R-1"), ("2", "NURSE 100 %", None), ("3", "Cook", "N-2"), ("4", None, None)]
    for number, title, code in known:
        clock.forward(minutes=1)
        await jobs.saw(IndexedJob(customer_id="1234", job_id=number, title=title, number=code, phase="closed"))

    async def found(text: str, **of: str) -> list[str]:
        return [each.job_id for each in await names.search(text, **of)]

    assert await found("nurse") == ["2", "1"]
    assert await found("n-2") == ["3"]
    assert await found("%") == ["2"]
    assert await found("_") == []
    assert await found("nurse", customer_id="9") == []
    assert await names.of([("1234", "1"), ("1234", "4"), ("1234", "1"), ("1234", "99")]) == {
        ("1234", "1"): Named("1234", "1", "Registered Nurse", "R-1", "closed"),
        ("1234", "4"): Named("1234", "4", None, None, "closed"),
    }
