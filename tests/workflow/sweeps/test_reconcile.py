"""A whole customer compared without any event: each finding planted and found, and what is done about it."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from config.settings import Settings
from models.states import Intent, Phase
from models.sweeps import BY_RECONCILIATION, Finding, Reconciled, ReconcileInput
from models.temporal import RECONCILE, Queue
from store.database import Store
from store.stats import Finding as Row
from store.stats import Statistics
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, eventually, handle, in_phase, send, state

pytestmark = pytest.mark.usefixtures("sweeping")
Reconciling = Callable[..., Awaitable["Ran"]]


class Ran:
    """A reconciliation that has ended: its result, and all its rows."""

    def __init__(self, result: Reconciled, rows: tuple[Row, ...]) -> None:
        self.result, self.rows = result, rows

    def of(self, job: str) -> dict[tuple[str, str], Row]:
        """Return what was found of a job; other tests' lifecycles are the same customer's."""
        return {(row.kind, row.board): row for row in self.rows if row.job_id == job}

    def kinds(self, job: str) -> set[str]:
        return {kind for kind, _ in self.of(job)}

    def row(self, job: str, finding: Finding) -> Row:
        return next(row for row in self.rows if row.job_id == job and row.kind == finding.value)


@pytest.fixture
def reconcile(client: Client, store: Store) -> Reconciling:
    """Return what runs a reconciliation to its end."""

    async def run(name: str, **asked: Any) -> Ran:
        return await _run(client, store, name, **asked)

    return run


async def _run(client: Client, store: Store, name: str, **asked: Any) -> Ran:
    run: WorkflowHandle[Any, Reconciled] = await client.start_workflow(
        RECONCILE,
        ReconcileInput(customer_id=CUSTOMER, **asked),
        id=f"reconcile-{name}",
        task_queue=Queue.JOB_POSTINGS.value,
        result_type=Reconciled,
    )
    result = await run.result()
    return Ran(result, await Statistics(store).findings(run.result_run_id or ""))


async def shown(client: Client, job: str, phase: Phase | None) -> None:
    """Wait until visibility shows a job's lifecycle in a phase, or ended."""
    query = f"WorkflowId = 'job-{CUSTOMER}-{job}' AND "
    query += "ExecutionStatus = 'Completed'" if phase is None else f"ExecutionStatus = 'Running' AND Phase = '{phase}'"

    async def count() -> int:
        return (await client.count_workflows(query)).count

    await eventually(count, lambda found: found == 1)


async def open_job(client: Client, settings: Settings, job: str) -> Handle:
    lifecycle = await send(client, settings, job, Intent.POSTED)
    await in_phase(lifecycle, Phase.OPEN)
    await shown(client, job, Phase.OPEN)
    return lifecycle


async def closed_job(client: Client, settings: Settings, boards: Boards, job: str) -> None:
    await boards.act("unpost", job, lost=True)
    await (await send(client, settings, job)).result()
    await shown(client, job, None)


@pytest.mark.sandboxed
async def test_a_job_whose_unpost_was_lost_is_found_and_by_default_only_reported(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str, store: Store
) -> None:
    lifecycle = await open_job(client, settings, job)
    await boards.act("unpost", job, lost=True)
    await boards.change_job(job, icims={"folder": "Filled"})

    seen = await reconcile(job)

    assert seen.kinds(job) == {Finding.MISSED_UNPOST.value}
    row = seen.row(job, Finding.MISSED_UNPOST)
    assert "folder: Filled" in row.evidence
    assert row.remedy == f"boardsync close {CUSTOMER}/{job}"
    assert not row.acted
    assert (await state(lifecycle)).intent is Intent.POSTED
    stats = await Statistics(store).stats(promise=settings.timing.call_timeout)
    assert stats.found["missed unpost"] >= 1


