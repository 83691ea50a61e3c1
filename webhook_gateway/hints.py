"""Hand hints of the boards to lifecycles that run; none is started here."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from config.customers import Customer
from models.events import IndeedChange, LinkedInStatus
from models.operations import ResyncRequest
from models.temporal import RESYNC_JOBS, Queue, customer_attributes
from webhook_gateway.dispatch import RPC_TIMEOUT, answering


class Signals:
    """Signal lifecycles, and find them by what Temporal can search for.

    Every method returns once Temporal has stored what it was given, and raises TemporalUnavailable otherwise.
    """

    def __init__(self, client: Client) -> None:
        """Use a client that may not be connected yet."""
        self._client = client

    async def signal(self, workflow_id: str, name: str, message: LinkedInStatus | IndeedChange) -> bool:
        """Signal a lifecycle; tell whether one runs."""
        async with answering():
            try:
                await self._client.get_workflow_handle(workflow_id).signal(name, message, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
        return True

    async def running(self, query: str) -> list[str]:
        """Return the workflow ids that a visibility query finds; what it asks for must be few."""
        async with answering():
            found = self._client.list_workflows(query, rpc_timeout=RPC_TIMEOUT)
            return [each.id async for each in found]

    async def resync(self, customer: Customer, request: ResyncRequest) -> str:
        """Start the workflow that passes on what LinkedIn asks for; the same request joins the one that runs."""
        id_ = f"linkedin-resync-{customer.id}-{request.digest}"
        what = "all open jobs" if request.all_open else f"{len(request.job_ids)} named jobs"
        async with answering():
            await self._client.start_workflow(
                RESYNC_JOBS,
                request,
                id=id_,
                task_queue=Queue.JOB_POSTINGS.value,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                search_attributes=customer_attributes(customer.id),
                static_summary=f"LinkedIn asks for {what} of {customer.name} again",
                rpc_timeout=RPC_TIMEOUT,
            )
        return id_
