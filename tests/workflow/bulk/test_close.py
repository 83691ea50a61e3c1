"""Closing many jobs: each by its own lifecycle, from a list or a query, and the result names each."""

import asyncio
from collections.abc import Iterator

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from config.settings import Settings
from models.base import workflow_id
from models.bulk import BulkResult, Fate
from models.problems import Category
from models.states import Intent, Phase
from models.temporal import PAUSE, RESUME
from tests.support.boards import CUSTOMER, Boards
from tests.support.bulk import Run, bulk_close, progress
from tests.support.lifecycles import Handle, eventually, handle, send, state
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers

pytestmark = [pytest.mark.usefixtures("workers"), pytest.mark.sandboxed]


@pytest.fixture
def name(job_ids: Iterator[str]) -> str:
    """Name a run."""
    return f"bulk-close-{next(job_ids)}"


async def add_jobs(boards: Boards, job_ids: Iterator[str], count: int) -> list[str]:
    jobs = [next(job_ids) for _ in range(count)]
    for each in jobs:
        await boards.add_job(each)
    return jobs


def named(result: BulkResult, fate: Fate) -> set[str]:
    return {each.removeprefix(f"{CUSTOMER}/") for each in result.jobs.get(fate, ())}


async def is_visible(client: Client, job: str, phase: Phase) -> int:
    found = await client.count_workflows(f"WorkflowId = '{workflow_id(CUSTOMER, job)}' AND Phase = '{phase.value}'")
    return found.count


async def test_a_list_of_jobs_is_closed_also_those_never_heard_of(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], name: str
) -> None:
    jobs = await add_jobs(boards, job_ids, 12)
    known = await send(client, settings, jobs[0], Intent.POSTED)
    await eventually(lambda: state(known), lambda seen: seen.phase is Phase.OPEN)
    run = await bulk_close(
        client, name, customer_id=CUSTOMER, job_ids=[*jobs, jobs[3]], dry_run=False, by="Ana", reason="site closes"
    )
    result = await run.result()

    assert named(result, Fate.CLOSED) == set(jobs)
    assert result.counts == {Fate.CLOSED: 12}
    for each in jobs:
        assert (await boards.job(each))["linkedin"]["listed"] is False
        assert sorted(set(await boards.writes(each))) >= ["indeed.clear", "linkedin.submit"]
    receipt = await handle(client, jobs[1]).result()
    assert [(each.what, each.by, each.reason) for each in receipt.received] == [("signal close", "Ana", "site closes")]


async def test_a_dry_run_names_the_jobs_and_tells_no_lifecycle(
    client: Client, job_ids: Iterator[str], name: str
) -> None:
    jobs = [next(job_ids), next(job_ids)]
    result = await (await bulk_close(client, name, customer_id=CUSTOMER, job_ids=jobs)).result()
    assert (result.dry_run, named(result, Fate.WOULD_CLOSE)) == (True, set(jobs))
    found = await client.count_workflows(f"WorkflowId = '{workflow_id(CUSTOMER, jobs[0])}'")
    assert found.count == 0


async def test_a_query_closes_the_open_lifecycles_that_it_finds(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], name: str
) -> None:
    wanted, other = await add_jobs(boards, job_ids, 2)
    lifecycles = [await send(client, settings, each, Intent.POSTED) for each in (wanted, other)]
    await eventually(lambda: is_visible(client, wanted, Phase.OPEN), lambda found: found == 1)
    asked = {"query": f"Phase = 'open' AND JobId = '{wanted}'", "customer_id": CUSTOMER}
    assert named(await (await bulk_close(client, name, **asked)).result(), Fate.WOULD_CLOSE) == {wanted}
    result = await (await bulk_close(client, f"{name}-real", **asked, dry_run=False)).result()

    assert named(result, Fate.CLOSED) == {wanted}
    assert (await state(lifecycles[1])).intent is Intent.POSTED
    await lifecycles[1].terminate()


