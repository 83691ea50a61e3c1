"""Start and watch runs over many jobs."""

from collections import Counter
from typing import Any

from temporalio.client import Client, WorkflowHandle

from models.boards import Attention
from models.bulk import BulkProgress, BulkResult, Fate
from models.problems import Category
from models.temporal import BULK_CLOSE, CLIENT_OFFBOARDING, PROGRESS, Queue
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import attention_of, eventually

Run = WorkflowHandle[Any, BulkResult]

SEEDED = {"1209", "1242", "1301", "1302", "1303"}
"""The customer's jobs that the sandbox brings along."""


async def offboard(client: Client, name: str, **asked: Any) -> Run:
    """Start a `ClientOffboarding` with plain JSON, as people do."""
    return await start(client, CLIENT_OFFBOARDING, name, {"customer_id": CUSTOMER, **asked})


async def bulk_close(client: Client, name: str, **asked: Any) -> Run:
    """Start a `BulkClose` with plain JSON, as people do."""
    return await start(client, BULK_CLOSE, name, asked)


async def start(client: Client, kind: str, name: str, asked: Any) -> Run:
    return await client.start_workflow(
        kind, asked, id=name, task_queue=Queue.JOB_POSTINGS.value, result_type=BulkResult
    )


async def progress(run: Run) -> BulkProgress:
    """Query a run."""
    found: BulkProgress = await run.query(PROGRESS, result_type=BulkProgress)
    return found


async def asked_by(run: Run) -> Attention:
    """Wait until a run asks for a person."""
    seen = await eventually(lambda: progress(run), lambda seen: seen.attention is not None)
    return attention_of(seen)


async def clears(boards: Boards) -> Counter[str]:
    """Count the clears that took effect, by job."""
    records = await boards.records(provider="indeed", operation="clear")
    return Counter(job for record in records if record["applied"] for job in record["job_ids"])


def named(result: BulkResult, fate: Fate) -> set[str]:
    return set(result.jobs.get(fate, ()))


def refused(result: BulkResult) -> dict[Category, set[str]]:
    return {each.problem.category: set(each.jobs) for each in result.refused}
