"""`/readyz` tells whether a start would be taken; a start is taken even where search attributes are missing."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client

from config.live import Live
from config.settings import Settings
from models.states import Intent
from models.temporal import CUSTOMER_ID, JOB_ID, PHASE, STARTED_WITH
from runtime.connection import connect
from runtime.failures import data_converter
from runtime.provisioning import register_search_attributes
from tests.support.gateway import running_gateway
from tests.support.lifecycles import eventually, handle, send
from tests.support.processes import HOST, free_port
from tests.support.settings import customer, raw_settings, write_toml
from tests.support.temporal import client_of, running_temporal
from webhook_gateway.readiness import Readiness


@pytest.fixture
async def bare() -> AsyncIterator[Client]:
    """Run a server on which no worker ever started."""
    async with running_temporal(provisioned=False) as address:
        yield await client_of(address)


async def ready(http: httpx.AsyncClient) -> tuple[int, str]:
    reply = await http.get("/readyz")
    return reply.status_code, reply.json()["status"]


async def test_a_provisioned_namespace_is_ready_and_not_asked_each_time(client: Client, settings: Settings) -> None:
    async with running_gateway(client, settings) as http:
        assert (await http.get("/healthz")).status_code == 200
        assert [await ready(http) for _ in range(3)] == [(200, "ok")] * 3


async def test_whoever_is_left_out_at_the_start_is_counted_and_holds_up_nobody(
    client: Client, sandbox_urls: dict[str, str], tmp_path: Path
) -> None:
    raw = raw_settings(sandbox_urls) | {"store": {"url": f"sqlite:///{tmp_path / 'store.db'}"}}
    del raw["customers"]
    write_toml(tmp_path / "boardsync.toml", raw)
    customers = tmp_path / "customers"
    customers.mkdir()
    write_toml(customers / "1.toml", customer("1", "Whole", application=1, organization=2, contract=3))
    (customers / "2.toml").write_text('id = "2"\n[icims')
    live = Live.open({"BOARDSYNC_CONFIG": str(tmp_path)})
    async with running_gateway(client, live.settings, live) as http:
        said = await eventually(lambda: http.get("/readyz"), lambda reply: reply.status_code == 200)
        assert said.json() == {"status": "ok", "left_out": 1}, "whose it is, is not told to whoever asks"
        write_toml(customers / "2.toml", customer("2", "Mended", application=4, organization=5, contract=6))
        await live.read()
        assert "left_out" not in (await http.get("/readyz")).json()


async def test_without_search_attributes_nothing_is_ready_and_events_are_taken_all_the_same(
    bare: Client, settings: Settings
) -> None:
    async with running_gateway(bare, settings) as http:
        # A busy machine's server may be silent at first, and is then taken for away.
        status, said = await eventually(lambda: ready(http), lambda answer: "search attributes" in answer[1])
        assert status == 503
        assert all(key.name in said for key in STARTED_WITH)
        assert "temporal operator search-attribute create --namespace default --name CustomerId --type Keyword" in said
        await send(bare, settings, "1", Intent.UNPOSTED)
        assert not (await handle(bare, "1").describe()).typed_search_attributes.search_attributes
        await register_search_attributes(bare)
        await eventually(lambda: ready(http), lambda said: said == (200, "ok"))


async def test_an_attribute_of_another_type_is_named_and_left_out_of_a_start(bare: Client, settings: Settings) -> None:
    types = {"Phase": IndexedValueType.INDEXED_VALUE_TYPE_INT}
    types |= dict.fromkeys(["CustomerId", "JobId"], IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
    await bare.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace="default", search_attributes=types)
    )
    await register_search_attributes(bare)
    readiness = Readiness(bare)

    async def problem() -> str:
        return await readiness.problem() or ""

    said = await eventually(problem, lambda said: "JobId" not in said)
    assert "Phase" in said
    await send(bare, settings, "2", Intent.UNPOSTED)
    shown = (await handle(bare, "2").describe()).typed_search_attributes
    assert (shown.get(CUSTOMER_ID), shown.get(JOB_ID), shown.get(PHASE)) == ("1234", "2", None)


async def test_a_misspelt_namespace_and_a_server_that_is_away_are_named(bare: Client) -> None:
    address = bare.service_client.config.target_host
    other = await Client.connect(address, namespace="misspelt", data_converter=data_converter)
    assert await Readiness(other).problem() == (
        "the namespace misspelt does not exist: create it, or correct TEMPORAL_NAMESPACE"
    )
    away = await connect(lazy=True, address=f"{HOST}:{free_port()}")
    assert await Readiness(away).problem() == "temporal is not reachable"
