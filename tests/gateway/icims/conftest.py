"""A gateway to which iCIMS's events go."""

from collections.abc import AsyncIterator

import httpx
import pytest
from temporalio.client import Client

from tests.gateway.icims.sending import settings_with
from tests.support.gateway import running_gateway


@pytest.fixture
async def gateway(client: Client, sandbox_urls: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with running_gateway(client, settings_with(sandbox_urls)) as http:
        yield http