async def test_a_missed_unpost_is_closed_by_its_lifecycle_when_asked(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    lifecycle = await open_job(client, settings, job)
    await boards.act("unpost", job, lost=True)

    seen = await reconcile(job, act=True)

    assert seen.row(job, Finding.MISSED_UNPOST).acted
    receipt = await lifecycle.result()
    assert receipt.phase is Phase.CLOSED
    assert BY_RECONCILIATION in [each.what for each in receipt.received]
    assert (await boards.job(job))["linkedin"]["listed"] is False


async def test_a_job_that_no_lifecycle_knows_is_missed_and_taken_over_when_asked(
    reconcile: Reconciling, client: Client, boards: Boards, job: str
) -> None:
    seen = await reconcile(f"{job}-look")
    assert seen.kinds(job) == {Finding.MISSED_POST.value}
    with pytest.raises(RPCError):
        await handle(client, job).describe()

    adopted = await reconcile(f"{job}-adopt", adopt=True)

    assert adopted.result.adopted == adopted.result.to_adopt >= 1
    opened = await in_phase(handle(client, job), Phase.OPEN)
    assert opened.intent is Intent.POSTED


async def test_a_closed_job_that_icims_posts_again_is_reported(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await closed_job(client, settings, boards, job)
    await boards.act("post", job, lost=True)

    seen = await reconcile(job, act=True, adopt=True)

    assert seen.kinds(job) == {Finding.MISSED_POST.value}
    assert not seen.row(job, Finding.MISSED_POST).acted
    assert (await handle(client, job).result()).phase is Phase.CLOSED


@pytest.mark.sandboxed
async def test_a_closed_job_that_is_live_again_is_closed_again_when_asked(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await closed_job(client, settings, boards, job)
    await boards.change_job(job, linkedin={"listed": True, "silent": True}, indeed={"overlay": True, "silent": True})

    seen = await reconcile(job, act=True)

    assert set(seen.of(job)) == {(Finding.LIVE_AGAIN.value, "linkedin"), (Finding.LIVE_AGAIN.value, "indeed")}

    async def job_now() -> Any:
        return await boards.job(job)

    await eventually(job_now, lambda it: it["linkedin"]["listed"] is False and not _overlay(it), within=30.0)


async def test_an_overlay_that_an_open_job_has_lost_is_found(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await open_job(client, settings, job)
    await boards.change_job(job, indeed={"overlay": False, "silent": True})

    seen = await reconcile(job)

    assert seen.kinds(job) == {Finding.OVERLAY_LOST.value}
    assert "trackingUrl" in seen.row(job, Finding.OVERLAY_LOST).evidence


async def test_an_overlay_of_a_job_that_nobody_knows_is_found(
    reconcile: Reconciling, client: Client, boards: Boards, job: str
) -> None:
    await boards.change_job(job, icims={"portals": ()}, linkedin={"listed": False, "silent": True})

    seen = await reconcile(job)

    assert set(seen.of(job)) == {(Finding.OVERLAY_WITHOUT_JOB.value, "indeed")}


async def test_an_open_job_that_a_board_does_not_show_is_found(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await open_job(client, settings, job)
    await boards.change_job(
        job, linkedin={"listed": False, "silent": True}, indeed={"lifecycle": "INACTIVE", "silent": True}
    )

    seen = await reconcile(job)

    assert set(seen.of(job)) == {(Finding.NOT_ON_BOARD.value, "linkedin"), (Finding.NOT_ON_BOARD.value, "indeed")}


async def test_a_job_that_is_as_icims_wants_it_is_no_finding(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str, job_ids: Iterator[str]
) -> None:
    closed = next(job_ids)
    await boards.add_job(closed)
    await closed_job(client, settings, boards, closed)
    await open_job(client, settings, job)

    seen = await reconcile(job)

    assert seen.of(job) == seen.of(closed) == {}


async def test_what_it_costs_is_said_without_asking_anybody(
    reconcile: Reconciling, client: Client, boards: Boards, job: str
) -> None:
    seen = await reconcile(job, dry_run=True)

    terms = seen.result.terms
    assert terms is not None
    assert terms.cost.icims <= terms.icims_a_day == 1000
    assert await boards.records(provider="icims") == []


async def test_many_pages_of_icims_are_read_to_the_end(
    reconcile: Reconciling, client: Client, boards: Boards, job_ids: Iterator[str]
) -> None:
    await boards.set(icims__search_page=7)
    jobs = [next(job_ids) for _ in range(20)]
    for job in jobs:
        await boards.add_job(job, linkedin=False, indeed=False)

    seen = await reconcile(jobs[0])

    assert seen.result.posted >= 20
    assert seen.result.spent.icims >= 20 // 7
    assert all(seen.kinds(job) == {Finding.MISSED_POST.value} for job in jobs)


async def test_a_listing_of_indeed_that_is_not_whole_proves_nothing(
    reconcile: Reconciling, client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await open_job(client, settings, job)
    await boards.fault("indeed", "find", "http", status=500, body={"errors": []}, times=None)

    seen = await reconcile(job)

    assert seen.of(job) == {}
    assert any("Indeed" in note for note in seen.result.notes)


def _overlay(job: Any) -> bool:
    left = job["indeed"]["overlay_left"]
    return any(left.values()) if isinstance(left, dict) else bool(left)
