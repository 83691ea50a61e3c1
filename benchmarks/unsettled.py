"""Which lifecycles are not done, and with what."""

from temporalio.client import Client

from benchmarks.patience import patiently
from models.temporal import CUSTOMER_ID, JOB_POSTING, PHASE
from tests.support.boards import CUSTOMER

_UNSETTLED = (
    f"WorkflowType = '{JOB_POSTING}' AND {CUSTOMER_ID.name} = '{CUSTOMER}' AND ExecutionStatus = 'Running'"
    f" AND {PHASE.name} != 'open'"
)


async def count_unsettled(client: Client, job: str | None = None) -> int:
    """Return how many lifecycles, or whether the one of a job, are neither over nor open."""
    which = "" if job is None else f" AND JobId = '{job}'"
    return (await patiently(lambda: client.count_workflows(f"{_UNSETTLED}{which}"))).count


async def what_is_unsettled(client: Client) -> dict[str, str]:
    """Return the lifecycles that are neither over nor open, with the steps that are under way."""
    found: dict[str, str] = {}
    async for run in client.list_workflows(_UNSETTLED):
        described = await client.get_workflow_handle(run.id).describe()
        steps = described.raw_description.pending_activities
        found[run.id] = "; ".join(
            f"{each.activity_type.name}, try {each.attempt}: {each.last_failure.message}" for each in steps
        )
    return found