async def test_jobs_that_need_a_person_or_have_no_customer_are_named_with_the_reason(
    client: Client, boards: Boards, job_ids: Iterator[str], name: str
) -> None:
    good, stuck, unknown = await add_jobs(boards, job_ids, 3)
    await boards.add_job(unknown, linkedin=False)
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"}, job_id=stuck, times=None)
    asked = {"customer_id": CUSTOMER, "job_ids": [good, stuck, unknown], "dry_run": False}
    result = await (await bulk_close(client, name, **asked)).result()
    assert named(result, Fate.CLOSED) == {good}
    # LinkedIn never had it: that it is not there proves nothing.
    assert named(result, Fate.NOT_FOUND) == {unknown}
    assert [(each.problem.category, each.jobs) for each in result.refused] == [
        (Category.OUT_OF_SLOTS, (f"{CUSTOMER}/{stuck}",))
    ]
    await handle(client, stuck).terminate()


async def test_a_lifecycle_that_is_posted_again_or_ended_by_hand_is_told_apart(
    client: Client, settings: Settings, boards: Boards, job_ids: Iterator[str], name: str
) -> None:
    posted, ended = await add_jobs(boards, job_ids, 2)
    await boards.fault("linkedin", "submit", "slow", seconds=3.0, times=None)
    run = await bulk_close(client, name, customer_id=CUSTOMER, job_ids=[posted, ended], dry_run=False)
    for each in (posted, ended):
        await eventually(lambda each=each: is_closing(handle(client, each)), lambda closing: closing)  # type: ignore[misc]
    again = await send(client, settings, posted, Intent.POSTED)
    await handle(client, ended).terminate()
    result = await run.result()
    reasons = {each.jobs: each.problem.reason for each in result.refused}
    assert "posted again" in reasons[f"{CUSTOMER}/{posted}",]
    assert "ended by hand" in reasons[f"{CUSTOMER}/{ended}",]
    await again.terminate()


async def is_closing(lifecycle: Handle) -> bool:
    try:
        return (await state(lifecycle)).intent is Intent.UNPOSTED
    except Exception:  # noqa: BLE001 -- it may not have been started yet
        return False


async def test_a_paused_run_begins_nothing(client: Client, boards: Boards, job_ids: Iterator[str], name: str) -> None:
    jobs = await add_jobs(boards, job_ids, 3)
    await boards.fault("linkedin", "submit", "slow", seconds=1.0)
    run = await start_paused(client, name, jobs)
    await asyncio.sleep(0.5)
    seen = await progress(run)
    assert (seen.paused, seen.waiting, seen.counts) == (True, 0, {})
    await run.signal(RESUME, {"by": "Ana"})
    assert named(await run.result(), Fate.CLOSED) == set(jobs)


async def start_paused(client: Client, name: str, jobs: list[str]) -> Run:
    asked = {"customer_id": CUSTOMER, "job_ids": jobs, "dry_run": False}
    return await client.start_workflow(
        "BulkClose", asked, id=name, task_queue="job-postings", start_signal=PAUSE, result_type=BulkResult
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "either by job_ids or by query"),
        ({"customer_id": "1", "job_ids": ["2"], "query": "x"}, "either by job_ids or by query"),
        ({"job_ids": ["2"]}, "job_ids need customer_id"),
        ({"customer_id": "1", "job_ids": ["x"]}, "job_ids.0"),
        ({"query": "Phase = = 'open'"}, "Temporal cannot read the query"),
    ],
)
async def test_an_input_that_cannot_be_followed_is_refused_in_words(
    client: Client, name: str, asked: dict[str, object], words: str
) -> None:
    run = await bulk_close(client, name, **asked)
    with pytest.raises(WorkflowFailureError) as caught:
        await run.result()
    assert isinstance(caught.value.cause, ApplicationError)
    assert words in caught.value.cause.message


async def test_a_long_list_goes_on_in_new_runs(settings: Settings, boards: Boards) -> None:
    jobs = await boards.add_jobs(1_000_000, 12)
    suggested = ("limit.historyCount.suggestContinueAsNew=22",)
    async with running_temporal(dynamic_config=suggested) as address:
        own = await client_of(address)
        async with running_workers(own, settings):
            run = await bulk_close(own, "bulk-close", customer_id=CUSTOMER, job_ids=jobs, dry_run=False)
            result = await run.result()
        newest = await own.get_workflow_handle("bulk-close").describe()
    assert (named(result, Fate.CLOSED), result.refused) == (set(jobs), ())
    assert newest.run_id != run.first_execution_run_id
