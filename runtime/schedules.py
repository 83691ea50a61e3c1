"""What a Temporal server does by the clock for Boardsync."""

import logging
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

from config.settings import Settings
from models.operations import EndpointWatch
from models.temporal import ENDPOINT_HEALTH, Queue

logger = logging.getLogger(__name__)

ENDPOINT_SCHEDULE = "linkedin-endpoint-health"


async def schedule_endpoint_health(client: Client, settings: Settings) -> None:
    """Have LinkedIn asked at intervals whether it has blocked the webhook; without a parent application, not.

    The schedule is made, brought to the present settings or removed. Where that is not possible a warning says so:
    jobs are taken down all the same.
    """
    try:
        if settings.linkedin.parent is None:
            await _remove(client)
        else:
            await _put(client, _schedule(settings))
    except RPCError as error:
        logger.warning("cannot keep the schedule %s: %s", ENDPOINT_SCHEDULE, error.message)


async def _put(client: Client, wanted: Schedule) -> None:
    try:
        await client.create_schedule(ENDPOINT_SCHEDULE, wanted, trigger_immediately=True)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(ENDPOINT_SCHEDULE).update(
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


async def _remove(client: Client) -> None:
    try:
        await client.get_schedule_handle(ENDPOINT_SCHEDULE).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return
    logger.info("removed the schedule %s: there is no [linkedin.parent]", ENDPOINT_SCHEDULE)


def _schedule(settings: Settings) -> Schedule:
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
