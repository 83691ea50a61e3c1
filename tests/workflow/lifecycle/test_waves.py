"""Many jobs that waited for one cause go on in waves: the next one when the one before is mostly through."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.lifecycles import LifecycleActivities
from models.causes import CauseInput, CauseNews, CauseReport
from models.operations import Signalled, SignalLifecycles
from models.problems import Category, Problem
from models.temporal import COMMON_CAUSE, TOLD, Queue
from runtime.behaviors import WithoutBehavior
from tests.support.lifecycles import eventually
from workflows.causes import common_cause
from workflows.causes.common_cause import WAVE, CommonCause

PROBLEM = Problem(category=Category.CREDENTIALS, reason="Refused.", remedy="Correct it.", cause="linkedin.credentials")
JOBS = tuple(str(number) for number in range(1, 2 * WAVE + 51))


@pytest.fixture
async def told(client: Client, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[tuple[str, ...]]]:
    """Run the workflow alone, and note which lifecycles it tells to go on."""
    pages: list[tuple[str, ...]] = []

    @activity.defn(name="lifecycles_signal")
    async def signal(call: SignalLifecycles) -> Signalled:
        pages.append(call.workflow_ids)
        return Signalled(reached=len(call.workflow_ids))

    monkeypatch.setattr(common_cause, "NEXT_WAVE", timedelta(hours=1))
    async with Worker(
        client,
        task_queue=Queue.OPERATIONS.value,
        workflows=[CommonCause],
        activities=[signal, LifecycleActivities(client).attributes],
        workflow_runner=WithoutBehavior(),
    ):
        yield pages


async def test_the_next_wave_waits_until_the_one_before_is_mostly_through(
    client: Client, told: list[tuple[str, ...]]
) -> None:
    cause: WorkflowHandle[CommonCause, CauseReport] = await client.start_workflow(
        COMMON_CAUSE,
        CauseInput(customer_id="77", cause="linkedin.credentials", every=timedelta(hours=1)),
        id="cause-77-in-waves",
        task_queue=Queue.OPERATIONS.value,
        start_signal=TOLD,
        start_signal_args=[CauseNews(waiting=JOBS, problem=PROBLEM)],
        result_type=CauseReport,
    )

    async def waves() -> int:
        return len(told)

    await cause.signal(TOLD, CauseNews(passed=JOBS[:1]))
    await eventually(waves, lambda count: count == 1)
    first = JOBS[1 : WAVE + 1]
    # One less than it takes; the query is answered by a workflow that has taken it up.
    await cause.signal(TOLD, CauseNews(passed=first[: WAVE * 3 // 4 - 1]))
    report: CauseReport = await cause.query("cause", result_type=CauseReport)
    assert (len(report.job_ids), len(told)) == (len(JOBS) - WAVE * 3 // 4, 1)
    await cause.signal(TOLD, CauseNews(passed=first[WAVE * 3 // 4 - 1 :]))
    await eventually(waves, lambda count: count == 2)
    await cause.signal(TOLD, CauseNews(passed=JOBS))
    report = await asyncio.wait_for(cause.result(), 60)
    assert (report.job_ids, report.freed) == ((), len(JOBS))
    assert [len(each) for each in told[:2]] == [WAVE, WAVE]
    assert len({each for page in told for each in page}) == sum(map(len, told))
