"""The bare engine: a workflow with as many activities as a close has, which do nothing."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from worker import UNSANDBOXED

QUEUE = "bench-engine"
ACTIVITIES = 5
TIMEOUT = timedelta(seconds=30)


@activity.defn
async def nothing() -> None:
    """Do nothing."""


@workflow.defn
class Bare:
    """Take one signal, run the activities of a close one after the other, end."""

    def __init__(self) -> None:
        """Wait for the signal."""
        self._signals = 0

    @workflow.run
    async def run(self) -> None:
        """Run."""
        await workflow.wait_condition(lambda: self._signals > 0)
        for _ in range(ACTIVITIES):
            await workflow.execute_activity(nothing, start_to_close_timeout=TIMEOUT)

    @workflow.signal
    def event(self) -> None:
        """Count."""
        self._signals += 1


def worker(client: Client) -> Worker:
    """Make the worker of the bare engine; it runs workflows as ours does, without the sandbox."""
    return Worker(client, task_queue=QUEUE, workflows=[Bare], activities=[nothing], workflow_runner=UNSANDBOXED)


async def start(client: Client, id_: str) -> None:
    """Signal with start, as the gateway does."""
    await client.start_workflow(Bare.run, id=id_, task_queue=QUEUE, start_signal="event")


async def finish(client: Client, id_: str) -> None:
    """Wait for the end."""
    await client.get_workflow_handle(id_).result()
