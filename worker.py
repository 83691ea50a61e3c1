"""Run the Temporal workers: `python worker.py [--queues job-postings,notifications]`."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig, WorkflowRunner

from activities.anew import AskedAnew
from activities.causes import CauseActivities
from activities.closing import ClosingActivities
from activities.configuring import Configuring
from activities.heartbeats import CALLED_OFF_WITHIN
from activities.icims import IcimsActivities
from activities.indeed.jobs import IndeedActivities
from activities.indeed.offboarding import OffboardingActivities
from activities.indeed.pacing import shared_out
from activities.lifecycles import LifecycleActivities
from activities.linkedin.endpoints import EndpointActivities
from activities.linkedin.postings import LinkedInActivities
from activities.notifications import NotificationActivities
from activities.providers import Providers, open_http
from activities.receipts import ReceiptActivities
from activities.room import Room
from activities.stored import Stored
from activities.sweeps.recheck import RecheckActivities
from activities.sweeps.reconcile import ReconcileActivities
from activities.sweeps.upkeep import UpkeepActivities
from activities.tries import NewestTry
from activities.urgency import Urgent
from config.live import Live
from config.loading import ConfigurationError
from models.temporal import RETIRED_QUEUES, Queue
from runtime.behaviors import without_behaviors
from runtime.beside import beside
from runtime.build import build_id, deployment_name, is_controlled
from runtime.causes import CausesTried
from runtime.connection import TemporalUnreachable, connect
from runtime.deployments import begin
from runtime.following import following
from runtime.logs import configure_logging
from runtime.metrics import serving_metrics
from runtime.process import exit_with, leave, live_or_exit, run_quickly, stop_signal
from runtime.provisioning import ProvisioningError, register_search_attributes
from runtime.schedules import Schedules, schedule_endpoint_health
from runtime.telemetry import sdk_runtime
from store.recalling import keep_what_is_good, recall
from store.silence import watch_silence
from workflows.bulk.close import BulkClose
from workflows.bulk.offboarding import ClientOffboarding
from workflows.causes.common_cause import CommonCause
from workflows.lifecycle.job_posting import JobPosting
from workflows.linkedin.endpoint_health import LinkedInEndpointHealth
from workflows.linkedin.resync import LinkedInResync
from workflows.notification import Notification
from workflows.pace.pace import Pace
from workflows.sweeps.recheck import Recheck
from workflows.sweeps.reconcile import Reconcile
from workflows.sweeps.still_live import StillLive
from workflows.sweeps.upkeep import LedgerUpkeep

logger = logging.getLogger("worker")

GRACE = timedelta(seconds=15)
"""For activities under way at SIGTERM; Temporal retries what was cut short."""
ENDS_WITHIN = 18.0
"""Seconds from SIGTERM to the end of the process, whatever is still waited for."""

TAKEN_OVER_AFTER = timedelta(seconds=10)
"""When another worker takes up a lifecycle whose worker has died. With three seconds busy workers lost theirs to each
other: of 2,000 unposts at once two of five were put behind all that had not begun, and read from the beginning."""

# The sandbox imports the workflow's modules anew for each run: a third of the worker's time. It guards against
# code that is not deterministic, so the tests run in it.
UNSANDBOXED = UnsandboxedWorkflowRunner()

STEPS = 4_000
"""Steps of lifecycles under way at once: most of them only wait, for a board's answer, a listing or a turn."""

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.JOB_POSTINGS: [
        JobPosting,
        LinkedInResync,
        LinkedInEndpointHealth,
        Pace,  # where one was begun there it goes on there, until its history has grown long
        ClientOffboarding,
        BulkClose,
        Recheck,
        StillLive,
        Reconcile,
        LedgerUpkeep,
    ],
    Queue.OPERATIONS: [Pace, CommonCause],
    Queue.NOTIFICATIONS: [Notification],
}


def queue_activities(client: Client, providers: Providers) -> Mapping[Queue, Sequence[Callable[..., Any]]]:
    """Return which queue runs which activities."""
    notifications, causes = NotificationActivities(providers), CauseActivities(client)
    return {
        # Who waits for a cause is told by the lifecycle's own worker, or by another: what is told meanwhile gathers.
        Queue.JOB_POSTINGS: [*_lifecycle_steps(client, providers), causes.tell],
        Queue.OPERATIONS: [*_operations(client, providers), causes.tell],
        Queue.NOTIFICATIONS: [notifications.plan, notifications.deliver],
    }


def _lifecycle_steps(client: Client, providers: Providers) -> list[Callable[..., Any]]:
    linkedin, indeed, icims = LinkedInActivities(providers), IndeedActivities(providers), IcimsActivities(providers)
    lifecycles = LifecycleActivities(client, providers.stored)
    return [
        linkedin.close,
        linkedin.confirm_closed,
        linkedin.look,
        linkedin.watch,
        linkedin.post,
        linkedin.confirm_posted,
        indeed.find,
        indeed.update,
        indeed.confirm_updated,
        indeed.clear,
        indeed.confirm_cleared,
        icims.positions,
        icims.wanted,
        icims.report,
        lifecycles.earlier,
        lifecycles.stopped_by,
        ReceiptActivities(providers).store,
    ]


