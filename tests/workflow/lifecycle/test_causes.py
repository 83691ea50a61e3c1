"""One cause, one attention: many jobs wait for the end of it, a person is asked once, and all go on by themselves."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from boardsync.jobs.attention import read_needs
from boardsync.jobs.lifecycles import collected
from boardsync.jobs.visibility import job_query, list_jobs
from models.causes import CauseInput, CauseNews, CauseReport, cause_id
from models.problems import Category, Problem
from models.states import Intent, Phase
from models.temporal import CAUSE, COMMON_CAUSE, TOLD, Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import (
    asks,
    attention_of,
    eventually,
    handle,
    in_phase,
    indeed_of,
    linkedin_of,
    send,
    state,
)
from tests.support.receiver import Receiver, receiving, settings_for
from tests.support.settings import sandbox_settings
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers

REFUSED = {"status": 401, "body": {"error": "invalid_client"}, "times": None}
CREDENTIALS, SLOTS = "linkedin.credentials", "linkedin.slots"
PROBLEM = Problem(category=Category.CREDENTIALS, reason="Refused.", remedy="Correct it.", cause=CREDENTIALS)
CauseHandle = WorkflowHandle[Any, CauseReport]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def cause_of(client: Client, cause: str = CREDENTIALS) -> CauseHandle:
    return client.get_workflow_handle(cause_id(CUSTOMER, cause), result_type=CauseReport)


async def waiting(cause: CauseHandle) -> CauseReport:
    found: CauseReport = await cause.query(CAUSE, result_type=CauseReport)
    return found


async def test_a_refused_secret_is_asked_about_once_and_every_job_closes_after_it_is_right(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job_ids: Iterator[str], receiver: Receiver
) -> None:
    jobs = [next(job_ids) for _ in range(30)]
    await asyncio.gather(*(boards.add_job(each) for each in jobs))
    await boards.fault("linkedin", "token", "http", **REFUSED)
    settings = settings_for(sandbox_urls, receiver, events=["job.attention"])
    timing = settings.timing.model_copy(update={"probe_every": settings.timing.confirm_max * 3})
    settings = settings.model_copy(update={"timing": timing})
    async with running_workers(client, settings):
        for each in jobs:
            await send(client, settings, each)
        asked = await eventually(
            lambda: read_needs(client, customer=CUSTOMER, category=None),
            lambda found: bool(found) and found[0].jobs == len(jobs),
        )
        assert [(need.cause, need.kind, need.category) for need in asked] == [
            (CREDENTIALS, COMMON_CAUSE, Category.CREDENTIALS)
        ]
        assert "30 jobs wait" in asked[0].reason

        async def found() -> int:
            return len(await collected(list_jobs(client, job_query(customer=CUSTOMER, cause=CREDENTIALS))))

        await eventually(found, lambda count: count == len(jobs))
        before = (await boards.counts())["linkedin.token"]
        probed = await eventually(boards.counts, lambda counts: counts["linkedin.token"] >= before + 2)
        assert probed["linkedin.token"] < before + len(jobs), "one of them tries, not all"
        await boards.clear_faults()
        for each in jobs:
            receipt = await handle(client, each).result()
            assert receipt.phase is Phase.CLOSED
        report = await cause_of(client).result()
    assert (report.attention, report.job_ids, report.freed) == (None, (), len(jobs))
    (told,) = receiver.verified()
    assert told["type"] == "job.attention"
    assert told["data"]["cause"] == CREDENTIALS
    assert told["data"]["jobs"] > 1
    assert told["data"]["attention"]["category"] == "credentials"


async def test_a_job_that_gets_through_by_hand_frees_the_others_and_one_that_leaves_does_not(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job_ids: Iterator[str]
) -> None:
    settings = sandbox_settings(sandbox_urls, probe_every="10m")
    first, second, reposted = (next(job_ids) for _ in range(3))
    for each in (first, second, reposted):
        await boards.add_job(each)
        await boards.fault("linkedin", "submit", "http", job_id=each, status=402, body={"message": "no"}, times=None)
    async with running_workers(client, settings):
        for each in (first, second, reposted):
            await asks(await send(client, settings, each), linkedin_of, Category.OUT_OF_SLOTS)
        cause = cause_of(client, SLOTS)
        await eventually(lambda: waiting(cause), lambda seen: len(seen.job_ids) == 3)
        await send(client, settings, reposted, Intent.POSTED)
        seen = await eventually(lambda: waiting(cause), lambda seen: len(seen.job_ids) == 2)
        assert attention_of_cause(seen).jobs == 2
        assert linkedin_of(await state(handle(client, second))).attention is not None
        await boards.clear_faults()
        await handle(client, first).signal("retry", {"by": "Ana", "reason": "slots bought"})
        await handle(client, first).result()
        await handle(client, second).result()
        assert (await cause.result()).freed == 3
        await handle(client, reposted).terminate()


def attention_of_cause(seen: CauseReport) -> Any:
    assert seen.attention is not None
    return seen.attention


async def test_what_concerns_one_job_alone_asks_there_and_starts_no_cause(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = sandbox_settings(sandbox_urls)
    await boards.fault("linkedin", "submit", "http", status=422, body={"message": "/title :: no"}, times=None)
    async with running_workers(client, settings):
        lifecycle = await send(client, settings, job)
        seen = await asks(lifecycle, linkedin_of, Category.INVALID_POSTING)
        assert attention_of(linkedin_of(seen)).cause is None
        assert seen.waits == ()
        (need,) = await eventually(lambda: read_needs(client, customer=CUSTOMER, category=None), bool)
        assert (need.job_id, need.cause) == (job, None)
        await lifecycle.terminate()


async def test_two_boards_of_a_job_may_wait_for_causes_of_their_own(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = sandbox_settings(sandbox_urls, probe_every="300ms")
    for provider in ("linkedin", "indeed"):
        await boards.fault(provider, "token", "http", **REFUSED)
    async with running_workers(client, settings):
        lifecycle = await send(client, settings, job)
        await asks(lifecycle, linkedin_of, Category.CREDENTIALS)
        await asks(lifecycle, indeed_of, Category.CREDENTIALS)
        causes = {f"{provider}.credentials" for provider in ("linkedin", "indeed")}

        async def shown() -> set[str]:
            rows = await collected(list_jobs(client, job_query(customer=CUSTOMER, cause="indeed.credentials")))
            return {cause for row in rows for cause in row.waits_for}

        await eventually(shown, lambda found: found == causes)
        needs = await eventually(
            lambda: read_needs(client, customer=CUSTOMER, category=None),
            lambda needs: {need.kind for need in needs} == {COMMON_CAUSE} and len(needs) == 2,
        )
        assert {need.cause for need in needs} == causes
        evidence = len(linkedin_of(await state(lifecycle)).evidence)
        before = (await boards.counts())["linkedin.token"]
        await eventually(boards.counts, lambda counts: counts["linkedin.token"] >= before + 3)
        assert len(linkedin_of(await state(lifecycle)).evidence) <= evidence + 1, "a refusal that repeats is kept once"
        await boards.clear_faults()
        receipt = await lifecycle.result()
    assert receipt.phase is Phase.CLOSED


async def test_a_burst_of_signals_and_dead_jobs_wedge_no_cause(sandbox_urls: dict[str, str], boards: Boards) -> None:
    settings = sandbox_settings(sandbox_urls, probe_every="10m")
    every = settings.timing.probe_every
    async with running_temporal(dynamic_config=["limit.historyCount.suggestContinueAsNew=60"]) as address:
        client = await client_of(address)
        async with running_workers(client, settings):
            given = CauseInput(customer_id=CUSTOMER, cause=CREDENTIALS, every=every)
            cause: CauseHandle = await client.start_workflow(
                COMMON_CAUSE,
                given,
                id=cause_id(CUSTOMER, CREDENTIALS),
                task_queue=Queue.OPERATIONS.value,
                start_signal=TOLD,
                start_signal_args=[CauseNews(waiting=("1",), problem=PROBLEM)],
                result_type=CauseReport,
            )
            limit = asyncio.Semaphore(50)

            async def tell(number: int) -> None:
                async with limit:
                    await cause.signal(TOLD, CauseNews(waiting=(str(number),), problem=PROBLEM))

            await asyncio.gather(*(tell(number) for number in range(2, 601)))
            seen = await eventually(lambda: waiting(cause), lambda seen: len(seen.job_ids) == 600)
            began = attention_of_cause(seen).since
            assert datetime.now(UTC) >= began

            async def runs() -> int:
                return len([run async for run in client.list_workflows(f"WorkflowId = '{cause.id}'")])

            await eventually(runs, lambda count: count > 1)
            await cause.signal(TOLD, CauseNews(passed=("1",)))
            report = await cause.result()
            described = await cause.describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED
    assert report.job_ids == (), "none of the others has a lifecycle: they are forgotten"


async def test_the_details_of_a_waiting_job_name_its_cause(
    client: Client, sandbox_urls: dict[str, str], boards: Boards, job: str
) -> None:
    settings = sandbox_settings(sandbox_urls, probe_every="10m")
    await boards.fault("linkedin", "token", "http", **REFUSED)
    async with running_workers(client, settings):
        lifecycle = await send(client, settings, job)
        await in_phase(lifecycle, Phase.ATTENTION)
        seen = await asks(lifecycle, linkedin_of, Category.CREDENTIALS)
        assert attention_of(linkedin_of(seen)).cause == CREDENTIALS
        await eventually(lambda: state(lifecycle), lambda seen: bool(seen.waits))
        await cause_of(client).signal("retry")
        await eventually(boards.counts, lambda counts: counts["linkedin.token"] >= 2)
        await lifecycle.terminate()
        await cause_of(client).signal("retry")
        assert (await cause_of(client).result()).job_ids == ()
