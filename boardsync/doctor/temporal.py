"""Check that Temporal is there, knows what Boardsync needs, and that a worker serves each queue."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue, TaskQueueConfig
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from boardsync.doctor.findings import Finding, Level, bad, good
from boardsync.doctor.workflows import check_stopped, check_workflows
from boardsync.exits import CommandFailed
from boardsync.output import one_line
from boardsync.running import connected, from_rpc
from config.settings import Settings
from models.temporal import SEARCH_ATTRIBUTES, Queue
from runtime.connection import PLAIN
from runtime.provisioning import how_to_create

CHECK = "temporal"
RECENT = timedelta(minutes=2)
"""An idle worker polls again after a minute."""

_KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
_HIDDEN = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED})


async def check_temporal(settings: Settings | None = None) -> list[Finding]:
    """Check everything that concerns Temporal; without a configuration, all that needs none."""
    try:
        client = await connected(settings.temporal if settings is not None else PLAIN)
    except CommandFailed as error:
        means = "No event can be stored, and nothing is done for any job; the rest of Temporal was not checked."
        return [bad(CHECK, str(error), means=means, remedy="Start Temporal, or correct TEMPORAL_ADDRESS.")]
    return await check_client(client)


async def check_client(client: Client) -> list[Finding]:
    """Check everything that concerns Temporal, by a client that may not be connected yet."""
    try:
        await client.service_client.check_health()
    except (RPCError, RuntimeError) as error:
        means = "No event can be stored, and nothing is done for any job; the rest of Temporal was not checked."
        return [bad(CHECK, one_line(str(error)), means=means, remedy="Start Temporal, or correct TEMPORAL_ADDRESS.")]
    found = [good(CHECK, f"answers at {client.service_client.config.target_host}")]
    namespace = await _namespace(client)
    if namespace.level is Level.FAIL:
        return [*found, namespace]
    queues = await asyncio.gather(*(_queue(client, queue) for queue in Queue))
    found += [namespace, *await _search_attributes(client), await check_workflows(client), await check_stopped(client)]
    return [*found, *(each for several in queues for each in several)]


async def _namespace(client: Client) -> Finding:
    check = f"{CHECK}.namespace"
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        if error.status in _HIDDEN:
            return _not_shown(check, error)
        means = "Nothing can be stored or done; the rest of Temporal was not checked."
        remedy = (
            f"Create it (temporal operator namespace create --namespace {client.namespace}), or correct "
            "TEMPORAL_NAMESPACE."
        )
        return bad(check, str(from_rpc(error)), means=means, remedy=remedy)
    return good(check, client.namespace)


async def _search_attributes(client: Client) -> list[Finding]:
    check = f"{CHECK}.search_attributes"
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        how = how_to_create(client, SEARCH_ATTRIBUTES)
        return [_not_shown(check, error, remedy=f"Compare them with: {how}")]
    wrong = []
    for key in SEARCH_ATTRIBUTES:
        wanted = IndexedValueType.ValueType(int(key.indexed_value_type))
        if listed.custom_attributes.get(key.name) != wanted:
            wrong.append(_attribute(client, key.name, wanted, listed.custom_attributes.get(key.name)))
    return wrong or [good(check, f"all {len(SEARCH_ATTRIBUTES)} are registered")]


def _attribute(
    client: Client, name: str, wanted: IndexedValueType.ValueType, got: IndexedValueType.ValueType | None
) -> Finding:
    command = f"temporal operator search-attribute create --namespace {client.namespace} --name {name}"
    command += f" --type {_type_name(wanted)}"
    means = "Lifecycles cannot start: a worker or gateway that sets it is refused."
    if got is None:
        found, remedy = (
            f"the search attribute {name} is not registered",
            f"Start a worker, which registers it, or run: {command}",
        )
    else:
        found = f"the search attribute {name} has the type {_type_name(got)}, not {_type_name(wanted)}"
        remove = f"temporal operator search-attribute remove --namespace {client.namespace} --name {name}"
        remedy = f"Run: {remove}; then: {command}"
    return bad(f"{CHECK}.search_attributes.{name}", found, means=means, remedy=remedy)


def _type_name(value: IndexedValueType.ValueType) -> str:
    return IndexedValueType.Name(value).removeprefix("INDEXED_VALUE_TYPE_").title().replace("_", "")


async def _queue(client: Client, queue: Queue) -> list[Finding]:
    try:
        described = await asyncio.gather(*(_describe(client, queue, kind) for kind in _KINDS))
    except RPCError as error:
        return [_not_shown(f"{CHECK}.queue.{queue}", error)]
    return [_worker(queue, described), *_limits(queue, described[1].config)]


async def _describe(client: Client, queue: Queue, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue.value),
        task_queue_type=kind,
        report_config=True,
    )
    return await client.workflow_service.describe_task_queue(request)


def _worker(queue: Queue, described: list[DescribeTaskQueueResponse]) -> Finding:
    check, since = f"{CHECK}.worker.{queue}", datetime.now(UTC) - RECENT
    recent = {
        poller.identity
        for each in described
        for poller in each.pollers
        if poller.last_access_time.ToDatetime(UTC) >= since
    }
    if recent:
        return good(check, f"polled by {len(recent)} worker{'s' * (len(recent) != 1)}")
    return bad(
        check,
        f"no worker has polled the queue {queue} within {RECENT // timedelta(minutes=1)} minutes",
        means="Events are stored, but what belongs to this queue waits until one does.",
        remedy=f"Start one: python worker.py --queues {queue}, or without --queues for all of them.",
    )


def _limits(queue: Queue, config: TaskQueueConfig) -> list[Finding]:
    both = (config.queue_rate_limit, config.fairness_keys_rate_limit_default)
    paused = [one for one in both if one.HasField("rate_limit") and one.rate_limit.requests_per_second == 0]
    if not paused:
        return []
    why = f" ({paused[0].metadata.reason})" if paused[0].metadata.reason else ""
    command = f"temporal task-queue config set --task-queue {queue} --task-queue-type activity"
    return [
        bad(
            f"{CHECK}.limit.{queue}",
            f"the queue {queue} is paused: its rate limit is 0{why}",
            means="What waits in this queue is not begun, for any customer, until it is set again.",
            remedy=f"Once the reason is gone, run: {command} --queue-rps-limit default",
        )
    ]


def _not_shown(
    check: str,
    error: RPCError,
    *,
    remedy: str = "Check it in the Temporal Web UI, or with an account that may see it.",
) -> Finding:
    return bad(
        check,
        f"Temporal does not show it: {from_rpc(error)}",
        means="It could not be checked; it may well be as it should.",
        remedy=remedy,
        level=Level.WARN,
    )
