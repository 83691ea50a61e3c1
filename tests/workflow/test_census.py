"""The census: how all lifecycles stand, counted by visibility."""

from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client

from boardsync.metrics.census import take_census
from config.settings import Settings
from models.lifecycle import Phase
from models.temporal import UNSETTLED_SINCE
from tests.support.boards import Boards
from tests.support.lifecycles import eventually, send, state

pytestmark = pytest.mark.usefixtures("workers")


def counted(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None
    return value


async def test_jobs_are_counted_by_phase_and_need_and_the_oldest_is_as_old_as_its_event(
    client: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, body={"message": "no slots"})
    before = datetime.now(UTC)
    handle = await send(client, settings, job)
    await eventually(lambda: state(handle), lambda seen: seen.phase is Phase.ATTENTION)

    async def in_attention() -> float:
        await take_census(client)
        return counted("boardsync_jobs_in_attention", category="out_of_slots")

    # Other tests of this process may have left jobs of their own.
    assert await eventually(in_attention, lambda count: count >= 1) <= counted(
        "boardsync_lifecycles", phase="attention"
    )
    assert counted("boardsync_oldest_unsettled_seconds") >= (datetime.now(UTC) - before).total_seconds() - 1
    shown = (await handle.describe()).typed_search_attributes
    since = shown.get(UNSETTLED_SINCE)
    assert since is not None
    assert before <= since <= datetime.now(UTC)

    await handle.signal("retry")
    await handle.result()

    async def unsettled_since() -> datetime | None:
        return (await handle.describe()).typed_search_attributes.get(UNSETTLED_SINCE)

    assert await eventually(unsettled_since, lambda since: since is None) is None