def _operations(client: Client, providers: Providers) -> list[Callable[..., Any]]:
    lifecycles = LifecycleActivities(client, providers.stored)
    offboarding, closing = OffboardingActivities(providers), ClosingActivities(client, providers)
    recheck, reconcile = RecheckActivities(client, providers), ReconcileActivities(client, providers)
    upkeep = UpkeepActivities(providers)
    return [
        lifecycles.list,
        lifecycles.attributes,
        lifecycles.signal,
        EndpointActivities(providers).check,
        offboarding.terms,
        offboarding.names,
        offboarding.list,
        offboarding.clear,
        offboarding.confirm,
        closing.terms,
        closing.send,
        closing.watch,
        reconcile.terms,
        reconcile.wanted,
        reconcile.compare,
        reconcile.act,
        reconcile.adopt,
        recheck.batch,
        recheck.still_live,
        upkeep.checkpoint,
        upkeep.remove_old,
    ]


def create_workers(
    client: Client,
    providers: Providers,
    queues: Sequence[Queue],
    *,
    workflow_runner: WorkflowRunner = UNSANDBOXED,
    grace: timedelta = GRACE,
    tells: bool = False,
    build: str | None = None,
    steps: int = STEPS,
) -> list[Worker]:
    """Make a worker for each queue; `job-postings` and `notifications` run workflows.

    `grace` is how long a step that is under way may go on when the worker stops; `tells` has open lifecycles take up
    what these providers' settings say, where else only events do. With `[worker] versioning`, a `build` is given only
    what `boardsync deploy` says. A provider may hold its part of the `steps`.
    """
    activities = queue_activities(client, providers)
    common = [NewestTry(), Urgent(), Configuring(providers, tells=tells), AskedAnew(providers)]
    versioned = providers.settings.worker.versioning or is_controlled()
    deployment = WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=deployment_name(), build_id=build or build_id()),
        use_worker_versioning=versioned,
    )
    runner = workflow_runner if versioned else without_behaviors(workflow_runner)
    return [
        Worker(
            client,
            task_queue=queue.value,
            workflows=WORKFLOWS.get(queue, []),
            workflow_runner=runner,
            activities=activities.get(queue, []),
            max_cached_workflows=providers.settings.worker.cached_lifecycles,
            max_concurrent_activities=steps if queue is Queue.JOB_POSTINGS else None,
            interceptors=[*common, *([Room.within(steps, providers.answers)] if queue is Queue.JOB_POSTINGS else [])],
            graceful_shutdown_timeout=grace,
            max_heartbeat_throttle_interval=CALLED_OFF_WITHIN,
            sticky_queue_schedule_to_start_timeout=TAKEN_OVER_AFTER,
            deployment_config=deployment,
        )
        for queue in queues
    ]


async def run(live: Live, queues: Sequence[Queue]) -> None:
    """Work until SIGTERM or SIGINT; SIGKILL at any moment loses nothing, as Temporal keeps the state.

    A changed configuration is taken up meanwhile.
    Raises ConfigurationError, ProvisioningError and TemporalUnreachable.
    """
    settings = live.settings
    client = await connect(settings.temporal, runtime=sdk_runtime(settings.worker.sdk_metrics_listen))
    await register_search_attributes(client)
    await schedule_endpoint_health(client, settings)
    async with (
        open_http() as http,
        serving_metrics(settings.worker.metrics_listen, client, lambda: live.settings),
        Stored(settings) as stored,
    ):
        await stored.start()
        await recall(live, settings.store.url, stored.sealer)
        settings = live.settings
        providers = Providers(settings, http, shared_out(client), stored=stored)
        workers = create_workers(client, providers, queues, tells=True)
        live.on_change(providers.take_up)
        schedules = Schedules(client, settings)
        live.on_change(schedules.take_up)
        causes = CausesTried(client)
        live.on_change(causes.take_up)
        async with (
            following(live),
            beside(keep_what_is_good(live, stored.store, stored.sealer), watch_silence(stored.store, live.watched)),
            asyncio.TaskGroup() as group,
        ):
            for worker in workers:
                group.create_task(worker.run())
            logger.info("working on %s", ", ".join(queues))
            schedules.begin()
            group.create_task(causes.ask())
            if settings.worker.versioning and not is_controlled():
                group.create_task(begin(client, build_id()))
            await stop_signal()
            logger.info("stopping")
            # A poll that has just begun as the worker stops may last for a minute, and nothing is lost with it.
            asyncio.get_running_loop().call_later(ENDS_WITHIN, leave)
            for worker in workers:
                group.create_task(worker.shutdown())


def read_queues(names: str) -> list[Queue]:
    """Read queues by their names; one that an older release had stands for the one that has taken it over.

    Raises ValueError.
    """
    found: dict[Queue, None] = {}
    for name in names.split(","):
        retired = name.strip() in RETIRED_QUEUES
        if retired:
            logger.warning("--queues: %s has been taken over by %s", name.strip(), Queue.JOB_POSTINGS)
        found[Queue.JOB_POSTINGS if retired else Queue(name.strip())] = None
    return list(found)


def main(
    queues: Annotated[str, typer.Option(help="Task queues to work on, joined by commas.")] = ",".join(Queue),
) -> None:
    """Run Boardsync's Temporal workers."""
    configure_logging()
    try:
        named = read_queues(queues)
    except ValueError as error:
        exit_with(ValueError(f"--queues: {error}; known: {', '.join(Queue)}"))
    live = live_or_exit()
    try:
        run_quickly(run(live, named))
    except (ConfigurationError, ProvisioningError, TemporalUnreachable) as error:
        exit_with(error, at_once=True)
    leave()


def command() -> None:
    """Run the workers from the command line."""
    typer.run(main)


if __name__ == "__main__":
    command()
