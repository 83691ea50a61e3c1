"""A namespace that lacks a search attribute stops no lifecycle, above all not where a person is needed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client

from config.settings import Settings
from models.states import Intent, Phase
from models.temporal import (
    ASKED,
    ATS_EVENT,
    ATTENTION,
    CLIENT_OFFBOARDING,
    ENDPOINT_HEALTH,
    INDEED_JOB_ID,
    PHASE,
    STILL_LIVE,
    Queue,
)
from runtime.lifecycles import signal_with_start
from runtime.metrics.census import take_census
from tests.support.boards import CUSTOMER, Boards
from tests.support.lifecycles import Handle, customer_of, event, eventually, handle, state
from tests.support.temporal import client_of, running_temporal
from tests.support.workers import running_workers

LACKING = ("Attention", "IndeedJobId", "UnsettledSince", "WaitsFor")


@pytest.fixture(scope="module")
async def poor() -> AsyncIterator[Client]:
    """Run a Temporal whose namespace lacks some attributes."""
    async with running_temporal() as address:
        client = await client_of(address)
        request = RemoveSearchAttributesRequest(namespace=client.namespace, search_attributes=LACKING)
        await client.operator_service.remove_search_attributes(request)
        yield client


@pytest.fixture
async def poor_workers(poor: Client, settings: Settings, boards: Boards) -> AsyncIterator[None]:
    async with running_workers(poor, settings):
        yield


async def unpost(client: Client, settings: Settings, job: str) -> Handle:
    await signal_with_start(
        client,
        settings,
        customer_of(settings),
        job,
        signal=ATS_EVENT,
        message=event(),
        intent=Intent.UNPOSTED,
        rpc_timeout=timedelta(seconds=10),
    )
    return handle(client, job)


@pytest.mark.usefixtures("poor_workers")
async def test_a_lifecycle_asks_for_a_person_and_ends_where_the_namespace_lacks_attributes(
    poor: Client, settings: Settings, boards: Boards, job: str
) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, times=None, message="Insufficient job slots")
    lifecycle = await unpost(poor, settings, job)
    await eventually(lambda: state(lifecycle), lambda seen: seen.phase is Phase.ATTENTION)

    async def phase() -> str | None:
        return (await lifecycle.describe()).typed_search_attributes.get(PHASE)

    await eventually(phase, lambda seen: seen == Phase.ATTENTION.value)
    await boards.clear_faults()
    await lifecycle.signal("retry")
    assert (await lifecycle.result()).phase is Phase.CLOSED
    described = await lifecycle.describe()
    assert described.typed_search_attributes.get(PHASE) == Phase.CLOSED.value
    assert described.typed_search_attributes.get(ATTENTION) is None
    assert described.typed_search_attributes.get(INDEED_JOB_ID) is None


@pytest.mark.usefixtures("poor_workers")
@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (CLIENT_OFFBOARDING, {"customer_id": "999"}),
        (ENDPOINT_HEALTH, {}),
        (STILL_LIVE, {"customer_id": CUSTOMER, "job_ids": ["1209"]}),
    ],
)
async def test_every_workflow_asks_for_a_person_where_the_namespace_lacks_attributes(
    poor: Client, kind: str, asked: dict[str, Any]
) -> None:
    run = await poor.start_workflow(kind, asked, id=kind, task_queue=Queue.JOB_POSTINGS.value)

    async def phase() -> str | None:
        return (await run.describe()).typed_search_attributes.get(PHASE)

    await eventually(phase, lambda seen: seen == Phase.ATTENTION.value)
    assert await run.query(ASKED) is not None
    await run.terminate()


async def test_what_the_namespace_lacks_is_counted(poor: Client) -> None:
    await take_census(poor)
    assert REGISTRY.get_sample_value("boardsync_search_attributes_missing") == len(LACKING)


@pytest.mark.usefixtures("workers")
async def test_a_namespace_that_has_all_shows_all(client: Client, settings: Settings, boards: Boards, job: str) -> None:
    await boards.fault("linkedin", "submit", "http", status=402, times=None, message="Insufficient job slots")
    lifecycle = await unpost(client, settings, job)

    async def category() -> str | None:
        return (await lifecycle.describe()).typed_search_attributes.get(ATTENTION)

    await eventually(category, lambda seen: seen == "out_of_slots")
    await lifecycle.terminate()
