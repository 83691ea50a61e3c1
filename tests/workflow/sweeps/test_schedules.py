"""The sweeps' schedules: made for every customer, kept up to date, removed with the customer."""

from datetime import timedelta

import pytest
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.service import RPCError

from config.settings import Settings
from runtime.schedules import RECHECK_SCHEDULE, UPKEEP_SCHEDULE, reconcile_id, schedule_sweeps
from tests.support.lifecycles import eventually


async def test_schedules_follow_the_configuration(own_client: Client, settings: Settings) -> None:
    async def ids() -> set[str]:
        return {each.id async for each in await own_client.list_schedules()}

    wanted = {RECHECK_SCHEDULE, UPKEEP_SCHEDULE, reconcile_id("1234"), reconcile_id("5678")}
    await schedule_sweeps(own_client, settings)
    await eventually(ids, lambda seen: seen == wanted)
    made = (await own_client.get_schedule_handle(reconcile_id("1234")).describe()).schedule
    assert [each.every for each in made.spec.intervals] == [timedelta(hours=6)]
    assert made.spec.jitter == timedelta(hours=3)
    assert made.policy.overlap is ScheduleOverlapPolicy.SKIP

    await own_client.get_schedule_handle(reconcile_id("1234")).pause(note="by hand")
    timing = settings.timing.model_copy(update={"reconcile_every": timedelta(hours=2)})
    fewer = settings.model_copy(update={"timing": timing, "customers": settings.customers[:1]})
    await schedule_sweeps(own_client, fewer)

    kept = (await own_client.get_schedule_handle(reconcile_id("1234")).describe()).schedule
    assert [each.every for each in kept.spec.intervals] == [timedelta(hours=2)]
    assert (kept.state.paused, kept.state.note) == (True, "by hand")
    with pytest.raises(RPCError, match="not found"):
        await own_client.get_schedule_handle(reconcile_id("5678")).describe()
