"""What Boardsync needs of a Temporal server: search attributes, and a rate limit for each queue."""

import logging
from collections.abc import Mapping

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import RateLimit
from temporalio.api.workflowservice.v1 import UpdateTaskQueueConfigRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.temporal import SEARCH_ATTRIBUTES, Queue, type_name

logger = logging.getLogger(__name__)


class ProvisioningError(Exception):
    """The server lacks something and does not let us add it; the message says how a person does."""


async def register_search_attributes(client: Client) -> None:
    """Register the search attributes that the namespace lacks.

    Where that is not permitted, a warning says how a person does it. Raises ProvisioningError.
    """
    missing = {key.name: key for key in SEARCH_ATTRIBUTES}
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        missing = {name: key for name, key in missing.items() if name not in listed.custom_attributes}
        if not missing:
            return
        types = {name: IndexedValueType.ValueType(int(key.indexed_value_type)) for name, key in missing.items()}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
        )
    except RPCError as error:
        if error.status is RPCStatusCode.ALREADY_EXISTS:  # another worker was quicker
            return
        names, command = (
            ", ".join(sorted(missing)),
            " ".join(f"--name {name} --type {type_name(key)}" for name, key in sorted(missing.items())),
        )
        how = f"temporal operator search-attribute create --namespace {client.namespace} {command}"
        if error.status in {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}:
            # As on Temporal Cloud, where an administrator creates them: they may well be there.
            logger.warning("cannot check the search attributes %s; if lifecycles do not start, run: %s", names, how)
            return
        raise ProvisioningError(
            f"the search attributes {names} could not be registered ({error.message}); run: {how}"
        ) from error
    logger.info("registered the search attributes %s", ", ".join(sorted(missing)))


async def limit_queues(client: Client, limits: Mapping[Queue, float]) -> None:
    """Have the server release at most so many activities a second for each credential, over all workers."""
    for queue, per_second in limits.items():
        update = UpdateTaskQueueConfigRequest.RateLimitUpdate(
            rate_limit=RateLimit(requests_per_second=per_second), reason="the board's documented limit"
        )
        try:
            await client.workflow_service.update_task_queue_config(
                UpdateTaskQueueConfigRequest(
                    namespace=client.namespace,
                    identity=client.identity,
                    task_queue=queue.value,
                    task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
                    update_fairness_key_rate_limit_default=update,
                )
            )
        except RPCError as error:
            # An older server cannot; the pacing in each worker's clients still holds for that worker.
            logger.warning("the server does not limit the queue %s: %s", queue.value, error.message)
