"""What a lifecycle says of itself before it has begun: what is wanted, and nothing of boards that nobody has read."""

from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from models.base import workflow_id
from models.lifecycle import JobInput
from models.states import BoardState, Intent, Phase
from models.temporal import ATS_EVENT, JOB_POSTING
from runtime.behaviors import without_behaviors
from tests.support.boards import CUSTOMER
from tests.support.lifecycles import event, handle, state
from worker import UNSANDBOXED
from workflows.lifecycle.job_posting import JobPosting


@pytest.mark.parametrize(("intent", "phase"), [(Intent.UNPOSTED, Phase.CLOSING), (Intent.POSTED, Phase.UPDATING)])
async def test_a_job_is_not_called_posted_while_its_first_event_waits(
    client: Client, job: str, intent: Intent, phase: Phase
) -> None:
    late = event(intent)
    late = late.model_copy(update={"received_at": late.received_at - timedelta(minutes=1)})
    # Nobody runs its steps here: the question how the job's earlier lifecycle ended stays open.
    async with Worker(
        client, task_queue=f"alone-{job}", workflows=[JobPosting], workflow_runner=without_behaviors(UNSANDBOXED)
    ):
        await client.start_workflow(
            JOB_POSTING,
            JobInput(customer_id=CUSTOMER, job_id=job),
            id=workflow_id(CUSTOMER, job),
            task_queue=f"alone-{job}",
            start_signal=ATS_EVENT,
            start_signal_args=[late],
        )
        said = await state(handle(client, job))
        await handle(client, job).terminate()
    assert (said.intent, said.phase) == (intent, phase)
    assert {record.state for _, record in said.boards.used} == {BoardState.IDLE}
