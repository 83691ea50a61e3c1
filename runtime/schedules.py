"""What a Temporal server does by the clock for Boardsync."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from config.customers import Customer
from config.settings import Settings
from models.operations import EndpointWatch
from models.sweeps import RecheckInput, ReconcileInput
from models.temporal import (
    ENDPOINT_HEALTH,
    LEDGER_UPKEEP,
    RECHECK,
    RECONCILE,
    Queue,
    customer_attributes,
    only_known,
)
from models.upkeep import UpkeepInput
from runtime.provisioning import known_attributes

logger = logging.getLogger(__name__)

ENDPOINT_SCHEDULE = "linkedin-endpoint-health"
RECHECK_SCHEDULE = "recheck"
UPKEEP_SCHEDULE = "ledger-upkeep"
AT_ONCE = 10
Bring = Callable[[Client, Settings], Awaitable[None]]
UPKEEP_EVERY = timedelta(days=1)


def reconcile_id(customer_id: str) -> str:
    """Name a customer's reconciliation: its schedule and the workflow that it starts."""
    return f"reconcile-{customer_id}"


async def schedule_sweeps(client: Client, settings: Settings) -> None:
    """Have boards looked at again where that is due, each customer compared as a whole, and the ledger kept up.

    The schedules of customers that are configured no more are removed. Where that is not possible a warning says so.
    """
    wanted = {RECHECK_SCHEDULE: _recheck(settings), UPKEEP_SCHEDULE: _upkeep()}
    known = await known_attributes(client)
    wanted |= {reconcile_id(each.id): _reconcile(settings, each, known) for each in settings.customers}
    slots = asyncio.Semaphore(AT_ONCE)

    async def put(id_: str, schedule: Schedule) -> None:
        async with slots:
            try:
                await _put(client, id_, schedule, at_once=False)
            except RPCError as error:
                logger.warning("cannot keep the schedule %s: %s", id_, error.message)

    await asyncio.gather(*(put(id_, schedule) for id_, schedule in wanted.items()))
    try:
        async for found in await client.list_schedules():
            if found.id.startswith(reconcile_id("")) and found.id not in wanted:
                await _remove(client, found.id, "the customer is not configured")
    except RPCError as error:
        logger.warning("cannot look for schedules of former customers: %s", error.message)


async def schedule_endpoint_health(client: Client, settings: Settings) -> None:
    """Have LinkedIn asked at intervals whether it has blocked the webhook; without a parent application, not.

    The schedule is made, brought to the present settings or removed. Where that is not possible a warning says so:
    jobs are taken down all the same.
    """
    try:
        if settings.linkedin.parent is None:
            await _remove(client, ENDPOINT_SCHEDULE, "there is no [linkedin.parent]")
        else:
            await _put(client, ENDPOINT_SCHEDULE, _endpoint_health(settings), at_once=True)
    except RPCError as error:
        logger.warning("cannot keep the schedule %s: %s", ENDPOINT_SCHEDULE, error.message)


class Schedules:
    """Bring the schedules to the configuration, in the background and one after the other.

    Those of hundreds of customers take a while, for which no worker is to wait.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        """Know what they were made of."""
        self._client, self._settings = client, settings
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_by_one = asyncio.Lock()

    def begin(self) -> None:
        """Make every schedule, change and remove what no longer fits."""
        self._start(schedule_sweeps, self._settings)

    def take_up(self, settings: Settings) -> None:
        """Make, change and remove what no longer fits; where Temporal does not answer a warning says so."""
        sweeps = _sweeps(settings) != _sweeps(self._settings)
        endpoints = _endpoints(settings) != _endpoints(self._settings)
        self._settings = settings
        for changed, bring in ((sweeps, schedule_sweeps), (endpoints, schedule_endpoint_health)):
            if changed:
                self._start(bring, settings)

    def _start(self, bring: Bring, settings: Settings) -> None:
        task = asyncio.create_task(self._bring(bring, settings))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bring(self, bring: Bring, settings: Settings) -> None:
        async with self._one_by_one:
            try:
                await bring(self._client, settings)
            except Exception:
                logger.exception("cannot bring the schedules to the configuration")


def _sweeps(settings: Settings) -> tuple[object, ...]:
    timing = settings.timing
    return timing.recheck_every, timing.reconcile_every, [(each.id, each.name) for each in settings.customers]


def _endpoints(settings: Settings) -> tuple[object, ...]:
    timing = settings.timing
    return timing.endpoint_check_every, timing.attention_after, settings.linkedin.parent is None


async def _put(client: Client, id_: str, wanted: Schedule, *, at_once: bool) -> None:
    try:
        await client.create_schedule(id_, wanted, trigger_immediately=at_once)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(id_).update(
            # What a person has set in the Web UI, such as a pause, stays.
            lambda found: ScheduleUpdate(
                Schedule(
                    action=wanted.action,
                    spec=wanted.spec,
                    policy=wanted.policy,
                    state=found.description.schedule.state,
                )
            )
        )


async def _remove(client: Client, id_: str, why: str) -> None:
    try:
        await client.get_schedule_handle(id_).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return
    logger.info("removed the schedule %s: %s", id_, why)


def _endpoint_health(settings: Settings) -> Schedule:
    timing = settings.timing
    return Schedule(
        action=ScheduleActionStartWorkflow(
            ENDPOINT_HEALTH,
            EndpointWatch(every=timing.endpoint_check_every, attention_after=timing.attention_after),
            id=ENDPOINT_SCHEDULE,
            task_queue=Queue.JOB_POSTINGS.value,
            static_summary="Does LinkedIn still send its notifications?",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timing.endpoint_check_every)]),
        # A run that found the webhook blocked stays open until it is not: no second one beside it.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )


def _recheck(settings: Settings) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            RECHECK,
            RecheckInput(),
            id=RECHECK_SCHEDULE,
            task_queue=Queue.JOB_POSTINGS.value,
            static_summary="Are closed jobs still off their boards?",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=settings.timing.recheck_every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )


def _upkeep() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            LEDGER_UPKEEP,
            UpkeepInput(),
            id=UPKEEP_SCHEDULE,
            task_queue=Queue.JOB_POSTINGS.value,
            static_summary="Tell the ledger's checkpoint, and remove what was kept for long enough",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=UPKEEP_EVERY)]),
        # A day whose midnight Temporal was away for has its checkpoint as well.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=UPKEEP_EVERY / 2),
    )


def _reconcile(settings: Settings, customer: Customer, known: tuple[str, ...] | None) -> Schedule:
    every = settings.timing.reconcile_every
    return Schedule(
        action=ScheduleActionStartWorkflow(
            RECONCILE,
            ReconcileInput(customer_id=customer.id),
            id=reconcile_id(customer.id),
            task_queue=Queue.JOB_POSTINGS.value,
            typed_search_attributes=only_known(customer_attributes(customer.id), known),
            static_summary=f"Is every job of {customer.name} as iCIMS wants it?",
        ),
        # Spread: all customers at the same moment would be a rush on every provider.
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)], jitter=every / 2),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
