"""Hand hints of the boards to lifecycles that run; none is started here."""

from temporalio.client import Client
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from config.customers import Customer
from models.events import AtsEvent, BoardHint
from models.operations import ResyncRequest
from models.temporal import RESYNC_JOBS, Queue, customer_attributes
from runtime.provisioning import with_known_attributes
from webhook_gateway.dispatch import RPC_TIMEOUT, answering


class Hints:
    """Signal lifecycles that run, and start what passes a hint on to many of them.

    Every method returns once Temporal has stored what it was given, and raises TemporalUnavailable otherwise.
    """

    def __init__(self, client: Client) -> None:
        """Use a client that may not be connected yet."""
        self._client = client

    async def signal(self, workflow_id: str, name: str, message: AtsEvent | BoardHint) -> bool:
        """Signal a lifecycle; tell whether one runs."""
        async with answering():
            try:
                await self._client.get_workflow_handle(workflow_id).signal(name, message, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
        return True

    async def resync(self, customer: Customer, request: ResyncRequest) -> str:
        """Start the workflow that passes on what LinkedIn asks for; the same request joins the one that runs."""
        id_ = f"linkedin-resync-{customer.id}-{request.digest}"
        what = "all open jobs" if request.all_open else f"{len(request.job_ids)} named jobs"

        async def start(attributes: TypedSearchAttributes) -> None:
            await self._client.start_workflow(
                RESYNC_JOBS,
                request,
                id=id_,
                task_queue=Queue.JOB_POSTINGS.value,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                search_attributes=attributes,
                static_summary=f"LinkedIn asks for {what} of {customer.name} again",
                rpc_timeout=RPC_TIMEOUT,
            )

        async with answering():
            await with_known_attributes(self._client, customer_attributes(customer.id), start)
        return id_
