"""A worker's start on a bare server: search attributes."""

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from models.temporal import SEARCH_ATTRIBUTES
from runtime.provisioning import register_search_attributes
from tests.support.temporal import client_of, running_temporal


async def registered(client: Client) -> set[str]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    return set((await client.operator_service.list_search_attributes(request)).custom_attributes)


async def test_missing_search_attributes_are_registered_once() -> None:
    names = {key.name for key in SEARCH_ATTRIBUTES}
    async with running_temporal(provisioned=False) as address:
        client = await client_of(address)
        assert not names & await registered(client)
        await register_search_attributes(client)
        assert names <= await registered(client)
        await register_search_attributes(client)
