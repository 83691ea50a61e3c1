"""The census: how all lifecycles stand, counted by visibility."""

import asyncio
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY
from temporalio.client import Client

from config.settings import Settings
from models.states import Phase
from models.temporal import UNSETTLED_SINCE
from runtime.connection import connect
from runtime.metrics.census import count_lifecycles, take_census
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import eventually, send, state
from tests.support.processes import HOST, free_port


def counted(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None, f"{name} is not counted"
    return value


def waiting() -> float:
    labels = {"customer": CUSTOMER, "cause": "linkedin.slots"}
    return REGISTRY.get_sample_value("boardsync_jobs_waiting_for_cause", labels) or 0.0


async def test_counting_goes_on_when_temporal_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("runtime.metrics.census.EVERY", 0.01)
    client = await connect(lazy=True, address=f"{HOST}:{free_port()}")
    counting = asyncio.create_task(count_lifecycles(client))

    async def warnings() -> int:
        return caplog.text.count("the lifecycles could not be counted")

    await eventually(warnings, lambda count: count >= 2)
    assert not counting.done()
    counting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await counting


@pytest.mark.usefixtures("workers")
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

    assert counted("boardsync_search_attributes_missing") == 0
    await eventually(in_attention, lambda _: waiting() >= 1)
    # Other tests of this process may have left jobs of their own.
    assert await eventually(in_attention, lambda count: count >= 1) <= counted(
        "boardsync_lifecycles", phase="attention"
    )
    assert counted("boardsync_oldest_unsettled_seconds") >= (datetime.now(UTC) - before).total_seconds() - 1
    shown = (await handle.describe()).typed_search_attributes
    since = shown.get(UNSETTLED_SINCE)
    assert since is not None
    assert before <= since <= datetime.now(UTC)
    older = f"JobId = '{job}' AND UnsettledSince < '{datetime.now(UTC).isoformat()}'"
    await eventually(lambda: client.count_workflows(older), lambda found: found.count == 1)

    await handle.signal("retry")
    await handle.result()

    async def unsettled_since() -> datetime | None:
        return (await handle.describe()).typed_search_attributes.get(UNSETTLED_SINCE)

    assert await eventually(unsettled_since, lambda since: since is None) is None
