"""Builds of the worker side by side: which one is given new steps, and how many (Temporal's Worker Versioning)."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import VersionDrainageStatus, WorkerDeploymentVersionStatus
from temporalio.api.workflow.v1 import VersioningOverride, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from models.base import Model
from models.temporal import FAILING
from runtime.build import deployment_name

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5
LOOK_FOR = 300.0
"""Seconds in which Temporal knows a worker that polls."""
_FINAL = frozenset(
    {
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.UNIMPLEMENTED,
        RPCStatusCode.INVALID_ARGUMENT,
    }
)
"""What no further try changes; a deployment that Temporal is just setting up refuses in several other ways."""


class Build(Model):
    """One build of the worker, as Temporal knows it."""

    build_id: str
    status: str
    """`current`, `ramping`, `draining`, `drained`, `inactive` or `created`."""
    since: datetime | None = None
    last_current: datetime | None = None
    drained: bool = False
    """No open workflow is pinned to it: its workers may go."""


class Deployment(Model):
    """All builds, and what each is given."""

    current: str | None = None
    ramping: str | None = None
    percentage: float = 0.0
    builds: tuple[Build, ...] = ()

    def before(self, build_id: str | None) -> Build | None:
        """Return the build that was current last before one."""
        others = [each for each in self.builds if each.build_id != build_id and each.last_current is not None]
        return max(others, key=lambda each: each.last_current or datetime.min.replace(tzinfo=UTC), default=None)


async def read_deployment(client: Client) -> Deployment:
    """Return how the builds stand; empty where no worker with a version was ever there. Raises RPCError."""
    try:
        reply = await client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment_name())
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Deployment()
        raise
    return _read(reply.worker_deployment_info)


async def ramp(client: Client, build_id: str, percentage: float) -> None:
    """Give a build a share of all new steps of workflows that are not pinned; no build and 0 end that.

    Raises RPCError.
    """
    await client.workflow_service.set_worker_deployment_ramping_version(
        SetWorkerDeploymentRampingVersionRequest(
            namespace=client.namespace, deployment_name=deployment_name(), build_id=build_id, percentage=percentage
        )
    )


async def promote(client: Client, build_id: str, *, missing_queues: bool = False) -> None:
    """Give a build everything that is not pinned to another; `missing_queues` although it polls fewer queues.

    Raises RPCError.
    """
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace,
            deployment_name=deployment_name(),
            build_id=build_id,
            ignore_missing_task_queues=missing_queues,
        )
    )


async def release(client: Client, build_id: str) -> int:
    """Have workflows that are pinned to a build, and of which every step fails, go on with whichever is current.

    Return how many. Raises RPCError.
    """
    there = f"TemporalWorkerDeploymentVersion = '{deployment_name()}:{build_id}'"
    pinned = f"TemporalWorkflowVersioningBehavior = 'Pinned' AND {there}"
    released = 0
    async for each in client.list_workflows(f"{FAILING} AND {pinned}"):
        await client.workflow_service.update_workflow_execution_options(
            UpdateWorkflowExecutionOptionsRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=each.id, run_id=each.run_id),
                workflow_execution_options=WorkflowExecutionOptions(
                    versioning_override=VersioningOverride(auto_upgrade=True)
                ),
                update_mask=FieldMask(paths=["versioning_override"]),
            )
        )
        released += 1
    return released


async def begin(client: Client, build_id: str, *, look_for: float = LOOK_FOR) -> None:
    """Make a build the current one where there is none: the first worker of an installation waits for nobody.

    A later build waits for `boardsync deploy`. What keeps it from being known is logged and left to a person.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + look_for
    while True:
        try:
            found = await read_deployment(client)
            if found.current is not None:
                if found.current != build_id:
                    logger.info("build %s works once `boardsync deploy` says so; now: %s", build_id, found.current)
                return
            if any(each.build_id == build_id for each in found.builds):
                await promote(client, build_id, missing_queues=True)
                logger.info("build %s is the first one, and current", build_id)
                return
        except RPCError as error:
            if error.status in _FINAL or loop.time() > give_up:
                logger.warning("cannot make build %s the current one: %s", build_id, error.message)
                return
        if loop.time() > give_up:
            logger.warning("Temporal does not know build %s yet: see `boardsync deploy status`", build_id)
            return
        await asyncio.sleep(LOOK_EVERY)


def _read(info: WorkerDeploymentInfo) -> Deployment:
    routing = info.routing_config
    builds = [
        Build(
            build_id=each.deployment_version.build_id,
            status=WorkerDeploymentVersionStatus.Name(each.status).rpartition("_")[2].lower(),
            since=each.create_time.ToDatetime(UTC) if each.HasField("create_time") else None,
            last_current=_newest([each.current_since_time, each.last_current_time]),
            drained=each.drainage_status == VersionDrainageStatus.VERSION_DRAINAGE_STATUS_DRAINED,
        )
        for each in info.version_summaries
    ]
    return Deployment(
        current=routing.current_deployment_version.build_id or None,
        ramping=routing.ramping_deployment_version.build_id or None,
        percentage=routing.ramping_version_percentage,
        builds=tuple(sorted(builds, key=lambda each: each.since or datetime.min.replace(tzinfo=UTC), reverse=True)),
    )


def _newest(times: Sequence[object]) -> datetime | None:
    known = [each.ToDatetime(UTC) for each in times if getattr(each, "seconds", 0)]  # type: ignore[attr-defined]
    return max(known, default=None)
