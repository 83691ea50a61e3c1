"""Leaving a client: every job is cleared and read back, none twice, and the result names each."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.indeed.pacing import shared_out
from activities.providers import Providers, open_http
from config.settings import Settings
from models.bulk import BulkResult, Fate
from models.problems import Category
from models.states import Intent, Outcome, Phase
from models.temporal import PACE_QUEUE, PAUSE, PHASE, RESUME, Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.bulk import SEEDED, Run, asked_by, clears, named, offboard, progress, refused
from tests.support.lifecycles import eventually, handle, indeed_of, send, state
from tests.support.processes import end
from tests.support.rates import most_in_a_second
from tests.support.runner import SANDBOXED
from tests.support.settings import raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers, start_worker


async def test_all_jobs_are_cleared_once_and_named(client: Client, boards: Boards, name: str) -> None:
    jobs = set(await boards.add_jobs(1_000_000, 250))
    await boards.add_job("999999", overlay=False)
    run = await offboard(client, name, dry_run=False, batch_size=10, by="Ana", reason="contract ended")
    result = await run.result()

    assert named(result, Fate.CLEARED) == jobs | SEEDED
    assert named(result, Fate.ALREADY_CLEAR) == {"999999"}
    assert (result.refused, result.notes, result.by, result.reason) == ((), (), "Ana", "contract ended")
    assert set((await clears(boards)).values()) == {1}
    assert (await boards.counts())["429"] == 0


async def test_a_dry_run_is_what_happens_unless_it_is_said_otherwise_and_writes_nothing(
    client: Client, boards: Boards, name: str
) -> None:
    await boards.change_job("1209", indeed={"lifecycle": "INACTIVE"})
    await boards.add_job("999999", overlay=False)
    result = await (await offboard(client, name)).result()

    assert result.dry_run
    assert named(result, Fate.WOULD_CLEAR) == SEEDED
    assert named(result, Fate.ALREADY_CLEAR) == {"999999"}
    assert not await boards.records(provider="indeed", operation="clear")


async def test_refused_jobs_are_named_with_the_reason_and_stop_no_other(
    client: Client, boards: Boards, name: str
) -> None:
    jobs = set(await boards.add_jobs(1_000_000, 20))
    await boards.set(indeed__error_path=False)
    await boards.change_job("1000003", indeed={"claimed_by": "another-advertiser"})
    await boards.change_job("1000004", indeed={"claimed_by": "another-advertiser"})
    for job, code in (("1000007", "NOT_FOUND"), ("1000008", "BAD_USER_INPUT")):
        await boards.fault("indeed", "clear", "graphql_error", job_id=job, code=code, message="no", times=None)
    result = await (await offboard(client, name, dry_run=False, batch_size=5)).result()

    assert refused(result) == {
        Category.CLAIMED: {"1000003", "1000004"},
        Category.NOT_FOUND: {"1000007"},
        Category.INVALID_POSTING: {"1000008"},
    }
    assert named(result, Fate.CLEARED) == (jobs | SEEDED) - {"1000003", "1000004", "1000007", "1000008"}
    assert set((await clears(boards)).values()) == {1}


async def test_a_job_at_which_indeed_fails_is_tried_again_alone(client: Client, boards: Boards, name: str) -> None:
    await boards.fault("indeed", "clear", "graphql_error", job_id="1242", code="INTERNAL_SERVER_ERROR", times=3)
    result = await (await offboard(client, name, dry_run=False, batch_size=3)).result()
    assert named(result, Fate.CLEARED) == SEEDED
    # A record names all jobs of its request, also the one that failed.
    assert {times for job, times in (await clears(boards)).items() if job != "1242"} == {1}


async def test_a_batch_that_is_too_large_for_indeed_is_taken_apart(client: Client, boards: Boards, name: str) -> None:
    await boards.set(indeed__max_batch=1)
    result = await (await offboard(client, name, dry_run=False, batch_size=10)).result()
    assert named(result, Fate.CLEARED) == SEEDED


@pytest.mark.parametrize("fault", ["lost_answer", "http_after"])
async def test_a_lost_answer_clears_no_job_twice(client: Client, boards: Boards, name: str, fault: str) -> None:
    await boards.fault("indeed", "clear", fault, times=2)
    result = await (await offboard(client, name, dry_run=False, batch_size=2)).result()
    assert named(result, Fate.CLEARED) == SEEDED
    assert set((await clears(boards)).values()) == {1}


async def test_what_is_shown_late_is_waited_for_and_not_cleared_again(
    client: Client, boards: Boards, name: str
) -> None:
    await boards.set(indeed__visibility_seconds=1.0, indeed__nodes_order="shuffled", indeed__iri_spelling="urn")
    run = await offboard(client, name, dry_run=False)
    await eventually(lambda: progress(run), lambda seen: seen.waiting > 0)
    assert named(await run.result(), Fate.CLEARED) == SEEDED
    assert set((await clears(boards)).values()) == {1}


async def test_a_job_that_stays_as_it_was_is_named_in_the_end(
    client: Client, boards: Boards, settings: Settings, job_ids: Iterator[str]
) -> None:
    await boards.fault("indeed", "clear", "lie", job_id="1301", times=None)
    timing = settings.timing.model_copy(update={"confirm_within": settings.timing.confirm_max * 5})
    async with running_workers(client, settings.model_copy(update={"timing": timing}), runner=SANDBOXED):
        result = await (await offboard(client, f"offboarding-{next(job_ids)}", dry_run=False)).result()
    assert refused(result) == {Category.STILL_SHOWN: {"1301"}}
    assert named(result, Fate.CLEARED) == SEEDED - {"1301"}


async def test_a_pause_holds_back_what_writes_until_resumed(client: Client, boards: Boards, name: str) -> None:
    await boards.add_jobs(1_000_000, 30)
    run = await offboard(client, name, dry_run=False)
    await eventually(lambda: progress(run), lambda seen: seen.counts.get(Fate.CLEARED, 0) + seen.waiting > 0)
    await run.signal(PAUSE, {"by": "Ana", "reason": "too early"})
    assert (await progress(run)).paused
    await boards.clear_faults()

    async def settled() -> bool:
        before = len(await clears(boards))
        await asyncio.sleep(0.5)
        return len(await clears(boards)) == before

    await eventually(settled, lambda still: still)
    assert (await run.describe()).status is WorkflowExecutionStatus.RUNNING
    await run.signal(RESUME, {"by": "Ben"})
    result = await run.result()
    assert len(named(result, Fate.CLEARED)) == 35
    assert [(each.what, each.by) for each in result.received] == [("signal pause", "Ana"), ("signal resume", "Ben")]


@pytest.mark.usefixtures("refused_for_long")
async def test_refused_credentials_hold_up_the_run_until_a_person_resumes_it(
    client: Client, boards: Boards, name: str
) -> None:
    refusal: dict[str, Any] = {"code": "FORBIDDEN", "message": "Client is not authorized", "times": None}
    await boards.fault("indeed", "clear", "graphql_error", **refusal)
    run = await offboard(client, name, dry_run=False)
    attention = await asked_by(run)
    assert attention.category is Category.CREDENTIALS
    assert "`resume`" in attention.remedy

    async def phase() -> str | None:
        return (await run.describe()).typed_search_attributes.get(PHASE)

    await eventually(phase, lambda shown: shown == Phase.ATTENTION.value)
    await boards.clear_faults()
    await run.signal(RESUME)
    assert named(await run.result(), Fate.CLEARED) == SEEDED
    await eventually(phase, lambda shown: shown == Phase.CLOSED.value)


async def test_an_open_lifecycle_clears_its_own_job_and_sets_nothing_again(
    client: Client, settings: Settings, boards: Boards, name: str
) -> None:
    lifecycle = await send(client, settings, "1209", Intent.POSTED)
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.OPEN)
    await eventually(lambda: open_lifecycles(client, "1209"), lambda found: found == 1)
    result = await (await offboard(client, name, dry_run=False)).result()

    assert {*named(result, Fate.CLEARED), *named(result, Fate.ALREADY_CLEAR)} == SEEDED
    assert set((await clears(boards)).values()) == {1}
    kept = await eventually(lambda: state(handle(client, "1209")), lambda seen: seen.phase is Phase.OPEN)
    assert indeed_of(kept).outcome is Outcome.CLEARED
    await lifecycle.terminate()


async def open_lifecycles(client: Client, job: str) -> int:
    found = await client.count_workflows(
        f"WorkflowType = 'JobPosting' AND ExecutionStatus = 'Running' AND CustomerId = '{CUSTOMER}' AND JobId = '{job}'"
    )
    return found.count


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "customer_id: Field required"),
        ({"customer_id": "1234", "dryrun": False}, "dryrun: Extra inputs are not permitted"),
        ({"customer_id": "1234; DROP"}, "customer_id"),
        ({"customer_id": "1234", "batch_size": 11}, "batch_size"),
        ("1234", 'expected an object such as {"customer_id": "1234"'),
        (None, "customer_id: Field required"),
    ],
)
async def test_an_input_that_cannot_be_followed_is_refused_in_words(
    client: Client, name: str, asked: Any, words: str
) -> None:
    run: Run = await client.start_workflow(
        "ClientOffboarding", asked, id=name, task_queue=Queue.JOB_POSTINGS.value, result_type=BulkResult
    )
    with pytest.raises(WorkflowFailureError) as caught:
        await run.result()
    assert isinstance(caught.value.cause, ApplicationError)
    assert words in caught.value.cause.message
    assert caught.value.cause.message.startswith("Nothing was done: ")


async def test_a_customer_that_is_not_configured_asks_for_a_person(client: Client, name: str) -> None:
    run = await offboard(client, name, customer_id="999")
    assert (await asked_by(run)).category is Category.CONFIGURATION


@pytest.mark.timeout(180)
async def test_a_long_run_goes_on_in_new_ones_and_survives_the_kill_of_a_worker(
    boards: Boards, sandbox_urls: dict[str, str], tmp_path: Path
) -> None:
    config = tmp_path / "boardsync.toml"
    write_toml(config, raw_settings(sandbox_urls))
    jobs = set(await boards.add_jobs(1_000_000, 90))
    await boards.change_job("1000050", indeed={"claimed_by": "another-advertiser"})
    suggested = ("limit.historyCount.suggestContinueAsNew=40",)
    async with running_temporal(dynamic_config=suggested) as address:
        client = await client_of(address)
        workers = [await start_worker(address, config) for _ in range(2)]
        run = await offboard(client, "offboarding-1234", dry_run=False, batch_size=2)
        await eventually(lambda: progress(run), lambda seen: seen.counts.get(Fate.CLEARED, 0) > 10, within=60)
        await end(workers[0], number=signal.SIGKILL)
        workers[0] = await start_worker(address, config)
        result = await run.result()
        first = await client.get_workflow_handle("offboarding-1234").describe()
        for worker in workers:
            await end(worker)

    assert named(result, Fate.CLEARED) == (jobs | SEEDED) - {"1000050"}
    assert refused(result) == {Category.CLAIMED: {"1000050"}}
    assert set((await clears(boards)).values()) == {1}
    assert first.run_id != run.first_execution_run_id
    records = await boards.records(provider="indeed", operation="clear")
    assert most_in_a_second(records) <= 20
    assert not any(record["throttled"] for record in records)


async def test_two_processes_together_stay_within_the_limits(
    client: Client, boards: Boards, settings: Settings
) -> None:
    async with running_workers(client, settings, [PACE_QUEUE]), open_http() as http:
        processes = [Providers(settings, http, shared_out(client)) for _ in range(2)]
        iri = (await boards.job("1209"))["indeed"]["employer_job_id"]

        async def mutate(providers: Providers) -> None:
            indeed, _ = providers.indeed(CUSTOMER)
            for _ in range(10):
                await indeed.clear_all([iri])

        async def search(providers: Providers) -> None:
            indeed, _ = providers.indeed(CUSTOMER)
            for _ in range(4):
                await indeed.page(indeed.searches[0])

        await asyncio.gather(*(work(each) for each in processes for work in (mutate, mutate, mutate, search, search)))

    for operation, limit in (("clear", 20), ("find", 5)):
        records = await boards.records(provider="indeed", operation=operation)
        assert most_in_a_second(records) <= limit
        assert not any(record["throttled"] for record in records)


async def test_an_open_lifecycle_is_not_told_of_a_job_that_only_shares_its_number(
    client: Client, settings: Settings, boards: Boards, name: str
) -> None:
    # Job 801 is called 1209 by its requisition; job 1209 itself is not on Indeed.
    await boards.add_job("801", indeed=[{"requisition_id": "1209"}, {"requisition_id": "1242"}])
    await boards.add_job("1209", overlay=False)
    lifecycle = await send(client, settings, "1209", Intent.POSTED)
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.OPEN)
    await eventually(lambda: open_lifecycles(client, "1209"), lambda found: found == 1)
    result = await (await offboard(client, name, dry_run=False)).result()
    assert named(result, Fate.CLEARED) | named(result, Fate.ALREADY_CLEAR) == SEEDED | {"801"}
    assert await boards.overlays("801") == [{}, {}]
    assert await boards.overlays("1209") == [{}]
    await lifecycle.terminate()
