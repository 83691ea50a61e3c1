"""A worker's start on a bare server: search attributes and queue limits."""

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from models.temporal import SEARCH_ATTRIBUTES, Queue
from runtime.provisioning import limit_queues, register_search_attributes
from tests.support.temporal import client_of, running_temporal
from worker import QUEUE_LIMITS


async def registered(client: Client) -> set[str]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    return set((await client.operator_service.list_search_attributes(request)).custom_attributes)


async def test_missing_search_attributes_are_registered_once() -> None:
    names = {key.name for key in SEARCH_ATTRIBUTES}
    async with running_temporal(provisioned=False) as address:
        client = await client_of(address)
        assert not names & await registered(client)
        await register_search_attributes(client)
        assert names <= await registered(client)
        await register_search_attributes(client)


async def test_the_server_holds_each_queues_limit_for_each_customer(client: Client) -> None:
    await limit_queues(client, QUEUE_LIMITS)
    for queue, limit in QUEUE_LIMITS.items():
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=queue.value),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
                report_config=True,
            )
        )
        held = described.config.fairness_keys_rate_limit_default.rate_limit.requests_per_second
        assert abs(held - limit) < 0.01
    assert QUEUE_LIMITS[Queue.INDEED_MUTATIONS] == 20
