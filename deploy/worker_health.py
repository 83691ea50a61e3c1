"""Tell whether a worker in this container polls Temporal: `python -m deploy.worker_health`, exit code 0 or 1."""

import asyncio
import socket
import sys
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from models.temporal import Queue
from runtime.connection import connect
from runtime.leaving import leave

RECENT = timedelta(minutes=2)
"""An idle worker polls again after a minute."""
TIMEOUT = timedelta(seconds=5)


async def polls(client: Client, queue: Queue, since: datetime) -> bool:
    """Say whether a process of this host has polled the queue; the SDK names a worker `pid@host`."""
    workflows = queue is Queue.JOB_POSTINGS
    reply = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue.value),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
            if workflows
            else TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        ),
        timeout=TIMEOUT,
    )
    return any(
        poller.identity.partition("@")[2] == socket.gethostname()
        and poller.last_access_time.ToDatetime(tzinfo=UTC) >= since
        for poller in reply.pollers
    )


async def main() -> int:
    """Ask about every queue, since `--queues` may have left the worker any of them."""
    since = datetime.now(UTC) - RECENT
    try:
        async with asyncio.timeout(2 * TIMEOUT.total_seconds()):
            client = await connect()
            found = [await polls(client, queue, since) for queue in Queue]
    except (RPCError, RuntimeError, TimeoutError) as error:
        print(f"Temporal does not answer: {error}", file=sys.stderr)
        return 1
    if not any(found):
        print("no worker of this host polls", file=sys.stderr)
    return 0 if any(found) else 1


if __name__ == "__main__":
    leave(asyncio.run(main()))
