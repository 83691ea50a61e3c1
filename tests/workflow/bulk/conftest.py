"""A name for each run over many jobs."""

from collections.abc import AsyncIterator, Iterator

import pytest
from temporalio.client import Client, WorkflowExecutionStatus


@pytest.fixture
async def name(client: Client, workers: None, job_ids: Iterator[str]) -> AsyncIterator[str]:
    """Name a run, and leave none behind."""
    name = f"offboarding-{next(job_ids)}"
    yield name
    run = client.get_workflow_handle(name)
    if (await run.describe()).status is WorkflowExecutionStatus.RUNNING:
        await run.terminate()
