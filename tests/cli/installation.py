"""A whole, healthy installation for `doctor`, in which one fault at a time can be planted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, RemoveSearchAttributesRequest
from temporalio.api.taskqueue.v1 import RateLimit, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, UpdateTaskQueueConfigRequest
from temporalio.client import Client

from config.loading import parse_settings
from config.settings import Settings
from models.temporal import Queue
from tests.support.boards import Boards
from tests.support.lifecycles import eventually
from tests.support.processes import HOST, free_port
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers
from webhook_gateway.app import create_app, create_runner

SOON_A_PROBLEM = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"
STRONG = "kB3x-9fQ2mVt7wLzR5nYc8sJd1hGp6uE"
Update = UpdateTaskQueueConfigRequest.RateLimitUpdate


@dataclass(slots=True)
class Installation:
    """What `doctor` is pointed at: its configuration and environment may be changed, the parts are real."""

    raw: dict[str, Any]
    client: Client
    boards: Boards
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def customer(self) -> dict[str, Any]:
        """The customer to whose configuration faults are done."""
        found: dict[str, Any] = self.raw["customers"][0]
        return found

    def settings(self) -> Settings:
        """Read the configuration."""
        return parse_settings(self.raw, {}, base=Path())


@asynccontextmanager
async def temporal_with_workers(settings: Settings, queues: Sequence[Queue]) -> AsyncIterator[tuple[str, Client]]:
    """Run a provisioned Temporal with workers on some queues."""
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(running_temporal(dynamic_config=[SOON_A_PROBLEM]))
        client = await client_of(address)
        await stack.enter_async_context(running_workers(client, settings, queues))
        for queue in queues:
            await eventually(partial(polled, client, queue), bool)
        yield address, client


async def polled(client: Client, queue: Queue) -> bool:
    """Return whether a worker polls a queue."""
    workflows = queue is Queue.JOB_POSTINGS
    kind = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW if workflows else TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue.value), task_queue_type=kind
    )
    return bool((await client.workflow_service.describe_task_queue(request)).pollers)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application; yield its address."""
    runner = create_runner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        await runner.cleanup()


def gateway(client: Client, settings: Settings) -> web.Application:
    """Build a real gateway."""
    return create_app(client, settings)


def point_at(raw: dict[str, Any], url: str) -> None:
    """Say in a configuration where its gateway is."""
    raw["gateway"]["listen"] = url.removeprefix("http://")
    raw["gateway"]["public_url"] = url


async def retype(
    client: Client, name: str, old: IndexedValueType.ValueType | None, new: IndexedValueType.ValueType | None
) -> None:
    """Change the type of a search attribute; None stands for no such attribute."""
    if old is not None:
        remove = RemoveSearchAttributesRequest(namespace=client.namespace, search_attributes=[name])
        await client.operator_service.remove_search_attributes(remove)
    if new is not None:
        add = AddSearchAttributesRequest(namespace=client.namespace, search_attributes={name: new})
        await client.operator_service.add_search_attributes(add)


async def set_limits(client: Client, task_queue: Queue, **updates: float | None) -> None:
    """Set a queue's rate limits; None unsets one."""
    made = {
        name: Update() if rate is None else Update(rate_limit=RateLimit(requests_per_second=rate), reason="incident")
        for name, rate in updates.items()
    }
    await client.workflow_service.update_task_queue_config(
        UpdateTaskQueueConfigRequest(
            namespace=client.namespace,
            identity=client.identity,
            task_queue=task_queue.value,
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            update_queue_rate_limit=made.get("queue"),
            update_fairness_key_rate_limit_default=made.get("each"),
        )
    )
